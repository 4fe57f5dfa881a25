/* The listener over real TLS on loopback: from stranger to seat, limits before and after a peer is known, a renewed
 * certificate, the end of all connections. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "help_net.h"
#include "help_session.h"

#include "base/clock.h"
#include "base/key_file.h"
#include "base/limits.h"
#include "server/listener.h"
#include "wire/join_code.h"
#include "wire/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

struct world {
    struct help_serving h;
    struct help_net net; /* the clients' ends, on the listener's loop */
    struct tls_context *server_tls;
    struct listener *listener;
    uint16_t port;
    char address[32];
    struct buf key, cert, ca; /* of the seat that has joined */
    struct tls_context *seat_tls;
};

static struct world w;

/* Certificates are judged by the system's clock: they are made anew for today. */
static void make_today(void)
{
    static const char *const files[] = {"ca.key", "ca.pem", "server.key", "server.pem", "psk.master", "head.key"};
    serving_close(&w.h);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        assert_int_equal(unlink(folder_file(&w.h.server.folder, files[i])), 0);
    help_now_ms = clock_now_ms();
    assert_int_equal(authority_init(w.h.server.folder.path, "qinghe", help_now_ms), ERR_OK);
    serving_open(&w.h);
}

/* What a test waits for may become true without any event at a client's end. */
static struct net_timer *look;

static void on_look(void *to)
{
    (void)to;
    if (w.net.is_done && w.net.is_done(&w.net))
        net_stop(w.net.net);
    net_timer_arm(look, 5);
}

static int setup(void **state)
{
    (void)state;
    memset(&w, 0, sizeof w);
    serving_make(&w.h);
    make_today();
    help_net_make(&w.net, NULL, NULL);
    assert_int_equal(authority_tls(w.h.serving.authority, w.h.serving.control, &w.server_tls), ERR_OK);
    assert_int_equal(listener_open(w.net.net, "127.0.0.1:0", w.server_tls, &w.h.serving, &w.port, &w.listener), ERR_OK);
    snprintf(w.address, sizeof w.address, "127.0.0.1:%u", w.port);
    look = net_timer_create(w.net.net, on_look, NULL);
    net_timer_arm(look, 5);
    return 0;
}

static bool none_left(struct help_net *n)
{
    serving_pump(&w.h);
    return listener_connections(w.listener) == 0 && help_all_closed(n);
}

static int teardown(void **state)
{
    (void)state;
    listener_close(w.listener);
    help_net_run(&w.net, none_left);
    listener_destroy(w.listener);
    net_timer_destroy(look);
    help_net_finish(&w.net);
    tls_context_destroy(w.server_tls);
    tls_context_destroy(w.seat_tls);
    buf_finish(&w.key);
    buf_finish(&w.cert);
    buf_finish(&w.ca);
    serving_remove(&w.h);
    return 0;
}

/* ---- ends ---- */

static struct help_end *waited_for;

static bool is_up(struct help_net *n)
{
    (void)n;
    return waited_for->ups > 0 || waited_for->closed;
}

static bool has_answer(struct help_net *n)
{
    (void)n;
    serving_pump(&w.h);
    return waited_for->frames > 0 || waited_for->closed;
}

static bool is_closed(struct help_net *n)
{
    (void)n;
    return waited_for->closed;
}

static void wait_for(struct help_end *e, bool (*what)(struct help_net *n))
{
    waited_for = e;
    help_net_run(&w.net, what);
}

static struct help_end *dial(struct tls_context *tls)
{
    struct slice none = {0};
    return help_net_connect_with(&w.net, w.address, tls, none, none);
}

static const ProtobufCMessage *answer(struct help_end *e, enum frame_type type)
{
    ProtobufCMessage *m;
    wait_for(e, has_answer);
    assert_string_equal(frame_name(e->type), frame_name(type));
    assert_int_equal(wire_open(frame_descriptor(type), buf_slice(&e->last), &w.h.server.arena, &m), ERR_OK);
    return m;
}

/* ---- joining ---- */

static struct tls_context *stranger_tls(void)
{
    struct buf pem = BUF_INIT, der = BUF_INIT;
    struct slice none = {0};
    uint8_t hash[32];
    struct tls_context *tls = NULL;
    assert_int_equal(key_file_read(w.h.server.folder.path, "ca.pem", &pem), ERR_OK);
    assert_int_equal(tls_cert_to_der(buf_slice(&pem), &der), ERR_OK);
    tls_sha256(buf_slice(&der), hash);
    assert_int_equal(tls_context_client(none, none, none, hash, &tls), ERR_OK);
    buf_finish(&pem);
    buf_finish(&der);
    return tls;
}

