/* Seats through a session: joining, renewing, inviting, listing, revoking; who may and how far. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "help_session.h"

#include "base/limits.h"
#include "wire/join_code.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MS 86400000LL

static int setup(void **state)
{
    static struct help_serving h;
    serving_make(&h);
    *state = &h;
    return 0;
}

static int teardown(void **state)
{
    serving_remove(*state);
    return 0;
}

static void say_invite(struct peer *p, const char *code, const char *roles, const char *person, uint32_t days)
{
    Wire__InviteAsk ask = WIRE__INVITE_ASK__INIT;
    ask.has_number = 1;
    ask.number = 3;
    ask.org_code = (char *)code;
    ask.roles = (char *)roles;
    ask.person = (char *)person;
    ask.has_days = days != 0;
    ask.days = days;
    peer_say(p, FRAME_INVITE_ASK, &ask.base);
}

/* The secret and ending of the code that came. */
static const Wire__JoinCode *code_of(struct peer *p)
{
    Wire__JoinCode *code;
    const Wire__Invited *invited = (const Wire__Invited *)peer_expect(p, FRAME_INVITED);
    assert_int_equal(invited->number, 3);
    assert_int_equal(join_code_parse(slice_text(invited->code), tls_sha256, &p->h->server.arena, &code), ERR_OK);
    assert_int_equal(code->ends_ms, invited->ends_ms);
    return code;
}

static const Wire__JoinCode *invite(struct help_serving *h, uint32_t by, const char *code, const char *roles)
{
    struct peer p;
    peer_enter(h, &p, by);
    say_invite(&p, code, roles, "李四", 0);
    const Wire__JoinCode *made = code_of(&p);
    peer_finish(&p);
    return made;
}

struct device {
    struct buf key, csr;
};

static void device_make(struct device *d)
{
    *d = (struct device){BUF_INIT, BUF_INIT};
    assert_int_equal(tls_key_make(&d->key), ERR_OK);
    assert_int_equal(tls_csr_make(buf_slice(&d->key), "banyan", &d->csr), ERR_OK);
}

static void device_finish(struct device *d)
{
    buf_finish(&d->key);
    buf_finish(&d->csr);
}

static void say_join(struct peer *p, ProtobufCBinaryData secret, const struct buf *csr)
{
    Wire__Join join = WIRE__JOIN__INIT;
    join.has_protocol = join.has_secret = join.has_csr = 1;
    join.protocol = 1;
    join.secret = secret;
    join.csr = (ProtobufCBinaryData){csr->size, csr->data};
    peer_say(p, FRAME_JOIN, &join.base);
}

/* Joins and gives the seat, or 0 and the refusal's code. */
static uint32_t join(struct help_serving *h, ProtobufCBinaryData secret, const struct buf *csr, char code[48])
{
    struct peer p;
    uint32_t seat = 0;
    peer_open(h, &p, TLS_PEER_NOBODY, 0);
    say_join(&p, secret, csr);
    assert_true(p.closed);
    memcpy(code, p.code, 48);
    if (!p.refused) {
        const Wire__Joined *joined = (const Wire__Joined *)peer_expect(&p, FRAME_JOINED);
        struct tls_cert_facts facts;
        seat = joined->seat;
        assert_int_equal(tls_cert_facts(slice_of(joined->certificate.data, joined->certificate.len), &facts), ERR_OK);
        assert_int_equal(facts.seat, seat);
        assert_int_equal(facts.usage, TLS_USAGE_SEAT);
    }
    peer_expect_nothing(&p);
    peer_finish(&p);
    return seat;
}

static const struct control_seat *seat_now(struct help_serving *h, uint32_t seat)
{
    assert_int_equal(control_refresh(h->serving.control, NULL), ERR_OK);
    return control_seat(h->serving.control, seat);
}

/* ---- joining ---- */

static void from_invitation_to_hello(void **state)
{
    struct help_serving *h = *state;
    struct device d;
    struct peer p;
    uint8_t hash[32];
    device_make(&d);
    const Wire__JoinCode *code = invite(h, h->officer, "qh-02", "union_chair,proposal_group");
    assert_string_equal(code->server, "qinghe.example:7443");
    assert_int_equal(code->ends_ms, NOW_MS + 7 * DAY_MS);
    peer_open(h, &p, TLS_PEER_NOBODY, 0);
    say_join(&p, code->secret, &d.csr);
    const Wire__Joined *joined = (const Wire__Joined *)peer_expect(&p, FRAME_JOINED);
    assert_string_equal(joined->person, "李四");
    assert_string_equal(joined->roles, "union_chair,proposal_group");
    assert_int_equal(joined->home->number, h->server.other);
    assert_string_equal(joined->server, "qinghe.example:7443");
    assert_string_equal(joined->district, "青禾区教育工会");
    assert_int_equal(joined->now_ms, NOW_MS);
    assert_true(p.closed && !p.refused); /* once */
    assert_int_equal(h->control_changes, 1);
    Wire__Ping ping = WIRE__PING__INIT;
    peer_say(&p, FRAME_PING, &ping.base);
    peer_expect_nothing(&p);
    uint32_t seat = joined->seat;
    peer_finish(&p);

    const struct control_seat *who = seat_now(h, seat);
    assert_int_equal(tls_csr_key_hash(buf_slice(&d.csr), hash), ERR_OK);
    assert_memory_equal(who->key_hash, hash, 32);
    assert_int_equal(who->org, h->server.other);
    assert_int_equal(who->certificate_ends_ms, NOW_MS + LIMIT_CERTIFICATE_DAYS * DAY_MS);
    peer_open(h, &p, TLS_PEER_CERTIFICATE, seat);
    assert_string_equal(peer_hello(&p)->roles, "union_chair,proposal_group");
    peer_finish(&p);
    device_finish(&d);
}

