#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "help_net.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void help_look(struct help_net *w)
{
    if (w->is_done && w->is_done(w))
        net_stop(w->net);
}

static void help_on_up(void *to)
{
    struct help_end *e = to;
    assert_int_equal(e->closed, 0);
    e->ups++;
    if (e->world->on_up)
        e->world->on_up(e);
    help_look(e->world);
}

static void help_on_frame(void *to, enum frame_type type, struct slice payload)
{
    struct help_end *e = to;
    assert_int_equal(e->closed, 0);
    e->frames++;
    e->type = type;
    e->bytes += payload.size;
    for (size_t i = 0; i < payload.size; i++)
        e->sum ^= payload.data[i];
    e->last.size = 0;
    buf_append_slice(&e->last, payload);
    if (e->world->on_frame)
        e->world->on_frame(e, type, payload);
    help_look(e->world);
}

static void help_on_drained(void *to)
{
    struct help_end *e = to;
    e->drained++;
    if (e->world->on_drained)
        e->world->on_drained(e);
    help_look(e->world);
}

static void help_on_closed(void *to, enum err why, const char *detail)
{
    struct help_end *e = to;
    assert_int_equal(e->closed, 0);
    e->closed++;
    e->why = why;
    snprintf(e->detail, sizeof e->detail, "%s", detail);
    const struct tls *tls = e->stream ? stream_tls(e->stream) : NULL; /* may be asked for the last time */
    e->psk_refused = tls && tls_psk_was_refused(tls);
    e->stream = NULL;
    help_look(e->world);
}

static const struct stream_events help_events = {help_on_up, help_on_frame, help_on_drained, help_on_closed};

static bool help_accept(void *to, struct stream *s, const char *peer_address, struct stream_events *events,
                        void **events_to)
{
    struct help_net *w = to;
    assert_memory_equal(peer_address, "127.0.0.1:", 10);
    if (w->accepted >= w->accept_max) {
        w->refused++;
        return false;
    }
    struct help_end *e = &w->server[w->accepted++];
    *e = (struct help_end){.world = w, .stream = s};
    *events = help_events;
    *events_to = e;
    if (w->on_accept)
        w->on_accept(e);
    return true;
}

static void help_bound(void *to)
{
    struct help_net *w = to;
    w->timed_out = true;
    net_stop(w->net);
}

void help_net_make(struct help_net *w, tls_psk_find *find, void *find_to)
{
    uint16_t port = 0;
    memset(w, 0, sizeof *w);
    w->accept_max = HELP_ENDS;
    help_district_make(&w->district, "District");
    w->server_tls = help_context_server(&w->district, find, find_to);
    w->client_tls = help_context_seat(&w->district);
    assert_int_equal(net_create(&w->net), ERR_OK);
    assert_int_equal(net_listen(w->net, "127.0.0.1:0", w->server_tls, help_accept, w, &port, &w->listener), ERR_OK);
    assert_true(port != 0);
    snprintf(w->address, sizeof w->address, "127.0.0.1:%u", port);
    w->watchdog = net_timer_create(w->net, help_bound, w);
}

void help_net_finish(struct help_net *w)
{
    w->is_done = NULL;
    net_listener_close(w->listener);
    net_timer_destroy(w->watchdog);
    net_destroy(w->net);
    for (size_t i = 0; i < w->accepted; i++) {
        assert_int_equal(w->server[i].closed, 1);
        buf_finish(&w->server[i].last);
    }
    for (size_t i = 0; i < w->connected; i++) {
        assert_int_equal(w->client[i].closed, 1);
        buf_finish(&w->client[i].last);
    }
    tls_context_destroy(w->server_tls);
    tls_context_destroy(w->client_tls);
    help_district_finish(&w->district);
}

void help_net_run(struct help_net *w, bool (*is_done)(struct help_net *w))
{
    w->is_done = is_done;
    net_timer_arm(w->watchdog, HELP_BOUND_MS);
    if (!is_done(w))
        net_run(w->net);
    net_timer_disarm(w->watchdog);
    assert_false(w->timed_out);
    assert_true(is_done(w));
}

struct help_end *help_net_connect_with(struct help_net *w, const char *address, struct tls_context *tls,
                                       struct slice identity, struct slice key)
{
    assert_true(w->connected < HELP_ENDS);
    struct help_end *e = &w->client[w->connected++];
    *e = (struct help_end){.world = w};
    assert_int_equal(stream_connect(w->net, address, tls, identity, key, &help_events, e, &e->stream), ERR_OK);
    assert_int_equal(e->ups + e->closed, 0); /* nothing is told from within the call */
    return e;
}

struct help_end *help_net_connect(struct help_net *w)
{
    return help_net_connect_with(w, w->address, w->client_tls, (struct slice){0}, (struct slice){0});
}

bool help_end_is_server(const struct help_end *e)
{
    return e >= e->world->server && e < e->world->server + HELP_ENDS;
}

bool help_all_closed(struct help_net *w)
{
    size_t closed = 0;
    for (size_t i = 0; i < HELP_ENDS; i++)
        closed += (size_t)w->server[i].closed + (size_t)w->client[i].closed;
    return closed == w->accepted + w->connected;
}

enum err help_send_bytes(struct help_end *e, size_t size, uint8_t value)
{
    Wire__Renew m = WIRE__RENEW__INIT;
    m.has_csr = 1;
    m.csr.len = size;
    m.csr.data = test_malloc(size + 1);
    memset(m.csr.data, value, size);
    enum err r = stream_send(e->stream, FRAME_RENEW, &m.base);
    test_free(m.csr.data);
    return r;
}
