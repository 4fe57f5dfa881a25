/* The agent against a real server: pauses, rounds, questions, certificates that end, and staying connected. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/key_file.h"
#include "base/limits.h"
#include "base/tr.h"
#include "client/agent/agent_inner.h"
#include "help_agent.h"
#include "wire/wire.h"

#include <stdio.h>
#include <string.h>

#define DAY_MS INT64_C(86400000)
#define BOUND_MS 30000

static struct help_agent a;
static struct replica *r;
static struct agent_result result;
static struct arena arena;
static uint32_t seat;

static int setup(void **state)
{
    (void)state;
    struct agent_joined joined = {0};
    char code[600];
    memset(&result, 0, sizeof result);
    arena_init(&arena, LIMIT_ARENA);
    help_agent_make(&a);
    snprintf(code, sizeof code, "%s", help_agent_code(&a, ROLES(union_chair)));
    help_agent_go(&a);
    agent_join(a.folder.path, code, NULL, &joined, &result);
    help_agent_halt(&a);
    assert_int_equal(result.why, ERR_OK);
    seat = joined.seat.number;
    arena_finish(&joined.arena);
    assert_int_equal(replica_open(a.folder.path, help_now_ms, &r), ERR_OK);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    replica_close(r);
    r = NULL;
    agent_result_finish(&result);
    arena_finish(&arena);
    help_agent_finish(&a);
    return 0;
}

static bool says(const char *what)
{
    return result.text.size > 0 && strstr(buf_c_string(&result.text), what);
}

static void add(const char *name)
{
    const struct kind *member = kind_by_name("member");
    struct replica_outcome o;
    ProtobufCMessage *patch = record_new(member->descriptor, &arena);
    record_put_name(patch, "name", cell_text(name), &arena);
    struct replica_change c = {.op = OP_CREATE, .kind = member->number, .patch = patch};
    assert_int_equal(replica_change(r, &c, help_now_ms, &arena, &o), ERR_OK);
}

static uint64_t queued(void)
{
    struct replica_status s;
    assert_int_equal(replica_status(r, &s), ERR_OK);
    return s.queued;
}

static uint64_t members(struct replica *at)
{
    uint64_t count = 0;
    assert_int_equal(replica_count(at, kind_by_name("member")->number, &count), ERR_OK);
    return count;
}

/* Another seat of the branch sends a member; in the thread that has the server. */
static void another_sends(int record)
{
    struct pen pen = pen_of(&a.h.server, a.h.server.chair, a.h.server.branch, record);
    a.h.server.now_ms = help_now_ms;
    assert_non_null(push_one(&pen, pen_create(&pen, record, "name=Li")));
    for (size_t i = 0; i < a.h.server.news_count; i++)
        hub_news(a.h.serving.hub, a.h.server.news[i].org, a.h.server.news[i].seq);
}

/* ---- pauses ---- */

static void pauses(void **state)
{
    (void)state;
    assert_int_equal(agent_pause_ms(1, 0, 0), 1);
    assert_int_equal(agent_pause_ms(1, 0, 999), 1000);
    assert_int_equal(agent_pause_ms(1, 0, 1000), 1); /* full jitter: anything below the bound */
    assert_int_equal(agent_pause_ms(0, 0, 999), 1000);
    assert_int_equal(agent_pause_ms(2, 0, 1999), 2000);
    assert_int_equal(agent_pause_ms(9, 0, 255999), 256000);
    assert_int_equal(agent_pause_ms(10, 0, 299999), 300000); /* 5 min at most */
    assert_int_equal(agent_pause_ms(10, 0, 300000), 1);
    assert_int_equal(agent_pause_ms(4000000000u, 0, 299999), 300000);
    /* What the server asks for comes first, the jitter on top; an hour at most. */
    assert_int_equal(agent_pause_ms(1, 30000, 0), 30001);
    assert_int_equal(agent_pause_ms(1, 30000, 999), 31000);
    assert_int_equal(agent_pause_ms(1, INT64_MAX, 0), 3600001);
    assert_int_equal(agent_pause_ms(1, -5, 0), 1);
}

