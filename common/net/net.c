/* The loop and what wakes it beside sockets: timers, other threads, signals. Every handle is freed in its close
 * callback; whoever made one destroys it before the loop, which net_destroy proves. */
#include "net/life.h"
#include <signal.h>
#include <stdlib.h>
#include <uv.h>

struct net_timer {
    uv_timer_t handle;
    void (*on_due)(void *to);
    void *to;
};

struct net_waker {
    uv_async_t handle;
    void (*on_wake)(void *to);
    void *to;
};

struct net_signal {
    uv_signal_t handle[2];
    void (*on_signal)(void *to, int number);
    void *to;
    int open;
};

enum err net_create(struct net **out)
{
    struct net *n = calloc(1, sizeof *n);
    CHECK(n);
    n->loop = malloc(sizeof *n->loop);
    n->in = malloc(NET_READ_SIZE);
    CHECK(n->loop && n->in);
    if (uv_loop_init(n->loop) != 0) { /* no descriptors left */
        free(n->loop);
        free(n->in);
        free(n);
        return ERR_IO;
    }
    signal(SIGPIPE, SIG_IGN); /* libuv writes to sockets whose peer is gone, and leaves the signal to us */
    n->loop->data = n;
    *out = n;
    return ERR_OK;
}

void net_run(struct net *n)
{
    uv_run(n->loop, UV_RUN_DEFAULT);
}

void net_stop(struct net *n)
{
    uv_stop(n->loop);
}

static void net_expect_closing(uv_handle_t *h, void *to)
{
    (void)to;
    CHECK(uv_is_closing(h)); /* a listener, timer, waker or signal that its owner did not destroy */
}

void net_destroy(struct net *n)
{
    if (!n)
        return;
    n->is_ending = true;
    while (n->streams)
        stream_cut(n->streams, ERR_CUT, "");
    uv_walk(n->loop, net_expect_closing, NULL);
    while (uv_run(n->loop, UV_RUN_DEFAULT)) /* a net_stop that came too late ends one run */
        ;
    CHECK(uv_loop_close(n->loop) == 0);
    buf_finish(&n->plain);
    buf_finish(&n->packed);
    free(n->in);
    free(n->loop);
    free(n);
}

int64_t net_now_ms(struct net *n)
{
    return (int64_t)uv_now(n->loop);
}

/* ---- timers ---- */
struct net_timer *net_timer_create(struct net *n, void (*on_due)(void *to), void *to)
{
    struct net_timer *t = calloc(1, sizeof *t);
    CHECK(t && uv_timer_init(n->loop, &t->handle) == 0);
    t->handle.data = t;
    t->on_due = on_due;
    t->to = to;
    return t;
}

static void net_timer_due(uv_timer_t *h)
{
    struct net_timer *t = h->data;
    t->on_due(t->to);
}

void net_timer_arm(struct net_timer *t, uint64_t in_ms)
{
    uv_update_time(t->handle.loop); /* the turn may have been long, or not have begun */
    CHECK(uv_timer_start(&t->handle, net_timer_due, in_ms, 0) == 0);
}

void net_timer_disarm(struct net_timer *t)
{
    uv_timer_stop(&t->handle);
}

static void net_free_data(uv_handle_t *h)
{
    free(h->data);
}

void net_timer_destroy(struct net_timer *t)
{
    if (t)
        uv_close((uv_handle_t *)&t->handle, net_free_data);
}

/* ---- wakers ---- */
static void net_woken(uv_async_t *h)
{
    struct net_waker *w = h->data;
    w->on_wake(w->to);
}

struct net_waker *net_waker_create(struct net *n, void (*on_wake)(void *to), void *to)
{
    struct net_waker *w = calloc(1, sizeof *w);
    CHECK(w && uv_async_init(n->loop, &w->handle, net_woken) == 0);
    w->handle.data = w;
    w->on_wake = on_wake;
    w->to = to;
    return w;
}

void net_wake(struct net_waker *w)
{
    CHECK(uv_async_send(&w->handle) == 0);
}

void net_waker_destroy(struct net_waker *w)
{
    if (w)
        uv_close((uv_handle_t *)&w->handle, net_free_data);
}

/* ---- signals ---- */
static void net_signalled(uv_signal_t *h, int number)
{
    struct net_signal *s = h->data;
    s->on_signal(s->to, number);
}

struct net_signal *net_signal_create(struct net *n, void (*on_signal)(void *to, int number), void *to)
{
    static const int numbers[2] = {SIGINT, SIGTERM};
    struct net_signal *s = calloc(1, sizeof *s);
    CHECK(s);
    s->on_signal = on_signal;
    s->to = to;
    for (s->open = 0; s->open < 2; s->open++) {
        uv_signal_t *h = &s->handle[s->open];
        CHECK(uv_signal_init(n->loop, h) == 0 && uv_signal_start(h, net_signalled, numbers[s->open]) == 0);
        h->data = s;
        uv_unref((uv_handle_t *)h);
    }
    return s;
}

static void net_signal_closed(uv_handle_t *h)
{
    struct net_signal *s = h->data;
    if (--s->open == 0)
        free(s);
}

void net_signal_destroy(struct net_signal *s)
{
    if (!s)
        return;
    for (int i = 0; i < 2; i++)
        uv_close((uv_handle_t *)&s->handle[i], net_signal_closed);
}
