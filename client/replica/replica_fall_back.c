/* What is here of an org's log is no longer the server's, or no longer whole: back to the last entry that is both (rule 27). Nothing of it is
 * lost: what this seat made behind it waits again, and all of it is set aside to be handed over. Rows come by a snapshot. */
#include "client/replica/kept.h"
#include "client/replica/past.h"
#include "client/replica/replica_missing.h"
#include "client/replica/replica_numbers.h"
#include "client/replica/replica_pull.h"
#include "client/replica/replica_put_back.h"
#include "client/replica/replica_sync.h"
#include "base/limits.h"
#include "base/log.h"
#include "sync/org_state.h"

#include <string.h>

/* The last entry up to common that is here, or that the promise has passed. Where the control journal was lost an epoch's number may have been
 * given twice: what lies before the common seq may be a past that was never held here, and is to be fetched (rule 23). */
static enum err last_held(struct replica *r, const struct position *p, uint64_t *common)
{
    int64_t held = 0;
    enum err e = sql_integer(r->db, 0, &held, "SELECT max(seq) FROM kept WHERE org = ?1 AND seq <= ?2", "ii", (int64_t)p->org, (int64_t)*common);
    uint64_t from = (uint64_t)held > p->promise ? (uint64_t)held : p->promise;
    *common = e == ERR_OK && from < *common ? from : *common;
    return e;
}

static enum err note_numbers(struct replica *r, uint32_t org, uint64_t after)
{
    return numbers_note(r, org, after, replica_meta_integer(r, "last_contact_ms", 0));
}

/* Back to the last seq that is common (rule 27). */
static enum err fall_back(struct replica *r, struct position *p, uint64_t common, uint32_t seat, const char *why)
{
    struct arena arena;
    struct entry entry;
    log_warn("replica", "org %u: %s; back from %llu to %llu", p->org, why, (unsigned long long)p->log_seq,
             (unsigned long long)common);
    enum err e = put_back_own(r, p->org, common, seat);
    if (e == ERR_OK)
        e = note_numbers(r, p->org, common);
    if (e == ERR_OK)
        e = late_set_aside(r, p->org, common);
    if (e == ERR_OK)
        e = kept_drop_after(r, p->org, common);
    if (e == ERR_OK)
        e = last_held(r, p, &common);
    if (e != ERR_OK)
        return e;
    arena_init(&arena, LIMIT_ARENA);
    e = kept_load(r, p->org, common, &arena, &entry);
    p->log_chain_known = e == ERR_OK || common == 0;
    memset(p->log_chain, 0, CHAIN_SIZE);
    if (e == ERR_OK)
        memcpy(p->log_chain, entry.chain, CHAIN_SIZE);
    arena_finish(&arena);
    if (e != ERR_OK && e != ERR_NOT_FOUND)
        return e;
    p->log_seq = p->seq = common;
    memcpy(p->chain, p->log_chain, CHAIN_SIZE);
    p->chain_known = p->log_chain_known;
    p->snap = SNAP_WANTED;
    p->snap_kind = 0;
    e = p->log_chain_known ? ERR_OK : past_doubt(r, p->org);
    if (e == ERR_OK)
        e = missing_begin(r);
    return e == ERR_OK ? position_save(r, p) : e;
}

/* The last seq that both have. An epoch that the server has forgotten (its control journal went with its disk) hung at one that it
 * may know: `before` is what it told when it knew. */
static uint64_t common_seq(const struct lineage *lineage, const struct lineage *before, uint64_t seq)
{
    uint64_t common = lineage_base(lineage, seq);
    for (size_t i = before->count; common == 0 && i > 0; i--) /* newest first: each hangs at an older one */
        if (before->list[i - 1].epoch == seq_epoch(seq)) {
            seq = seq_make(before->list[i - 1].parent, before->list[i - 1].last_counter);
            common = lineage_base(lineage, seq);
        }
    return common;
}

enum err fall_back_check(struct replica *r, uint32_t org, uint32_t seat, const struct lineage *before)
{
    struct position p;
    struct lineage lineage;
    struct arena arena;
    enum err e = position_load(r, org, &p);
    if (e == ERR_NOT_FOUND)
        return ERR_OK;
    arena_init(&arena, LIMIT_ARENA);
    if (e == ERR_OK)
        e = lineage_load(r, org, &arena, &lineage);
    if (e == ERR_OK)
        e = past_give_up(r, org, &lineage);
    if (e == ERR_OK)
        e = late_forget(r, org, &lineage);
    if (e == ERR_OK && p.log_seq > 0 && !lineage_holds(&lineage, p.log_seq))
        e = fall_back(r, &p, common_seq(&lineage, before, p.log_seq), seat, "the server was restored");
    else if (e == ERR_OK && (p.snap == SNAP_LOG || p.snap == SNAP_ROWS) && !lineage_holds(&lineage, p.snap_seq)) {
        p.snap = SNAP_WANTED; /* rows that were brought may be given up: from the front */
        e = note_numbers(r, org, p.log_seq);
        if (e == ERR_OK)
            e = position_save(r, &p);
    }
    arena_finish(&arena);
    return e;
}

/* to: 0, or where the log is whole still; it is no lower than the promise. */
static enum err repair(struct replica *r, uint32_t org, uint64_t to, const char *why)
{
    struct replica_facts f;
    struct position p;
    enum err e = replica_facts(r, &f);
    if (e == ERR_OK)
        e = inner_begin(r);
    if (e != ERR_OK)
        return e;
    e = position_load(r, org, &p);
    if (e == ERR_OK)
        e = past_doubt(r, org);
    if (e == ERR_OK)
        e = fall_back(r, &p, to > p.promise ? to : p.promise, f.seat, why);
    if (e == ERR_OK)
        e = replica_meta_put_integer(r, "repairs", f.repairs + 1);
    return inner_end(r, e);
}

enum err replica_distrust(struct replica *r, uint32_t org)
{
    return repair(r, org, 0, "what is here does not lead to what the server has");
}

enum err fall_back_before(struct replica *r, uint32_t org, uint64_t seq)
{
    return repair(r, org, seq - 1, "an entry of the log could not be read");
}
