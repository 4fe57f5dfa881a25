/* Joining, step by step: what is sent, what each answer of a server leaves in the folder, a line that breaks at each place. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/key_file.h"
#include "base/limits.h"
#include "client/agent/joining.h"
#include "client/agent/key_files.h"
#include "client/replica/replica_sync.h"
#include "help_folder.h"
#include "help_tls.h"
#include "wire/join_code.h"
#include "wire/wire.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NOW INT64_C(1795400000000)
#define DAY INT64_C(86400000)
#define SEAT 7u

static struct help_district district, other;
static struct folder folder;
static struct agent_joined joined;
static struct joining *j;
static struct buf code;

static int make_districts(void **state)
{
    (void)state;
    help_district_make(&district, "青禾区教育工会");
    help_district_make(&other, "石榴区教育工会");
    return 0;
}

static int finish_districts(void **state)
{
    (void)state;
    help_district_finish(&district);
    help_district_finish(&other);
    return 0;
}

static int setup(void **state)
{
    Wire__JoinCode m = WIRE__JOIN_CODE__INIT;
    uint8_t pin[16], secret[16];
    (void)state;
    folder_make(&folder);
    joined = (struct agent_joined){.seat = {.number = 0}};
    arena_init(&joined.arena, LIMIT_FRAME_JOIN);
    help_pin(&district, pin);
    memset(secret, 0x5a, sizeof secret);
    m.has_version = 1;
    m.version = 1;
    m.server = "127.0.0.1:7443";
    m.has_ca_fingerprint = m.has_secret = 1;
    m.ca_fingerprint = (ProtobufCBinaryData){sizeof pin, pin};
    m.secret = (ProtobufCBinaryData){sizeof secret, secret};
    join_code_text(&m, tls_sha256, &code);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    joining_close(j);
    j = NULL;
    arena_finish(&joined.arena);
    buf_finish(&code);
    folder_remove(&folder);
    return 0;
}

/* ---- the steps ---- */

static enum err open_it(void)
{
    struct buf why = BUF_INIT;
    enum err e = joining_open(folder.path, buf_c_string(&code), &joined, &j, &why);
    buf_finish(&why);
    return e;
}

static void close_it(void)
{
    joining_close(j);
    j = NULL;
}

/* The CSR that was sent. */
static void up(const struct help_district *to, struct buf *csr)
{
    struct buf frame = BUF_INIT;
    struct arena arena;
    struct frame f;
    ProtobufCMessage *m;
    arena_init(&arena, LIMIT_ARENA);
    assert_int_equal(joining_up(j, buf_slice(&to->ca_cert), NOW, &frame), ERR_OK);
    size_t used;
    assert_int_equal(frame_take(buf_slice(&frame), LIMIT_FRAME_JOIN, &f, &used), ERR_OK);
    assert_int_equal(f.type, FRAME_JOIN);
    assert_int_equal(wire_open(&wire__join__descriptor, f.payload, &arena, &m), ERR_OK);
    const Wire__Join *join = (const Wire__Join *)m;
    assert_int_equal(join->protocol, 1);
    assert_int_equal(join->secret.len, 16);
    assert_int_equal(join->secret.data[15], 0x5a);
    assert_int_equal(join->sent_ms, NOW);
    if (csr) {
        csr->size = 0;
        buf_append(csr, join->csr.data, join->csr.len);
    }
    arena_finish(&arena);
    buf_finish(&frame);
}

static enum err answer(enum frame_type type, const ProtobufCMessage *m)
{
    struct buf payload = BUF_INIT;
    wire_pack(m, &payload);
    enum err e = joining_take(j, type, buf_slice(&payload), NOW);
    buf_finish(&payload);
    return e;
}

static enum err refuse(const char *with)
{
    Wire__Error m = WIRE__ERROR__INIT;
    m.code = (char *)with;
    m.text = "no";
    return answer(FRAME_ERROR, &m.base);
}

struct issued {
    const struct help_district *by;
    struct slice key; /* empty: the folder's */
    uint32_t seat, said;
    int64_t made_ms, now_ms;
};

static enum err give(struct issued x)
{
    struct buf key = BUF_INIT, pem = BUF_INIT, der = BUF_INIT;
    Wire__Org home = WIRE__ORG__INIT;
    Wire__Joined m = WIRE__JOINED__INIT;
    assert_int_equal(key_file_read(folder.path, "key.pem", &key), ERR_OK);
    help_issue(x.by, x.key.size ? x.key : buf_slice(&key), TLS_USAGE_SEAT, x.seat, x.made_ms, 365, &pem);
    assert_int_equal(tls_cert_to_der(buf_slice(&pem), &der), ERR_OK);
    home.has_number = 1;
    home.number = 3;
    home.code = "QH001";
    home.name = "青禾区小苗圃幼儿园工会";
    home.level = "branch";
    m.has_seat = m.has_certificate = m.has_now_ms = 1;
    m.seat = x.said ? x.said : x.seat;
    m.certificate = (ProtobufCBinaryData){der.size, der.data};
    m.person = "林晓岚";
    m.roles = "union_chair";
    m.home = &home;
    m.district = "青禾区教育工会";
    m.now_ms = x.now_ms ? x.now_ms : NOW;
    enum err e = answer(FRAME_JOINED, &m.base);
    buf_finish(&key);
    buf_finish(&pem);
    buf_finish(&der);
    return e;
}