static void a_code_is_used_once(void **state)
{
    struct help_serving *h = *state;
    struct device first, second;
    char code[48];
    device_make(&first);
    device_make(&second);
    const Wire__JoinCode *made = invite(h, h->officer, "qh-02", "accountant");
    uint32_t seat = join(h, made->secret, &first.csr, code);
    assert_int_not_equal(seat, 0);
    assert_int_equal(join(h, made->secret, &second.csr, code), 0);
    assert_string_equal(code, "JOIN_USED");
    /* The same key asks again: its answer was lost. Also when the code's days are over by then. */
    help_now_ms += 20 * DAY_MS;
    assert_int_equal(join(h, made->secret, &first.csr, code), seat);
    assert_int_equal(seat_now(h, seat)->certificate_ends_ms, help_now_ms + LIMIT_CERTIFICATE_DAYS * DAY_MS);
    /* But not once the seat was ended. */
    assert_int_equal(control_set_seat_state(h->server.control, seat, SEAT_REVOKED, 0), ERR_OK);
    assert_int_equal(join(h, made->secret, &first.csr, code), 0);
    assert_string_equal(code, "JOIN_USED");
    device_finish(&first);
    device_finish(&second);
}

/* A thief with a chair's key makes codes for later, as many as may wait: they end with that seat, and the branch may invite at once. */
static void codes_end_with_who_gave_them_out(void **state)
{
    struct help_serving *h = *state;
    struct device d;
    struct peer p;
    char code[48];
    uint8_t secret[16];
    device_make(&d);
    peer_enter(h, &p, h->server.second);
    for (unsigned i = 0; i < LIMIT_INVITES_OPEN; i++) {
        say_invite(&p, NULL, "union_chair", "李四", LIMIT_INVITE_DAYS);
        memcpy(secret, code_of(&p)->secret.data, sizeof secret);
    }
    peer_finish(&p);
    ProtobufCBinaryData last = {sizeof secret, secret};
    assert_int_equal(control_set_seat_state(h->serving.control, h->server.second, SEAT_SUSPENDED, 0), ERR_OK);
    assert_int_equal(join(h, last, &d.csr, code), 0);
    assert_string_equal(code, "JOIN_EXPIRED");
    assert_int_equal(control_set_seat_state(h->serving.control, h->server.second, SEAT_REVOKED, 0), ERR_OK);
    assert_int_equal(join(h, last, &d.csr, code), 0);
    assert_string_equal(code, "JOIN_EXPIRED");
    const Wire__JoinCode *made = invite(h, h->server.chair, NULL, "accountant");
    assert_int_not_equal(join(h, made->secret, &d.csr, code), 0);
    device_finish(&d);
}

/* Other roles end the right to invite like revoke does: the codes end with it, and the branch may invite at once. */
static void codes_end_with_the_role_that_gave_them_out(void **state)
{
    struct help_serving *h = *state;
    struct control *control = h->serving.control;
    struct device d;
    struct peer p;
    char code[48];
    uint8_t secret[16];
    device_make(&d);
    assert_int_equal(control_set_seat_roles(control, h->server.second, ROLES(union_chair), 0, help_now_ms), ERR_OK);
    peer_enter(h, &p, h->server.second);
    for (unsigned i = 0; i < LIMIT_INVITES_OPEN; i++) {
        say_invite(&p, NULL, "union_chair", "李四", LIMIT_INVITE_DAYS);
        memcpy(secret, code_of(&p)->secret.data, sizeof secret);
    }
    peer_finish(&p);
    assert_int_equal(control_set_seat_roles(control, h->server.second, ROLES(accountant), 0, help_now_ms), ERR_OK);
    assert_int_equal(join(h, (ProtobufCBinaryData){sizeof secret, secret}, &d.csr, code), 0);
    assert_string_equal(code, "JOIN_EXPIRED");
    const Wire__JoinCode *made = invite(h, h->server.chair, NULL, "accountant");
    assert_int_not_equal(join(h, made->secret, &d.csr, code), 0);
    device_finish(&d);
}

static void codes_that_are_refused(void **state)
{
    struct help_serving *h = *state;
    struct device d;
    char code[48];
    uint8_t secret[17] = {1, 2, 3};
    device_make(&d);
    assert_int_equal(join(h, (ProtobufCBinaryData){16, secret}, &d.csr, code), 0);
    assert_string_equal(code, "JOIN_UNKNOWN");
    assert_int_equal(join(h, (ProtobufCBinaryData){17, secret}, &d.csr, code), 0);
    assert_string_equal(code, "JOIN_UNKNOWN");
    assert_int_equal(join(h, (ProtobufCBinaryData){0, NULL}, &d.csr, code), 0);
    assert_string_equal(code, "JOIN_UNKNOWN");
    const Wire__JoinCode *made = invite(h, h->officer, "qh-02", "accountant");
    help_now_ms = made->ends_ms;
    assert_int_equal(join(h, made->secret, &d.csr, code), 0);
    assert_string_equal(code, "JOIN_EXPIRED");
    help_now_ms = made->ends_ms - 1;
    assert_int_not_equal(join(h, made->secret, &d.csr, code), 0);
    device_finish(&d);
}

/* A request that is none, or whose signature is wrong, uses no code up. */
static void requests_that_are_none(void **state)
{
    struct help_serving *h = *state;
    struct device d;
    struct buf bad = BUF_INIT;
    char code[48];
    device_make(&d);
    const Wire__JoinCode *made = invite(h, h->officer, "qh-02", "accountant");
    assert_int_equal(join(h, made->secret, &bad, code), 0); /* empty */
    assert_string_equal(code, "JOIN_CSR");
    buf_append_slice(&bad, buf_slice(&d.csr));
    bad.data[bad.size - 1] ^= 1; /* the signature's last byte */
    assert_int_equal(join(h, made->secret, &bad, code), 0);
    assert_string_equal(code, "JOIN_CSR");
    bad.size = 40;
    assert_int_equal(join(h, made->secret, &bad, code), 0);
    assert_string_equal(code, "JOIN_CSR");
    assert_int_not_equal(join(h, made->secret, &d.csr, code), 0);
    buf_finish(&bad);
    device_finish(&d);
}

