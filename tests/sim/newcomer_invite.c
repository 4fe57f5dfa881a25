/* Who is invited, by whom: by the operator's command, or by a chair or a district officer from their own device (INVITE_ASK), whose question
 * or whose answer may be lost. Whoever gets no answer asks once more, as the command's words say; that makes one more code, which nobody
 * ever sees. Invariant: a ticket is a code that somebody was told. */
#include "tests/sim/newcomer_inner.h"

#include "tests/sim/faults.h"
#include "tests/sim/oracle.h"
#include "tests/sim/roles.h"
#include "tests/sim/seat_inner.h"

#include "base/limits.h"
#include "client/replica/sql.h"
#include "tls/tls.h"
#include "wire/join_code.h"

#include <stdlib.h>
#include <string.h>

#define ANSWER_MS (2 * MINUTE_MS)  /* a person waits so long for it */
#define AGAIN_MS_MAX (20 * MINUTE_MS)
#define TRIES_MAX 8                /* then the operator is called */

static const char *const of_branch[] = {"union_chair", "committee_member", "accountant", "audit_member", "group_leader", "union_chair,accountant"};
static const char *const of_district[] = {"district_officer", "district_finance", "district_auditor", "district_officer,district_finance"};

/* Somebody is to be invited. */
struct wish {
    struct district *district;
    const struct fault *fault;
    struct dice dice;
    uint32_t org;
    const char *roles, *org_code; /* org_code: NULL: the asker's own */
    unsigned days, tries;
    struct seat *asker;           /* NULL: the operator does it */
    uint64_t question;            /* counts them: answers of older ones mean nothing */
    struct wish *older;
};

/* ---- the code ---- */

static void read_secret(struct ticket *c)
{
    struct arena arena;
    Wire__JoinCode *code;
    arena_init(&arena, LIMIT_FRAME_JOIN);
    CHECK(join_code_parse(buf_slice(&c->text), tls_sha256, &arena, &code) == ERR_OK && code->secret.len == sizeof c->secret);
    memcpy(c->secret, code->secret.data, sizeof c->secret);
    c->ends_ms = code->ends_ms;
    arena_finish(&arena);
}

static void on_revoke(void *to, uint64_t arg)
{
    struct ticket *c = to;
    struct district *d = c->district;
    struct control_invitation i;
    bool may;
    (void)arg;
    if (d->quiet || !server_find_code(d->server, c->secret, &i, &may) || !i.seat || (c->taker && c->taker->device))
        return;
    server_set_seat(d->server, i.seat, SEAT_REVOKED);
    oracle_note_revoked(d, i.seat);
    c->revoked = true;
}

static void on_server_dies(void *to, uint64_t writes)
{
    struct district *d = to;
    if (!d->quiet)
        server_kill_at(d->server, writes);
}

/* One device tries it, or two, beside what else may happen. */
static void try_ticket(struct ticket *c, const struct fault *f, struct dice *dice)
{
    struct district *d = c->district;
    int64_t begins = dice_between(dice, 0, 10 * MINUTE_MS), left = BEGIN_MS + d->scale.days * DAY_MS - world_now_ms() + 1;
    newcomer_try_after(newcomer_add(d, c, f), begins);
    if (left > 0 && dice_below(dice, 4) == 0) /* somebody else got hold of it */
        newcomer_try_after(newcomer_add(d, c, f), dice_below(dice, 2) ? begins + dice_between(dice, 0, 200) : f->lasts_ms % left);
    if (d->scale.trouble && dice_below(dice, 8) == 0)
        world_after(begins + dice_between(dice, 0, 2 * MINUTE_MS), on_revoke, c, 0);
    if (d->scale.trouble && dice_below(dice, 6) == 0)
        world_after(begins, on_server_dies, d, 1 + dice_below(dice, 24));
}

static struct ticket *make_ticket(const struct wish *w, uint32_t by_seat, bool from_device, struct buf *text)
{
    struct ticket *c = calloc(1, sizeof *c);
    CHECK(c);
    *c = (struct ticket){.district = w->district, .org = w->org, .roles = w->roles, .by_seat = by_seat, .from_device = from_device, .text = *text};
    *text = (struct buf)BUF_INIT;
    read_secret(c);
    for (const struct ticket *o = w->district->newcomers->codes; o; o = o->older)
        if (memcmp(o->secret, c->secret, sizeof c->secret) == 0)
            world_fail("two were told the same code, of org %u and of org %u", o->org, c->org);
    c->older = w->district->newcomers->codes;
    w->district->newcomers->codes = c;
    world_tell("seat %u invites %s to org %u", by_seat, w->roles, w->org);
    return c;
}

