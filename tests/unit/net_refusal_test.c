/* Peers that break the rules, each a thread with a blocking socket and TLS by hand: what the stream says of them, and
 * what they are told. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "help_net.h"
#include "base/limits.h"
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct raw {
    int fd;
    struct tls *tls;
    struct buf plain, cipher; /* what it was told */
    enum err failed;
    bool has_ended; /* by close_notify */
    size_t count;   /* for its script */
    void (*script)(struct raw *r);
    pthread_t thread;
};

static struct help_net w;

/* Asserts belong to the test's thread: a raw peer notes what went wrong in `failed` and goes on. */
static void raw_push(struct raw *r, struct slice bytes)
{
    while (bytes.size) {
        ssize_t n = send(r->fd, bytes.data, bytes.size, MSG_NOSIGNAL);
        if (n <= 0) {
            r->failed = ERR_CUT;
            return;
        }
        bytes = (struct slice){bytes.data + n, bytes.size - (size_t)n};
    }
}

/* Reads once, at most HELP_BOUND_MS later; false at the end. */
static bool raw_pull(struct raw *r)
{
    uint8_t in[16384];
    struct pollfd p = {.fd = r->fd, .events = POLLIN};
    ssize_t n = poll(&p, 1, (int)HELP_BOUND_MS) == 1 ? recv(r->fd, in, sizeof in, 0) : -1;
    if (n <= 0)
        return false;
    r->cipher.size = 0;
    enum err e = tls_feed(r->tls, slice_of(in, (size_t)n), &r->plain, &r->cipher);
    if (e)
        r->failed = e;
    raw_push(r, buf_slice(&r->cipher));
    return true;
}

static void raw_shake(struct raw *r)
{
    enum err e = tls_feed(r->tls, (struct slice){0}, &r->plain, &r->cipher);
    if (e)
        r->failed = e;
    raw_push(r, buf_slice(&r->cipher));
    while (!tls_is_up(r->tls) && !r->failed && raw_pull(r))
        ;
}

static void raw_say(struct raw *r, const void *data, size_t size)
{
    r->cipher.size = 0;
    enum err e = tls_write(r->tls, slice_of(data, size), &r->cipher);
    if (e)
        r->failed = e;
    raw_push(r, buf_slice(&r->cipher));
}

static void raw_listen_to_the_end(struct raw *r)
{
    while (raw_pull(r))
        ;
    r->has_ended = tls_has_ended(r->tls);
}

