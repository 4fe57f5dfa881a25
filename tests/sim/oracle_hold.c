/* What a device must have in its hands so that a server can be lost (rules 2, 20, 22 to 24). Looked at where it is
 * decided, not by what comes of it: most of what is thrown away too early is missed only by a restore that comes just
 * then. */
#include "tests/sim/oracle_parts.h"

#include "base/limits.h"
#include "client/replica/kept.h"
#include "sync/chain.h"
#include "sync/org_state.h"
#include "wire/wire.h"

#include <string.h>

/* ---- rule 20: at a verdict ---- */

/* Under whatever incarnation: a fork may have moved it. */
static int64_t in_outbox(struct replica *r, uint64_t n)
{
    int64_t found = 0;
    CHECK(sql_integer(r->db, 0, &found, "SELECT count(*) FROM outbox WHERE n = ?1", "i", (int64_t)n) == ERR_OK);
    return found;
}

/* By some org's log; which one the change was of is not known any more. */
static bool is_reached(struct replica *r, uint64_t seq)
{
    int64_t found = 0;
    CHECK(sql_integer(r->db, 0, &found,
                      "SELECT count(*) FROM position WHERE seq >= ?1 OR log_seq >= ?1 OR promise >= ?1", "i",
                      (int64_t)seq) == ERR_OK);
    return found > 0;
}

static struct district *watched;

void oracle_hold_begin(struct district *d)
{
    watched = d;
}

void oracle_note_wiped(void)
{
    if (!watched->rows_anew)
        return;
    int before = disk_enter(DISK_NOBODY);
    district_device_lost(watched);
    disk_enter(before);
}

/* PROTOCOL.md 13: everything told in VERDICTS is on the disk. What a restore took since was. */
static void expect_entry(const struct seat *s, const Wire__Verdict *v, int64_t org, struct slice hash)
{
    int64_t found = 0;
    if (watched->server_lost || !server_is_up(watched->server))
        return;
    CHECK(sql_integer(store_db(server_store(watched->server)), 0, &found,
                      "SELECT count(*) FROM history WHERE seq = ?1 AND org IN (?2, ?3) AND hash = ?4", "iiib",
                      (int64_t)v->seq, org, (int64_t)seat_options(s)->org, hash) == ERR_OK);
    if (!found)
        world_fail("device %u: change %llu is told as decided at %llu, and the server has no such entry", seat_index(s),
                   (unsigned long long)v->n, (unsigned long long)(v->seq & 0xffffffffff));
}

static void take_verdict(const struct seat *s, struct replica *r, const Wire__Verdicts *all, const Wire__Verdict *v)
{
    struct db_statement *q;
    bool row, waits = false;
    CHECK(sql_ask(r->db, &q, "SELECT org, hash FROM outbox WHERE incarnation = ?1 AND n = ?2", "bi",
                  slice_of(all->incarnation.data, all->incarnation.len), (int64_t)v->n) == ERR_OK);
    while (db_step(q, &row) == ERR_OK && row) {
        waits = true;
        expect_entry(s, v, db_integer(q, 0), db_blob(q, 1));
        if (v->type == WIRE__VERDICT_TYPE__REFUSED)
            oracle_note_refused(seat_options(s)->number, db_blob(q, 1));
    }
    if (!waits && !in_outbox(r, v->n) && !is_reached(r, v->seq))
        world_fail("device %u: change %llu left the outbox with its verdict, at %llu.%llu, before its entry was pulled",
                   seat_index(s), (unsigned long long)v->n, (unsigned long long)(v->seq >> 40),
                   (unsigned long long)(v->seq & 0xffffffffff));
}

void oracle_verdicts_taken(const struct seat *s, struct replica *r, struct slice verdicts)
{
    struct arena arena;
    ProtobufCMessage *m;
    int before = disk_enter(DISK_NOBODY);
    arena_init(&arena, LIMIT_ARENA);
    CHECK(wire_open(&wire__verdicts__descriptor, verdicts, &arena, &m) == ERR_OK);
    const Wire__Verdicts *v = (const Wire__Verdicts *)m;
    for (size_t i = 0; i < v->n_verdict; i++)
        take_verdict(s, r, v, v->verdict[i]);
    arena_finish(&arena);
    disk_enter(before);
}

/* ---- rule 20: what was refused is sent again as refused ---- */

void oracle_push_made(const struct seat *s, struct replica *r, struct slice push)
{
    struct arena arena;
    ProtobufCMessage *m;
    int before = disk_enter(DISK_NOBODY);
    arena_init(&arena, 4 * LIMIT_ARENA);
    CHECK(wire_open(&wire__push__descriptor, push, &arena, &m) == ERR_OK);
    const Wire__Push *p = (const Wire__Push *)m;
    for (size_t i = 0; i < p->n_sent; i++) {
        struct change c;
        int64_t refused = 0;
        CHECK(change_open(slice_of(p->sent[i]->change.data, p->sent[i]->change.len), &arena, &c) == ERR_OK);
        CHECK(sql_integer(r->db, 0, &refused,
                          "SELECT count(*) FROM outbox WHERE incarnation = ?1 AND n = ?2 AND refusal IS NOT NULL", "bi",
                          slice_of(p->incarnation.data, p->incarnation.len), (int64_t)c.n) == ERR_OK);
        if (refused && !p->sent[i]->refused)
            world_fail("device %u: change %llu was refused, and is sent again as if it were new", seat_index(s),
                       (unsigned long long)c.n);
    }
    arena_finish(&arena);
    disk_enter(before);
}

