/* Streams over real loopback: frames both ways, many at once, big ones under backpressure, and every orderly end. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "help_net.h"
#include "base/clock.h"
#include "base/limits.h"
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct help_net w;

/* ---- echo ---- */
static void echo_on_up(struct help_end *e)
{
    if (!help_end_is_server(e))
        assert_int_equal(help_send_bytes(e, 300, 'a'), ERR_OK);
}

static void echo_on_frame(struct help_end *e, enum frame_type type, struct slice payload)
{
    assert_int_equal(type, FRAME_RENEW);
    assert_int_equal(payload.size, 303); /* tag, two bytes of length, text */
    if (help_end_is_server(e))
        assert_int_equal(help_send_bytes(e, 300, 'b'), ERR_OK);
}

static bool echo_done(struct help_net *x)
{
    for (size_t i = 0; i < x->connected; i++) {
        if (x->client[i].frames != 1)
            return false;
    }
    return true;
}

static void echo(void **state)
{
    (void)state;
    uint32_t seat = 0;
    help_net_make(&w, NULL, NULL);
    w.on_up = echo_on_up;
    w.on_frame = echo_on_frame;
    help_net_connect(&w);
    help_net_run(&w, echo_done);
    assert_int_equal(tls_peer(stream_tls(w.server[0].stream), &seat), TLS_PEER_CERTIFICATE);
    assert_int_equal(seat, HELP_SEAT);
    assert_int_equal(w.client[0].last.data[5], 'b');
    assert_int_equal(w.server[0].last.data[5], 'a');
    assert_int_equal(stream_waiting(w.client[0].stream), 0);
    stream_close(w.client[0].stream, ERR_OK, "done");
    assert_int_equal(w.client[0].closed, 0); /* told later */
    assert_int_equal(help_send_bytes(&w.client[0], 1, 0), ERR_CUT);
    stream_close(w.client[0].stream, ERR_BUG, "the first reason stays");
    help_net_run(&w, help_all_closed);
    assert_int_equal(w.client[0].why, ERR_OK);
    assert_string_equal(w.client[0].detail, "done");
    assert_int_equal(w.server[0].why, ERR_OK);
    help_net_finish(&w);
}

static void many(void **state)
{
    (void)state;
    help_net_make(&w, NULL, NULL);
    w.on_up = echo_on_up;
    w.on_frame = echo_on_frame;
    for (int i = 0; i < 200; i++)
        help_net_connect(&w);
    help_net_run(&w, echo_done);
    assert_int_equal(w.accepted, 200);
    for (size_t i = 0; i < 200; i += 2)
        stream_close(w.client[i].stream, ERR_OK, "");
    for (size_t i = 0; i < 200; i += 3)
        stream_close(w.server[i].stream, ERR_OK, ""); /* some from both sides at once */
    for (size_t i = 0; i < 200; i++)
        if (w.client[i].stream)
            stream_close(w.client[i].stream, ERR_OK, "");
    help_net_run(&w, help_all_closed);
    for (size_t i = 0; i < 200; i++) {
        assert_int_equal(w.client[i].why, ERR_OK);
        assert_int_equal(w.server[i].why, ERR_OK);
    }
    help_net_finish(&w);
}

/* 200 that are in all states when the loop goes down. */
static bool half_are_up(struct help_net *x)
{
    int ups = 0;
    for (size_t i = 0; i < x->connected; i++)
        ups += x->client[i].ups;
    return ups >= 100;
}

static void going_down(void **state)
{
    (void)state;
    help_net_make(&w, NULL, NULL);
    for (int i = 0; i < 200; i++)
        help_net_connect(&w);
    help_net_run(&w, half_are_up);
    help_net_connect(&w); /* has not begun */
    help_net_connect_with(&w, "localhost:1", w.client_tls, (struct slice){0}, (struct slice){0});
    help_net_finish(&w);
    assert_int_equal(w.client[200].why, ERR_CUT);
}

/* ---- big frames ---- */
#define BIG (LIMIT_FRAME - 16u)
#define BIG_COUNT 12

