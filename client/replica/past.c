/* See past.h. Of the heads of an org the newest few are kept, and the first of each day, then of each week, then of
 * each month. The search (replica_past_next, replica_past_take) asks for the newest doubted head, and if that is
 * another one halves the rest: a chain that fits at one seq fits before it, one that does not fits nowhere behind it.
 * Its state stands in the rows, so it may be cut off anywhere. */
#include "client/replica/past.h"
#include "client/replica/replica_sync.h"
#include "base/log.h"

#include <stdio.h>
#include <string.h>

#define DAY_MS INT64_C(86400000)

enum { HEAD_DOUBTED = 0, HEAD_FITS = 1, HEAD_TOLD = 2 /* contradicted, and in `rewritten` */, HEAD_CONTRADICTED = 3 };

/* ---- kept ---- */

#define NEWEST "8"

/* The first of each day of two weeks, of each week of half a year, of each month; also of those that nobody has answered for yet,
 * and apart from them of those that proved a rewriting, each with the one that `rewritten` names. Not while it is being found. */
static enum err thin(struct replica *r, uint32_t org, int64_t now_ms)
{
    return sql_run(r->db,
                   "DELETE FROM seen_head WHERE org = ?1 AND state <> 3"
                   " AND seq NOT IN (SELECT seq FROM rewritten WHERE org = ?1)"
                   " AND seq NOT IN (SELECT seq FROM seen_head WHERE org = ?1 AND state < 2 ORDER BY seq DESC LIMIT " NEWEST ")"
                   " AND seq NOT IN (SELECT min(seq) FROM seen_head WHERE org = ?1 AND state <> 3 GROUP BY state = 2, CASE"
                   "  WHEN at_ms > ?2 - 14 * 86400000 THEN at_ms / 86400000"
                   "  WHEN at_ms > ?2 - 182 * 86400000 THEN -1 - at_ms / 604800000"
                   "  ELSE -1000000 - at_ms / 2592000000 END)",
                   "ii", (int64_t)org, now_ms);
}

enum err past_doubt(struct replica *r, uint32_t org)
{
    return sql_run(r->db, "UPDATE seen_head SET state = 0 WHERE org = ?1 AND state = 1", "i", (int64_t)org);
}

enum err past_note(struct replica *r, uint32_t org, uint64_t seq, const uint8_t chain[CHAIN_SIZE],
                   ProtobufCBinaryData mac, int64_t now_ms)
{
    int64_t other;
    struct slice proof = slice_of(mac.data, mac.len == HEAD_MAC_SIZE ? mac.len : 0);
    enum err e = sql_integer(r->db, 0, &other,
                             "SELECT count(*) FROM seen_head WHERE org = ?1 AND seq = ?2 AND chain <> ?3 AND state = 1",
                             "iib", (int64_t)org, (int64_t)seq, slice_of(chain, CHAIN_SIZE));
    if (e == ERR_OK && other)
        e = past_doubt(r, org);
    if (e == ERR_OK)
        e = sql_run(r->db,
                    "INSERT INTO seen_head(org, seq, chain, mac, at_ms, state) VALUES(?1, ?2, ?3, ?4, ?5, 1)"
                    " ON CONFLICT(org, seq, chain) DO NOTHING",
                    "iibbi", (int64_t)org, (int64_t)seq, slice_of(chain, CHAIN_SIZE), proof, now_ms);
    return e == ERR_OK ? thin(r, org, now_ms) : e;
}

enum err past_give_up(struct replica *r, uint32_t org, const struct lineage *lineage)
{
    uint64_t after = 0;
    bool row = true;
    enum err e = ERR_OK;
    while (e == ERR_OK && row) {
        struct db_statement *s;
        e = sql_ask(r->db, &s,
                    "SELECT seq FROM seen_head WHERE org = ?1 AND seq > ?2 AND state <> 2 ORDER BY seq LIMIT 1", "ii",
                    (int64_t)org, (int64_t)after);
        if (e == ERR_OK)
            e = db_step(s, &row);
        if (e != ERR_OK || !row)
            break;
        after = (uint64_t)db_integer(s, 0);
        db_reset(s);
        if (!lineage_holds(lineage, after))
            e = sql_run(r->db, "DELETE FROM seen_head WHERE org = ?1 AND seq = ?2 AND state <> 2", "ii", (int64_t)org,
                        (int64_t)after);
    }
    return e;
}

/* ---- compared ---- */

