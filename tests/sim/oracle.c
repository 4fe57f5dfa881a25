/* See oracle.h. */
#include "tests/sim/oracle.h"

#include "tests/sim/erase.h"
#include "tests/sim/newcomer.h"
#include "tests/sim/oracle_parts.h"
#include "tests/sim/people.h"
#include "tests/sim/roles.h"
#include "tests/sim/schema.h"
#include "tests/sim/stranger.h"

#include "client/replica/replica_sync.h"
#include "server/recovery/verify.h"
#include "sync/org_state.h"

/* How long it may take until all is level, from the rules of trying again: a process that dies once more since a fault hit it late is
 * started within two hours, its PC within two more; then a session that meets a dead line ends after five minutes (LINK_PATIENCE_MS) and
 * the next begins within five (agent_pause_ms); eight of them are what a hand-over, forks, gaps and repairs need. */
#define SESSIONS_MAX 8
#define HEAL_MS (2 * 2 * HOUR_MS + SESSIONS_MAX * (5 + 5) * MINUTE_MS)
/* It ends after a day at the latest (rule 26), by a clock that was off by two hours either way, and is looked at each ten minutes. */
#define RECOVERY_MS (24 * HOUR_MS + 4 * HOUR_MS + HOUR_MS)
#define HEAR_MS (2 * HOUR_MS)
#define ROUND_MS (10 * MINUTE_MS)
#define RECOVERY_ROUND_MS (2 * HOUR_MS) /* nothing else ends it but time */

static void on_evening(void *to, uint64_t day)
{
    struct district *d = to;
    stranger_note_branches(d);
    oracle_expect_rights(d);
    oracle_expect_limits(d);
    oracle_expect_held(d);
    oracle_expect_past(d);
    oracle_expect_board(d);
    oracle_note_numbers(d);
    if (!d->quiet)
        world_after(DAY_MS, on_evening, d, day + 1);
}

void oracle_begin(struct district *d)
{
    oracle_hold_begin(d);
    oracle_heap_begin(d);
    world_after(18 * HOUR_MS, on_evening, d, 0);
}

/* ---- is it level? ---- */

static int64_t count(struct replica *r, const char *sql)
{
    int64_t n = -1;
    CHECK(sql_integer(r->db, 0, &n, sql, "") == ERR_OK);
    return n;
}

/* What waits to be sent or is not confirmed yet. A district's device keeps what it changed in branches until the promise has passed it;
 * so does one with other roles what was refused then: its entry does not say whose it is any more (rules 20, 31),
 * and each device what was refused since the server did not know the kind. */
static int64_t waiting(const struct district *d, const struct seat *s, struct replica *r)
{
    const char *all = "SELECT count(*) FROM outbox WHERE state = 0 OR org IN (SELECT org FROM position)";
    const char *but_refused = "SELECT count(*) FROM outbox o LEFT JOIN position p ON p.org = o.org"
                              " WHERE o.state = 0 OR (p.org IS NOT NULL AND (o.state = 1 OR o.seq <= p.promise))";
    return count(r, roles_were_changed(d, seat_options(s)->number) || schema_is_mixed() ? but_refused : all) + count(r, "SELECT count(*) FROM shadow");
}

static uint64_t server_seq(struct district *d, uint32_t org)
{
    struct org_state *state;
    CHECK(store_load_org(server_store(d->server), org, 1, &state) == ERR_OK);
    uint64_t seq = org_state_seq(state);
    org_state_destroy(state);
    return seq;
}

static bool has_all(struct district *d, struct replica *r, uint32_t org)
{
    int64_t seq = 0;
    CHECK(sql_integer(r->db, 0, &seq, "SELECT log_seq FROM position WHERE org = ?1 AND snap = 0", "i", (int64_t)org) == ERR_OK);
    return (uint64_t)seq == server_seq(d, org);
}