static void raw_reset(struct raw *r)
{
    struct linger hard = {.l_onoff = 1};
    setsockopt(r->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
}

static void *raw_run(void *to)
{
    struct raw *r = to;
    r->script(r);
    close(r->fd);
    return NULL;
}

static void raw_start(struct raw *r, void (*script)(struct raw *r), size_t count)
{
    *r = (struct raw){.script = script, .count = count};
    const char *port = strchr(w.address, ':') + 1;
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    r->tls = tls_create_client(w.client_tls, (struct slice){0}, (struct slice){0});
    int little = 16384; /* what it sends is not hidden in its own kernel */
    r->fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(r->fd, SOL_SOCKET, SO_SNDBUF, &little, sizeof little);
    assert_int_equal(connect(r->fd, (struct sockaddr *)&a, sizeof a), 0); /* the backlog takes it */
    assert_int_equal(pthread_create(&r->thread, NULL, raw_run, r), 0);
}

static void raw_finish(struct raw *r)
{
    tls_destroy(r->tls);
    buf_finish(&r->plain);
    buf_finish(&r->cipher);
}

static bool one_closed(struct help_net *x)
{
    return x->accepted && x->server[x->accepted - 1].closed;
}

/* Lets one raw peer play its script against the server; what the server thought of it is in the last server end. */
static struct help_end *play(struct raw *r, void (*script)(struct raw *r), size_t count)
{
    size_t before = w.accepted;
    raw_start(r, script, count);
    while (w.accepted == before || !w.server[w.accepted - 1].closed) {
        w.is_done = one_closed;
        net_timer_arm(w.watchdog, HELP_BOUND_MS);
        net_run(w.net);
        net_timer_disarm(w.watchdog);
        assert_false(w.timed_out);
    }
    pthread_join(r->thread, NULL);
    return &w.server[w.accepted - 1];
}

static void expect_error_frame(const struct raw *r, const char *code)
{
    struct frame f;
    size_t used;
    assert_int_equal(frame_take(buf_slice(&r->plain), LIMIT_FRAME, &f, &used), ERR_OK);
    assert_true(used > 0);
    assert_int_equal(f.type, FRAME_ERROR);
    Wire__Error *m = wire__error__unpack(NULL, f.payload.size, f.payload.data);
    assert_non_null(m);
    assert_string_equal(m->code, code);
    assert_int_equal(m->fatal, 1);
    assert_true(strlen(m->text) > 3);
    wire__error__free_unpacked(m, NULL);
    assert_true(r->has_ended); /* and orderly, after it */
    assert_int_equal(r->failed, ERR_OK); /* nothing that it said meanwhile ran into a reset */
}

/* ---- frames ---- */
static const uint8_t good_frame[] = {0, 0, 0, 1, FRAME_PING};

/* A head that says count, then a mebibyte of it that nobody will read: the answer must arrive all the same. */
static void script_large(struct raw *r)
{
    uint8_t head[5] = {(uint8_t)(r->count >> 24), (uint8_t)(r->count >> 16), (uint8_t)(r->count >> 8),
                       (uint8_t)r->count, FRAME_PING};
    static const uint8_t text[65536];
    raw_shake(r);
    raw_say(r, good_frame, sizeof good_frame);
    raw_say(r, head, sizeof head);
    for (int i = 0; i < 16; i++)
        raw_say(r, text, sizeof text);
    raw_listen_to_the_end(r);
}

static void too_large(void **state)
{
    (void)state;
    const size_t sizes[] = {LIMIT_FRAME_JOIN + 1, 0xffffffff};
    for (size_t i = 0; i < 2; i++) {
        struct raw r;
        help_net_make(&w, NULL, NULL);
        struct help_end *e = play(&r, script_large, sizes[i]);
        assert_int_equal(e->why, ERR_FRAME_TOO_LARGE);
        assert_int_equal(e->frames, 1);
        expect_error_frame(&r, "FRAME_TOO_LARGE");
        raw_finish(&r);
        help_net_finish(&w);
    }
}

static void raise_limit(struct help_end *e)
{
    stream_limit_frame(e->stream, LIMIT_FRAME);
}

static void script_full_size(struct raw *r)
{
    static uint8_t text[4 + LIMIT_FRAME] = {0, LIMIT_FRAME >> 16, 0, 0, FRAME_PING};
    raw_shake(r);
    raw_say(r, text, sizeof text);
}

static void as_large_as_may_be(void **state)
{
    (void)state;
    struct raw r;
    help_net_make(&w, NULL, NULL);
    w.on_up = raise_limit;
    struct help_end *e = play(&r, script_full_size, 0);
    assert_int_equal(e->frames, 1);
    assert_int_equal(e->bytes, LIMIT_FRAME - 1);
    assert_int_equal(e->why, ERR_CUT); /* it left without a word */
    raw_finish(&r);
    help_net_finish(&w);
}

static void script_type(struct raw *r)
{
    const uint8_t head[5] = {0, 0, 0, 1, (uint8_t)r->count};
    raw_shake(r);
    raw_say(r, head, sizeof head);
    raw_listen_to_the_end(r);
}

static void script_empty_frame(struct raw *r)
{
    const uint8_t head[4] = {0};
    raw_shake(r);
    raw_say(r, head, sizeof head);
    raw_listen_to_the_end(r);
}

static void unknown_type(void **state)
{
    (void)state;
    const size_t types[] = {0, FRAME_TYPES, 255};
    for (size_t i = 0; i < 4; i++) {
        struct raw r;
        help_net_make(&w, NULL, NULL);
        struct help_end *e = i < 3 ? play(&r, script_type, types[i]) : play(&r, script_empty_frame, 0);
        assert_int_equal(e->why, ERR_FRAME_TYPE);
        assert_int_equal(e->frames, 0);
        expect_error_frame(&r, "FRAME_TYPE");
        raw_finish(&r);
        help_net_finish(&w);
    }
}

/* A byte a record: frames do not know of records. */
static void script_crumbs(struct raw *r)
{
    raw_shake(r);
    for (int i = 0; i < 3; i++)
        for (size_t at = 0; at < sizeof good_frame; at++)
            raw_say(r, good_frame + at, 1);
    r->cipher.size = 0;
    tls_close_notify(r->tls, &r->cipher);
    raw_push(r, buf_slice(&r->cipher));
    raw_listen_to_the_end(r);
}

static void crumbs(void **state)
{
    (void)state;
    struct raw r;
    help_net_make(&w, NULL, NULL);
    struct help_end *e = play(&r, script_crumbs, 0);
    assert_int_equal(e->frames, 3);
    assert_int_equal(e->why, ERR_OK);
    assert_true(r.has_ended);
    raw_finish(&r);
    help_net_finish(&w);
}

/* ---- torn ---- */
static const uint8_t torn_frame[] = {0, 0, 0, 4, FRAME_PING, 1, 2, 3};

static void script_torn(struct raw *r)
{
    raw_shake(r);
    raw_say(r, torn_frame, r->count);
}

/* As a process that is killed while its socket holds unread bytes: the kernel resets. */
static void script_torn_by_reset(struct raw *r)
{
    script_torn(r);
    raw_reset(r);
}

static void script_torn_with_goodbye(struct raw *r)
{
    script_torn(r);
    r->cipher.size = 0;
    tls_close_notify(r->tls, &r->cipher);
    raw_push(r, buf_slice(&r->cipher));
    raw_listen_to_the_end(r);
}

static void torn_frame_everywhere(void **state)
{
    (void)state;
    void (*const scripts[])(struct raw *) = {script_torn, script_torn_with_goodbye};
    const enum err at_boundary[] = {ERR_CUT, ERR_OK};
    help_net_make(&w, NULL, NULL);
    for (size_t i = 0; i < 2; i++) {
        for (size_t n = 0; n <= sizeof torn_frame; n++) {
            struct raw r;
            struct help_end *e = play(&r, scripts[i], n);
            bool is_whole = n == 0 || n == sizeof torn_frame;
            assert_int_equal(e->why, is_whole ? at_boundary[i] : ERR_FRAME_TORN);
            assert_int_equal(e->frames, n == sizeof torn_frame);
            raw_finish(&r);
        }
    }
    help_net_finish(&w);
}

static void reset(void **state)
{
    (void)state;
    struct raw r;
    help_net_make(&w, NULL, NULL);
    struct help_end *e = play(&r, script_torn_by_reset, 6);
    assert_true(e->why == ERR_FRAME_TORN || e->why == ERR_CUT); /* a reset may overtake what was sent before it */
    raw_finish(&r);
    help_net_finish(&w);
}

/* Half a record: TLS has nothing to tell yet, but something was begun. */
static void script_torn_record(struct raw *r)
{
    raw_shake(r);
    r->cipher.size = 0;
    enum err e = tls_write(r->tls, slice_of(good_frame, sizeof good_frame), &r->cipher);
    if (e)
        r->failed = e;
    raw_push(r, slice_of(r->cipher.data, r->count));
}

static void torn_record(void **state)
{
    (void)state;
    help_net_make(&w, NULL, NULL);
    for (size_t n = 1; n < 5 + sizeof good_frame + 17; n += 4) { /* 1 5 9 ... of 27 */
        struct raw r;
        assert_int_equal(play(&r, script_torn_record, n)->why, ERR_FRAME_TORN);
        raw_finish(&r);
    }
    help_net_finish(&w);
}

static void script_torn_handshake(struct raw *r)
{
    enum err e = tls_feed(r->tls, (struct slice){0}, &r->plain, &r->cipher);
    if (e)
        r->failed = e;
    raw_push(r, slice_of(r->cipher.data, r->count < r->cipher.size ? r->count : r->cipher.size));
}

static void torn_handshake(void **state)
{
    (void)state;
    const size_t counts[] = {0, 1, 5, 100, SIZE_MAX};
    help_net_make(&w, NULL, NULL);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        struct raw r;
        struct help_end *e = play(&r, script_torn_handshake, counts[i]);
        assert_int_equal(e->why, ERR_CUT);
        assert_int_equal(e->ups, 0);
        raw_finish(&r);
    }
    help_net_finish(&w);
}