/* What is on its way for it, an answer, a clock, means nothing any more. */
static void end_wish(struct wish *w)
{
    w->question++;
    w->district->newcomers->waiting--;
}

void newcomer_wishes_finish(struct newcomers *all)
{
    for (struct wish *w = all->wishes, *older; w; w = older) {
        older = w->older;
        free(w);
    }
}

/* ---- by the operator ---- */

/* In somebody's name, who is not asked. */
static void ask_operator(struct wish *w)
{
    struct district *d = w->district;
    struct buf text = BUF_INIT;
    uint32_t by_seat = dice_below(&w->dice, 2) ? seat_options(d->devices[w->fault->device % d->device_count])->number : 0;
    if (server_invite(d->server, w->org, w->roles, w->days, &by_seat, &text))
        try_ticket(make_ticket(w, by_seat, false, &text), w->fault, &w->dice);
    end_wish(w); /* else the operator waits until the disk is well: nothing comes of it */
    buf_finish(&text);
}

/* ---- from a device ---- */

static void ask_device(struct wish *w);

static void on_again(void *to, uint64_t question)
{
    struct wish *w = to;
    if (w->question != question)
        return;
    if (seat_is_gone(w->asker) || w->tries >= TRIES_MAX)
        ask_operator(w);
    else
        ask_device(w);
}

static void on_no_answer(void *to, uint64_t question)
{
    struct wish *w = to;
    if (w->question == question)
        world_after(dice_between(&w->dice, MINUTE_MS, AGAIN_MS_MAX), on_again, w, ++w->question);
}

/* Nobody is refused who may: as the server knows it now, and nothing changes while it answers. */
static void expect_may_not(const struct wish *w, const char *refusal)
{
    struct server *s = w->district->server;
    uint32_t seat = seat_options(w->asker)->number;
    bool may = server_is_up(s) && control_may_invite(server_control(s), seat, w->org) && !roles_were_changed(w->district, seat) && !server_was_put_out(s, seat);
    if (may)
        world_fail("seat %u may invite to org %u, and is refused: %s", seat, w->org, refusal);
}

static void on_answer(void *to, uint64_t question, struct buf *code, const char *refusal)
{
    struct wish *w = to;
    if (w->question != question)
        return; /* the person has given it up */
    w->question++;
    if (refusal) {
        expect_may_not(w, refusal);
        ask_operator(w);
    } else {
        try_ticket(make_ticket(w, seat_options(w->asker)->number, true, code), w->fault, &w->dice);
        end_wish(w);
    }
}

static void on_cut(void *to, uint64_t question)
{
    struct wish *w = to;
    if (w->question == question)
        seat_ask_cut(w->asker, dice_below(&w->dice, 4) ? 10 : -1, dice_between(&w->dice, 0, 5000));
}

static void ask_device(struct wish *w)
{
    struct district *d = w->district;
    struct seat_invite ask = {.org_code = w->org_code, .roles = w->roles, .days = w->days, .question = ++w->question, .on_answer = on_answer, .to = w};
    w->tries++;
    if (seat_ask_invite(w->asker, &ask))
        d->newcomers->asked++;
    world_after(ANSWER_MS, on_no_answer, w, w->question);
    bool trouble = d->scale.trouble && !d->quiet;
    if (trouble && dice_below(&w->dice, 3) == 0)
        world_after(dice_between(&w->dice, 0, 12 * seat_options(w->asker)->weather.delay_ms + 60), on_cut, w, w->question);
    if (trouble && dice_below(&w->dice, 6) == 0)
        world_after(0, on_server_dies, d, 1 + dice_below(&w->dice, 24));
}