static void joining_in_another_protocol(void **state)
{
    struct help_serving *h = *state;
    struct device d;
    struct peer p;
    device_make(&d);
    const Wire__JoinCode *made = invite(h, h->officer, "qh-02", "accountant");
    Wire__Join m = WIRE__JOIN__INIT;
    m.has_protocol = m.has_secret = m.has_csr = 1;
    m.protocol = 2;
    m.secret = made->secret;
    m.csr = (ProtobufCBinaryData){d.csr.size, d.csr.data};
    peer_open(h, &p, TLS_PEER_NOBODY, 0);
    peer_say(&p, FRAME_JOIN, &m.base);
    peer_expect_refused(&p, "VERSION");
    peer_finish(&p);
    device_finish(&d);
}

/* ---- renewing ---- */

static void say_renew(struct peer *p, const struct buf *csr)
{
    Wire__Renew renew = WIRE__RENEW__INIT;
    renew.has_csr = 1;
    renew.csr = (ProtobufCBinaryData){csr->size, csr->data};
    peer_say(p, FRAME_RENEW, &renew.base);
}

static void an_expired_certificate_may_only_renew(void **state)
{
    struct help_serving *h = *state;
    struct device d;
    struct peer p;
    struct tls_cert_facts facts;
    device_make(&d);
    peer_open(h, &p, TLS_PEER_CERTIFICATE_EXPIRED, h->server.chair);
    session_take(p.session, FRAME_HELLO, slice_of(NULL, 0));
    peer_expect_refused(&p, "CERTIFICATE_EXPIRED");
    peer_finish(&p);

    uint32_t generation = seat_now(h, h->server.chair)->generation;
    peer_open(h, &p, TLS_PEER_CERTIFICATE_EXPIRED, h->server.chair);
    say_renew(&p, &d.csr);
    const Wire__Renewed *renewed = (const Wire__Renewed *)peer_expect(&p, FRAME_RENEWED);
    assert_int_equal(tls_cert_facts(slice_of(renewed->certificate.data, renewed->certificate.len), &facts), ERR_OK);
    assert_int_equal(facts.seat, h->server.chair);
    assert_true(p.closed && !p.refused);
    const struct control_seat *who = seat_now(h, h->server.chair);
    assert_memory_equal(who->serial, facts.serial, 16);
    assert_int_equal(who->certificate_ends_ms, facts.ends_ms);
    assert_true(who->generation > generation); /* PSKs of the old one are dead */
    peer_finish(&p);
    device_finish(&d);
}

static size_t journal_size(struct help_serving *h)
{
    struct buf all = BUF_INIT;
    assert_int_equal(journal_read(h->journal, 0, 1u << 20, &all), ERR_OK);
    size_t size = all.size;
    buf_finish(&all);
    return size;
}

/* Each certificate is a line of the journal for ever: the seventh within an hour is refused, of a join as of a renewal, and the next
 * hour begins anew; also where the clock was set back. */
static void certificates_in_a_loop_are_refused(void **state)
{
    struct help_serving *h = *state;
    struct device d;
    struct peer p;
    char code[48];
    device_make(&d);
    const Wire__JoinCode *made = invite(h, h->officer, "qh-02", "accountant");
    uint8_t secret[16];
    memcpy(secret, made->secret.data, sizeof secret);
    uint32_t seat = join(h, (ProtobufCBinaryData){16, secret}, &d.csr, code);
    for (unsigned i = 0; i < 6; i++)
        assert_int_equal(join(h, (ProtobufCBinaryData){16, secret}, &d.csr, code), seat);
    size_t size = journal_size(h);
    assert_int_equal(join(h, (ProtobufCBinaryData){16, secret}, &d.csr, code), 0);
    assert_string_equal(code, "BUSY");
    peer_open(h, &p, TLS_PEER_CERTIFICATE_EXPIRED, seat);
    say_renew(&p, &d.csr);
    peer_expect_refused(&p, "BUSY");
    peer_finish(&p);
    assert_int_equal(journal_size(h), size);
    help_now_ms += 60 * 60 * 1000;
    assert_int_equal(join(h, (ProtobufCBinaryData){16, secret}, &d.csr, code), seat);
    for (unsigned i = 0; i < 5; i++)
        (void)join(h, (ProtobufCBinaryData){16, secret}, &d.csr, code);
    assert_int_equal(join(h, (ProtobufCBinaryData){16, secret}, &d.csr, code), 0);
    help_now_ms -= DAY_MS;
    assert_int_equal(join(h, (ProtobufCBinaryData){16, secret}, &d.csr, code), seat);
    device_finish(&d);
}

static void an_open_session_renews_and_goes_on(void **state)
{
    struct help_serving *h = *state;
    struct device d;
    struct peer p;
    Wire__Ping ping = WIRE__PING__INIT;
    device_make(&d);
    peer_enter(h, &p, h->server.chair);
    say_renew(&p, &d.csr);
    (void)peer_expect(&p, FRAME_RENEWED);
    peer_say(&p, FRAME_PING, &ping.base);
    (void)peer_expect(&p, FRAME_PONG);
    assert_false(p.closed);
    d.csr.data[d.csr.size - 1] ^= 1;
    say_renew(&p, &d.csr);
    peer_expect_refused(&p, "JOIN_CSR");
    peer_finish(&p);
    device_finish(&d);
}

