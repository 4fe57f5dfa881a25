/* Where each org stands: cursor, what of the log is held, how far a snapshot came, which epochs survived. */
#include "client/replica/kept.h"
#include "client/replica/outbox.h"
#include "client/replica/replica_pull.h"
#include "client/replica/replica_sync.h"
#include "base/limits.h"
#include "sync/org_state.h"

#include <string.h>

static bool take_chain(struct slice s, uint8_t out[CHAIN_SIZE])
{
    if (s.size != CHAIN_SIZE)
        return false;
    memcpy(out, s.data, CHAIN_SIZE);
    return true;
}

enum err position_load(struct replica *r, uint32_t org, struct position *out)
{
    struct db_statement *s;
    bool row;
    enum err e = sql_ask(r->db, &s, "SELECT seq, chain, log_seq, log_chain, promise, trimmed, snap, snap_kind, snap_seq, snap_chain,"
                                    " snap_at_kind, snap_at_id, snap_marked FROM position WHERE org = ?1", "i", (int64_t)org);
    if (e == ERR_OK)
        e = db_step(s, &row);
    if (e != ERR_OK)
        return e;
    if (!row)
        return ERR_NOT_FOUND;
    struct position p = {.org = org, .seq = (uint64_t)db_integer(s, 0), .log_seq = (uint64_t)db_integer(s, 2),
                         .promise = (uint64_t)db_integer(s, 4), .trimmed = db_integer(s, 5) != 0, .snap = (enum snap)db_integer(s, 6),
                         .snap_kind = (uint32_t)db_integer(s, 7), .snap_seq = (uint64_t)db_integer(s, 8),
                         .snap_at_kind = (uint32_t)db_integer(s, 10), .snap_at_id = db_id(s, 11), .snap_marked = db_integer(s, 12) != 0};
    p.chain_known = take_chain(db_blob(s, 1), p.chain);
    p.log_chain_known = take_chain(db_blob(s, 3), p.log_chain);
    (void)take_chain(db_blob(s, 9), p.snap_chain); /* empty outside a snapshot */
    db_reset(s);
    *out = p;
    return ERR_OK;
}

static struct slice chain_slice(const uint8_t chain[CHAIN_SIZE], bool known)
{
    return known ? slice_of(chain, CHAIN_SIZE) : (struct slice){0};
}

enum err position_save(struct replica *r, const struct position *p)
{
    return sql_run(r->db,
                   "INSERT INTO position(org, seq, chain, log_seq, log_chain, promise, trimmed, snap, snap_kind, snap_seq, snap_chain,"
                   " snap_at_kind, snap_at_id, snap_marked) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)"
                   " ON CONFLICT(org) DO UPDATE SET seq = excluded.seq, chain = excluded.chain, log_seq = excluded.log_seq,"
                   " log_chain = excluded.log_chain, promise = excluded.promise, trimmed = excluded.trimmed, snap = excluded.snap,"
                   " snap_kind = excluded.snap_kind, snap_seq = excluded.snap_seq, snap_chain = excluded.snap_chain,"
                   " snap_at_kind = excluded.snap_at_kind, snap_at_id = excluded.snap_at_id, snap_marked = excluded.snap_marked",
                   "iibibiiiiibidi", (int64_t)p->org, (int64_t)p->seq, chain_slice(p->chain, p->chain_known), (int64_t)p->log_seq,
                   chain_slice(p->log_chain, p->log_chain_known), (int64_t)p->promise, (int64_t)p->trimmed, (int64_t)p->snap,
                   (int64_t)p->snap_kind, (int64_t)p->snap_seq, slice_of(p->snap_chain, CHAIN_SIZE), (int64_t)p->snap_at_kind,
                   &p->snap_at_id, (int64_t)p->snap_marked);
}

/* WELCOME names the last survivor only for orgs that are kept here; of others everything before the newest epoch counts as given
 * up, so that it is sent again, which changes nothing where the server has it. */
enum err lineage_load(struct replica *r, uint32_t org, struct arena *arena, struct lineage *out)
{
    struct db_statement *s;
    int64_t found;
    bool row;
    size_t count = 0;
    enum err e = sql_integer(r->db, 0, &found, "SELECT count(*) FROM lineage WHERE org = 0", "");
    if (e != ERR_OK)
        return e;
    struct lineage_epoch *list = arena_alloc(arena, ((size_t)found + 1) * sizeof *list);
    if (!list)
        return ERR_MEMORY;
    e = sql_ask(r->db, &s, "SELECT epoch, (SELECT last FROM lineage o WHERE o.org = ?1 AND o.epoch = l.epoch)"
                           " FROM lineage l WHERE org = 0 ORDER BY epoch", "i", (int64_t)org);
    while (e == ERR_OK && (e = db_step(s, &row)) == ERR_OK && row && count < (size_t)found) {
        /* It hangs at the epoch of its last entry that survived, as the server has it; none survived: it begins anew. */
        uint64_t last = db_is_null(s, 1) ? 0 : (uint64_t)db_integer(s, 1);
        list[count++] = (struct lineage_epoch){(uint32_t)db_integer(s, 0), seq_epoch(last), seq_counter(last)};
    }
    if (e != ERR_OK)
        return e;
    db_reset(s);
    *out = (struct lineage){.list = list, .count = count};
    return ERR_OK;
}

