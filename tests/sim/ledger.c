/* See ledger.h. */
#include "tests/sim/ledger.h"
#include "tests/sim/district.h"
#include "tests/sim/roles.h"
#include "tests/sim/schema.h"

#include "base/limits.h"
#include "client/replica/kept.h"
#include "wire/wire.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

struct saved {
    uint8_t hash[HASH_SIZE];
    uint64_t n;
    uint32_t seat, kind;
    bool lost;
    unsigned device, lives; /* that said so, and how often it had lost its disk by then */
    int64_t at_ms;
    unsigned times; /* in the history */
    UT_hash_handle hh;
};

/* Hashes that somebody holds. */
struct held {
    uint8_t hash[HASH_SIZE];
    UT_hash_handle hh;
};

void ledger_finish(struct ledger *l)
{
    struct saved *s, *next;
    HASH_ITER(hh, l->all, s, next) {
        HASH_DEL(l->all, s);
        free(s);
    }
}

int64_t ledger_mark(struct replica *r)
{
    int64_t mark = 0;
    CHECK(sql_integer(r->db, 0, &mark, "SELECT max(local) FROM outbox", "") == ERR_OK);
    return mark;
}

void ledger_note(struct ledger *l, const struct seat *device, struct replica *r, int64_t mark)
{
    uint32_t seat = seat_options(device)->number;
    struct db_statement *q;
    bool row;
    CHECK(sql_ask(r->db, &q, "SELECT hash, n, kind FROM outbox WHERE local > ?1", "i", mark) == ERR_OK);
    while (db_step(q, &row) == ERR_OK && row) {
        struct saved *s = calloc(1, sizeof *s), *known;
        CHECK(s && db_blob(q, 0).size == HASH_SIZE);
        memcpy(s->hash, db_blob(q, 0).data, HASH_SIZE);
        s->n = (uint64_t)db_integer(q, 1);
        s->kind = (uint32_t)db_integer(q, 2);
        s->seat = seat;
        s->device = seat_index(device);
        s->lives = seat_counts(device).lives;
        s->at_ms = world_now_ms();
        HASH_FIND(hh, l->all, s->hash, HASH_SIZE, known);
        if (known)
            world_fail("seat %u: a change bears the hash of another one", seat);
        world_mix(s->hash, HASH_SIZE);
        HASH_ADD(hh, l->all, hash, HASH_SIZE, s);
        l->count++;
    }
}

/* ---- who holds what ---- */

static void hold(struct held **all, struct slice hash)
{
    struct held *h;
    if (hash.size != HASH_SIZE)
        return;
    HASH_FIND(hh, *all, hash.data, HASH_SIZE, h);
    if (h)
        return;
    h = calloc(1, sizeof *h);
    CHECK(h);
    memcpy(h->hash, hash.data, HASH_SIZE);
    HASH_ADD(hh, *all, hash, HASH_SIZE, h);
}

static void hold_column(struct held **all, struct db *db, const char *sql)
{
    struct db_statement *q;
    bool row;
    CHECK(sql_ask(db, &q, sql, "") == ERR_OK);
    while (db_step(q, &row) == ERR_OK && row)
        hold(all, db_blob(q, 0));
}

/* Of others: none of it counts, what is whole (it can be decided late, rule 27), or all (it fills a place in the log, rule 25). */
enum of_others { OTHERS_NONE, OTHERS_WHOLE, OTHERS_ALL };

static bool counts(const struct entry *e, uint32_t seat, enum of_others others)
{
    if (others == OTHERS_ALL || (e->identity.seat == seat && e->change.size > 0))
        return true;
    return others == OTHERS_WHOLE && e->change.size > 0 && !e->stripped;
}

/* roles: those that the seat has now: what they do not give goes from the entry when the device is told of them, before it hands over. */
static void hold_entries(struct held **all, struct db *db, const char *sql, uint32_t seat, role_set roles, enum of_others others)
{
    struct db_statement *q;
    struct arena arena;
    bool row;
    arena_init(&arena, LIMIT_ARENA);
    CHECK(sql_ask(db, &q, sql, "") == ERR_OK);
    while (db_step(q, &row) == ERR_OK && row) {
        struct entry e;
        arena_reset(&arena);
        CHECK(kept_open(db_blob(q, 0), &arena, &e) == ERR_OK);
        if (others == OTHERS_WHOLE && e.identity.seat != seat)
            entry_strip(&e, roles, &arena);
        if (counts(&e, seat, others))
            hold(all, slice_of(e.identity.hash, HASH_SIZE));
    }
    arena_finish(&arena);
}

typedef bool keeps(const struct district *d, const struct seat *device);