static int big_left;

static void big_send(struct help_end *e)
{
    while (big_left && help_end_is_server(e) && stream_waiting(e->stream) < (1u << 20)) {
        assert_int_equal(help_send_bytes(e, BIG, (uint8_t)big_left), ERR_OK);
        assert_in_range(stream_waiting(e->stream), 0, LIMIT_SESSION_QUEUE);
        big_left--;
    }
}

static bool big_done(struct help_net *x)
{
    return x->client[0].frames == BIG_COUNT;
}

static void big_frames(void **state)
{
    (void)state;
    help_net_make(&w, NULL, NULL);
    big_left = BIG_COUNT;
    w.on_up = big_send;
    w.on_drained = big_send;
    help_net_connect(&w);
    help_net_run(&w, big_done);
    assert_int_equal(w.client[0].bytes, BIG_COUNT * (1 + 3 + (size_t)BIG));
    assert_int_equal(w.client[0].last.data[100], 1);
    assert_true(w.server[0].drained > 0);
    assert_int_equal(stream_waiting(w.server[0].stream), 0);
    help_net_finish(&w);
}

static void frame_too_large_to_send(void **state)
{
    (void)state;
    help_net_make(&w, NULL, NULL);
    w.on_up = echo_on_up;
    w.on_frame = echo_on_frame;
    help_net_connect(&w);
    assert_int_equal(help_send_bytes(&w.client[0], 1, 0), ERR_PROTOCOL); /* not up yet */
    help_net_run(&w, echo_done);
    assert_int_equal(help_send_bytes(&w.client[0], LIMIT_FRAME, 0), ERR_FRAME_TOO_LARGE);
    assert_int_equal(w.client[0].closed, 0);
    help_net_finish(&w);
}

/* What was sent before a close arrives whole, however much it is. */
static void close_on_up(struct help_end *e)
{
    if (!help_end_is_server(e))
        return;
    for (int i = 0; i < 3; i++)
        assert_int_equal(help_send_bytes(e, BIG, 1), ERR_OK);
    stream_close(e->stream, ERR_OK, "that was all");
}

static void close_flushes(void **state)
{
    (void)state;
    help_net_make(&w, NULL, NULL);
    w.on_up = close_on_up;
    help_net_connect(&w);
    help_net_run(&w, help_all_closed);
    assert_int_equal(w.client[0].frames, 3);
    assert_int_equal(w.client[0].why, ERR_OK);
    assert_string_equal(w.server[0].detail, "that was all");
    help_net_finish(&w);
}

/* Packed once for many hearers, several frames in one slice. */
static struct buf news;

static void news_on_up(struct help_end *e)
{
    if (help_end_is_server(e))
        assert_int_equal(stream_send_packed(e->stream, buf_slice(&news)), ERR_OK);
}

static bool news_done(struct help_net *x)
{
    return x->client[0].frames == 2 && x->client[1].frames == 2;
}

static void packed_once(void **state)
{
    (void)state;
    Wire__News m = WIRE__NEWS__INIT;
    m.has_org = 1;
    m.org = 5;
    assert_int_equal(frame_put(&news, FRAME_NEWS, &m.base), ERR_OK);
    assert_int_equal(frame_put(&news, FRAME_NEWS, &m.base), ERR_OK);
    help_net_make(&w, NULL, NULL);
    w.on_up = news_on_up;
    help_net_connect(&w);
    help_net_connect(&w);
    help_net_run(&w, news_done);
    assert_int_equal(w.client[1].type, FRAME_NEWS);
    assert_int_equal(w.client[1].last.size, 2);
    buf_finish(&news);
    help_net_finish(&w);
}

/* ---- ends from within callbacks ---- */
static void closing_on_frame(struct help_end *e, enum frame_type type, struct slice payload)
{
    (void)type;
    stream_close(e->stream, ERR_VERSION, "not so");
    assert_int_equal(e->closed, 0);
    assert_int_equal(payload.data[payload.size - 1], 'a'); /* the payload lives during the call all the same */
}

