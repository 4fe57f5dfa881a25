/* Entries of a path that a restore gave up, handed over once recovery has ended (rule 27): before anything made here is sent, which may
 * have been made on top of them. Portion by portion; all of an org's go only when the last is answered, so that who is cut off begins
 * anew. */
#include "client/agent/link_inner.h"
#include "base/log.h"

#include <string.h>

enum err link_late_find(struct link *l, struct link_org *o)
{
    o->late_after = 0;
    return replica_late_any(l->r, o->number, &o->late);
}

static Wire__LateFork *fork_message(struct link *l, const struct replica_fork *fork)
{
    Wire__LateFork *m = arena_alloc(&l->arena, sizeof *m);
    if (!m)
        return NULL;
    wire__late_fork__init(m);
    m->has_incarnation = m->has_n = m->has_hash = 1;
    m->incarnation = (ProtobufCBinaryData){INCARNATION_SIZE, (uint8_t *)fork->incarnation.bytes};
    m->hash = (ProtobufCBinaryData){HASH_SIZE, (uint8_t *)fork->hash};
    m->n = fork->n;
    return m;
}

static size_t fork_count(const struct link *l)
{
    return l->late_forks.size / sizeof(struct replica_fork);
}

static enum err add_forks(struct link *l, Wire__HandBack *back)
{
    const struct replica_fork *list = (const struct replica_fork *)l->late_forks.data;
    back->fork = arena_alloc(&l->arena, (fork_count(l) + 1) * sizeof *back->fork);
    if (!back->fork)
        return ERR_MEMORY;
    for (size_t i = 0; i < fork_count(l); i++)
        if (!(back->fork[back->n_fork++] = fork_message(l, &list[i])))
            return ERR_MEMORY;
    return ERR_OK;
}

static enum err send_portion(struct link *l, struct link_org *o, int64_t now_ms, bool *sent)
{
    Wire__HandBack back;
    if (o->late_after == 0)
        l->late_forks.size = o->late_left = 0;
    enum err e = replica_hand_over(l->r, o->number, o->late_after, l->portion, &l->arena, &back, &o->late_sent);
    if (e == ERR_OK)
        e = add_forks(l, &back);
    if (e != ERR_OK)
        return e;
    *sent = back.n_entry > 0;
    o->late = *sent;
    if (!*sent)
        return ERR_OK;
    o->late_done = back.done;
    l->taken_org = o->number;
    l->await_taken = l->taken_late = true;
    log_info("link", "org %u: handing over %zu entries of a past that was given up", o->number, back.n_entry);
    link_await(l, now_ms);
    return link_send(l, FRAME_HAND_BACK, &back.base, now_ms);
}

enum err link_late_hand_over(struct link *l, int64_t now_ms, bool *sent)
{
    *sent = false;
    for (size_t i = 0; i < l->org_count && now_ms >= l->late_due_ms; i++) {
        enum err e = l->orgs[i].late ? send_portion(l, &l->orgs[i], now_ms, sent) : ERR_OK;
        if (e != ERR_OK || *sent)
            return e;
    }
    return ERR_OK;
}

enum err link_late_blocks(struct link *l, bool *blocks)
{
    enum err e = ERR_OK;
    *blocks = false;
    for (size_t i = 0; i < l->org_count && e == ERR_OK && !*blocks; i++)
        if (l->orgs[i].late)
            e = replica_late_waits_before(l->r, l->orgs[i].number, blocks);
    return e;
}

static enum err keep_forks(struct link *l, const Wire__Taken *taken)
{
    for (size_t i = 0; i < taken->n_fork; i++) {
        const Wire__LateFork *m = taken->fork[i];
        struct replica_fork fork = {.n = m->n};
        if (m->incarnation.len != INCARNATION_SIZE || m->hash.len != HASH_SIZE || m->n == 0)
            return ERR_PROTOCOL;
        memcpy(fork.incarnation.bytes, m->incarnation.data, INCARNATION_SIZE);
        memcpy(fork.hash, m->hash.data, HASH_SIZE);
        buf_append(&l->late_forks, &fork, sizeof fork);
    }
    return ERR_OK;
}

/* What is new is counted once, whoever begins anew; what was left is left each time, and told with the last frame. */
static enum err note_outcome(struct link *l, struct link_org *o, const Wire__Taken *taken, bool last)
{
    struct replica_late_told told = {.decided = taken->late_decided, .refused = taken->late_refused};
    o->late_left += taken->late_left;
    if (last)
        told.left = o->late_left;
    return replica_late_note(l->r, &told);
}

enum err link_late_taken(struct link *l, struct link_org *o, const Wire__Taken *taken, int64_t now_ms)
{
    l->taken_late = false;
    if (!taken->has_late_to) {
        o->late = taken->has_retry_after_ms; /* else the server does not know of such things: they stay here */
        l->late_due_ms = now_ms + (taken->retry_after_ms ? taken->retry_after_ms : LINK_PUT_OFF_MS);
        return ERR_OK;
    }
    if (taken->late_to <= o->late_after || taken->late_to > o->late_sent)
        return ERR_PROTOCOL;
    enum err e = keep_forks(l, taken);
    o->late_after = taken->late_to;
    o->stale = true;
    bool last = o->late_done && o->late_after >= o->late_sent;
    if (e == ERR_OK)
        e = note_outcome(l, o, taken, last);
    if (e != ERR_OK || !last)
        return e;
    e = replica_late_end(l->r, o->number, o->late_after, taken->seq, (const struct replica_fork *)l->late_forks.data, fork_count(l));
    o->late = false;
    l->late_forks.size = 0;
    return e;
}
