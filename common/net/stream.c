/* A stream's life: its state, its deadlines, its end. Invariant: the owner hears of a stream from the loop only;
 * whatever it calls in answer changes what is noted here, and the end is told once, from the last close callback, as
 * the last thing. */
#include "base/limits.h"
#include "base/state.h"
#include "net/life.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#define BIT(state) (UINT32_C(1) << STREAM_##state)

static const char *const stream_names[STREAM_STATES] = {"RESOLVING", "CONNECTING", "SHAKING", "UP",
                                                        "FLUSHING",  "LINGERING",  "CLOSING"};
static const uint32_t stream_allowed[STREAM_STATES] = {
    [STREAM_RESOLVING] = BIT(CONNECTING) | BIT(CLOSING),       [STREAM_CONNECTING] = BIT(SHAKING) | BIT(CLOSING),
    [STREAM_SHAKING] = BIT(UP) | BIT(FLUSHING) | BIT(CLOSING), [STREAM_UP] = BIT(FLUSHING) | BIT(CLOSING),
    [STREAM_FLUSHING] = BIT(LINGERING) | BIT(CLOSING),         [STREAM_LINGERING] = BIT(CLOSING),
};
static const struct state_table stream_table = {"net", stream_names, stream_allowed, STREAM_STATES};

void stream_move(struct stream *s, enum stream_state to, const char *cause)
{
    state_move(&stream_table, &s->state, (int)to, cause);
}

bool stream_is_over(const struct stream *s)
{
    return s->state >= STREAM_FLUSHING;
}

struct stream *stream_create(struct net *n, struct tls *tls, enum stream_state first, size_t size_max)
{
    struct stream *s = calloc(1, sizeof *s);
    CHECK(s);
    s->net = n;
    s->state = (int)first;
    s->tls = tls;
    s->size_max = size_max;
    s->half_ms = LIMIT_FRAME_MS;
    s->timer = calloc(1, sizeof *s->timer);
    CHECK(s->timer && uv_timer_init(n->loop, s->timer) == 0);
    s->timer->data = s;
    s->next = n->streams;
    if (s->next)
        s->next->previous = s;
    n->streams = s;
    return s;
}

static void stream_unlink(struct stream *s)
{
    if (s->previous)
        s->previous->next = s->next;
    else
        s->net->streams = s->next;
    if (s->next)
        s->next->previous = s->previous;
}

/* ---- the end ---- */
static void stream_free(struct stream *s)
{
    tls_destroy(s->tls);
    buf_finish(&s->partial);
    output_drop(s);
    free(s->tcp);
    free(s->timer);
    free(s);
}

static void stream_handle_closed(uv_handle_t *h)
{
    struct stream *s = h->data;
    if (--s->holds)
        return;
    if (s->events.on_closed)
        s->events.on_closed(s->to, s->why, s->detail);
    stream_free(s);
}

static void stream_close_handles(struct stream *s)
{
    stream_unlink(s);
    connect_abandon(s);
    s->holds = s->tcp ? 2 : 1;
    if (s->tcp)
        uv_close((uv_handle_t *)s->tcp, stream_handle_closed);
    uv_close((uv_handle_t *)s->timer, stream_handle_closed);
}

/* The first reason is the reason; what follows are consequences. */
static void stream_note(struct stream *s, enum err why, const char *detail)
{
    s->why = why;
    snprintf(s->detail, sizeof s->detail, "%s", detail ? detail : "");
    s->owner_due = s->half_due = 0;
}

void stream_cut(struct stream *s, enum err why, const char *detail)
{
    if (s->state == STREAM_CLOSING)
        return;
    if (!stream_is_over(s))
        stream_note(s, why, detail);
    stream_move(s, STREAM_CLOSING, s->detail);
    stream_close_handles(s);
}

void stream_end(struct stream *s, enum err why, const char *detail)
{
    if (stream_is_over(s))
        return;
    if (s->state < STREAM_SHAKING || s->net->is_ending) {
        stream_cut(s, why, detail);
        return;
    }
    stream_note(s, why, detail);
    tls_close_notify(s->tls, &s->out);
    stream_move(s, STREAM_FLUSHING, s->detail);
    s->close_due = uv_now(s->net->loop) + NET_FLUSH_MS;
    stream_arm(s);
    output_flush(s);
}

void stream_destroy_unborn(struct stream *s)
{
    s->events = (struct stream_events){0};
    stream_cut(s, ERR_OK, "");
}

static void stream_tell(struct stream *s, const char *code, const char *text)
{
    Wire__Error message = WIRE__ERROR__INIT;
    message.code = (char *)(uintptr_t)code; /* packed at once, never written to */
    message.text = (char *)(uintptr_t)text;
    message.has_fatal = 1;
    message.fatal = 1;
    enum err e = s->state == STREAM_UP ? stream_send(s, FRAME_ERROR, &message.base) : ERR_OK;
    (void)e; /* a peer that cannot be told is closed all the same */
}

void stream_refuse(struct stream *s, const char *code, const char *text, enum err why)
{
    stream_tell(s, code, text);
    stream_end(s, why, text);
}

/* ---- deadlines ---- */
static uint64_t stream_earliest(const struct stream *s)
{
    const uint64_t dues[] = {s->owner_due, s->half_due, s->close_due};
    uint64_t due = 0;
    for (size_t i = 0; i < sizeof dues / sizeof *dues; i++) {
        if (dues[i] && (!due || dues[i] < due))
            due = dues[i];
    }
    return due;
}

static void stream_time_out(struct stream *s)
{
    const char *text = s->state == STREAM_UP ? "the other side is silent" : "no connection in time";
    stream_tell(s, err_name(ERR_TIMEOUT), text);
    if (s->state == STREAM_UP) {
        tls_close_notify(s->tls, &s->out);
        output_flush(s); /* as far as it goes at once: nobody waits for the silent */
    }
    stream_cut(s, ERR_TIMEOUT, text);
}

static void stream_due(uv_timer_t *h)
{
    struct stream *s = h->data;
    uint64_t due = stream_earliest(s);
    if (!due || due > uv_now(h->loop))
        stream_arm(s);
    else if (s->close_due)
        stream_cut(s, s->why, s->detail);
    else
        stream_time_out(s);
}

/* A timer that is due too early is left alone: it looks again then. So frames that come and go cost no timer work. */
void stream_arm(struct stream *s)
{
    uint64_t due = stream_earliest(s), now = uv_now(s->net->loop);
    if (!due || s->state == STREAM_CLOSING)
        return;
    uint64_t in_ms = due > now ? due - now : 0;
    if (!uv_is_active((uv_handle_t *)s->timer) || uv_timer_get_due_in(s->timer) > in_ms)
        CHECK(uv_timer_start(s->timer, stream_due, in_ms, 0) == 0);
}

/* ---- for the owner ---- */
void stream_limit_frame(struct stream *s, size_t size_max)
{
    s->size_max = size_max;
}

void stream_limit_half(struct stream *s, uint64_t in_ms)
{
    s->half_ms = in_ms;
}

void stream_deadline(struct stream *s, uint64_t in_ms)
{
    if (stream_is_over(s))
        return;
    uv_update_time(s->net->loop); /* the loop may not have begun */
    s->owner_due = in_ms ? uv_now(s->net->loop) + in_ms : 0;
    stream_arm(s);
}

void stream_close(struct stream *s, enum err why, const char *detail)
{
    stream_end(s, why, detail);
}

void stream_drop(struct stream *s, enum err why, const char *detail)
{
    stream_cut(s, why, detail);
}

const struct tls *stream_tls(const struct stream *s)
{
    return s->tls;
}