static enum err in_state(struct replica *r, uint32_t org, int state, int64_t *count)
{
    return sql_integer(r->db, 0, count, "SELECT count(*) FROM seen_head WHERE org = ?1 AND state = ?2", "ii",
                       (int64_t)org, (int64_t)state);
}

/* All is asked for again once a day: what came between may lead from a log that was rewritten before it. */
static enum err doubt_daily(struct replica *r, uint32_t org, int64_t now_ms)
{
    char key[32];
    snprintf(key, sizeof key, "past_asked_%u", org);
    int64_t asked = replica_meta_integer(r, key, 0);
    if (asked && now_ms - asked < DAY_MS && now_ms >= asked)
        return ERR_OK;
    enum err e = asked ? past_doubt(r, org) : ERR_OK;
    return e == ERR_OK ? replica_meta_put_integer(r, key, now_ms) : e;
}

enum err replica_past_next(struct replica *r, uint32_t org, int64_t now_ms, uint64_t *seq)
{
    int64_t doubted, contradicted, found;
    enum err e = doubt_daily(r, org, now_ms);
    if (e == ERR_OK)
        e = in_state(r, org, HEAD_DOUBTED, &doubted);
    if (e != ERR_OK || doubted == 0)
        return e == ERR_OK ? ERR_NOT_FOUND : e;
    e = in_state(r, org, HEAD_CONTRADICTED, &contradicted);
    if (e == ERR_OK)
        e = sql_integer(r->db, 0, &found,
                        "SELECT seq FROM seen_head WHERE org = ?1 AND state = 0 ORDER BY seq DESC LIMIT 1 OFFSET ?2",
                        "ii", (int64_t)org, contradicted ? doubted / 2 : (int64_t)0);
    if (e == ERR_OK)
        *seq = (uint64_t)found;
    return e;
}

/* The stretch in which it was rewritten: behind the newest head that fits, up to the oldest that does not. */
static enum err tell(struct replica *r, uint32_t org, int64_t now_ms)
{
    int64_t doubted, contradicted;
    enum err e = in_state(r, org, HEAD_DOUBTED, &doubted);
    if (e == ERR_OK)
        e = in_state(r, org, HEAD_CONTRADICTED, &contradicted);
    if (e != ERR_OK || doubted || !contradicted)
        return e;
    log_error("replica", "org %u: the server's log is another one than the one that it gave: its past was rewritten",
              org);
    e = sql_run(r->db,
                "INSERT INTO rewritten(org, seq, seen_ms, after, after_ms, found_ms)"
                " SELECT b.org, b.seq, b.at_ms, ifnull(g.seq, 0), ifnull(g.at_ms, 0), ?2 FROM"
                " (SELECT org, seq, at_ms FROM seen_head WHERE org = ?1 AND state = 3 ORDER BY seq LIMIT 1) b LEFT JOIN"
                " (SELECT org, seq, at_ms FROM seen_head WHERE org = ?1 AND state = 1 AND seq <"
                "   (SELECT min(seq) FROM seen_head WHERE org = ?1 AND state = 3) ORDER BY seq DESC LIMIT 1) g ON "
                "g.org = b.org WHERE true"
                " ON CONFLICT(org, seq) DO UPDATE SET found_ms = excluded.found_ms, noted_ms = 0",
                "ii", (int64_t)org, now_ms);
    return e == ERR_OK
               ? sql_run(r->db, "UPDATE seen_head SET state = 2 WHERE org = ?1 AND state = 3", "i", (int64_t)org)
               : e;
}

static bool fits(struct replica *r, uint32_t org, uint64_t seq, const Wire__Entry *entry, enum err *e)
{
    int64_t same = 0;
    if (!entry || entry->seq != seq || entry->chain.len != CHAIN_SIZE)
        return false;
    *e = sql_integer(r->db, 0, &same,
                     "SELECT count(*) FROM seen_head WHERE org = ?1 AND seq = ?2 AND chain = ?3 AND state = 0", "iib",
                     (int64_t)org, (int64_t)seq, slice_of(entry->chain.data, entry->chain.len));
    return same > 0;
}