/* Who answers for the org: its chair, or an officer of the district. */
static struct seat *find_asker(const struct district *d, unsigned from, uint32_t org)
{
    for (unsigned i = 0; i < d->device_count; i++) {
        struct seat *s = d->devices[(from + i) % d->device_count];
        role_set roles = roles_parse(seat_options(s)->roles);
        bool chair = org != 1 && seat_options(s)->org == org && (roles & ROLES(union_chair)), officer = seat_options(s)->org == 1 && (roles & ROLES(district_officer));
        if (!seat_is_gone(s) && (chair || officer))
            return s;
    }
    return NULL;
}

/* ---- the faults ---- */

static const char *code_of(const struct district *d, uint32_t org)
{
    for (unsigned i = 0; i < d->scale.branches; i++)
        if (d->branches[i] == org)
            return d->codes[i];
    return NULL;
}

/* Seats of the beginning have codes, too. Of a server that is down nobody knows: nothing is counted then. */
static int64_t last_code(struct district *d)
{
    int64_t n = INT64_MAX;
    if (server_is_up(d->server))
        CHECK(sql_integer(store_db(server_store(d->server)), 0, &n, "SELECT max(number) FROM invitation", "") == ERR_OK);
    return n;
}

/* org 0: any. */
static void invite(struct district *d, const struct fault *f, uint32_t org)
{
    static const unsigned days[] = {1, 7, 30};
    if (d->device_count + 8 >= DEVICES_MAX)
        return;
    if (!d->newcomers)
        d->newcomers = calloc(1, sizeof *d->newcomers);
    struct wish *w = calloc(1, sizeof *w);
    CHECK(d->newcomers && w);
    if (!d->newcomers->invited)
        d->newcomers->codes_before = last_code(d);
    *w = (struct wish){.district = d, .fault = f, .dice = dice_make(world_seed(), "code", d->newcomers->invited++)};
    bool district = dice_below(&w->dice, 3) == 0 && !org;
    w->org = org ? org : district ? 1 : d->branches[f->device % d->scale.branches];
    w->roles = district ? of_district[dice_below(&w->dice, 4)] : of_branch[dice_below(&w->dice, 6)];
    w->days = days[dice_below(&w->dice, 3)];
    w->asker = dice_below(&w->dice, 2) ? find_asker(d, f->device, w->org) : NULL;
    w->org_code = w->asker && seat_options(w->asker)->org != w->org ? code_of(d, w->org) : NULL;
    w->older = d->newcomers->wishes;
    d->newcomers->wishes = w;
    d->newcomers->waiting++;
    if (w->asker)
        ask_device(w);
    else
        ask_operator(w);
}

void newcomer_happens(struct district *d, const struct fault *f)
{
    invite(d, f, 0);
}

void newcomer_founds(struct district *d, const struct fault *f)
{
    uint32_t org = district_found(d);
    for (unsigned i = 0; org && i < 2; i++)
        invite(d, f, org);
}

/* ---- in the end ---- */

static int64_t counted(struct district *d, const char *sql, int64_t from)
{
    int64_t n = 0;
    CHECK(sql_integer(store_db(server_store(d->server)), 0, &n, sql, "i", from) == ERR_OK);
    return n;
}

/* Each question makes one code at most; and nobody is in whom nobody has told a code. */
void newcomer_expect_asked_for(struct district *d)
{
    const struct newcomers *all = d->newcomers;
    int64_t told = 0, by_operator = 0, seats = 0;
    if (!all || d->rows_anew || all->codes_before == INT64_MAX)
        return; /* what was lost with the journal nobody can count */
    for (const struct ticket *c = all->codes; c; c = c->older) {
        struct control_invitation i;
        bool may;
        told++;
        by_operator += !c->from_device;
        seats += server_find_code(d->server, c->secret, &i, &may) && i.seat;
    }
    int64_t codes = counted(d, "SELECT count(*) FROM invitation WHERE number > ?1", all->codes_before);
    int64_t joined = counted(d, "SELECT count(*) FROM seat WHERE invitation > ?1", all->codes_before);
    if (codes < told || codes > by_operator + all->asked + server_counts(d->server).codes_of_dead)
        world_fail("%lld codes were told, %lld by the operator, %u were asked for from devices, and the server has made %lld", (long long)told,
                   (long long)by_operator, all->asked, (long long)codes);
    if (joined != seats)
        world_fail("%lld seats have joined, and codes that were told made %lld", (long long)joined, (long long)seats);
}
