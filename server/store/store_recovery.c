/* Which orgs recover and whom they wait for (rules 25, 26), and the promise (rule 24). */
#include "server/store/store_inner.h"

#include "server/recovery/recovery.h"
#include "server/store/store_control.h"

#include <string.h>

bool store_recovering(struct store *s, uint32_t org)
{
    int64_t found;
    /* A database that can't be read answers nothing else either: putting off is the safe side. */
    return store_ask(s, "SELECT 1 FROM recovery WHERE org=$1", org, 0, &found) != ERR_OK || found;
}

uint64_t store_recovery_from(struct store *s, uint32_t org)
{
    int64_t from;
    return store_ask(s, "SELECT from_seq FROM recovery WHERE org=$1", org, 0, &from) == ERR_OK ? (uint64_t)from : 0;
}

/* An org waits for its own seats, and for those below, which keep a copy of it. Heard of last within the days before the newest
 * contact, which is the time of the backup as far as seats go; or never: then they joined after it. UNION, not UNION ALL: in a
 * spoilt backup an org may stand above itself. */
#define AWAITED                                                                                                                  \
    "WITH RECURSIVE keeps(org, seat, above) AS ("                                                                                \
    " SELECT s.org, s.number, o.parent FROM seat s JOIN org o ON o.number=s.org LEFT JOIN contact c ON c.seat=s.number"          \
    "  WHERE s.state=$1 AND coalesce(c.at_ms >= (SELECT max(at_ms) FROM contact) - $2, 1)"                                       \
    " UNION SELECT o.number, keeps.seat, o.parent FROM keeps JOIN org o ON o.number=keeps.above)"                                \
    " INSERT INTO awaited(org, seat) SELECT org, seat FROM keeps WHERE org NOT IN (SELECT org FROM recovery)"                    \
    " ON CONFLICT(org, seat) DO NOTHING"

#define IS_ADOPTED "name GLOB '" STORE_ADOPTED "*'"

/* Before its first org: a recovery that is under way keeps its time. */
static enum err begin_time(struct store *s)
{
    int64_t orgs;
    enum err e = store_ask(s, "SELECT count(*) FROM recovery WHERE org>$1", 0, 0, &orgs);
    return e == ERR_OK && orgs == 0 ? store_meta_put(s->db, RECOVERY_SINCE, 0) : e;
}

/* Orgs that had left a recovery come back in, and all end in an epoch that none has used. */
static enum err set_on(struct store *s)
{
    enum err e = begin_time(s);
    if (e == ERR_OK)
        e = store_order(s, AWAITED, SEAT_ACTIVE, (int64_t)RECOVERY_ACTIVE_DAYS * 86400000);
    if (e == ERR_OK)
        e = store_order(s,
                        "INSERT INTO recovery(org, from_seq) SELECT number, coalesce((SELECT max(seq) FROM history WHERE org=number), 0)"
                        " FROM org WHERE number>$1 ON CONFLICT(org) DO NOTHING",
                        0, 0);
    if (e == ERR_OK)
        e = store_order(s, "DELETE FROM meta WHERE " IS_ADOPTED " AND $1=$1", 0, 0);
    return e == ERR_OK ? store_meta_put(s->db, RECOVERY_EPOCH, 0) : e;
}

#define KEEPS_SEAT                                                                                                               \
    "WITH RECURSIVE keeps(org, above) AS (SELECT o.number, o.parent FROM seat s JOIN org o ON o.number=s.org WHERE s.number=$1"  \
    " UNION SELECT o.number, o.parent FROM keeps JOIN org o ON o.number=keeps.above)"

enum err store_recover_seat(struct store *s, uint32_t seat)
{
    enum err e = begin_time(s);
    if (e == ERR_OK)
        e = store_order(s,
                        "INSERT INTO recovery(org, from_seq) SELECT org, 0 FROM seat WHERE number=$1"
                        " AND NOT EXISTS (SELECT 1 FROM history h WHERE h.org=seat.org) ON CONFLICT(org) DO NOTHING",
                        seat, 0);
    if (e == ERR_OK)
        e = store_order(s,
                        KEEPS_SEAT " INSERT INTO awaited(org, seat) SELECT org, $1 FROM keeps WHERE org IN (SELECT org FROM recovery)"
                                   " ON CONFLICT(org, seat) DO NOTHING",
                        seat, 0);
    return e == ERR_OK ? store_order(s, "DELETE FROM meta WHERE name='" STORE_ADOPTED "' || $1", seat, 0) : e;
}

enum err store_recover_adopted(struct store *s, size_t *count)
{
    int64_t seat = 0;
    size_t found = 0;
    enum err e;
    while ((e = store_ask(s, "SELECT value FROM meta WHERE " IS_ADOPTED " AND value>$1 ORDER BY value LIMIT 1", 0, 0, &seat)) == ERR_OK && seat) {
        e = store_recover_seat(s, (uint32_t)seat);
        if (e != ERR_OK)
            return e;
        found++;
    }
    *count = found;
    return e;
}