static bool is_level(struct district *d, struct seat *s)
{
    struct replica *r = seat_look(s);
    if (!r)
        return seat_is_gone(s);
    bool revoked = server_told_revoked(d->server, seat_options(s)->number); /* it is to be wiped */
    bool level = !revoked && waiting(d, s, r) == 0 && has_all(d, r, seat_options(s)->org) && has_all(d, r, 1);
    seat_look_end(s);
    return level;
}

static bool all_level(struct district *d)
{
    if (!server_is_up(d->server) || server_is_recovering(d->server))
        return false;
    for (unsigned i = 0; i < d->device_count; i++)
        if (!is_level(d, d->devices[i]))
            return false;
    return newcomer_all_settled(d) && stranger_all_known(d);
}

/* ---- healing ---- */

/* Who stays connected moves on by itself, whatever happened to it (rule 34): nobody calls it. */
static void on_call(void *to, uint64_t device)
{
    struct district *d = to;
    if (!seat_is_staying(d->devices[device]))
        seat_call(d->devices[device]);
}

/* People do not ask in the same moment: of a server that is soon busy the last would never get a turn. */
static void call_others(struct district *d)
{
    for (unsigned i = 0; i < d->device_count; i++)
        world_after(dice_between(&d->dice, 0, ROUND_MS / 2), on_call, d, i);
}

static void say_who_is_not(struct district *d)
{
    if (!newcomer_all_settled(d))
        world_tell("somebody has not joined yet");
    if (server_is_up(d->server) && !stranger_all_known(d))
        world_tell("a seat that a restore lost is not taken in again");
    for (unsigned i = 0; i < d->device_count; i++) {
        struct seat *s = d->devices[i];
        struct replica *r = is_level(d, s) ? NULL : seat_look(s);
        if (!r)
            continue;
        world_tell("device %u of seat %u: %lld wait to be sent, %lld acknowledged, %lld shadows, home %s", i, seat_options(s)->number,
                   (long long)count(r, "SELECT count(*) FROM outbox WHERE state = 0"), (long long)count(r, "SELECT count(*) FROM outbox WHERE state > 0"),
                   (long long)count(r, "SELECT count(*) FROM shadow"), has_all(d, r, seat_options(s)->org) ? "level" : "behind");
        seat_look_end(s);
    }
}

static bool is_recovering(struct district *d)
{
    return server_is_up(d->server) && server_is_recovering(d->server);
}

/* Half of them switch their PCs off and call now and then; the others stay connected. */
static void rest(struct district *d)
{
    d->quiet = true;
    world_tell("people rest");
    for (unsigned i = 0; i < d->device_count; i++)
        if (dice_below(&d->dice, 2))
            seat_stop(d->devices[i]);
}

static void come_level(struct district *d)
{
    int64_t free_since = world_now_ms(), recovering_since = 0; /* free: no recovery stands in the way */
    unsigned rounds = 0;
    rest(d);
    do {
        call_others(d);
        bool recovering = is_recovering(d);
        (void)world_run(world_now_ms() + (recovering && rounds++ > 3 ? RECOVERY_ROUND_MS : ROUND_MS), NULL, NULL);
        recovering = recovering || is_recovering(d);
        recovering_since = !recovering ? 0 : recovering_since ? recovering_since : world_now_ms();
        free_since = recovering ? world_now_ms() : free_since;
        if (recovering && world_now_ms() - recovering_since > RECOVERY_MS)
            world_fail("it recovers since %lld hours", (long long)((world_now_ms() - recovering_since) / HOUR_MS));
    } while (!all_level(d) && world_now_ms() - free_since < HEAL_MS);
    if (all_level(d))
        return;
    say_who_is_not(d);
    world_fail("not level %lld minutes after the last fault, or the end of recovery", (long long)((world_now_ms() - free_since) / MINUTE_MS));
}

/* All are level, nothing fails any more, agents that run watch: a word of anybody's is with all of them soon (NEWS; rule 34). */
static void hear_last(struct district *d)
{
    int64_t begun = world_now_ms();
    world_tell("a last word");
    people_say_last(d->people);
    do {
        call_others(d);
        (void)world_run(world_now_ms() + ROUND_MS, NULL, NULL);
    } while (!all_level(d) && world_now_ms() - begun < HEAR_MS);
    if (all_level(d))
        return;
    say_who_is_not(d);
    world_fail("not level %lld minutes after somebody said something", (long long)((world_now_ms() - begun) / MINUTE_MS));
}

