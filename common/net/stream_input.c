/* What comes in: socket, TLS, frames, owner. The plain text of one read lies in the loop's buffer; a stream keeps bytes
 * of its own only while a frame is incomplete. Nothing may stay unread in the loop's buffer when the callback ends: the
 * next stream's bytes come there. */
#include "net/life.h"
#include <uv.h>

static void input_alloc(uv_handle_t *h, size_t wanted, uv_buf_t *out)
{
    (void)wanted;
    struct net *n = h->loop->data;
    *out = uv_buf_init((char *)n->in, NET_READ_SIZE);
}

static enum err input_frames(struct stream *s, struct slice in, size_t *taken)
{
    struct frame f;
    size_t used = 0;
    *taken = 0;
    while (s->state == STREAM_UP) {
        enum err e = frame_take((struct slice){in.data + *taken, in.size - *taken}, s->size_max, &f, &used);
        if (e || !used)
            return e;
        *taken += used;
        s->owner_due = s->half_due = 0;
        s->events.on_frame(s->to, f.type, f.payload);
    }
    return ERR_OK;
}

/* plain: what this read brought. Frames that are whole are taken from there, or from the stream's own buffer if one was
 * begun before; a rest that is no whole frame stays in the stream's own buffer. */
static enum err input_plain(struct stream *s, struct slice plain)
{
    size_t taken = 0;
    bool has_begun = s->partial.size != 0;
    if (has_begun) {
        buf_append_slice(&s->partial, plain);
        plain = buf_slice(&s->partial);
    }
    enum err e = input_frames(s, plain, &taken);
    if (has_begun)
        buf_consume(&s->partial, taken);
    else if (s->state == STREAM_UP && !e)
        buf_append(&s->partial, plain.data + taken, plain.size - taken);
    if (!s->partial.size)
        buf_finish(&s->partial);
    return e;
}

uint64_t stream_reads(const struct stream *s)
{
    return s->reads;
}

static bool input_is_half(const struct stream *s)
{
    return s->partial.size != 0 || tls_is_inside_record(s->tls);
}

static void input_watch_half(struct stream *s)
{
    if (s->state != STREAM_UP)
        return;
    if (!input_is_half(s))
        s->half_due = 0;
    else if (!s->half_due)
        s->half_due = uv_now(s->net->loop) + s->half_ms;
    stream_arm(s);
}

static void input_ended(struct stream *s, const char *detail)
{
    if (s->state == STREAM_UP && input_is_half(s)) {
        stream_cut(s, ERR_FRAME_TORN, err_text(ERR_FRAME_TORN));
    } else if (s->state == STREAM_FLUSHING) {
        s->has_hung_up = true; /* it may still listen to our last words; if not, writing them fails */
        uv_read_stop((uv_stream_t *)s->tcp);
    } else {
        stream_cut(s, ERR_CUT, detail);
    }
}

static void input_take(struct stream *s, struct slice in)
{
    struct buf *plain = &s->net->plain;
    plain->size = 0;
    enum err failed = tls_feed(s->tls, in, plain, &s->out);
    if (s->state == STREAM_SHAKING && tls_is_up(s->tls)) {
        stream_move(s, STREAM_UP, "handshake done");
        s->events.on_up(s->to);
    }
    enum err e = s->state == STREAM_UP ? input_plain(s, buf_slice(plain)) : ERR_OK;
    if (e)
        stream_refuse(s, err_name(e), err_text(e), e);
    else if (failed)
        stream_end(s, failed, tls_detail(s->tls));
    else if (tls_has_ended(s->tls) && s->state == STREAM_UP && input_is_half(s))
        stream_end(s, ERR_FRAME_TORN, err_text(ERR_FRAME_TORN));
    else if (tls_has_ended(s->tls) && !tls_is_up(s->tls))
        stream_end(s, ERR_CUT, "the other side hung up");
    else if (tls_has_ended(s->tls))
        stream_end(s, ERR_OK, "");
    input_watch_half(s);
}

static void input_read(uv_stream_t *h, ssize_t size, const uv_buf_t *in)
{
    struct stream *s = h->data;
    if (size == 0)
        return;
    if (size < 0) {
        input_ended(s, size == UV_EOF ? "the other side hung up" : uv_strerror((int)size));
        return;
    }
    if (stream_is_over(s))
        return; /* read to be thrown away: life.h, LINGERING */
    s->is_corked = true;
    s->reads++;
    input_take(s, slice_of(in->base, (size_t)size));
    output_uncork(s);
}

void input_start(struct stream *s)
{
    struct buf none = BUF_INIT;
    s->tcp->data = s;
    (void)uv_tcp_nodelay(s->tcp, 1); /* before the handshake: else Finished and the first record wait for each other */
    enum err e = tls_feed(s->tls, (struct slice){0}, &none, &s->out);
    buf_finish(&none);
    int failed = e ? 0 : uv_read_start((uv_stream_t *)s->tcp, input_alloc, input_read);
    if (e)
        stream_end(s, e, tls_detail(s->tls));
    else if (failed)
        stream_cut(s, ERR_CUT, uv_strerror(failed));
    else
        output_flush(s);
}