static void strike(struct ledger *l, struct district *d, keeps *others, bool late, bool intact)
{
    struct held *all = NULL, *h, *next;
    struct saved *s, *after;
    if (server_is_up(d->server))
        hold_column(&all, store_db(server_store(d->server)), "SELECT hash FROM history");
    if (late && server_is_up(d->server))
        hold_entries(&all, store_db(server_store(d->server)), "SELECT entry FROM cut", 0, ~(role_set)0, OTHERS_WHOLE);
    for (unsigned i = 0; i < d->device_count; i++) {
        uint32_t number = seat_options(d->devices[i])->number;
        role_set roles = roles_given(d, number); /* as the server knows them: the device's program may not know each */
        struct replica *r = seat_look(d->devices[i]);
        if (r) {
            hold_column(&all, r->db, "SELECT hash FROM outbox");
            enum of_others of = others && others(d, d->devices[i]) ? OTHERS_ALL : late ? OTHERS_WHOLE : OTHERS_NONE;
            /* not the last that the promise has passed: it proves what follows it, and comes back itself by luck alone */
            hold_entries(&all, r->db, "SELECT k.entry FROM kept k JOIN position p ON p.org = k.org WHERE k.seq > p.promise", number, roles, of);
            if (late)
                hold_entries(&all, r->db, "SELECT entry FROM late_entry WHERE dealt >= 0", number, roles, OTHERS_WHOLE);
            seat_look_end(d->devices[i]);
        }
    }
    HASH_ITER(hh, l->all, s, after) {
        HASH_FIND(hh, all, s->hash, HASH_SIZE, h);
        struct seat *device = d->devices[s->device];
        bool may_lose = roles_were_changed(d, s->seat); /* what it may no longer read it does not keep for a restore (rule 31) */
        if (intact && !h && !s->lost && !seat_is_gone(device) && seat_counts(device).lives == s->lives && !may_lose)
            world_fail("change %llu of seat %u is nowhere after a restore, though device %u lost nothing", (unsigned long long)s->n, s->seat, s->device);
        l->lost += !h && !s->lost;
        s->lost = s->lost || !h;
    }
    HASH_ITER(hh, all, h, next) {
        HASH_DEL(all, h);
        free(h);
    }
}

void ledger_strike(struct ledger *l, struct district *d, keeps *others, bool late)
{
    strike(l, d, others, late, false);
}

void ledger_strike_intact(struct ledger *l, struct district *d, keeps *others)
{
    strike(l, d, others, true, true);
}

/* ---- in the end ---- */

/* Refused of a kind that the server did not know: after a restore its entry comes back as others saw it, hidden, and the change stands
 * again once its author sends anything. It is in the author's outbox until backups hold it, and was shown with its reason; or the person
 * has been told, and gave it up or made it anew. */
static bool is_held_as_unknown(struct district *d, const struct saved *s)
{
    int64_t held = 0;
    struct replica *r = d->server_lost && schema_is_late(s->kind) ? seat_look(d->devices[s->device]) : NULL;
    if (!r)
        return false;
    CHECK(sql_integer(r->db, 0, &held, "SELECT (SELECT count(*) FROM outbox WHERE hash = ?1 AND state = 2 AND instr(refusal, CAST('UNKNOWN_KIND' AS BLOB)) > 0)"
                      " + (SELECT count(*) FROM handled WHERE hash = ?1)",
                      "b", slice_of(s->hash, HASH_SIZE)) == ERR_OK);
    seat_look_end(d->devices[s->device]);
    return held > 0;
}

void ledger_expect(struct ledger *l, struct district *d)
{
    struct db_statement *q;
    struct saved *s, *next;
    bool row;
    struct db *db = store_db(server_store(d->server));
    int64_t twice = 0;
    CHECK(sql_integer(db, 0, &twice, "SELECT count(*) FROM (SELECT 1 FROM history WHERE verdict <> 5 AND n > 0 GROUP BY seat, n, hash HAVING count(*) > 1)", "") == ERR_OK);
    CHECK(sql_ask(db, &q, "SELECT seat, n, group_concat(verdict || ' at ' || org || '.' || seq || ' of incarnation ' || incarnation || ' kind ' || kind, ', ')"
                          " FROM history WHERE verdict <> 5 AND n > 0 GROUP BY seat, n, hash HAVING count(*) > 1", "") == ERR_OK);
    while (db_step(q, &row) == ERR_OK && row)
        world_tell("seat %lld, change %lld: verdicts %.*s", (long long)db_integer(q, 0), (long long)db_integer(q, 1), (int)db_text(q, 2).size,
                   (const char *)db_text(q, 2).data);
    if (twice)
        world_fail("%lld changes stand twice in the history", (long long)twice);
    CHECK(sql_ask(db, &q, "SELECT hash, seat, n FROM history WHERE verdict <> 5", "") == ERR_OK);
    while (db_step(q, &row) == ERR_OK && row) {
        HASH_FIND(hh, l->all, db_blob(q, 0).data, HASH_SIZE, s);
        if (s && s->seat == (uint32_t)db_integer(q, 1) && s->n == (uint64_t)db_integer(q, 2))
            s->times++;
    }
    HASH_ITER(hh, l->all, s, next)
        if (s->times != 1 && !(s->times == 0 && (s->lost || is_held_as_unknown(d, s))))
            world_fail("change %llu of seat %u (%02x%02x%02x%02x), saved on day %lld at %02lld:%02lld, stands %u times in the history",
                       (unsigned long long)s->n, s->seat, s->hash[0], s->hash[1], s->hash[2], s->hash[3], (long long)((s->at_ms - BEGIN_MS) / DAY_MS),
                       (long long)((s->at_ms - BEGIN_MS) / HOUR_MS % 24), (long long)((s->at_ms - BEGIN_MS) / MINUTE_MS % 60), s->times);
}