static Wire__JoinCode *make_code(void)
{
    struct buf text = BUF_INIT;
    const char *refusal;
    int64_t ends;
    Wire__JoinCode *code;
    assert_int_equal(authority_invite(w.h.serving.authority, w.h.serving.control, w.h.server.branch, "李四",
                                      ROLES(union_chair), 7, w.address, 0, help_now_ms, &text, &ends, &refusal),
                     ERR_OK);
    assert_int_equal(join_code_parse(buf_slice(&text), tls_sha256, &w.h.server.arena, &code), ERR_OK);
    buf_finish(&text);
    return code;
}

static uint32_t join(void)
{
    struct tls_context *tls = stranger_tls();
    struct buf csr = BUF_INIT;
    Wire__Join m = WIRE__JOIN__INIT;
    struct help_end *e = dial(tls);
    assert_int_equal(tls_key_make(&w.key), ERR_OK);
    assert_int_equal(tls_csr_make(buf_slice(&w.key), "banyan", &csr), ERR_OK);
    m.has_protocol = m.has_secret = m.has_csr = 1;
    m.protocol = 1;
    m.secret = make_code()->secret;
    m.csr = (ProtobufCBinaryData){csr.size, csr.data};
    wait_for(e, is_up);
    assert_int_equal(stream_send(e->stream, FRAME_JOIN, &m.base), ERR_OK);
    const Wire__Joined *joined = (const Wire__Joined *)answer(e, FRAME_JOINED);
    uint32_t seat = joined->seat;
    assert_int_equal(tls_cert_to_pem(slice_of(joined->certificate.data, joined->certificate.len), &w.cert), ERR_OK);
    wait_for(e, is_closed); /* the server ends it: a stranger joins once */
    assert_int_equal(e->why, ERR_OK);
    assert_int_equal(key_file_read(w.h.server.folder.path, "ca.pem", &w.ca), ERR_OK);
    assert_int_equal(tls_context_client(buf_slice(&w.ca), buf_slice(&w.cert), buf_slice(&w.key), NULL, &w.seat_tls),
                     ERR_OK);
    tls_context_destroy(tls);
    buf_finish(&csr);
    return seat;
}

static void send_hello(struct help_end *e, const char *version)
{
    uint8_t incarnation[16] = {1};
    Wire__Hello hello = WIRE__HELLO__INIT;
    hello.has_protocol = hello.has_incarnation = 1;
    hello.protocol = 1;
    hello.version = (char *)version;
    hello.incarnation = (ProtobufCBinaryData){16, incarnation};
    wait_for(e, is_up);
    assert_int_equal(stream_send(e->stream, FRAME_HELLO, &hello.base), ERR_OK);
}

static void from_stranger_to_seat(void **state)
{
    (void)state;
    uint32_t seat = join();
    struct help_end *e = dial(w.seat_tls);
    send_hello(e, "0.1.0");
    const Wire__Welcome *welcome = (const Wire__Welcome *)answer(e, FRAME_WELCOME);
    assert_int_equal(welcome->seat, seat);
    assert_non_null(welcome->psk);

    /* And again without certificates: the server finds the key that it derived. */
    struct help_end *again = help_net_connect_with(&w.net, w.address, w.seat_tls,
                                                   slice_of(welcome->psk->identity.data, welcome->psk->identity.len),
                                                   slice_of(welcome->psk->key.data, welcome->psk->key.len));
    send_hello(again, "0.1.0");
    welcome = (const Wire__Welcome *)answer(again, FRAME_WELCOME);
    assert_int_equal(welcome->seat, seat);
    assert_null(welcome->psk); /* not made with certificates */
    assert_int_equal(listener_connections(w.listener), 2);
}

/* ---- limits ---- */

static void frames_of_strangers_are_small(void **state)
{
    (void)state;
    struct tls_context *tls = stranger_tls();
    struct help_end *e = dial(tls);
    wait_for(e, is_up);
    assert_int_equal(help_send_bytes(e, LIMIT_FRAME_JOIN + 1, 7), ERR_OK);
    const Wire__Error *error = (const Wire__Error *)answer(e, FRAME_ERROR);
    assert_string_equal(error->code, "FRAME_TOO_LARGE");
    wait_for(e, is_closed);
    tls_context_destroy(tls);

    (void)join();
    e = dial(w.seat_tls);
    char *long_version = malloc(LIMIT_FRAME_JOIN * 4);
    memset(long_version, 'v', LIMIT_FRAME_JOIN * 4);
    long_version[LIMIT_FRAME_JOIN * 4 - 1] = 0;
    send_hello(e, long_version); /* once the peer is known its frames may be large */
    (void)answer(e, FRAME_WELCOME);
    free(long_version);
}