/* ---- deadlines ---- */
static void short_deadline(struct help_end *e)
{
    stream_deadline(e->stream, 20);
}

static void short_half(struct help_end *e)
{
    stream_limit_half(e->stream, 20);
}

static void script_silent(struct raw *r)
{
    uint8_t byte;
    while (recv(r->fd, &byte, 1, 0) > 0)
        ;
}

static void half_open(void **state)
{
    (void)state;
    struct raw r;
    help_net_make(&w, NULL, NULL);
    w.on_accept = short_deadline;
    struct help_end *e = play(&r, script_silent, 0);
    assert_int_equal(e->why, ERR_TIMEOUT);
    assert_string_equal(e->detail, "no connection in time");
    raw_finish(&r);
    help_net_finish(&w);
}

static void script_half_frame(struct raw *r)
{
    raw_shake(r);
    raw_say(r, good_frame, sizeof good_frame);
    raw_say(r, torn_frame, r->count);
    raw_listen_to_the_end(r);
}

static void half_frame(void **state)
{
    (void)state;
    struct raw r;
    help_net_make(&w, NULL, NULL);
    w.on_up = short_half;
    struct help_end *e = play(&r, script_half_frame, 7);
    assert_int_equal(e->why, ERR_TIMEOUT);
    assert_int_equal(e->frames, 1);
    expect_error_frame(&r, "TIMEOUT");
    raw_finish(&r);
    help_net_finish(&w);
}

static void script_half_record(struct raw *r)
{
    script_torn_record(r);
    raw_listen_to_the_end(r);
}