static bool is_there(const char *name)
{
    struct buf path = BUF_INIT;
    buf_format(&path, "%s/%s", folder.path, name);
    bool there = access(buf_c_string(&path), F_OK) == 0;
    buf_finish(&path);
    return there;
}

static void expect_seat(void)
{
    struct replica *r;
    struct replica_facts f;
    struct buf why = BUF_INIT;
    assert_int_equal(replica_open(folder.path, NOW, &r), ERR_OK);
    assert_int_equal(replica_facts(r, &f), ERR_OK);
    assert_int_equal(f.seat, SEAT);
    assert_string_equal(f.server, "127.0.0.1:7443");
    assert_false(key_files_explain(folder.path, &why));
    buf_finish(&why);
    replica_close(r);
}

/* ---- scenarios ---- */

static void a_seat_is_there_when_all_of_it_is(void **state)
{
    (void)state;
    assert_int_equal(open_it(), ERR_OK);
    assert_string_equal(joining_server(j), "127.0.0.1:7443");
    assert_true(is_there("key.pem")); /* before anything is sent */
    up(&district, NULL);
    assert_false(joining_is_answered(j));
    assert_int_equal(give((struct issued){.by = &district, .seat = SEAT, .made_ms = NOW}), ERR_OK);
    assert_true(joining_is_answered(j));
    assert_false(is_there("cert.pem"));
    assert_int_equal(refuse("JOIN_USED"), ERR_OK); /* what comes behind it means nothing */
    assert_int_equal(joining_refusal(j, NULL), ERR_OK);
    assert_int_equal(joining_keep(j), ERR_OK);
    close_it();
    expect_seat();
    assert_int_equal(open_it(), ERR_EXISTS);
}

/* The answer was lost: asked again with the same code and key, at every place where the line can break. */
static void a_lost_answer_is_asked_for_again(void **state)
{
    struct buf first = BUF_INIT, again = BUF_INIT;
    uint8_t hash[2][32];
    (void)state;
    assert_int_equal(open_it(), ERR_OK);
    close_it(); /* before it was connected */
    assert_int_equal(open_it(), ERR_OK);
    up(&district, &first);
    up(&district, &again); /* connected once more in the same run */
    assert_int_equal(joining_take(j, FRAME_JOINED, slice_text("\xff\xff"), NOW), ERR_WIRE);
    close_it();
    assert_int_equal(open_it(), ERR_OK);
    up(&district, &again);
    assert_int_equal(tls_csr_key_hash(buf_slice(&first), hash[0]), ERR_OK);
    assert_int_equal(tls_csr_key_hash(buf_slice(&again), hash[1]), ERR_OK);
    assert_memory_equal(hash[0], hash[1], 32);
    assert_int_equal(give((struct issued){.by = &district, .seat = SEAT, .made_ms = NOW}), ERR_OK);
    assert_int_equal(joining_keep(j), ERR_OK);
    close_it();
    expect_seat();
    buf_finish(&first);
    buf_finish(&again);
}

/* Refused for ever, a key that was made for it goes, and the folder with it; for now, it stays; an older key always stays: its code may be
 * another one, whose answer was lost. */
static void what_a_refusal_leaves(void **state)
{
    struct buf text = BUF_INIT;
    (void)state;
    assert_int_equal(open_it(), ERR_OK);
    up(&district, NULL);
    assert_int_equal(refuse("BUSY"), ERR_OK);
    assert_int_equal(joining_refusal(j, &text), ERR_BUSY);
    assert_true(text.size > 0);
    close_it();
    assert_true(is_there("key.pem"));
    assert_int_equal(open_it(), ERR_OK);
    up(&district, NULL);
    assert_int_equal(refuse("JOIN_USED"), ERR_OK);
    assert_int_equal(joining_refusal(j, NULL), ERR_REFUSED);
    close_it();
    assert_true(is_there("key.pem"));
    folder_remove(&folder);
    folder_make(&folder);
    for (int i = 0; i < 2; i++) {
        static const char *const never[] = {"JOIN_USED", "JOIN_EXPIRED"};
        assert_int_equal(open_it(), ERR_OK);
        up(&district, NULL);
        assert_int_equal(refuse(never[i]), ERR_OK);
        assert_int_equal(joining_refusal(j, NULL), ERR_REFUSED);
        assert_int_equal(give((struct issued){.by = &district, .seat = SEAT, .made_ms = NOW}), ERR_OK); /* too late */
        assert_false(joining_is_answered(j));
        close_it();
        assert_false(is_there("key.pem"));
    }
    buf_finish(&text);
}