static void who_is_not_active_does_not_renew(void **state)
{
    struct help_serving *h = *state;
    struct device d;
    device_make(&d);
    static const struct {
        enum seat_state to;
        const char *code;
    } cases[] = {{SEAT_SUSPENDED, "SEAT_SUSPENDED"}, {SEAT_REVOKED, "SEAT_REVOKED"}};
    for (size_t i = 0; i < 2; i++) {
        struct peer p;
        assert_int_equal(control_set_seat_state(h->server.control, h->server.second, cases[i].to, 0), ERR_OK);
        peer_open(h, &p, TLS_PEER_CERTIFICATE_EXPIRED, h->server.second);
        say_renew(&p, &d.csr);
        peer_expect_refused(&p, cases[i].code);
        peer_finish(&p);
    }
    device_finish(&d);
}

/* ---- inviting ---- */

static void who_may_invite_where(void **state)
{
    struct help_serving *h = *state;
    uint32_t accountant = server_add_seat(&h->server, h->server.branch, "accountant");
    uint32_t finance = server_add_seat(&h->server, 1, "district_finance");
    const struct {
        uint32_t by;
        const char *code, *roles, *refusal;
    } cases[] = {
        {h->server.chair, NULL, "accountant", NULL},
        {h->server.chair, "qh-01", "handler,delegate", NULL},
        {h->server.chair, "qh-02", "accountant", "INVITE_ORG"},
        {h->server.chair, "qinghe", "district_officer", "INVITE_ORG"},
        {h->server.chair, "nowhere", "accountant", "INVITE_ORG"},
        {h->server.chair, NULL, "district_officer", "INVITE_DISTRICT_ROLE"},
        {h->server.chair, NULL, "wizard", "INVITE_ROLES"},
        {h->server.chair, NULL, "", "INVITE_ROLES"},
        {h->server.chair, NULL, NULL, "INVITE_ROLES"},
        {h->server.chair, NULL, "accountant,audit_member", "INVITE_ROLES"},
        {h->officer, "qh-01", "union_chair", NULL},
        {h->officer, "qh-02", "union_chair", NULL},
        {h->officer, NULL, "district_auditor", NULL},
        {h->officer, NULL, "union_chair", "INVITE_BRANCH_ROLE"},
        {accountant, NULL, "handler", "RIGHT"},
        {finance, "qh-01", "handler", "RIGHT"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct peer p;
        peer_enter(h, &p, cases[i].by);
        say_invite(&p, cases[i].code, cases[i].roles, "李四", 0);
        if (cases[i].refusal)
            peer_expect_error(&p, 3, cases[i].refusal);
        else
            (void)code_of(&p);
        peer_expect_nothing(&p);
        peer_finish(&p);
    }
}

static void days_and_names(void **state)
{
    struct help_serving *h = *state;
    struct peer p;
    char name[LIMIT_TEXT_SHORT + 2];
    memset(name, 'n', sizeof name);
    name[LIMIT_TEXT_SHORT + 1] = 0;
    peer_enter(h, &p, h->server.chair);
    say_invite(&p, NULL, "handler", name, 0);
    peer_expect_error(&p, 3, "INVITE_PERSON");
    say_invite(&p, NULL, "handler", "", 0);
    peer_expect_error(&p, 3, "INVITE_PERSON");
    say_invite(&p, NULL, "handler", NULL, 0);
    peer_expect_error(&p, 3, "INVITE_PERSON");
    say_invite(&p, NULL, "handler", "李四\x1b[2J", 0); /* officers' terminals would obey it */
    peer_expect_error(&p, 3, "INVITE_PERSON");
    name[LIMIT_TEXT_SHORT] = 0;
    say_invite(&p, NULL, "handler", name, LIMIT_INVITE_DAYS);
    assert_int_equal(code_of(&p)->ends_ms, NOW_MS + LIMIT_INVITE_DAYS * DAY_MS);
    say_invite(&p, NULL, "handler", name, LIMIT_INVITE_DAYS + 1);
    peer_expect_error(&p, 3, "INVITE_DAYS");
    Wire__InviteAsk ask = WIRE__INVITE_ASK__INIT; /* none at all, said so */
    ask.has_number = ask.has_days = 1;
    ask.number = 3;
    ask.roles = "handler";
    ask.person = "李四";
    peer_say(&p, FRAME_INVITE_ASK, &ask.base);
    peer_expect_error(&p, 3, "INVITE_DAYS");
    peer_finish(&p);
}

/* Codes that nobody uses are no reason for the tables to grow without end. */
static void so_many_codes_wait(void **state)
{
    struct help_serving *h = *state;
    struct peer p;
    for (int i = 0; i < 200; i++)
        (void)invite(h, h->server.chair, NULL, "handler");
    peer_enter(h, &p, h->server.chair);
    say_invite(&p, NULL, "handler", "李四", 0);
    peer_expect_error(&p, 3, "INVITE_MANY");
    peer_finish(&p);
    (void)invite(h, h->officer, "qh-02", "handler"); /* another branch has its own */
    help_now_ms += 7 * DAY_MS + 1;                   /* they expire */
    (void)invite(h, h->server.chair, NULL, "handler");
}

/* ---- listing, revoking ---- */

static void say_seat(struct peer *p, int action, uint32_t seat)
{
    Wire__SeatAsk ask = WIRE__SEAT_ASK__INIT;
    ask.has_number = ask.has_action = ask.has_seat = 1;
    ask.number = 4;
    ask.action = (Wire__SeatAction)action;
    ask.seat = seat;
    peer_say(p, FRAME_SEAT_ASK, &ask.base);
}

static void lists_by_reach(void **state)
{
    struct help_serving *h = *state;
    struct peer p;
    uint32_t far = server_add_seat(&h->server, h->server.other, "union_chair");
    peer_enter(h, &p, h->server.chair);
    say_seat(&p, WIRE__SEAT_ACTION__SEAT_LIST, 0);
    const Wire__Seats *s = (const Wire__Seats *)peer_expect(&p, FRAME_SEATS);
    assert_int_equal(s->n_seat, 2); /* of the own branch; not the district's, not the other branch's */
    assert_int_equal(s->seat[0]->number, h->server.chair);
    assert_string_equal(s->seat[0]->branch, "qh-01");
    assert_string_equal(s->seat[0]->state, "active");
    assert_string_equal(s->seat[0]->roles, "union_chair");
    assert_string_equal(s->seat[0]->version, "0.1.0");
    assert_int_equal(s->seat[0]->last_contact_ms, NOW_MS);
    assert_int_equal(s->seat[1]->last_contact_ms, 0);
    peer_finish(&p);
    peer_enter(h, &p, h->officer);
    say_seat(&p, WIRE__SEAT_ACTION__SEAT_LIST, 0);
    s = (const Wire__Seats *)peer_expect(&p, FRAME_SEATS);
    assert_int_equal(s->n_seat, 4);
    assert_int_equal(s->seat[3]->number, far);
    peer_finish(&p);
    peer_enter(h, &p, server_add_seat(&h->server, h->server.branch, "accountant"));
    say_seat(&p, WIRE__SEAT_ACTION__SEAT_LIST, 0);
    peer_expect_error(&p, 4, "RIGHT");
    peer_finish(&p);
}

/* More seats than a message may have elements, and more than a page of bytes. */
static void a_city_s_seats_in_pages(void **state)
{
    struct help_serving *h = *state;
    struct peer p;
    char sql[400];
    snprintf(
        sql, sizeof sql,
        "WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i+1 FROM n WHERE i<5099) INSERT INTO seat SELECT i, %u,"
        " '王敏', 'handler', 0, 1, zeroblob(32), zeroblob(16), 0, 0, 0 FROM n",
        h->server.branch);
    assert_int_equal(db_exec(store_db(h->server.store), sql), ERR_OK);
    serving_close(h);
    serving_open(h);
    peer_enter(h, &p, h->server.chair);
    Wire__SeatAsk ask = WIRE__SEAT_ASK__INIT;
    ask.has_number = ask.has_after = 1;
    size_t seats = 0, pages = 0;
    for (bool done = false; !done; pages++) {
        peer_say(&p, FRAME_SEAT_ASK, &ask.base);
        const Wire__Seats *s = (const Wire__Seats *)peer_expect(&p, FRAME_SEATS);
        assert_true(s->n_seat > 0 && wire__seats__get_packed_size(s) <= LIMIT_PAGE_SIZE + 100);
        for (size_t i = 0; i < s->n_seat; i++) {
            assert_true(s->seat[i]->number > ask.after); /* in order, each once */
            ask.after = s->seat[i]->number;
        }
        seats += s->n_seat;
        done = s->done;
        assert_true(pages < 10);
    }
    assert_int_equal(seats, 5002);
    assert_true(pages > 1);
    assert_int_equal(ask.after, 5099);
    peer_finish(&p);
}

static void revoking_cuts_a_live_connection(void **state)
{
    struct help_serving *h = *state;
    struct peer officer, victim;
    peer_enter(h, &victim, h->server.second);
    peer_enter(h, &officer, h->server.chair);
    say_seat(&officer, WIRE__SEAT_ACTION__SEAT_REVOKE, h->server.second);
    const Wire__Seats *s = (const Wire__Seats *)peer_expect(&officer, FRAME_SEATS);
    assert_int_equal(s->n_seat, 1);
    assert_string_equal(s->seat[0]->state, "revoked");
    peer_expect_refused(&victim, "SEAT_REVOKED"); /* at once, in the same process */
    uint32_t generation = seat_now(h, h->server.second)->generation;
    say_seat(&officer, WIRE__SEAT_ACTION__SEAT_REVOKE, h->server.second); /* twice is once */
    (void)peer_expect(&officer, FRAME_SEATS);
    assert_int_equal(seat_now(h, h->server.second)->generation, generation);
    say_seat(&officer, WIRE__SEAT_ACTION__SEAT_RESUME, h->server.second); /* and never back */
    peer_expect_error(&officer, 4, "SEAT_REVOKED");
    say_seat(&officer, WIRE__SEAT_ACTION__SEAT_SUSPEND, h->server.second);
    peer_expect_error(&officer, 4, "SEAT_REVOKED");
    peer_finish(&officer);
    peer_finish(&victim);
}

/* Rule 32: refused, kept, told to those who answer for the seat, and to nobody else. */
static void what_a_revoked_seat_left(void **state)
{
    struct help_serving *h = *state;
    struct peer p;
    struct pen pen = pen_of(&h->server, h->server.second, h->server.branch, 1);
    assert_non_null(strstr(push_one(&pen, pen_create(&pen, 1, "name=Li mobile=13800000000")), "APPLIED"));
    assert_int_equal(control_set_seat_state(h->server.control, h->server.second, SEAT_REVOKED, 0), ERR_OK);
    const struct {
        uint32_t seat;
        bool told, whole;
    } readers[] = {{h->server.chair, true, true},
                   {h->officer, true, false},
                   {server_add_seat(&h->server, h->server.other, "union_chair"), false, false},
                   {server_add_seat(&h->server, h->server.branch, "committee_member"), false, false}};
    assert_string_equal(push_one(&pen, pen_set(&pen, 1, S(1), "mobile=13900000000 note=x")), "2 REFUSED SEAT_REVOKED");
    assert_string_equal(push_one(&pen, pen_create(&pen, 2, "name=Wu")), "3 REFUSED SEAT_REVOKED");
    serving_close(h);
    serving_open(h);
    for (size_t i = 0; i < 4; i++) {
        peer_open(h, &p, TLS_PEER_CERTIFICATE, readers[i].seat);
        const Wire__Welcome *w = peer_hello(&p);
        assert_int_equal(w->n_left, readers[i].told);
        if (readers[i].told) {
            assert_int_equal(w->left[0]->seat, h->server.second);
            assert_int_equal(w->left[0]->changes, 2);
            assert_string_equal(w->left[0]->branch, "qh-01");
        }
        say_seat(&p, WIRE__SEAT_ACTION__SEAT_REFUSED, h->server.second);
        if (!readers[i].told) {
            peer_expect_error(&p, 4, i == 2 ? "SEAT_UNKNOWN" : "RIGHT");
            peer_finish(&p);
            continue;
        }
        const Wire__Seats *s = (const Wire__Seats *)peer_expect(&p, FRAME_SEATS);
        assert_int_equal(s->n_seat, 1);
        assert_int_equal(s->done, 1);
        assert_int_equal(s->n_refused, 2);
        assert_int_equal(s->n_named, 1); /* Li is there, Wu never was */
        struct change c;
        struct slice bytes = slice_of(s->refused[0]->change.data, s->refused[0]->change.len);
        assert_int_equal(change_open(bytes, &h->server.arena, &c), ERR_OK);
        assert_int_equal(c.nonce.size, 0);
        assert_int_equal(s->refused[0]->hidden, !readers[i].whole);
        assert_int_equal(record_get_name(c.patch, "mobile").type != CELL_ABSENT, readers[i].whole);
        assert_int_equal(record_get_name(c.patch, "note").type, CELL_TEXT);
        assert_int_equal(s->refused[1]->hidden, 0);
        peer_finish(&p);
    }
    /* What was told is not told again. */
    Wire__Hello hello = WIRE__HELLO__INIT;
    uint8_t incarnation[INCARNATION_SIZE] = {1};
    hello.has_protocol = hello.has_incarnation = hello.has_left_ms = 1;
    hello.protocol = 1;
    hello.incarnation = (ProtobufCBinaryData){sizeof incarnation, incarnation};
    hello.left_ms = h->server.now_ms;
    peer_open(h, &p, TLS_PEER_CERTIFICATE, h->server.chair);
    peer_say(&p, FRAME_HELLO, &hello.base);
    assert_int_equal(((const Wire__Welcome *)peer_expect(&p, FRAME_WELCOME))->n_left, 0);
    peer_finish(&p);
}

/* A seat that went with the control journal: by whose log its changes are in, for those who answer there. */
static void what_an_unknown_seat_left(void **state)
{
    struct help_serving *h = *state;
    struct peer p;
    struct pen pen = pen_of(&h->server, h->server.second, h->server.branch, 1);
    assert_non_null(strstr(push_one(&pen, pen_create(&pen, 1, "name=Li")), "APPLIED"));
    assert_int_equal(control_set_seat_state(h->server.control, h->server.second, SEAT_REVOKED, 0), ERR_OK);
    uint32_t stranger = server_add_seat(&h->server, h->server.other, "union_chair");
    assert_string_equal(push_one(&pen, pen_create(&pen, 2, "name=Wu")), "2 REFUSED SEAT_REVOKED");
    serving_close(h);
    assert_int_equal(db_exec(store_db(h->server.store), arena_format(&h->server.arena, "UPDATE seat SET number=900 WHERE number=%u", h->server.second)), ERR_OK);
    serving_open(h);
    for (int i = 0; i < 2; i++) {
        peer_open(h, &p, TLS_PEER_CERTIFICATE, i ? stranger : h->server.chair);
        const Wire__Welcome *w = peer_hello(&p);
        assert_int_equal(w->n_left, !i);
        assert_true(i || (w->left[0]->seat == h->server.second && !w->left[0]->person && strcmp(w->left[0]->branch, "qh-01") == 0));
        say_seat(&p, WIRE__SEAT_ACTION__SEAT_REFUSED, h->server.second);
        if (i) {
            peer_expect_error(&p, 4, "SEAT_UNKNOWN");
        } else {
            const Wire__Seats *s = (const Wire__Seats *)peer_expect(&p, FRAME_SEATS);
            assert_true(s->n_seat == 1 && s->seat[0]->number == h->server.second && s->n_refused == 1 && s->done == 1);
        }
        peer_finish(&p);
    }
    assert_int_equal(db_exec(store_db(h->server.store), arena_format(&h->server.arena, "UPDATE seat SET number=%u WHERE number=900", h->server.second)), ERR_OK);
}

/* As many refused changes of it as no page holds stand in another branch's log, in front of the own ones. */
static void what_an_unknown_seat_left_in_two_logs(void **state)
{
    struct help_serving *h = *state;
    struct help_server *s = &h->server;
    struct peer p;
    uint32_t moved = server_add_seat(s, s->other, "union_chair");
    struct pen pen = pen_of(s, moved, s->other, 1);
    assert_true(s->branch < s->other);
    assert_int_equal(control_set_seat_state(s->control, moved, SEAT_REVOKED, 0), ERR_OK);
    uint32_t chair = server_add_seat(s, s->other, "union_chair");
    assert_string_equal(push_one(&pen, pen_create(&pen, 2, "name=Wu")), "1 REFUSED SEAT_REVOKED");
    serving_close(h);
    assert_int_equal(db_exec(store_db(s->store), arena_format(&s->arena,
        "UPDATE seat SET number=900 WHERE number=%u;"
        "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c WHERE i<%u)"
        " INSERT INTO history(org, seq, kind, record, seat, incarnation, n, hash, verdict, code, received_ms, chain, change)"
        " SELECT %u, 1000+i, kind, record, seat, incarnation, 1000+i, hash, verdict, code, received_ms, chain, change FROM history, c WHERE seat=%u",
        moved, LIMIT_REPEATED + 1, s->branch, moved)), ERR_OK);
    serving_open(h);
    peer_enter(h, &p, chair);
    say_seat(&p, WIRE__SEAT_ACTION__SEAT_REFUSED, moved);
    const Wire__Seats *answer = (const Wire__Seats *)peer_expect(&p, FRAME_SEATS);
    assert_true(answer->n_seat == 1 && answer->seat[0]->number == moved && strcmp(answer->seat[0]->branch, "qh-02") == 0);
    assert_true(answer->n_refused == 1 && answer->refused[0]->org == s->other && answer->done == 1);
    Wire__SeatAsk behind = WIRE__SEAT_ASK__INIT; /* whoever asks behind the last one, as a successor has handed it in meanwhile */
    behind.has_number = behind.has_action = behind.has_seat = behind.has_after_org = behind.has_after_seq = 1;
    behind.number = 4;
    behind.action = WIRE__SEAT_ACTION__SEAT_REFUSED;
    behind.seat = moved;
    behind.after_org = s->other;
    behind.after_seq = answer->refused[0]->seq;
    peer_say(&p, FRAME_SEAT_ASK, &behind.base);
    answer = (const Wire__Seats *)peer_expect(&p, FRAME_SEATS);
    assert_true(answer->n_refused == 0 && answer->done == 1);
    behind.after_org = s->branch; /* of whose seat it is, that tells nobody who does not answer there */
    behind.seat = 700;
    peer_say(&p, FRAME_SEAT_ASK, &behind.base);
    peer_expect_error(&p, 4, "SEAT_UNKNOWN");
    peer_finish(&p);
    assert_int_equal(db_exec(store_db(s->store), arena_format(&s->arena, "DELETE FROM history WHERE seq>1000 AND seq<10000;"
                                                              "UPDATE seat SET number=%u WHERE number=900", moved)), ERR_OK);
}

static void suspending_and_resuming(void **state)
{
    struct help_serving *h = *state;
    struct peer officer, victim;
    peer_enter(h, &officer, h->officer);
    say_seat(&officer, WIRE__SEAT_ACTION__SEAT_SUSPEND, h->server.second);
    assert_string_equal(((const Wire__Seats *)peer_expect(&officer, FRAME_SEATS))->seat[0]->state, "suspended");
    peer_open(h, &victim, TLS_PEER_CERTIFICATE, h->server.second);
    session_take(victim.session, FRAME_HELLO, slice_of(NULL, 0));
    peer_expect_refused(&victim, "SEAT_SUSPENDED");
    peer_finish(&victim);
    say_seat(&officer, WIRE__SEAT_ACTION__SEAT_RESUME, h->server.second);
    assert_string_equal(((const Wire__Seats *)peer_expect(&officer, FRAME_SEATS))->seat[0]->state, "active");
    peer_enter(h, &victim, h->server.second);
    peer_finish(&victim);
    peer_finish(&officer);
}

/* ---- other roles ---- */

static void say_roles(struct peer *p, uint32_t seat, const char *roles, bool confirmed)
{
    Wire__SeatAsk ask = WIRE__SEAT_ASK__INIT;
    ask.has_number = ask.has_action = ask.has_seat = 1;
    ask.number = 4;
    ask.action = WIRE__SEAT_ACTION__SEAT_ROLES;
    ask.seat = seat;
    ask.roles = (char *)roles;
    ask.has_confirmed = ask.confirmed = confirmed;
    peer_say(p, FRAME_SEAT_ASK, &ask.base);
}

/* Rule 31: it is told at once, and is given nothing by either set of roles until it has said hello again. */
static void other_roles_end_a_live_session(void **state)
{
    struct help_serving *h = *state;
    struct peer chair, victim, beside;
    Wire__Pull pull = WIRE__PULL__INIT;
    uint32_t seat = server_add_seat(&h->server, h->server.branch, "committee_member");
    peer_enter(h, &chair, h->server.chair);
    peer_enter(h, &victim, seat);
    peer_enter(h, &beside, h->server.second);
    say_roles(&chair, seat, "会计,工会小组长", false);
    const Wire__Seat *s = ((const Wire__Seats *)peer_expect(&chair, FRAME_SEATS))->seat[0];
    assert_string_equal(s->roles, "group_leader,accountant");
    assert_int_equal(s->roles_by, h->server.chair);
    assert_int_equal(s->roles_ms, NOW_MS);
    assert_int_equal(h->control_changes, 1);
    hub_check_all(h->serving.hub); /* as the loop does then */
    peer_expect_refused(&victim, "SEAT_ROLES");
    peer_expect_nothing(&beside);
    peer_finish(&victim);
    peer_open(h, &victim, TLS_PEER_CERTIFICATE, seat);
    assert_string_equal(peer_hello(&victim)->roles, "group_leader,accountant");
    /* The same once more ends nobody's session. */
    say_roles(&chair, seat, "accountant,group_leader", false);
    (void)peer_expect(&chair, FRAME_SEATS);
    hub_check_all(h->serving.hub);
    pull.has_org = 1;
    pull.org = h->server.branch;
    peer_say(&victim, FRAME_PULL, &pull.base);
    (void)peer_expect(&victim, FRAME_ENTRIES);
    peer_finish(&victim);
    peer_finish(&beside);
    peer_finish(&chair);
}

/* Another process changed them: before the next answer, though nobody has looked in between. */
static void roles_changed_beside_the_server(void **state)
{
    struct help_serving *h = *state;
    struct peer p;
    Wire__Pull pull = WIRE__PULL__INIT;
    uint32_t seat = server_add_seat(&h->server, h->server.branch, "committee_member");
    peer_enter(h, &p, seat);
    assert_int_equal(control_set_seat_roles(h->server.control, seat, ROLES(delegate), 0, NOW_MS), ERR_OK);
    pull.has_org = 1;
    pull.org = h->server.branch;
    peer_say(&p, FRAME_PULL, &pull.base);
    peer_expect_refused(&p, "SEAT_ROLES");
    peer_finish(&p);
}

static void roles_that_cannot_be_given(void **state)
{
    struct help_serving *h = *state;
    struct peer p;
    uint32_t seat = server_add_seat(&h->server, h->server.branch, "committee_member");
    uint32_t far = server_add_seat(&h->server, h->server.other, "union_chair");
    static const struct {
        const char *roles, *code;
    } wrong[] = {{"accountant,audit_member", "INVITE_ROLES"}, {"emperor", "INVITE_ROLES"}, {"", "INVITE_ROLES"}, {NULL, "INVITE_ROLES"},
                 {"district_officer", "INVITE_DISTRICT_ROLE"}};
    peer_enter(h, &p, h->server.chair);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        say_roles(&p, seat, wrong[i].roles, true);
        peer_expect_error(&p, 4, wrong[i].code);
    }
    say_roles(&p, h->server.chair, "union_chair,accountant", true);
    peer_expect_error(&p, 4, "SEAT_OWN");
    say_roles(&p, far, "accountant", true);
    peer_expect_error(&p, 4, "SEAT_UNKNOWN");
    say_roles(&p, h->officer, "district_finance", true);
    peer_expect_error(&p, 4, "SEAT_UNKNOWN");
    assert_int_equal(control_set_seat_state(h->server.control, seat, SEAT_REVOKED, 0), ERR_OK);
    say_roles(&p, seat, "accountant", true);
    peer_expect_error(&p, 4, "SEAT_REVOKED");
    peer_finish(&p);
    peer_enter(h, &p, server_add_seat(&h->server, h->server.branch, "accountant"));
    say_roles(&p, h->server.second, "delegate", true);
    peer_expect_error(&p, 4, "RIGHT");
    peer_finish(&p);
    assert_int_equal(h->control_changes, 0);
    assert_int_equal(seat_now(h, h->server.second)->roles, ROLES(union_chair));
}