static void a_stranger_that_says_something_else(void **state)
{
    (void)state;
    struct tls_context *tls = stranger_tls();
    struct help_end *e = dial(tls);
    send_hello(e, "0.1.0");
    assert_string_equal(((const Wire__Error *)answer(e, FRAME_ERROR))->code, "NOT_JOINED");
    wait_for(e, is_closed);
    tls_context_destroy(tls);
}

static int knock_from(in_addr_t from)
{
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(w.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(from)};
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(s >= 0);
    assert_int_equal(bind(s, (struct sockaddr *)&own, sizeof own), 0);
    assert_int_equal(connect(s, (struct sockaddr *)&to, sizeof to), 0);
    return s;
}

static int knock(void)
{
    return knock_from(INADDR_LOOPBACK);
}

static size_t wanted;

static bool count_is(struct help_net *n)
{
    (void)n;
    return listener_connections(w.listener) == wanted;
}

static int twentieth;

static bool is_gone(int s)
{
    char byte;
    ssize_t got = recv(s, &byte, 1, MSG_DONTWAIT);
    return got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
}

/* Whoever opens connections and says nothing takes no place from seats: the oldest of his own gives way. */
static void too_many_strangers(void **state)
{
    (void)state;
    int sockets[LIMIT_HANDSHAKES];
    (void)join();
    struct help_end *early = dial(w.seat_tls);
    send_hello(early, "0.1.0");
    (void)answer(early, FRAME_WELCOME); /* said hello: no longer a stranger */
    for (size_t i = 0; i < LIMIT_HANDSHAKES; i++)
        sockets[i] = knock();
    wanted = LIMIT_HANDSHAKES + 1;
    help_net_run(&w.net, count_is);
    struct help_end *late = dial(w.seat_tls);
    send_hello(late, "0.1.0");
    (void)answer(late, FRAME_WELCOME);
    wanted = LIMIT_HANDSHAKES + 1; /* two seats, and all strangers but one */
    help_net_run(&w.net, count_is);
    assert_true(is_gone(sockets[0]));
    for (size_t i = 1; i < LIMIT_HANDSHAKES; i++)
        assert_false(is_gone(sockets[i]));
    assert_false(early->closed);
    for (size_t i = 0; i < LIMIT_HANDSHAKES; i++)
        close(sockets[i]);
    wanted = 2;
    help_net_run(&w.net, count_is);
}

/* Where the process may open few files, strangers get half of what is left, and seats still come in. */
static void few_files(void **state)
{
    (void)state;
    struct rlimit before, few;
    int sockets[60];
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    few = (struct rlimit){.rlim_cur = 64 + 80, .rlim_max = before.rlim_max};
    listener_close(w.listener);
    help_net_run(&w.net, none_left);
    listener_destroy(w.listener);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    assert_int_equal(listener_open(w.net.net, w.address, w.server_tls, &w.h.serving, &w.port, &w.listener), ERR_OK);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    (void)join();
    for (size_t i = 0; i < 60; i++)
        sockets[i] = knock();
    wanted = 40; /* half of 80 */
    help_net_run(&w.net, count_is);
    struct help_end *seat = dial(w.seat_tls);
    send_hello(seat, "0.1.0");
    (void)answer(seat, FRAME_WELCOME);
    for (size_t i = 0; i < 60; i++)
        close(sockets[i]);
}

static bool twentieth_is_gone(struct help_net *n)
{
    (void)n;
    return is_gone(twentieth);
}

/* One that is alone at its address keeps its place while another address floods: it had come before all of them. */
static void a_flood_pushes_out_its_own(void **state)
{
    (void)state;
    int flood[LIMIT_HANDSHAKES + 20];
    int alone = knock_from(INADDR_LOOPBACK + 1);
    for (size_t i = 0; i < sizeof flood / sizeof *flood; i++)
        flood[i] = knock();
    wanted = LIMIT_HANDSHAKES;
    help_net_run(&w.net, count_is);
    twentieth = flood[20];
    help_net_run(&w.net, twentieth_is_gone);
    assert_false(is_gone(alone));
    assert_true(is_gone(flood[0]) && is_gone(flood[20]));
    assert_false(is_gone(flood[21]));
    close(alone);
    for (size_t i = 0; i < sizeof flood / sizeof *flood; i++)
        close(flood[i]);
}

/* A thief with a seat's key takes no places but that seat's own: its oldest session ends, others stay. */
static void a_seat_has_few_sessions(void **state)
{
    (void)state;
    struct help_end *ends[LIMIT_SESSIONS_SEAT + 2];
    (void)join();
    for (size_t i = 0; i < LIMIT_SESSIONS_SEAT + 2; i++) {
        ends[i] = dial(w.seat_tls);
        send_hello(ends[i], "0.1.0");
        (void)answer(ends[i], FRAME_WELCOME);
    }
    for (size_t i = 0; i < 2; i++)
        wait_for(ends[i], is_closed);
    for (size_t i = 0; i < 2; i++)
        assert_string_equal(((const Wire__Error *)answer(ends[i], FRAME_ERROR))->code, "FULL");
    wanted = LIMIT_SESSIONS_SEAT;
    help_net_run(&w.net, count_is);
}

