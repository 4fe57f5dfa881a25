/* The end of recovery, org by org. Order of an ending: the epoch with the org's last surviving seq in the control journal, then
 * tables and the org's row in one commit. A failure between the two leaves an epoch that these orgs never used: the next ending takes
 * it again, and its last seqs replace the ones recorded, or takes one higher (rule 26: 1 + the highest ever used). */
#include "server/recovery/recovery.h"

#include "base/log.h"
#include "server/store/store_control.h"

#include <stdio.h>
#include <string.h>

/* One epoch for all orgs of a recovery, later than all that anybody is known to have used: a seat may have told of one since the first
 * orgs ended. above: the newest that the states themselves are in. */
static enum err choose_epoch(struct store *store, struct control *control, uint32_t above, uint32_t *epoch)
{
    int64_t kept, seen;
    uint32_t used = control_newest_epoch(control);
    enum err e = store_meta_get(store_db(store), RECOVERY_EPOCH, &kept);
    if (e == ERR_OK)
        e = store_meta_get(store_db(store), RECOVERY_EPOCH_SEEN, &seen);
    if (e != ERR_OK)
        return e;
    used = seen > used ? (uint32_t)seen : used;
    used = above > used ? above : used;
    *epoch = kept > seen && kept > above ? (uint32_t)kept : used + 1;
    return store_meta_put(store_db(store), RECOVERY_EPOCH, *epoch);
}

static enum err begin_epoch(struct store *store, struct org_state *state, uint32_t epoch)
{
    org_state_begin_epoch(state, epoch);
    enum err e = store_put_org(store, state);
    return e == ERR_OK ? store_end_recovery(store, org_state_org(state)) : e;
}

static enum err end_orgs(struct store *store, struct control *control, const uint32_t *orgs, size_t count, struct arena *arena)
{
    uint32_t epoch = 0, above = 0, parent = control_newest_epoch(control);
    Wire__Position **last = arena_alloc(arena, (count + 1) * sizeof *last);
    struct org_state **states = arena_alloc(arena, (count + 1) * sizeof *states);
    size_t loaded = 0;
    if (!last || !states)
        return ERR_MEMORY;
    enum err e = ERR_OK;
    while (e == ERR_OK && loaded < count) {
        e = store_load_org(store, orgs[loaded], 1, &states[loaded]);
        if (e != ERR_OK)
            break;
        uint32_t in = seq_epoch(org_state_next(states[loaded]));
        above = in > above ? in : above;
        Wire__Position *p = last[loaded] = arena_alloc(arena, sizeof *p);
        CHECK(p);
        wire__position__init(p);
        p->org = orgs[loaded];
        p->seq = org_state_seq(states[loaded]);
        loaded++;
    }
    if (e == ERR_OK)
        e = choose_epoch(store, control, above, &epoch);
    if (e == ERR_OK)
        e = control_add_epoch(control, epoch, parent, (const Wire__Position *const *)last, count);
    for (size_t i = 0; i < count && e == ERR_OK; i++)
        e = begin_epoch(store, states[i], epoch);
    for (size_t i = 0; i < loaded; i++)
        org_state_destroy(states[i]);
    if (e == ERR_OK)
        log_info("recovery", "ended for %zu orgs: epoch %u", count, epoch);
    return e;
}

/* The day counts from the first look after it began: while nobody serves, nobody can say hello. */
static enum err is_over(struct store *store, int64_t now_ms, bool *over)
{
    int64_t since;
    enum err e = store_meta_get(store_db(store), RECOVERY_SINCE, &since);
    if (e == ERR_OK && since == 0) {
        since = now_ms;
        e = store_meta_put(store_db(store), RECOVERY_SINCE, since);
    }
    *over = now_ms - since >= RECOVERY_MS;
    return e;
}

enum err recovery_times(struct store *store, struct recovery_times *out)
{
    int64_t since;
    enum err e = store_meta_get(store_db(store), RECOVERY_SINCE, &since);
    if (e == ERR_OK)
        *out = (struct recovery_times){since, since ? since + RECOVERY_MS : 0};
    return e;
}

enum ending { ENDING_DUE, ENDING_ALL };

static enum err end_here(struct store *store, struct control *control, int64_t now_ms, enum ending ending, struct arena *arena, size_t *ended)
{
    uint32_t *orgs;
    size_t count;
    bool over = true;
    enum err e = control_refresh(control, NULL);
    if (e == ERR_OK && ending == ENDING_DUE)
        e = is_over(store, now_ms, &over);
    if (e == ERR_OK)
        e = store_recovering_orgs(store, over, arena, &orgs, &count);
    if (e == ERR_OK && count)
        e = end_orgs(store, control, orgs, count, arena);
    if (e == ERR_OK)
        *ended = count;
    return e;
}

static enum err end_recovery(struct store *store, struct control *control, int64_t now_ms, enum ending ending, size_t *ended)
{
    struct arena arena;
    size_t count = 0;
    enum err e = store_begin(store);
    if (e != ERR_OK)
        return e;
    arena_init(&arena, 256u << 20);
    e = end_here(store, control, now_ms, ending, &arena, &count);
    arena_finish(&arena);
    if (e == ERR_OK)
        e = store_commit(store);
    else
        store_rollback(store);
    if (e != ERR_OK)
        return e;
    if (ended)
        *ended = count;
    return count ? control_refresh(control, NULL) : ERR_OK;
}

/* ---- who begins it ---- */

/* In meta, beside the rows that it speaks of: where the file is rolled back, it is too. A row a seat that ever did. */
static const char *begun_name(uint32_t seat, char out[48])
{
    snprintf(out, 48, "recovery_begun_by_%u", seat);
    return out;
}

enum err recovery_begun_by(struct store *store, uint32_t seat, int64_t at_ms)
{
    char name[48];
    return store_meta_put(store_db(store), begun_name(seat, name), at_ms);
}

enum err recovery_begun_lately(struct store *store, uint32_t seat, int64_t now_ms, bool *lately)
{
    char name[48];
    int64_t at;
    enum err e = store_meta_get(store_db(store), begun_name(seat, name), &at);
    if (e == ERR_OK)
        *lately = at > 0 && at <= now_ms && now_ms - at < RECOVERY_AGAIN_MS;
    return e;
}

/* ---- its end ---- */

enum err recovery_check(struct store *store, struct control *control, int64_t now_ms, size_t *ended)
{
    return end_recovery(store, control, now_ms, ENDING_DUE, ended);
}

enum err recovery_end_all(struct store *store, struct control *control, size_t *ended)
{
    return end_recovery(store, control, 0, ENDING_ALL, ended);
}