/* ---- rounds and questions ---- */

static void a_round_sends_and_fetches(void **state)
{
    (void)state;
    add("李梅");
    another_sends(1);
    help_agent_go(&a);
    agent_round(r, NULL, &result);
    assert_int_equal(result.why, ERR_OK);
    assert_int_equal(queued(), 0);
    assert_int_equal(members(r), 2);
    add("王芳");
    agent_round(r, NULL, &result); /* by the key of the session before */
    assert_int_equal(result.why, ERR_OK);
    assert_int_equal(queued(), 0);
}

static char answered[600];

static void on_invited(void *to, enum frame_type type, const ProtobufCMessage *m)
{
    (void)to;
    if (type == FRAME_INVITED)
        snprintf(answered, sizeof answered, "%s", ((const Wire__Invited *)m)->code);
}

static void invite(const char *roles, int64_t deadline_ms)
{
    Wire__InviteAsk ask = WIRE__INVITE_ASK__INIT;
    struct agent_options options = {.deadline_ms = deadline_ms};
    ask.roles = (char *)roles;
    ask.person = "陈晨";
    answered[0] = 0;
    agent_ask(r, FRAME_INVITE_ASK, &ask.base, &options, on_invited, NULL, &result);
}

static void questions(void **state)
{
    (void)state;
    help_agent_go(&a);
    invite("accountant", BOUND_MS);
    assert_int_equal(result.why, ERR_OK);
    assert_memory_equal(answered, "BANYAN-", 7);
    invite("district_officer", BOUND_MS); /* no role of a branch */
    assert_int_equal(result.why, ERR_REFUSED);
    assert_true(says("--role"));
    help_agent_halt(&a); /* the port is open, nobody answers */
    invite("accountant", 300);
    assert_int_equal(result.why, ERR_TIMEOUT);
    assert_string_equal(answered, "");
    assert_true(says(a.address));
    assert_false(says(_("What was entered stays queued on this device."))); /* nothing was */
}

/* ---- certificates ---- */

/* The seat's certificate as if it had been issued then. */
static void issue(int64_t then_ms, unsigned days)
{
    struct buf ca_key = BUF_INIT, ca_pem = BUF_INIT, key = BUF_INIT, der = BUF_INIT, pem = BUF_INIT;
    struct tls_cert_facts facts;
    uint8_t serial[16] = {0x33};
    const char *dir = a.h.server.folder.path;
    assert_int_equal(key_file_read(dir, "ca.key", &ca_key), ERR_OK);
    assert_int_equal(key_file_read(dir, "ca.pem", &ca_pem), ERR_OK);
    assert_int_equal(key_file_read(a.folder.path, "key.pem", &key), ERR_OK);
    assert_int_equal(tls_issue(buf_slice(&ca_key), buf_slice(&ca_pem), (struct slice){0}, buf_slice(&key),
                               TLS_USAGE_SEAT, seat, serial, then_ms, days, &der),
                     ERR_OK);
    assert_int_equal(tls_cert_to_pem(buf_slice(&der), &pem), ERR_OK);
    assert_int_equal(key_file_write(a.folder.path, "cert.pem", buf_slice(&pem), KEY_FILE_REPLACE), ERR_OK);
    assert_int_equal(tls_cert_facts(buf_slice(&der), &facts), ERR_OK);
    assert_int_equal(control_renew_seat(a.h.serving.control, seat, facts.key_hash, serial, facts.ends_ms), ERR_OK);
    assert_int_equal(replica_meta_put_integer(r, "certificate_ends_ms", facts.ends_ms), ERR_OK);
    struct buf *all[] = {&ca_key, &ca_pem, &key, &der, &pem};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        buf_finish(all[i]);
}

static int64_t days_left(void)
{
    struct buf pem = BUF_INIT;
    struct tls_cert_facts facts;
    assert_int_equal(key_file_read(a.folder.path, "cert.pem", &pem), ERR_OK);
    assert_int_equal(tls_cert_facts(buf_slice(&pem), &facts), ERR_OK);
    buf_finish(&pem);
    return (facts.ends_ms - help_now_ms) / DAY_MS;
}

