/* See newcomer.h. */
#include "tests/sim/newcomer_inner.h"

#include "tests/sim/faults.h"
#include "tests/sim/people.h"
#include "tests/sim/seat_inner.h"
#include "tests/sim/stranger.h"

#include "base/key_file.h"
#include "base/limits.h"
#include "client/replica/replica_inner.h"
#include "tls/tls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CLOCK_OFF_MS (2 * HOUR_MS) /* the server's, at most */

/* ---- who begins ---- */

struct newcomer *newcomer_add(struct district *d, struct ticket *c, const struct fault *f)
{
    char name[32];
    struct newcomer *n = calloc(1, sizeof *n);
    CHECK(n);
    *n = (struct newcomer){.district = d, .code = c, .number = d->newcomers->count++, .process = DISK_NOBODY, .older = d->newcomers->newest};
    d->newcomers->newest = n;
    n->dice = dice_make(world_seed(), "newcomer", n->number);
    snprintf(name, sizeof name, "newcomer-%u", n->number);
    n->machine = disk_machine(name);
    n->weather = (struct weather){.delay_ms = dice_between(&n->dice, 1, d->scale.delay_ms_max), .pieces_max = 1 + dice_below(&n->dice, 4)};
    if (!d->scale.trouble)
        return n;
    disk_note(n->machine);
    n->kill_at = dice_below(&n->dice, 2) ? f->number : 0;
    n->power = n->kill_at && dice_below(&n->dice, 3) == 0;
    n->weather.jitter_ms = 2 * n->weather.delay_ms;
    disk_set_full(n->machine, dice_below(&n->dice, 10) == 0);
    return n;
}

/* ---- certificates of long ago ---- */

void newcomer_ages(struct district *d, const struct fault *f)
{
    unsigned left = (unsigned)(f->number % 8);
    struct newcomer *n = d->newcomers ? d->newcomers->newest : NULL;
    while (n && (!n->device || seat_is_gone(n->device) || left--))
        n = n->older;
    if (!n)
        return;
    int64_t ends = world_now_ms() + ((int64_t)(f->number % 71) - 10) * DAY_MS;
    if (f->number % 3 == 0) /* it was away for months */
        ends -= 300 * DAY_MS;
    if (server_age_certificate(d->server, n->seat.number, n->machine, ends)) {
        world_tell("the certificate of device %u ends in %lld days", seat_index(n->device), (long long)((ends - world_now_ms()) / DAY_MS));
        cert_load(n->device);
        seat_cut(n->device, 0, 0); /* WELCOME tells */
    }
}

/* ---- what it was told ---- */

/* Its key, as a request for a certificate bears it. False: there is none. */
static bool key_hash_of(struct newcomer *n, uint8_t hash[32])
{
    struct buf key = BUF_INIT, csr = BUF_INIT;
    int before = disk_enter(DISK_NOBODY);
    bool is = key_file_read(disk_path(n->machine), "key.pem", &key) == ERR_OK;
    if (is)
        CHECK(tls_csr_make(buf_slice(&key), "banyan", &csr) == ERR_OK && tls_csr_key_hash(buf_slice(&csr), hash) == ERR_OK);
    buf_finish(&csr);
    buf_finish(&key);
    disk_enter(before);
    return is;
}

/* A lost answer can be asked for by the same key alone. */
void newcomer_asks(struct newcomer *n)
{
    uint8_t hash[32];
    if (!key_hash_of(n, hash))
        world_fail("newcomer %u asks with a key that is not on its disk", n->number);
    if (n->has_asked && memcmp(n->key_hash, hash, sizeof hash) != 0)
        world_fail("newcomer %u asks with another key than before", n->number);
    memcpy(n->key_hash, hash, sizeof hash);
    n->has_asked = true;
}

static char *copy(struct newcomer *n, const char *text)
{
    char *kept = arena_text(&n->arena, slice_text(text));
    CHECK(kept);
    return kept;
}

