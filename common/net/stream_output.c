/* What goes out. Cipher text is made straight into s->out; the socket takes what it takes at once, the rest goes to
 * libuv as one write, and what is said meanwhile gathers behind it. When all is gone no buffer is left. */
#include "base/limits.h"
#include "net/life.h"
#include "wire/frame.h"
#include <stdlib.h>
#include <uv.h>

struct write {
    uv_write_t request;
    struct buf text;
    size_t taken; /* by the socket before libuv got the rest */
};

size_t stream_waiting(const struct stream *s)
{
    return s->out.size + (s->write ? s->write->text.size - s->write->taken : 0);
}

void output_drop(struct stream *s)
{
    buf_finish(&s->out);
    if (s->write)
        buf_finish(&s->write->text);
    free(s->write);
    s->write = NULL;
}

static void output_shut(uv_shutdown_t *r, int status)
{
    (void)status; /* the peer's end, or its deadline, is what is waited for */
    free(r);
}

/* Nothing waits any more. After its end a stream shuts its half; the peer's end closes it. */
static void output_done(struct stream *s)
{
    if (s->state != STREAM_FLUSHING)
        return;
    uv_shutdown_t *r = malloc(sizeof *r);
    CHECK(r);
    if (s->has_hung_up || tls_has_ended(s->tls) || uv_shutdown(r, (uv_stream_t *)s->tcp, output_shut) != 0) {
        free(r);
        stream_cut(s, s->why, s->detail);
        return;
    }
    stream_move(s, STREAM_LINGERING, "all is said");
    s->close_due = uv_now(s->net->loop) + NET_LINGER_MS;
    stream_arm(s);
}

static void output_tell_drained(struct stream *s)
{
    if (s->state == STREAM_UP && !stream_waiting(s) && s->events.on_drained)
        s->events.on_drained(s->to);
}

static void output_written(uv_write_t *r, int status)
{
    struct stream *s = r->data;
    buf_finish(&s->write->text);
    free(s->write);
    s->write = NULL;
    if (s->state == STREAM_CLOSING)
        return;
    if (status) {
        stream_cut(s, ERR_CUT, uv_strerror(status));
        return;
    }
    output_flush(s);
    output_tell_drained(s);
}

static int output_hand_over(struct stream *s, size_t taken)
{
    struct write *w = calloc(1, sizeof *w);
    CHECK(w);
    w->text = s->out;
    w->taken = taken;
    w->request.data = s;
    s->out = BUF_INIT;
    s->write = w;
    uv_buf_t rest = uv_buf_init((char *)w->text.data + taken, (unsigned)(w->text.size - taken));
    return uv_write(&w->request, (uv_stream_t *)s->tcp, &rest, 1, output_written);
}

void output_flush(struct stream *s)
{
    if (s->is_corked || s->write || s->state == STREAM_CLOSING)
        return;
    int taken = 0;
    if (s->out.size) {
        uv_buf_t all = uv_buf_init((char *)s->out.data, (unsigned)s->out.size);
        taken = uv_try_write((uv_stream_t *)s->tcp, &all, 1);
        if (taken == UV_EAGAIN)
            taken = 0;
    }
    int failed = taken < 0 ? taken : 0;
    if (!failed && (size_t)taken < s->out.size)
        failed = output_hand_over(s, (size_t)taken);
    if (failed) {
        stream_cut(s, ERR_CUT, uv_strerror(failed));
    } else if (!s->write) {
        buf_finish(&s->out);
        output_done(s);
    }
}

/* Whoever sent from a callback saw its bytes wait, even if the socket takes them all now: that is told. */
void output_uncork(struct stream *s)
{
    bool has_waited = s->out.size != 0;
    s->is_corked = false;
    output_flush(s);
    if (has_waited)
        output_tell_drained(s);
}

static enum err output_admit(struct stream *s, size_t size)
{
    if (s->state < STREAM_UP)
        return ERR_PROTOCOL;
    if (stream_is_over(s))
        return ERR_CUT;
    if (stream_waiting(s) + size <= LIMIT_SESSION_QUEUE)
        return ERR_OK;
    bool was_corked = s->is_corked;
    s->is_corked = false; /* what waits for us alone does not count */
    output_flush(s);
    s->is_corked = was_corked;
    if (stream_is_over(s))
        return ERR_CUT;
    if (stream_waiting(s) + size <= LIMIT_SESSION_QUEUE)
        return ERR_OK;
    stream_cut(s, ERR_FULL, "the other side does not take what it is sent");
    return ERR_FULL;
}

enum err stream_send_packed(struct stream *s, struct slice frames)
{
    enum err e = output_admit(s, frames.size);
    if (e)
        return e;
    e = tls_write(s->tls, frames, &s->out);
    if (e)
        stream_cut(s, e, tls_detail(s->tls));
    else
        output_flush(s);
    return stream_is_over(s) && !e ? ERR_CUT : e;
}

enum err stream_send(struct stream *s, enum frame_type type, const ProtobufCMessage *message)
{
    struct buf *packed = &s->net->packed;
    packed->size = 0;
    enum err e = frame_put(packed, type, message);
    return e ? e : stream_send_packed(s, buf_slice(packed));
}