static void two_on_up(struct help_end *e)
{
    if (help_end_is_server(e))
        return;
    assert_int_equal(help_send_bytes(e, 10, 'a'), ERR_OK);
    assert_int_equal(help_send_bytes(e, 10, 'a'), ERR_OK);
}

static void close_within_frame(void **state)
{
    (void)state;
    help_net_make(&w, NULL, NULL);
    w.on_up = two_on_up;
    w.on_frame = closing_on_frame;
    help_net_connect(&w);
    help_net_run(&w, help_all_closed);
    assert_int_equal(w.server[0].frames, 1); /* the second one is not told any more */
    assert_int_equal(w.server[0].why, ERR_VERSION);
    assert_int_equal(w.client[0].why, ERR_OK);
    help_net_finish(&w);
}

static void closing_on_up(struct help_end *e)
{
    stream_close(e->stream, ERR_BUSY, "");
}

static void close_within_up(void **state)
{
    (void)state;
    help_net_make(&w, NULL, NULL);
    w.on_up = closing_on_up;
    help_net_connect(&w);
    help_net_run(&w, help_all_closed);
    assert_int_equal(w.client[0].why, ERR_BUSY);
    help_net_finish(&w);
}

static void refuse_on_up(struct help_end *e)
{
    if (help_end_is_server(e))
        stream_refuse(e->stream, "VERSION", "speak 1", ERR_VERSION);
}

static void refuse(void **state)
{
    (void)state;
    help_net_make(&w, NULL, NULL);
    w.on_up = refuse_on_up;
    help_net_connect(&w);
    help_net_run(&w, help_all_closed);
    assert_int_equal(w.server[0].why, ERR_VERSION);
    assert_string_equal(w.server[0].detail, "speak 1");
    assert_int_equal(w.client[0].type, FRAME_ERROR);
    assert_int_equal(w.client[0].why, ERR_OK);
    Wire__Error *m = wire__error__unpack(NULL, w.client[0].last.size, w.client[0].last.data);
    assert_string_equal(m->code, "VERSION");
    assert_string_equal(m->text, "speak 1");
    assert_int_equal(m->fatal, 1);
    wire__error__free_unpacked(m, NULL);
    help_net_finish(&w);
}

static void closing_on_accept(struct help_end *e)
{
    stream_close(e->stream, ERR_BUSY, "no room");
}

static void drop_on_accept(void **state)
{
    (void)state;
    help_net_make(&w, NULL, NULL);
    w.accept_max = 0;
    help_net_connect(&w);
    help_net_run(&w, help_all_closed);
    assert_int_equal(w.refused, 1);
    assert_int_equal(w.client[0].why, ERR_CUT);
    w.accept_max = HELP_ENDS;
    w.on_accept = closing_on_accept;
    help_net_connect(&w);
    help_net_run(&w, help_all_closed);
    assert_int_equal(w.client[1].why, ERR_CUT);
    assert_int_equal(w.server[0].why, ERR_BUSY);
    help_net_finish(&w);
}

/* ---- connecting ---- */
static void connect_refused(void **state)
{
    (void)state;
    help_net_make(&w, NULL, NULL);
    net_listener_close(w.listener); /* nobody listens there any more */
    w.listener = NULL;
    help_net_connect(&w);
    help_net_run(&w, help_all_closed);
    assert_int_equal(w.client[0].why, ERR_OFFLINE);
    assert_string_equal(w.client[0].detail, "connection refused");
    help_net_connect_with(&w, "no-such-host.invalid:1", w.client_tls, (struct slice){0}, (struct slice){0});
    help_net_run(&w, help_all_closed);
    assert_int_equal(w.client[1].why, ERR_OFFLINE);
    help_net_connect_with(&w, "no-such-host.invalid:1", w.client_tls, (struct slice){0}, (struct slice){0});
    stream_close(w.client[2].stream, ERR_OK, "changed my mind"); /* does not wait for the resolver */
    help_net_run(&w, help_all_closed);
    assert_string_equal(w.client[2].detail, "changed my mind");
    help_net_finish(&w);
}