static void remember(struct newcomer *n)
{
    const struct replica_seat *s = &n->joined.seat;
    arena_finish(&n->arena);
    arena_init(&n->arena, LIMIT_ARENA);
    n->seat = *s;
    n->seat.roles = copy(n, s->roles);
    n->seat.home_code = copy(n, s->home_code);
    n->seat.home_level = copy(n, s->home_level);
}

void newcomer_told(struct newcomer *n)
{
    struct ticket *c = n->code;
    const struct replica_seat *s = &n->joined.seat;
    world_tell("newcomer %u is told that it is seat %u", n->number, s->number);
    if (c->seat && c->seat != s->number && !c->lost)
        world_fail("one code made seat %u and seat %u", c->seat, s->number);
    if (c->taker && c->taker != n && !c->lost)
        world_fail("one code let newcomer %u and newcomer %u in", c->taker->number, n->number);
    if (s->home != c->org)
        world_fail("newcomer %u was invited to org %u and let into org %u", n->number, c->org, s->home);
    c->seat = s->number;
    c->taker = n;
    remember(n);
}

static bool may_be_refused(struct newcomer *n)
{
    struct control_invitation i;
    struct ticket *c = n->code;
    struct server *s = n->district->server;
    enum seat_state state;
    bool inviter_may;
    if (!server_find_code(s, c->secret, &i, &inviter_may))
        return c->lost;
    if (i.seat)
        return c->lost || !server_knows_key(s, i.seat, n->key_hash, &state) || state != SEAT_ACTIVE || server_was_put_out(s, i.seat);
    bool over = c->ends_ms <= world_now_ms() + CLOCK_OFF_MS;
    return over || !inviter_may || (c->by_seat && server_was_put_out(s, c->by_seat));
}

void newcomer_refused(struct newcomer *n)
{
    world_tell("newcomer %u is refused", n->number);
    n->settled = true;
    if (!may_be_refused(n))
        world_fail("newcomer %u is refused with a code that is good", n->number);
    if (newcomer_is_whole(n))
        world_fail("newcomer %u is refused and has joined", n->number);
}

/* ---- what lies in its folder ---- */

static bool exists(const struct newcomer *n, const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "%.120s/%s", disk_path(n->machine), name);
    return access(path, F_OK) == 0;
}

bool newcomer_is_whole(struct newcomer *n)
{
    struct buf pem = BUF_INIT, der = BUF_INIT;
    struct tls_cert_facts facts;
    uint8_t hash[32];
    if (!exists(n, REPLICA_FILE))
        return false;
    int before = disk_enter(DISK_NOBODY);
    if (!key_hash_of(n, hash) || !exists(n, "ca.pem") || key_file_read(disk_path(n->machine), "cert.pem", &pem) != ERR_OK)
        world_fail("newcomer %u has joined by half: a database, and not all of key, certificate and CA", n->number);
    CHECK(tls_cert_to_der(buf_slice(&pem), &der) == ERR_OK && tls_cert_facts(buf_slice(&der), &facts) == ERR_OK);
    if (memcmp(facts.key_hash, hash, sizeof hash) != 0 || (n->code->seat && facts.seat != n->code->seat && !n->code->lost))
        world_fail("newcomer %u has a certificate of seat %u that is not its own", n->number, facts.seat);
    buf_finish(&der);
    buf_finish(&pem);
    disk_enter(before);
    return true;
}

static struct seat_options options_of(struct newcomer *n)
{
    const struct replica_seat *s = &n->seat;
    return (struct seat_options){.server = n->district->server, .number = s->number, .org = s->home, .org_code = s->home_code, .level = s->home_level,
                                 .roles = s->roles, .habit = dice_below(&n->dice, 4) ? HABIT_ALWAYS : HABIT_FLAKY, .weather = n->weather};
}