/* A branch is not left without anybody who answers for its seats unless that was said. */
static void the_last_chair_goes_only_where_that_was_said(void **state)
{
    struct help_serving *h = *state;
    struct peer p;
    peer_enter(h, &p, h->officer);
    say_roles(&p, h->server.chair, "accountant", false); /* the second one is left */
    (void)peer_expect(&p, FRAME_SEATS);
    say_roles(&p, h->server.second, "union_chair,accountant", false); /* which stays one */
    (void)peer_expect(&p, FRAME_SEATS);
    say_roles(&p, h->server.second, "committee_member", false);
    peer_expect_error(&p, 4, "SEAT_LAST");
    assert_int_equal(seat_now(h, h->server.second)->roles, ROLES(union_chair) | ROLES(accountant));
    say_roles(&p, h->server.second, "committee_member", true);
    assert_string_equal(((const Wire__Seats *)peer_expect(&p, FRAME_SEATS))->seat[0]->roles, "committee_member");
    peer_finish(&p);
}

static void what_cannot_be_done(void **state)
{
    struct help_serving *h = *state;
    struct peer p;
    uint32_t far = server_add_seat(&h->server, h->server.other, "union_chair");
    peer_enter(h, &p, h->server.chair);
    say_seat(&p, WIRE__SEAT_ACTION__SEAT_REVOKE, h->server.chair);
    peer_expect_error(&p, 4, "SEAT_OWN");
    say_seat(&p, WIRE__SEAT_ACTION__SEAT_REVOKE, far);
    peer_expect_error(&p, 4, "SEAT_UNKNOWN");
    say_seat(&p, WIRE__SEAT_ACTION__SEAT_REVOKE, h->officer);
    peer_expect_error(&p, 4, "SEAT_UNKNOWN");
    say_seat(&p, WIRE__SEAT_ACTION__SEAT_REVOKE, 4711);
    peer_expect_error(&p, 4, "SEAT_UNKNOWN");
    say_seat(&p, 9, h->server.second); /* an action that this build does not know */
    peer_expect_error(&p, 4, "SEAT_ACTION");
    assert_int_equal(seat_now(h, h->server.second)->state, SEAT_ACTIVE);
    assert_int_equal(seat_now(h, far)->state, SEAT_ACTIVE);
    assert_int_equal(h->control_changes, 0);
    peer_finish(&p);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(from_invitation_to_hello),
        T(a_code_is_used_once),
        T(certificates_in_a_loop_are_refused),
        T(codes_end_with_who_gave_them_out),
        T(codes_end_with_the_role_that_gave_them_out),
        T(codes_that_are_refused),
        T(requests_that_are_none),
        T(joining_in_another_protocol),
        T(an_expired_certificate_may_only_renew),
        T(an_open_session_renews_and_goes_on),
        T(who_is_not_active_does_not_renew),
        T(who_may_invite_where),
        T(days_and_names),
        T(so_many_codes_wait),
        T(lists_by_reach),
        T(a_city_s_seats_in_pages),
        T(revoking_cuts_a_live_connection),
        T(what_a_revoked_seat_left),
        T(what_an_unknown_seat_left),
        T(what_an_unknown_seat_left_in_two_logs),
        T(suspending_and_resuming),
        T(other_roles_end_a_live_session),
        T(roles_changed_beside_the_server),
        T(roles_that_cannot_be_given),
        T(the_last_chair_goes_only_where_that_was_said),
        T(what_cannot_be_done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