static void half_record(void **state)
{
    (void)state;
    struct raw r;
    help_net_make(&w, NULL, NULL);
    w.on_up = short_half;
    assert_int_equal(play(&r, script_half_record, 5)->why, ERR_TIMEOUT);
    raw_finish(&r);
    help_net_finish(&w);
}

/* Roomy: both halves come at once, unless the machine is busy. */
static void roomy_half(struct help_end *e)
{
    stream_limit_half(e->stream, 2000);
}

/* Whole frames wait for nothing: a stream between two frames has no deadline of its own, and its owner's ends with the next
 * whole frame. */
static void arm_once(struct help_end *e, enum frame_type type, struct slice payload)
{
    (void)type, (void)payload;
    if (e->frames == 1)
        stream_deadline(e->stream, 20); /* the next frame came in the same record */
}

static int64_t idle_since;

static bool idle_long_enough(struct help_net *x)
{
    return x->accepted && x->server[0].frames == 3;
}

static void idle_due(void *to)
{
    struct help_net *x = to;
    net_stop(x->net);
}

static void script_idle(struct raw *r)
{
    const uint8_t two[10] = {0, 0, 0, 1, FRAME_PING, 0, 0, 0, 1, FRAME_PING};
    raw_shake(r);
    raw_say(r, two, sizeof two);
    raw_say(r, torn_frame, 5);
    raw_say(r, torn_frame + 5, 3);
    raw_listen_to_the_end(r);
}

static void idle_is_fine(void **state)
{
    (void)state;
    struct raw r;
    help_net_make(&w, NULL, NULL);
    w.on_accept = roomy_half;
    w.on_frame = arm_once;
    raw_start(&r, script_idle, 0);
    help_net_run(&w, idle_long_enough);
    w.is_done = NULL;
    struct net_timer *t = net_timer_create(w.net, idle_due, &w);
    idle_since = net_now_ms(w.net);
    net_timer_arm(t, 60);
    net_run(w.net);
    assert_true(net_now_ms(w.net) - idle_since >= 60);
    assert_int_equal(w.server[0].closed, 0);
    net_timer_destroy(t);
    stream_close(w.server[0].stream, ERR_OK, "");
    help_net_run(&w, help_all_closed);
    pthread_join(r.thread, NULL);
    assert_true(r.has_ended);
    raw_finish(&r);
    help_net_finish(&w);
}

/* ---- not our protocol ---- */
static void script_http(struct raw *r)
{
    raw_push(r, slice_text("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    script_silent(r);
}

static void not_tls(void **state)
{
    (void)state;
    struct raw r;
    help_net_make(&w, NULL, NULL);
    struct help_end *e = play(&r, script_http, 0);
    assert_int_equal(e->why, ERR_TLS);
    assert_string_equal(e->detail, "what came is HTTP, not TLS");
    assert_int_equal(e->ups, 0);
    raw_finish(&r);
    help_net_finish(&w);
}

/* ---- a peer that does not read ---- */
static atomic_int may_leave;

static void script_deaf(struct raw *r)
{
    raw_shake(r);
    struct pollfd p = {.fd = r->fd, .events = POLLHUP}; /* until the other side resets; nothing is read */
    for (int waited = 0; !atomic_load(&may_leave) && waited < (int)HELP_BOUND_MS; waited += 10)
        poll(&p, 1, 10);
}

static enum err full_error;
static size_t full_most;

static void fill(struct help_end *e)
{
    full_error = ERR_OK;
    while (!full_error) {
        full_error = help_send_bytes(e, 1000000, 1);
        if (!full_error && stream_waiting(e->stream) > full_most)
            full_most = stream_waiting(e->stream);
    }
    assert_int_equal(e->closed, 0); /* told later */
    atomic_store(&may_leave, 1);
}

static void full(void **state)
{
    (void)state;
    struct raw r;
    help_net_make(&w, NULL, NULL);
    w.on_up = fill;
    struct help_end *e = play(&r, script_deaf, 0);
    assert_int_equal(full_error, ERR_FULL);
    assert_int_equal(e->why, ERR_FULL);
    /* The cap counts plain bytes as they come; TLS adds 22 to each record of 16,384. */
    assert_in_range(full_most, 1000000, LIMIT_SESSION_QUEUE + 2048);
    raw_finish(&r);
    help_net_finish(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(too_large),
        cmocka_unit_test(as_large_as_may_be),
        cmocka_unit_test(unknown_type),
        cmocka_unit_test(crumbs),
        cmocka_unit_test(torn_frame_everywhere),
        cmocka_unit_test(reset),
        cmocka_unit_test(torn_record),
        cmocka_unit_test(torn_handshake),
        cmocka_unit_test(half_open),
        cmocka_unit_test(half_frame),
        cmocka_unit_test(half_record),
        cmocka_unit_test(idle_is_fine),
        cmocka_unit_test(not_tls),
        cmocka_unit_test(full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