void newcomer_is_in(struct newcomer *n)
{
    struct district *d = n->district;
    n->settled = true;
    if (!newcomer_is_whole(n))
        world_fail("newcomer %u was told that it has joined, and nothing is there", n->number);
    if (!n->seat.number)
        world_fail("newcomer %u has joined, and was never told so", n->number);
    disk_set_full(n->machine, false);
    struct seat_options o = options_of(n);
    n->device = district_add(d, seat_adopt(d->device_count, &o, n->machine));
    world_tell("newcomer %u is device %u", n->number, seat_index(n->device));
    people_add(d->people, n->device);
    seat_call(n->device); /* the first round */
}

void newcomer_journal_lost(struct district *d)
{
    for (struct ticket *c = d->newcomers ? d->newcomers->codes : NULL; c; c = c->older)
        c->lost = true;
    stranger_journal_lost(d);
}

/* ---- in the end ---- */

bool newcomer_all_settled(const struct district *d)
{
    if (d->newcomers && d->newcomers->waiting)
        return false;
    for (const struct newcomer *n = d->newcomers ? d->newcomers->newest : NULL; n; n = n->older)
        if (!n->settled)
            return false;
    return true;
}

/* Tried within the last day: it may have been cut, or put off. A device goes by what WELCOME tells of it, which is what it shows, whatever the
 * server's books say since a restore (seed 60014). */
static void expect_renewed(struct seat *s, enum seat_state state)
{
    struct tls_cert_facts facts;
    CHECK(tls_cert_facts(buf_slice(&s->cert), &facts) == ERR_OK);
    bool due = facts.ends_ms - world_now_ms() < (LIMIT_RENEW_DAYS - 1) * DAY_MS, tried = world_now_ms() < s->renew_after_ms + 6 * HOUR_MS;
    if (due && !tried && state == SEAT_ACTIVE)
        world_fail("device %u: its certificate ends in %lld days, and it does not renew it", s->index, (long long)((facts.ends_ms - world_now_ms()) / DAY_MS));
}

static void expect_known(struct district *d, struct newcomer *n)
{
    uint8_t hash[32];
    enum seat_state state;
    if (!n->device || seat_is_gone(n->device))
        return;
    if (!key_hash_of(n, hash) || !server_knows_key(d->server, n->seat.number, hash, &state))
        world_fail("device %u is seat %u with a key that the server does not know", seat_index(n->device), n->seat.number);
    const struct control_seat *known = control_seat(server_control(d->server), n->seat.number);
    if (known->org != n->code->org)
        world_fail("seat %u was invited to org %u and is one of org %u", known->number, n->code->org, known->org);
    expect_renewed(n->device, state);
}

/* A code that made a seat is used up by that one; each seat beyond those of the beginning is some code's. */
static void expect_code(struct district *d, struct ticket *c)
{
    struct control_invitation i;
    bool may;
    bool known = server_find_code(d->server, c->secret, &i, &may);
    if (!c->lost && !known)
        world_fail("the server has forgotten a code");
    if (!c->lost && c->seat && i.seat != c->seat)
        world_fail("a code made seat %u, and the server says %u", c->seat, i.seat);
}

void newcomer_expect(struct district *d)
{
    for (struct newcomer *n = d->newcomers ? d->newcomers->newest : NULL; n; n = n->older)
        expect_known(d, n);
    for (struct ticket *c = d->newcomers ? d->newcomers->codes : NULL; c; c = c->older)
        expect_code(d, c);
    newcomer_expect_asked_for(d);
}

void newcomer_finish(struct district *d)
{
    if (!d->newcomers)
        return;
    for (struct newcomer *n = d->newcomers->newest, *older; n; n = older) {
        older = n->older;
        newcomer_drop(n);
        arena_finish(&n->joined.arena);
        arena_finish(&n->arena);
        buf_finish(&n->in);
        free(n);
    }
    for (struct ticket *c = d->newcomers->codes, *older; c; c = older) {
        older = c->older;
        buf_finish(&c->text);
        free(c);
    }
    newcomer_wishes_finish(d->newcomers);
    free(d->newcomers);
    d->newcomers = NULL;
}