/* ---- rules 23, 24: between promise and cursor ---- */

/* Does the server have the entry at which the device stands? */
static bool is_of_one_path(struct district *d, const struct position *p)
{
    uint8_t chain[CHAIN_SIZE];
    return p->log_chain_known && store_read_chain(server_store(d->server), p->org, p->log_seq, chain) == ERR_OK &&
           memcmp(chain, p->log_chain, CHAIN_SIZE) == 0;
}

static int64_t count_between(struct db *db, const char *sql, const struct position *p)
{
    int64_t n = -1;
    CHECK(sql_integer(db, 0, &n, sql, "iii", (int64_t)p->org, (int64_t)p->promise, (int64_t)p->log_seq) == ERR_OK);
    return n;
}

static void expect_position(struct district *d, struct seat *s, struct replica *r, uint32_t org)
{
    struct position p;
    if (position_load(r, org, &p) != ERR_OK || p.snap != SNAP_NONE || p.log_seq == 0)
        return;
    uint64_t safe = server_backed_up(d->server, org);
    if (!d->server_lost && p.promise > safe)
        world_fail("device %u: org %u is promised up to %llu, and the second newest backup ends at %llu", seat_index(s),
                   org, (unsigned long long)(p.promise & 0xffffffffff), (unsigned long long)(safe & 0xffffffffff));
    if (!is_of_one_path(d, &p))
        return;
    int64_t kept = count_between(r->db, "SELECT count(*) FROM kept WHERE org = ?1 AND seq > ?2 AND seq <= ?3", &p);
    int64_t all = count_between(store_db(server_store(d->server)),
                                "SELECT count(*) FROM history WHERE org = ?1 AND seq > ?2 AND seq <= ?3", &p);
    if (kept < all)
        world_fail("device %u: of %lld entries of org %u between promise and cursor it keeps %lld", seat_index(s),
                   (long long)all, org, (long long)kept);
}

void oracle_expect_held(struct district *d)
{
    if (!server_is_up(d->server) || server_is_recovering(d->server))
        return;
    for (unsigned i = 0; i < d->device_count; i++) {
        uint32_t home = seat_options(d->devices[i])->org;
        struct replica *r = seat_look(d->devices[i]);
        if (!r)
            continue;
        expect_position(d, d->devices[i], r, home);
        if (home != 1)
            expect_position(d, d->devices[i], r, 1);
        seat_look_end(d->devices[i]);
    }
}

/* ---- rule 2: the base of a field that waits already ---- */

static bool shares_field(const struct change *a, const struct change *b)
{
    for (unsigned i = 0; i < a->patch->descriptor->n_fields; i++) {
        uint32_t tag = a->patch->descriptor->fields[i].id;
        if (change_touches(a, tag) && change_touches(b, tag))
            return true;
    }
    return false;
}

static void compare_bases(const struct seat *s, struct db_statement *q, const struct change *made)
{
    struct arena arena;
    bool row;
    arena_init(&arena, LIMIT_ARENA);
    while (db_step(q, &row) == ERR_OK && row) {
        struct change waits;
        arena_reset(&arena);
        CHECK(change_open(db_blob(q, 0), &arena, &waits) == ERR_OK);
        bool counts = waits.kind_number == made->kind_number && (waits.op == OP_SET || waits.op == OP_CREATE);
        if (counts && shares_field(made, &waits) && made->base > waits.base)
            world_fail("device %u: change %llu of a %s is based on %llu, and on a field of it waits change %llu, based "
                       "on %llu",
                       seat_index(s), (unsigned long long)made->n, made->kind->name,
                       (unsigned long long)(made->base & 0xffffffffff), (unsigned long long)waits.n,
                       (unsigned long long)(waits.base & 0xffffffffff));
    }
    arena_finish(&arena);
}

void oracle_expect_base(const struct seat *s, struct replica *r, int64_t mark)
{
    struct db_statement *q, *others;
    struct arena arena;
    bool row;
    int before = disk_enter(DISK_NOBODY);
    arena_init(&arena, LIMIT_ARENA);
    CHECK(sql_ask(r->db, &q, "SELECT bytes FROM outbox WHERE local > ?1", "i", mark) == ERR_OK);
    while (db_step(q, &row) == ERR_OK && row) {
        struct change made;
        arena_reset(&arena);
        CHECK(change_open(db_blob(q, 0), &arena, &made) == ERR_OK);
        if (made.op != OP_SET || !made.kind)
            continue;
        CHECK(sql_ask(r->db, &others, "SELECT bytes FROM outbox WHERE local <= ?1 AND id = ?2 AND state = 0", "id",
                      mark, &made.id) == ERR_OK);
        compare_bases(s, others, &made);
    }
    arena_finish(&arena);
    disk_enter(before);
}