static void renewed_before_it_ends(void **state)
{
    (void)state;
    struct replica_facts f;
    issue(help_now_ms - DAY_MS, 62); /* 60 days and some: not yet */
    help_agent_go(&a);
    agent_round(r, NULL, &result);
    assert_int_equal(result.why, ERR_OK);
    assert_int_equal(days_left(), 60);
    help_agent_halt(&a);
    issue(help_now_ms - DAY_MS, 61);
    assert_int_equal(days_left(), 59);
    help_agent_go(&a);
    agent_round(r, NULL, &result);
    assert_int_equal(result.why, ERR_OK);
    assert_in_range(days_left(), 364, 365);
    assert_int_equal(replica_facts(r, &f), ERR_OK);
    assert_in_range((f.certificate_ends_ms - help_now_ms) / DAY_MS, 364, 365);
    agent_round(r, NULL, &result); /* and it is good */
    assert_int_equal(result.why, ERR_OK);
}

static void one_that_has_ended_renews_first(void **state)
{
    (void)state;
    issue(help_now_ms - 40 * DAY_MS, 30);
    add("李梅");
    help_agent_go(&a);
    agent_round(r, NULL, &result);
    assert_int_equal(result.why, ERR_OK);
    assert_int_equal(queued(), 0);
    assert_in_range(days_left(), 364, 365);
}

/* Over that key, by that CA, handed to the seat as the answer to RENEW. */
static enum err take(const struct buf *ca_key, const struct buf *ca_pem, const struct buf *key)
{
    struct buf der = BUF_INIT;
    uint8_t serial[16] = {0x34};
    Wire__Renewed m = WIRE__RENEWED__INIT;
    assert_int_equal(tls_issue(buf_slice(ca_key), buf_slice(ca_pem), (struct slice){0}, buf_slice(key), TLS_USAGE_SEAT, seat, serial, help_now_ms, 30, &der),
                     ERR_OK);
    m.has_certificate = 1;
    m.certificate = (ProtobufCBinaryData){der.size, der.data};
    enum err e = agent_take_renewed(r, &m);
    buf_finish(&der);
    return e;
}

/* Written over the old one it would be the seat's end: no server would let it in any more. */
static void one_that_does_not_fit_is_not_kept(void **state)
{
    struct buf ca_key = BUF_INIT, ca_pem = BUF_INIT, key = BUF_INIT, other_key = BUF_INIT, other_ca_key = BUF_INIT, other_ca_pem = BUF_INIT;
    (void)state;
    assert_int_equal(key_file_read(a.h.server.folder.path, "ca.key", &ca_key), ERR_OK);
    assert_int_equal(key_file_read(a.h.server.folder.path, "ca.pem", &ca_pem), ERR_OK);
    assert_int_equal(key_file_read(a.folder.path, "key.pem", &key), ERR_OK);
    assert_int_equal(tls_key_make(&other_key), ERR_OK);
    assert_int_equal(tls_ca_make("别的区", help_now_ms, &other_ca_key, &other_ca_pem), ERR_OK);
    assert_int_equal(take(&ca_key, &ca_pem, &other_key), ERR_PROTOCOL);
    assert_int_equal(take(&other_ca_key, &other_ca_pem, &key), ERR_CERTIFICATE);
    assert_in_range(days_left(), 364, 365);
    assert_int_equal(take(&ca_key, &ca_pem, &key), ERR_OK);
    assert_in_range(days_left(), 29, 30);
    struct buf *all[] = {&ca_key, &ca_pem, &key, &other_key, &other_ca_key, &other_ca_pem};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        buf_finish(all[i]);
}

/* ---- staying connected; the steps are the server's ---- */

static struct replica *eye; /* another process's, say: in the server's thread */
static int stage;
static int64_t began_ms;
static bool late;

static atomic_int complaints; /* lines that say more than that it is connected */

static void on_line(void *to, const char *line)
{
    (void)to;
    complaints += strcmp(line, _("connected")) != 0;
}

