/* How programs are renewed in mid-run, and in the end; see schema.h. */
#include "tests/sim/schema_inner.h"
#include "tests/sim/district.h"
#include "tests/sim/oracle.h"
#include "tests/sim/seat_inner.h"

#include "base/limits.h"
#include "client/replica/attention.h"
#include "client/replica/replica_inner.h"
#include "tls/tls.h"

#include <string.h>

/* ---- what no renewal touches ---- */

struct mark {
    uint8_t hash[32];
    bool taken;
};

static void add_rows(struct replica *r, const char *sql, struct buf *out)
{
    struct db_statement *q;
    bool row;
    CHECK(sql_ask(r->db, &q, sql, "") == ERR_OK);
    while (db_step(q, &row) == ERR_OK && row)
        buf_append_slice(out, db_blob(q, 0));
    buf_byte(out, '|');
}

/* The outbox, the kept log and what waits for a person, to the byte. */
static struct mark mark_of(struct seat *s)
{
    static const char *const parts[] = {
        "SELECT bytes FROM outbox ORDER BY local", "SELECT hash || incarnation || n || ':' || state || ':' || seq FROM outbox ORDER BY local",
        "SELECT entry FROM kept ORDER BY org, seq", "SELECT bytes || refusal FROM attention ORDER BY id",
        "SELECT hash FROM handled ORDER BY hash"};
    struct mark m = {.taken = false};
    struct buf all = BUF_INIT;
    struct replica *r = seat_look(s);
    if (!r)
        return m;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        add_rows(r, parts[i], &all);
    seat_look_end(s);
    tls_sha256(buf_slice(&all), m.hash);
    buf_finish(&all);
    m.taken = true;
    return m;
}

/* ---- one step ---- */

void schema_renew_device(struct seat *s, bool agent_goes_on)
{
    int machine = seat_machine(s);
    enum version v = schema_installed(machine);
    if (v == VERSION_AHEAD || seat_is_gone(s) || !schema_is_mixed())
        return;
    struct mark before = mark_of(s);
    seat_renew_begin(s, agent_goes_on);
    schema_install(machine, v + 1);
    world_tell("device %u runs %s now", seat_index(s), schema_of(machine));
    struct mark after = mark_of(s);
    if (before.taken && after.taken && memcmp(before.hash, after.hash, sizeof before.hash) != 0)
        world_fail("device %u: its renewal changed what waits to be sent", seat_index(s));
    seat_start(s);
    agent_poll_soon(s);
}

void schema_renew_server(struct district *d)
{
    int machine = server_machine(d->server);
    enum version v = schema_installed(machine);
    if (v == VERSION_AHEAD || !schema_is_mixed())
        return;
    server_set_disk(d->server, false, 0);
    if (v + 1 == VERSION_AHEAD) {
        if (!server_is_up(d->server)) /* it died: its history can be read when it serves again */
            server_start(d->server);
        schema_rule_comes(d);
    }
    server_stop(d->server);
    schema_install(machine, v + 1);
    world_tell("the server runs %s now", schema_of(machine));
    server_start(d->server);
}

/* ---- in the end ---- */

static void renew_all(struct district *d)
{
    bool server_first = dice_below(&d->dice, 2);
    while (server_first && schema_installed(server_machine(d->server)) != VERSION_AHEAD)
        schema_renew_server(d);
    for (unsigned i = 0; i < d->device_count; i++)
        while (!seat_is_gone(d->devices[i]) && schema_installed(seat_machine(d->devices[i])) != VERSION_AHEAD)
            schema_renew_device(d->devices[i], false);
    while (schema_installed(server_machine(d->server)) != VERSION_AHEAD)
        schema_renew_server(d);
}

static bool is_of_schema(const char *code)
{
    return code && (strcmp(code, "UNKNOWN_KIND") == 0 || strcmp(code, "UNKNOWN_ACTION") == 0 || strcmp(code, "CODE") == 0);
}

struct again {
    struct id list[64];
    size_t count;
};

static bool note_again(void *to, const struct attention_entry *e)
{
    struct again *a = to;
    if (e->type == ATTENTION_REFUSAL && is_of_schema(e->code))
        a->list[a->count++] = e->id;
    return a->count < sizeof a->list / sizeof *a->list;
}

/* What the older server refused is sent again, and must be taken as far as its kind is concerned. */
static unsigned send_again(struct district *d, struct seat *s, size_t *left)
{
    struct again a = {.count = 0};
    unsigned sent = 0;
    *left = 0;
    struct replica *r = seat_begin(s);
    if (!r)
        return 0;
    int64_t now = seat_now_ms(s);
    if (attention_each(r, now, note_again, &a) != ERR_OK)
        a.count = 0;
    for (size_t i = 0; i < a.count; i++) {
        struct arena arena;
        struct replica_outcome o = {0};
        arena_init(&arena, LIMIT_ARENA);
        int64_t mark = ledger_mark(r);
        enum err e = attention_retry(r, a.list[i], NULL, NULL, 0, now, &arena, &o);
        world_tell("device %u sends again what was unknown: %s %s", seat_index(s), err_name(e), o.code ? o.code : "");
        if (e == ERR_REFUSED && is_of_schema(o.code))
            world_fail("device %u: what it knows now is still refused on it: %s", seat_index(s), o.code);
        if (e == ERR_OK) {
            ledger_note(&d->ledger, s, r, mark);
            sent++;
        }
        *left += e != ERR_OK;
        arena_finish(&arena);
    }
    seat_end(s);
    return sent;
}

/* at_most: what this device itself refuses to send, since the record has moved on. */
static void expect_known(struct seat *s, size_t at_most)
{
    struct again a = {.count = 0};
    struct replica *r = seat_look(s);
    if (!r)
        return;
    if (attention_each(r, seat_now_ms(s), note_again, &a) == ERR_OK && a.count > at_most)
        world_fail("device %u: %zu changes are refused as unknown, though all know the same", seat_index(s), a.count - at_most);
    seat_look_end(s);
}

void schema_finish(struct district *d)
{
    unsigned again = 0;
    size_t left[DEVICES_MAX];
    if (!schema_is_mixed())
        return;
    oracle_expect_level(d);
    renew_all(d);
    oracle_heal(d);
    for (unsigned i = 0; i < d->device_count; i++)
        again += send_again(d, d->devices[i], &left[i]);
    world_tell("%u changes are sent again that an older server did not know", again);
    oracle_heal(d);
    for (unsigned i = 0; i < d->device_count; i++)
        expect_known(d->devices[i], left[i]);
    schema_rule_expect(d);
}