/* A name with two addresses of which the first may refuse. */
static void connect_by_name(void **state)
{
    (void)state;
    char address[40];
    help_net_make(&w, NULL, NULL);
    w.on_up = echo_on_up;
    w.on_frame = echo_on_frame;
    assert_true(sizeof address > strlen(w.address));
    strcpy(address, "localhost");
    strcat(address, strchr(w.address, ':'));
    help_net_connect_with(&w, address, w.client_tls, (struct slice){0}, (struct slice){0});
    help_net_run(&w, echo_done);
    help_net_finish(&w);
}

static void not_an_address(void **state)
{
    (void)state;
    struct stream *s = NULL;
    struct stream_events events;
    uint16_t port;
    struct net_listener *l = NULL;
    help_net_make(&w, NULL, NULL);
    help_net_connect(&w);
    memset(&events, 1, sizeof events); /* never called */
    assert_int_equal(
        stream_connect(w.net, "nowhere", w.client_tls, (struct slice){0}, (struct slice){0}, &events, NULL, &s),
        ERR_VALUE);
    assert_null(s);
    assert_int_equal(net_listen(w.net, w.address, w.server_tls, NULL, NULL, &port, &l), ERR_EXISTS);
    assert_int_equal(net_listen(w.net, "127.0.0.1", w.server_tls, NULL, NULL, &port, &l), ERR_VALUE);
    assert_int_equal(net_listen(w.net, "192.0.2.1:0", w.server_tls, NULL, NULL, &port, &l), ERR_VALUE);
    assert_null(l);
    help_net_finish(&w);
}

/* TCP connects (the kernel's backlog does it), but nobody answers. */
static void deadline_to_connect(void **state)
{
    (void)state;
    char address[32];
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0 && bind(fd, (struct sockaddr *)&a, size) == 0 && listen(fd, 1) == 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &size), 0);
    snprintf(address, sizeof address, "127.0.0.1:%u", ntohs(a.sin_port));
    help_net_make(&w, NULL, NULL);
    help_net_connect_with(&w, address, w.client_tls, (struct slice){0}, (struct slice){0});
    stream_deadline(w.client[0].stream, 20);
    help_net_run(&w, help_all_closed);
    assert_int_equal(w.client[0].why, ERR_TIMEOUT);
    assert_string_equal(w.client[0].detail, "no connection in time");
    help_net_finish(&w);
    close(fd);
}

static void deadline_for_a_frame(void **state)
{
    (void)state;
    help_net_make(&w, NULL, NULL);
    help_net_connect(&w);
    stream_deadline(w.client[0].stream, 600000);
    stream_deadline(w.client[0].stream, 0); /* none again */
    w.on_up = echo_on_up;
    w.on_frame = echo_on_frame;
    help_net_run(&w, echo_done);
    w.on_frame = NULL;
    stream_deadline(w.client[0].stream, 20);
    help_net_run(&w, help_all_closed);
    assert_int_equal(w.client[0].why, ERR_TIMEOUT);
    assert_string_equal(w.client[0].detail, "the other side is silent");
    assert_int_equal(w.server[0].type, FRAME_ERROR); /* told, too */
    help_net_finish(&w);
}

/* ---- who is who, over sockets ---- */
static const uint8_t psk_key[32] = {7};

static bool psk_find(void *to, struct slice identity, uint8_t key[32], uint32_t *seat)
{
    (void)to;
    if (!slice_equal(identity, slice_text("known")))
        return false;
    memcpy(key, psk_key, 32);
    *seat = 9;
    return true;
}

