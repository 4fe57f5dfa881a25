/* A HAND_BACK that is marked late: what of it is proven goes to be decided (writer_late.c); how far it was dealt with is the answer.
 * Trusted is what the last entry's mac and the chain say, frame by frame, as in writer_hand_back.c; of the first entry, where the hash
 * before it is known. Nothing is touched before all that the peer may have made wrong is looked at (writer_step.h). */
#include "server/writer/writer_late.h"

#include "base/log.h"
#include "sync/late.h"

#include <string.h>

/* Those of another path hold for that one alone: where the first entry does not follow the one that was told, a path begins. */
static enum err open_forks(const struct hand_over *h, struct late *l)
{
    const Wire__HandBack *w = h->wire;
    bool goes_on = h->count && w->chain_before.len == CHAIN_SIZE && entry_follows(&h->entries[0], w->chain_before.data);
    enum err e = w->n_fork <= INCARNATIONS_MAX ? ERR_OK : ERR_PROTOCOL;
    for (size_t i = 0; i < w->n_fork && e == ERR_OK; i++) {
        struct late_fork fork;
        e = late_fork_open(w->fork[i], &fork);
        if (e == ERR_OK && goes_on)
            e = forks_add(&l->forks, &fork);
    }
    return e;
}

/* Of the first entry the chain covers what is in it only with the hash before it: told with it, or our own where the path was left. If it
 * stands here nobody looks at what is in it. */
static enum err first_is_bound(struct step *st, const struct hand_over *h, bool *bound)
{
    uint8_t before[CHAIN_SIZE];
    ProtobufCBinaryData told = h->wire->chain_before;
    *bound = told.len == CHAIN_SIZE && entry_follows(&h->entries[0], told.data);
    if (*bound)
        return ERR_OK;
    struct lineage lineage = control_lineage(st->control, h->log->org, &st->arena);
    enum err e = store_read_chain(st->store, h->log->org, h->entries[0].seq, before);
    *bound = e == ERR_OK && memcmp(before, h->entries[0].chain, CHAIN_SIZE) == 0;
    if (*bound || (e != ERR_OK && e != ERR_NOT_FOUND))
        return e;
    e = store_read_chain(st->store, h->log->org, lineage_base(&lineage, h->entries[0].seq), before);
    *bound = e == ERR_OK && entry_follows(&h->entries[0], before);
    return e == ERR_NOT_FOUND ? ERR_OK : e;
}

/* Those before `told` it knows. */
static void answer_forks(struct step *st, const struct late *l, size_t told, Wire__Taken *taken)
{
    taken->fork = arena_alloc(&st->arena, (l->forks.count + 1) * sizeof *taken->fork);
    CHECK(taken->fork);
    for (size_t i = told; i < l->forks.count; i++) {
        taken->fork[taken->n_fork] = late_fork_wire(&l->forks.list[i], &st->arena);
        CHECK(taken->fork[taken->n_fork++]);
    }
}

static void answer_counts(const struct hand_over *h, const struct late *l, bool bound, Wire__Taken *taken)
{
    taken->has_late_to = taken->has_late_decided = taken->has_late_refused = taken->has_late_left = h->count > 0;
    if (h->count == 0)
        return;
    taken->late_to = h->entries[h->count - 1].seq;
    taken->late_decided = (uint32_t)l->decided;
    taken->late_refused = (uint32_t)l->refused;
    taken->late_left = (uint32_t)(h->proven ? l->left - l->hidden + !bound : h->count);
}

enum err hand_over_run(struct step *st, const struct hand_over *h, Wire__Taken *taken)
{
    struct late l = {.org = h->log->org};
    bool bound = true;
    enum err e = ERR_OK;
    if (h->log->recovering) {
        taken->has_retry_after_ms = 1;
        taken->retry_after_ms = STEP_RETRY_MS;
        return ERR_OK;
    }
    if (h->count && h->proven)
        e = first_is_bound(st, h, &bound);
    if (e == ERR_OK)
        e = open_forks(h, &l);
    size_t told = l.forks.count;
    if (e == ERR_OK && h->count && h->proven)
        e = late_decide(st, &l, h->entries + !bound, h->count - !bound);
    if (e == ERR_OK && h->count && h->proven)
        log_warn("writer", "org %u: seat %u handed over %zu entries of a past that was given up: %zu decided late, %zu of them refused, %zu known, %zu left", h->log->org,
                 h->seat, h->count, l.decided, l.refused, l.known, l.left + !bound);
    if (e == ERR_OK)
        answer_forks(st, &l, told, taken);
    answer_counts(h, &l, bound, taken);
    late_finish(&l);
    return e;
}