/* Between question and answer the head may have been thinned out: then the answer is about nothing. */
static enum err judge(struct replica *r, uint32_t org, uint64_t seq, const Wire__Entry *entry, int64_t now_ms)
{
    int64_t asked;
    enum err e = sql_integer(r->db, 0, &asked, "SELECT count(*) FROM seen_head WHERE org = ?1 AND seq = ?2 AND state = 0", "ii",
                             (int64_t)org, (int64_t)seq);
    if (e != ERR_OK || !asked)
        return e;
    bool same = fits(r, org, seq, entry, &e);
    if (e == ERR_OK && same) /* and what stands beside it at that seq does not fit */
        e = sql_run(r->db,
                    "UPDATE seen_head SET state = CASE WHEN seq = ?2 AND chain <> ?3 THEN 3 ELSE 1 END WHERE org = ?1 "
                    "AND seq <= ?2 AND state = 0",
                    "iib", (int64_t)org, (int64_t)seq, slice_of(entry->chain.data, entry->chain.len));
    else if (e == ERR_OK)
        e = sql_run(r->db, "UPDATE seen_head SET state = 3 WHERE org = ?1 AND seq >= ?2 AND state = 0", "ii",
                    (int64_t)org, (int64_t)seq);
    if (e == ERR_OK && !same && entry && entry->seq == seq)
        e = sql_run(r->db,
                    "UPDATE seen_head SET now_chain = ?3, now_mac = ?4 WHERE org = ?1 AND seq = ?2 AND state = 3",
                    "iibb", (int64_t)org, (int64_t)seq, slice_of(entry->chain.data, entry->chain.len),
                    slice_of(entry->head_mac.data, entry->head_mac.len));
    return e == ERR_OK ? tell(r, org, now_ms) : e;
}

enum err replica_past_take(struct replica *r, uint32_t org, uint64_t seq, const Wire__Entries *answer, int64_t now_ms)
{
    enum err e = inner_begin(r);
    if (e != ERR_OK)
        return e;
    return inner_end(r, judge(r, org, seq, answer->n_entry ? answer->entry[0] : NULL, now_ms));
}

enum err replica_head_differs(struct replica *r, const Wire__Head *head, bool *differs)
{
    struct position p;
    enum err e = position_load(r, head->org->number, &p);
    *differs = e == ERR_OK && p.log_chain_known && p.log_seq == head->seq && head->chain.len == CHAIN_SIZE &&
               memcmp(p.log_chain, head->chain.data, CHAIN_SIZE) != 0;
    return e == ERR_NOT_FOUND ? ERR_OK : e;
}

/* ---- told ---- */

enum err replica_heads(struct replica *r, replica_each_head *each, void *to)
{
    struct db_statement *s;
    bool row, on = true;
    enum err e = db_prepare_own(
        r->db, "SELECT org, seq, chain, mac, at_ms, state >= 2, now_chain, now_mac FROM seen_head ORDER BY org, seq",
        &s);
    if (e != ERR_OK)
        return e;
    while (on && (e = db_step(s, &row)) == ERR_OK && row) {
        struct replica_head head = {.org = (uint32_t)db_integer(s, 0),
                                    .seq = (uint64_t)db_integer(s, 1),
                                    .chain = db_blob(s, 2),
                                    .mac = db_blob(s, 3),
                                    .at_ms = db_integer(s, 4),
                                    .contradicted = db_integer(s, 5) != 0,
                                    .now_chain = db_blob(s, 6),
                                    .now_mac = db_blob(s, 7)};
        on = each(to, &head);
    }
    db_finish(s);
    return e;
}

enum err replica_rewritings(struct replica *r, struct replica_rewriting *out, size_t max, size_t *count)
{
    struct db_statement *s;
    bool row;
    size_t n = 0;
    enum err e = sql_ask(r->db, &s,
                         "SELECT org, after, after_ms, seq, seen_ms, found_ms, noted_ms FROM rewritten ORDER BY "
                         "found_ms, org, seq LIMIT ?1",
                         "i", (int64_t)max);
    while (e == ERR_OK && (e = db_step(s, &row)) == ERR_OK && row)
        out[n++] = (struct replica_rewriting){.org = (uint32_t)db_integer(s, 0),
                                              .after = (uint64_t)db_integer(s, 1),
                                              .after_ms = db_integer(s, 2),
                                              .seq = (uint64_t)db_integer(s, 3),
                                              .seen_ms = db_integer(s, 4),
                                              .found_ms = db_integer(s, 5),
                                              .noted = db_integer(s, 6) != 0};
    if (e == ERR_OK)
        *count = n;
    return e;
}

enum err replica_rewritings_noted(struct replica *r, int64_t now_ms)
{
    return sql_run(r->db, "UPDATE rewritten SET noted_ms = ?1 WHERE noted_ms = 0", "i", now_ms);
}