/* ---- a renewed certificate, and the end ---- */

static void a_renewed_certificate_is_shown_from_then_on(void **state)
{
    (void)state;
    bool renewed;
    struct tls_context *fresh;
    struct buf der = BUF_INIT, pem = BUF_INIT;
    struct tls_cert_facts before, shown;
    (void)join();
    struct help_end *old = dial(w.seat_tls);
    send_hello(old, "0.1.0");
    (void)answer(old, FRAME_WELCOME);
    assert_int_equal(tls_peer_certificate(stream_tls(old->stream), &der), ERR_OK);
    assert_int_equal(tls_cert_facts(buf_slice(&der), &before), ERR_OK);
    buf_finish(&der);
    /* As if it were short before the certificate's end. */
    assert_int_equal(authority_keep_fresh(w.h.serving.authority, before.ends_ms - 86400000, &renewed), ERR_OK);
    assert_true(renewed);
    buf_finish(&pem);
    /* A certificate made "then" is valid from two days before then: not yet. So the clock's own present is used for one
     * that is. */
    assert_int_equal(unlink(folder_file(&w.h.server.folder, "server.pem")), 0);
    struct buf ca_key = BUF_INIT, ca_pem = BUF_INIT, key = BUF_INIT;
    uint8_t serial[16] = {0x55};
    assert_int_equal(key_file_read(w.h.server.folder.path, "ca.key", &ca_key), ERR_OK);
    assert_int_equal(key_file_read(w.h.server.folder.path, "ca.pem", &ca_pem), ERR_OK);
    assert_int_equal(key_file_read(w.h.server.folder.path, "server.key", &key), ERR_OK);
    assert_int_equal(tls_issue(buf_slice(&ca_key), buf_slice(&ca_pem), (struct slice){0}, buf_slice(&key),
                               TLS_USAGE_SERVER, 0, serial, help_now_ms, 300, &der),
                     ERR_OK);
    assert_int_equal(tls_cert_to_pem(buf_slice(&der), &pem), ERR_OK);
    assert_int_equal(tls_context_server(buf_slice(&ca_pem), buf_slice(&pem), buf_slice(&key), NULL, NULL, &fresh),
                     ERR_OK);
    buf_finish(&der);
    listener_use(w.listener, fresh);
    tls_context_destroy(w.server_tls); /* connections that live keep it */
    w.server_tls = fresh;

    struct help_end *e = dial(w.seat_tls);
    send_hello(e, "0.1.0");
    (void)answer(e, FRAME_WELCOME);
    assert_int_equal(tls_peer_certificate(stream_tls(e->stream), &der), ERR_OK);
    assert_int_equal(tls_cert_facts(buf_slice(&der), &shown), ERR_OK);
    assert_memory_equal(shown.serial, serial, 16);
    assert_memory_not_equal(before.serial, serial, 16);
    Wire__Ping ping = WIRE__PING__INIT;
    old->frames = 0;
    assert_int_equal(stream_send(old->stream, FRAME_PING, &ping.base), ERR_OK);
    (void)answer(old, FRAME_PONG);
    struct buf *all[] = {&der, &pem, &ca_key, &ca_pem, &key};
    for (size_t i = 0; i < 5; i++)
        buf_finish(all[i]);
}

static void going_down_with_connections(void **state)
{
    (void)state;
    (void)join();
    struct help_end *e = dial(w.seat_tls), *half = dial(w.seat_tls);
    send_hello(e, "0.1.0");
    (void)answer(e, FRAME_WELCOME);
    wait_for(half, is_up);
    assert_int_equal(listener_connections(w.listener), 2);
    /* The rest is teardown's: the port closes, the connections end, nothing is left. */
}

static void a_port_in_use(void **state)
{
    (void)state;
    struct listener *second = NULL;
    uint16_t port;
    assert_int_equal(listener_open(w.net.net, w.address, w.server_tls, &w.h.serving, &port, &second), ERR_EXISTS);
    assert_null(second);
    assert_int_equal(listener_open(w.net.net, "nonsense", w.server_tls, &w.h.serving, &port, &second), ERR_VALUE);
    listener_destroy(NULL);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(from_stranger_to_seat),
        T(frames_of_strangers_are_small),
        T(a_stranger_that_says_something_else),
        T(too_many_strangers),
        T(a_flood_pushes_out_its_own),
        T(few_files),
        T(a_seat_has_few_sessions),
        T(a_renewed_certificate_is_shown_from_then_on),
        T(going_down_with_connections),
        T(a_port_in_use),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