void oracle_heal(struct district *d)
{
    come_level(d);
    hear_last(d);
}

/* ---- in the end ---- */

static void expect_digests(struct district *d, struct seat *s, struct replica *r, uint32_t org)
{
    struct org_state *state;
    uint32_t scope;
    enum field_class class;
    struct digest_sum sum;
    Wire__Digest list[64], *pointers[64];
    uint8_t sums[64][16];
    Wire__Digests all = WIRE__DIGESTS__INIT;
    bool level;
    unsigned repairs;
    CHECK(store_load_org(server_store(d->server), org, 1, &state) == ERR_OK);
    all.has_org = all.has_seq = 1;
    all.org = org;
    all.seq = org_state_seq(state);
    all.digest = pointers;
    for (size_t i = 0; org_state_digest_at(state, i, &scope, &class, &sum); i++) {
        CHECK(all.n_digest < 64);
        pointers[all.n_digest] = &list[all.n_digest];
        wire__digest__init(&list[all.n_digest]);
        digest_bytes(sum, sums[all.n_digest]);
        list[all.n_digest].scope = scope;
        list[all.n_digest].class_ = class;
        list[all.n_digest].has_fields = 1;
        list[all.n_digest].fields = schema_fields(scope > 0xffff ? scope >> 16 : scope);
        list[all.n_digest].sum = (ProtobufCBinaryData){16, sums[all.n_digest]};
        all.n_digest++;
    }
    org_state_destroy(state);
    if (replica_compare(r, &all, &level, &repairs) != ERR_OK || !level || repairs)
        world_fail("device %u: its rows of org %u are not the server's (%u kinds)", seat_index(s), org, repairs);
}

static void expect_device(struct district *d, struct seat *s)
{
    struct replica_facts f;
    struct replica *r = seat_look(s);
    if (!r)
        return;
    expect_digests(d, s, r, seat_options(s)->org);
    if (seat_options(s)->org != 1)
        expect_digests(d, s, r, 1);
    CHECK(replica_facts(r, &f) == ERR_OK);
    /* Who sees open fields alone is not sent what the server does not know: once both know it, the digests tell. */
    if (f.repairs && !d->rows_anew && !schema_is_mixed() && !server_was_stripped(d->server))
        world_fail("device %u: %lld kinds had to be repaired", seat_index(s), (long long)f.repairs);
    if (f.broken && d->ledger.lost == 0)
        world_fail("device %u: %lld changes are broken, though nothing was lost", seat_index(s), (long long)f.broken);
    seat_look_end(s);
}

static void expect_verified(struct district *d)
{
    struct verify_report report;
    CHECK(verify_run(server_store(d->server), server_control(d->server), &report) == ERR_OK);
    for (size_t i = 0; i < report.count; i++)
        world_tell("verify: org %u %s: %s", report.list[i].org, report.list[i].what, report.list[i].text);
    if (report.count)
        world_fail("verify finds %zu faults", report.count);
    verify_report_finish(&report);
}

void oracle_expect_level(struct district *d)
{
    for (unsigned i = 0; i < d->device_count; i++)
        expect_device(d, d->devices[i]);
}

void oracle_expect(struct district *d)
{
    stranger_note_branches(d);
    expect_verified(d);
    ledger_expect(&d->ledger, d);
    oracle_expect_model(d);
    oracle_expect_money(d);
    oracle_expect_history(d);
    oracle_expect_held(d);
    oracle_expect_board(d);
    oracle_expect_rows(d);
    oracle_expect_seen(d);
    oracle_expect_numbers(d);
    oracle_expect_rights(d);
    roles_expect(d);
    newcomer_expect(d);
    oracle_expect_past_told(d);
    oracle_expect_limits(d);
    erase_expect(d);
    oracle_expect_level(d);
}