static void one_at_a_time(void **state)
{
    struct joining *second = NULL;
    struct buf why = BUF_INIT;
    (void)state;
    assert_int_equal(open_it(), ERR_OK);
    assert_int_equal(joining_open(folder.path, buf_c_string(&code), &joined, &second, &why), ERR_LOCKED);
    assert_null(second);
    close_it();
    assert_int_equal(open_it(), ERR_OK);
    buf_finish(&why);
}

/* What a server may not answer: nothing of it is kept, and another connection may bring the right answer. */
static void answers_that_are_none(void **state)
{
    struct buf key = BUF_INIT;
    Wire__Joined empty = WIRE__JOINED__INIT;
    (void)state;
    assert_int_equal(tls_key_make(&key), ERR_OK);
    assert_int_equal(open_it(), ERR_OK);
    up(&district, NULL);
    assert_int_equal(answer(FRAME_PONG, &empty.base), ERR_PROTOCOL);
    assert_int_not_equal(answer(FRAME_JOINED, &empty.base), ERR_OK);
    assert_int_equal(give((struct issued){.by = &district, .seat = SEAT, .said = SEAT + 1, .made_ms = NOW}), ERR_PROTOCOL);
    assert_int_equal(give((struct issued){.by = &district, .key = buf_slice(&key), .seat = SEAT, .made_ms = NOW}), ERR_PROTOCOL); /* of another key */
    assert_false(joining_is_answered(j));
    assert_int_equal(joining_refusal(j, NULL), ERR_OK);
    up(&district, NULL);
    assert_int_equal(give((struct issued){.by = &district, .seat = SEAT, .made_ms = NOW}), ERR_OK);
    assert_int_equal(joining_keep(j), ERR_OK);
    close_it();
    expect_seat();
    buf_finish(&key);
}

/* It was connected to with one CA, and its certificate is another one's: no server of the district would let it in. */
static void a_ca_that_changed_half_way(void **state)
{
    (void)state;
    assert_int_equal(open_it(), ERR_OK);
    up(&district, NULL);
    assert_int_equal(give((struct issued){.by = &other, .seat = SEAT, .made_ms = NOW}), ERR_CERTIFICATE);
    assert_false(joining_is_answered(j));
    assert_int_equal(give((struct issued){.by = &district, .seat = SEAT, .made_ms = NOW}), ERR_OK);
}

/* Days off in both directions: the server's clock counts, and one that can't be is none. */
static void clocks_that_are_wrong(void **state)
{
    static const int64_t clocks[] = {NOW - 3650 * DAY, NOW + 3650 * DAY, INT64_MAX, INT64_MIN, -1};
    struct replica_lease lease;
    struct replica *r;
    (void)state;
    for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++) {
        bool sane = clocks[i] > 0 && clocks[i] < INT64_MAX;
        assert_int_equal(open_it(), ERR_OK);
        up(&district, NULL);
        assert_int_equal(give((struct issued){.by = &district, .seat = SEAT, .made_ms = sane ? clocks[i] : NOW, .now_ms = clocks[i]}), ERR_OK);
        assert_int_equal(joining_keep(j), ERR_OK);
        close_it();
        assert_int_equal(replica_open(folder.path, NOW, &r), ERR_OK);
        assert_int_equal(replica_lease(r, NOW, &lease), ERR_OK);
        replica_close(r);
        folder_remove(&folder);
        folder_make(&folder);
    }
}

static void codes_that_are_none(void **state)
{
    struct buf why = BUF_INIT;
    (void)state;
    code.data[code.size / 2] ^= 1;
    assert_int_equal(joining_open(folder.path, buf_c_string(&code), &joined, &j, &why), ERR_VALUE);
    assert_null(j);
    assert_true(why.size > 0);
    assert_false(is_there("key.pem"));
    buf_finish(&why);
}

#define SCENARIO(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(a_seat_is_there_when_all_of_it_is), SCENARIO(a_lost_answer_is_asked_for_again), SCENARIO(what_a_refusal_leaves), SCENARIO(one_at_a_time),
        SCENARIO(answers_that_are_none), SCENARIO(a_ca_that_changed_half_way), SCENARIO(clocks_that_are_wrong), SCENARIO(codes_that_are_none),
    };
    return cmocka_run_group_tests_name("client_joining", tests, make_districts, finish_districts);
}