static enum err set_off(struct store *s)
{
    enum err e = db_exec(s->db, "DELETE FROM recovery");
    return e == ERR_OK ? db_exec(s->db, "DELETE FROM awaited") : e;
}

enum err store_set_recovering(struct store *s, bool on)
{
    bool joined = db_in_transaction(s->db);
    enum err e = joined ? ERR_OK : db_begin(s->db);
    if (e != ERR_OK)
        return e;
    e = on ? set_on(s) : set_off(s);
    if (joined)
        return e;
    if (e == ERR_OK)
        return db_commit(s->db);
    db_rollback(s->db);
    return e;
}

enum err store_end_recovery(struct store *s, uint32_t org)
{
    enum err e = store_order(s, "DELETE FROM recovery WHERE org=$1", org, 0);
    return e == ERR_OK ? store_order(s, "DELETE FROM awaited WHERE org=$1", org, 0) : e;
}

enum err store_recovery_heard(struct store *s, uint32_t org, uint32_t seat)
{
    if (org)
        return store_order(s, "DELETE FROM awaited WHERE org=$1 AND seat=$2", org, seat);
    return store_order(s, "DELETE FROM awaited WHERE seat=$1", seat, 0);
}

/* Rule 26 waits for active seats: who was revoked or suspended meanwhile may never come again, or not be let in. One that is resumed in
 * time is waited for as before; what any of them brings later is decided late (rule 27). */
#define OF_AWAITED_SEATS " FROM awaited a JOIN seat s ON s.number=a.seat WHERE s.state=$1"

/* A statement's column of at most max numbers, in the arena. */
static enum err read_numbers(struct db_statement *q, int64_t max, struct arena *arena, uint32_t **out, size_t *count)
{
    size_t found = 0;
    bool row = true;
    enum err e = ERR_OK;
    uint32_t *list = arena_alloc(arena, ((size_t)max + 1) * sizeof *list);
    while (list && found < (size_t)max && (e = db_step(q, &row)) == ERR_OK && row)
        list[found++] = (uint32_t)db_integer(q, 0);
    db_reset(q);
    if (!list || e != ERR_OK)
        return list ? e : ERR_MEMORY;
    *out = list;
    *count = found;
    return ERR_OK;
}

enum err store_recovering_orgs(struct store *s, bool all, struct arena *arena, uint32_t **out, size_t *count)
{
    struct db_statement *q;
    int64_t rows;
    enum err e = store_ask(s, "SELECT count(*) FROM recovery WHERE org>$1", 0, 0, &rows);
    if (e == ERR_OK)
        e = db_prepare(s->db,
                       all ? "SELECT org FROM recovery WHERE $1=$1 ORDER BY org"
                           : "SELECT org FROM recovery WHERE org NOT IN (SELECT a.org" OF_AWAITED_SEATS ") ORDER BY org",
                       &q);
    if (e != ERR_OK)
        return e;
    db_bind_integer(q, 1, SEAT_ACTIVE);
    return read_numbers(q, rows, arena, out, count);
}

enum err store_recovery_awaited(struct store *s, uint32_t org, struct arena *arena, uint32_t **out, size_t *count)
{
    struct db_statement *q;
    int64_t rows;
    enum err e = store_ask(s, "SELECT count(*) FROM awaited WHERE org=$1", org, 0, &rows);
    if (e == ERR_OK)
        e = db_prepare(s->db, "SELECT a.seat" OF_AWAITED_SEATS " AND a.org=$2 ORDER BY a.seat", &q);
    if (e != ERR_OK)
        return e;
    db_bind_integer(q, 1, SEAT_ACTIVE);
    db_bind_integer(q, 2, org);
    return read_numbers(q, rows, arena, out, count);
}

/* ---- the promise ---- */

/* The seq up to which backup and living database are the same; 0 where the backup ends off the living path: then nobody may throw
 * anything away before two newer backups. */
static uint64_t common_seq(struct store *s, uint32_t org, int64_t seq, struct slice chain)
{
    uint8_t living[CHAIN_SIZE];
    if (store_read_chain(s, org, (uint64_t)seq, living) != ERR_OK || !slice_equal(chain, slice_of(living, CHAIN_SIZE)))
        return 0;
    return (uint64_t)seq;
}

uint64_t store_promise(struct store *s, uint32_t org)
{
    struct db_statement *q;
    bool row = true;
    uint64_t promise = UINT64_MAX;
    size_t backups = 0;
    if (store_recovering(s, org)) /* what came back stripped stands in backups taken now: fuller copies are still wanted */
        return 0;
    if (db_prepare(s->db,
                   "SELECT p.seq, p.chain FROM (SELECT number FROM backup ORDER BY number DESC LIMIT 2) b"
                   " JOIN backup_position p ON p.org=$1 AND p.backup=b.number",
                   &q) != ERR_OK)
        return 0;
    db_bind_integer(q, 1, org);
    while (db_step(q, &row) == ERR_OK && row) {
        uint64_t common = common_seq(s, org, db_integer(q, 0), db_blob(q, 1));
        promise = common < promise ? common : promise;
        backups++;
    }
    db_reset(q);
    return backups == 2 ? promise : 0;
}