static void reconnect_by_psk(void **state)
{
    (void)state;
    uint32_t seat = 0;
    uint8_t wrong[32] = {8};
    help_net_make(&w, psk_find, NULL);
    w.on_up = echo_on_up;
    w.on_frame = echo_on_frame;
    help_net_connect_with(&w, w.address, w.client_tls, slice_text("known"), slice_of(psk_key, 32));
    help_net_run(&w, echo_done);
    assert_int_equal(tls_peer(stream_tls(w.server[0].stream), &seat), TLS_PEER_PSK);
    assert_int_equal(seat, 9);
    help_net_connect_with(&w, w.address, w.client_tls, slice_text("unknown"), slice_of(psk_key, 32));
    help_net_run(&w, echo_done);
    assert_int_equal(tls_peer(stream_tls(w.server[1].stream), &seat), TLS_PEER_CERTIFICATE);
    assert_int_equal(seat, HELP_SEAT);
    stream_close(w.client[0].stream, ERR_OK, "");
    stream_close(w.client[1].stream, ERR_OK, "");
    help_net_connect_with(&w, w.address, w.client_tls, slice_text("known"), slice_of(wrong, 32));
    help_net_run(&w, help_all_closed);
    assert_int_equal(w.client[2].why, ERR_TLS);
    assert_true(w.client[2].psk_refused);
    assert_false(w.client[1].psk_refused);
    assert_string_equal(w.client[2].detail, "the other side refused the pre-shared key");
    assert_int_equal(w.server[2].why, ERR_TLS);
    help_net_finish(&w);
}

/* The server's certificate is renewed: who is connected stays, who comes meets the new one. */
static void listener_with_another_context(void **state)
{
    (void)state;
    struct buf before = BUF_INIT, after = BUF_INIT, cert = BUF_INIT;
    help_net_make(&w, NULL, NULL);
    w.on_up = echo_on_up;
    w.on_frame = echo_on_frame;
    help_net_connect(&w);
    help_net_run(&w, echo_done);
    help_issue(&w.district, buf_slice(&w.district.server_key), TLS_USAGE_SERVER, 0, clock_now_ms(), 30, &cert);
    buf_finish(&w.district.server_cert);
    w.district.server_cert = cert;
    struct tls_context *renewed = help_context_server(&w.district, NULL, NULL);
    net_listener_use(w.listener, renewed);
    tls_context_destroy(w.server_tls);
    w.server_tls = renewed;
    help_net_connect(&w);
    help_net_run(&w, echo_done);
    assert_int_equal(w.client[0].closed, 0);
    assert_int_equal(tls_peer_certificate(stream_tls(w.client[0].stream), &before), ERR_OK);
    assert_int_equal(tls_peer_certificate(stream_tls(w.client[1].stream), &after), ERR_OK);
    assert_false(slice_equal(buf_slice(&before), buf_slice(&after)));
    buf_finish(&before);
    buf_finish(&after);
    help_net_finish(&w);
}

static void another_district(void **state)
{
    (void)state;
    struct help_district other;
    help_district_make(&other, "District");
    help_net_make(&w, NULL, NULL);
    struct tls_context *c = help_context_seat(&other);
    help_net_connect_with(&w, w.address, c, (struct slice){0}, (struct slice){0});
    help_net_run(&w, help_all_closed);
    assert_int_equal(w.client[0].why, ERR_CERTIFICATE);
    assert_string_equal(w.client[0].detail, "certificate of another authority");
    assert_int_equal(w.client[0].ups, 0);
    assert_int_equal(w.server[0].ups, 0);
    assert_int_equal(w.server[0].why, ERR_CERTIFICATE);
    tls_context_destroy(c);
    help_net_finish(&w);
    help_district_finish(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(echo),
        cmocka_unit_test(many),
        cmocka_unit_test(going_down),
        cmocka_unit_test(big_frames),
        cmocka_unit_test(frame_too_large_to_send),
        cmocka_unit_test(close_flushes),
        cmocka_unit_test(packed_once),
        cmocka_unit_test(close_within_frame),
        cmocka_unit_test(close_within_up),
        cmocka_unit_test(refuse),
        cmocka_unit_test(drop_on_accept),
        cmocka_unit_test(connect_refused),
        cmocka_unit_test(connect_by_name),
        cmocka_unit_test(not_an_address),
        cmocka_unit_test(deadline_to_connect),
        cmocka_unit_test(deadline_for_a_frame),
        cmocka_unit_test(reconnect_by_psk),
        cmocka_unit_test(listener_with_another_context),
        cmocka_unit_test(another_district),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