static void begin_watch(void (*step)(struct help_agent *))
{
    stage = complaints = 0;
    late = false;
    began_ms = clock_now_ms();
    assert_int_equal(replica_open(a.folder.path, help_now_ms, &eye), ERR_OK);
    a.step = step;
    help_agent_go(&a);
    agent_watch(r, on_line, NULL, &result);
    help_agent_halt(&a);
    a.step = NULL;
    replica_close(eye);
    assert_false(late);
    assert_int_equal(result.why, ERR_OK);
}

/* True once per stage, when cond holds; ends all after a bound. */
static bool reached(int at, bool condition)
{
    if (clock_now_ms() - began_ms > BOUND_MS && !late) {
        late = true;
        help_agent_stop_watch();
    }
    if (late || stage != at || !condition)
        return false;
    stage++;
    return true;
}

static bool connected(void)
{
    return replica_meta_integer(eye, "connected", 0) == 1;
}

static void news_step(struct help_agent *at)
{
    (void)at;
    if (reached(0, connected()))
        another_sends(1);
    if (reached(1, members(eye) == 1))
        another_sends(2);
    if (reached(2, members(eye) == 2))
        help_agent_stop_watch();
}

static void news_come_by_themselves(void **state)
{
    (void)state;
    begin_watch(news_step);
    assert_int_equal(stage, 3);
    assert_int_equal(complaints, 0);
    assert_int_equal(replica_meta_integer(r, "connected", -1), 0);
}

static void ask_agent(void)
{
    assert_int_equal(replica_meta_put_integer(eye, "poke", replica_meta_integer(eye, "poke", 0) + 1), ERR_OK);
}

static bool is_answered(void)
{
    return replica_meta_integer(eye, "poke_done", 0) == replica_meta_integer(eye, "poke", 0);
}

static void asked_step(struct help_agent *at)
{
    (void)at;
    if (reached(0, connected()))
        ask_agent();
    if (reached(1, is_answered()))
        help_agent_stop_watch();
}

static void who_asks_is_answered(void **state)
{
    (void)state;
    begin_watch(asked_step);
    assert_int_equal(stage, 2);
    assert_int_equal(complaints, 0);
    assert_int_equal(replica_meta_integer(r, "poke_failure", -1), ERR_OK);
}

static void busy_step(struct help_agent *at)
{
    (void)at;
    if (reached(0, complaints > 0))
        ask_agent();
    if (reached(1, is_answered()))
        help_agent_stop_watch();
}

/* It asked to be left alone: a person who asks is told so at once, and it is not called. */
static void a_busy_server_is_left_alone(void **state)
{
    (void)state;
    struct slice text;
    a.h.queue_max = 0; /* no job is taken: whoever says hello is told to come later */
    begin_watch(busy_step);
    a.h.queue_max = 64;
    assert_int_equal(stage, 2);
    assert_int_equal(replica_meta_integer(r, "poke_failure", -1), ERR_BUSY);
    assert_int_equal(replica_meta_get(r, "poke_text", &arena, &text), ERR_OK);
    assert_true(text.size > 0);
    assert_true(clock_now_ms() - began_ms < 20000); /* not the 30 s of its pause */
}

static void connected_step(struct help_agent *at)
{
    (void)at;
    if (reached(0, connected()))
        help_agent_stop_watch();
}

/* Its clock runs ahead, or a server without its newest journal told the end of an older certificate: what it has is good. A RENEW in
 * place of a hello would be out of turn. */
static void who_only_thinks_that_it_has_ended(void **state)
{
    (void)state;
    assert_int_equal(replica_meta_put_integer(r, "certificate_ends_ms", help_now_ms - DAY_MS), ERR_OK);
    begin_watch(connected_step);
    assert_int_equal(stage, 1);
    assert_int_equal(complaints, 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pauses), T(a_round_sends_and_fetches), T(questions), T(renewed_before_it_ends),
        T(one_that_has_ended_renews_first), T(one_that_does_not_fit_is_not_kept), T(news_come_by_themselves),
        T(who_asks_is_answered), T(a_busy_server_is_left_alone), T(who_only_thinks_that_it_has_ended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