/* ---- settling (rule 20) ---- */

struct settled {
    uint32_t kind;
    struct id id;
    int64_t local;
    uint64_t seq;
    struct slice hash;
    bool stays; /* a refused one, which only its own entry or the promise ends */
};

enum err position_is_of_other(struct replica *r, uint32_t org, uint64_t seq, struct slice hash, bool *other)
{
    struct arena arena;
    struct entry entry;
    arena_init(&arena, LIMIT_ARENA);
    enum err e = kept_load(r, org, seq, &arena, &entry);
    *other = e == ERR_OK && entry.identity.n > 0 && !slice_equal(hash, slice_of(entry.identity.hash, HASH_SIZE));
    arena_finish(&arena);
    return e == ERR_NOT_FOUND ? ERR_OK : e;
}

/* Where another's entry stands the server was rolled back behind its own back (rule 35), has forgotten what it
 * answered, and has given the seq again. */
static enum err settle_one(struct replica *r, uint32_t org, const struct settled *s)
{
    bool other;
    enum err e = position_is_of_other(r, org, s->seq, s->hash, &other);
    if (e != ERR_OK)
        return e;
    return other ? outbox_forget_one(r, s->local) : s->stays ? ERR_OK : outbox_drop(r, s->local);
}

/* Acknowledged: at or before the cursor its effect is in the row, or the promise passed it (backups hold it). Refused: only when
 * its entry was pulled, which is then matched by identity, or can no longer come. */
enum err position_settle(struct replica *r, uint32_t org, uint64_t cursor, uint64_t promise)
{
    struct db_statement *s;
    struct arena arena;
    int64_t found;
    bool row;
    size_t count = 0;
    struct settled *list = NULL;
    uint64_t reach = cursor > promise ? cursor : promise;
    arena_init(&arena, LIMIT_ARENA);
    enum err e = late_settle(r, org, reach);
    if (e == ERR_OK)
        e = sql_integer(r->db, 0, &found, "SELECT count(*) FROM outbox WHERE org = ?1 AND seq > 0 AND seq <= ?2", "ii", (int64_t)org, (int64_t)reach);
    if (e != ERR_OK || found == 0)
        goto done;
    if (!(list = arena_alloc(&arena, (size_t)found * sizeof *list))) {
        e = ERR_MEMORY;
        goto done;
    }
    e = sql_ask(r->db, &s, "SELECT kind, id, local, seq, hash, state FROM outbox WHERE org = ?1 AND seq > 0 AND seq <= ?2", "ii", (int64_t)org,
                (int64_t)reach);
    while (e == ERR_OK && (e = db_step(s, &row)) == ERR_OK && row && count < (size_t)found) {
        uint64_t seq = (uint64_t)db_integer(s, 3);
        list[count++] = (struct settled){.kind = (uint32_t)db_integer(s, 0), .id = db_id(s, 1), .local = db_integer(s, 2), .seq = seq,
                                         .hash = arena_copy(&arena, db_blob(s, 4)),
                                         .stays = db_integer(s, 5) == OUTBOX_REFUSED && seq > promise};
    }
    if (e == ERR_OK)
        db_reset(s);
    for (size_t i = 0; e == ERR_OK && i < count; i++)
        e = settle_one(r, org, &list[i]);
    for (size_t i = 0; e == ERR_OK && i < count; i++)
        e = rows_replay(r, list[i].kind, list[i].id);
done:
    arena_finish(&arena);
    return e;
}

/* ---- what the link asks ---- */

enum err replica_cursor(struct replica *r, uint32_t org, struct replica_cursor *out)
{
    struct position p;
    enum err e = position_load(r, org, &p);
    if (e != ERR_OK)
        return e;
    *out = (struct replica_cursor){
        .org = org, .seq = p.seq, .log_seq = p.log_seq, .snapshot = p.snap == SNAP_WANTED || p.snap == SNAP_ROWS,
        .snapshot_kind = p.snap_kind, .after_kind = p.snap == SNAP_ROWS ? p.snap_at_kind : 0, .filling = p.snap == SNAP_LOG};
    if (p.snap == SNAP_ROWS) {
        out->after_id = p.snap_at_id;
        out->brought = page_brought(r, org);
    }
    return ERR_OK;
}
