/* Carrying frames between a link and a stream; see dial.h. Callbacks store a fact and call dial_flush, which is the only place
 * where frames leave and timers are set.
 * A PSK that the server no longer takes costs one connection: it is dropped, and certificates are used at once. */
#include "client/agent/dial.h"
#include "client/replica/replica_sync.h"
#include "base/clock.h"
#include "base/key_file.h"
#include "base/limits.h"
#include "base/log.h"
#include "wire/wire.h"

#include <stdlib.h>
#include <string.h>

#define CONNECT_MS 15000

struct dial {
    struct dial_options options;
    struct link *link;
    struct tls_context *tls;
    struct stream *stream;      /* NULL before connect and after on_closed */
    struct net_timer *timer;    /* what the link waits for; the connection itself before it is up */
    struct arena arena;         /* the PSK */
    struct slice psk_identity, psk_key;
    bool up, hung_up, again;
};

enum err dial_files_read(const char *dir, struct dial_files *out)
{
    struct dial_files f = {BUF_INIT, BUF_INIT, BUF_INIT};
    enum err e = key_file_read(dir, "ca.pem", &f.ca);
    if (e == ERR_OK)
        e = key_file_read(dir, "cert.pem", &f.cert);
    if (e == ERR_OK)
        e = key_file_read(dir, "key.pem", &f.key);
    if (e == ERR_OK)
        *out = f;
    else
        dial_files_finish(&f);
    return e;
}

void dial_files_finish(struct dial_files *f)
{
    if (f->key.data)
        explicit_bzero(f->key.data, f->key.capacity);
    buf_finish(&f->ca);
    buf_finish(&f->cert);
    buf_finish(&f->key);
}

/* ---- the PSK ---- */

static void load_psk(struct dial *d)
{
    struct slice packed;
    ProtobufCMessage *m;
    d->psk_identity = d->psk_key = (struct slice){0};
    if (d->options.link.mode == LINK_RENEW || replica_meta_get(d->options.r, "psk", &d->arena, &packed) != ERR_OK ||
        wire_open(&wire__psk__descriptor, packed, &d->arena, &m) != ERR_OK)
        return;
    const Wire__Psk *psk = (const Wire__Psk *)m;
    if (psk->key.len != 32 || psk->identity.len == 0 || psk->expires_ms <= clock_now_ms())
        return;
    d->psk_identity = slice_of(psk->identity.data, psk->identity.len);
    d->psk_key = slice_of(psk->key.data, psk->key.len);
}

static void keep_psk(struct dial *d)
{
    struct slice psk = link_psk(d->link);
    if (psk.size > 0 && replica_meta_put(d->options.r, "psk", psk) != ERR_OK)
        log_warn("dial", "the key for the next connection could not be kept: certificates will do");
}

/* ---- ending ---- */

static void finish(struct dial *d, const struct dial_end *end)
{
    net_timer_destroy(d->timer);
    d->options.on_end(d->options.to, d, end);
    link_destroy(d->link);
    tls_context_destroy(d->tls);
    arena_finish(&d->arena);
    free(d);
}

static void close_with(struct dial *d, enum err why)
{
    if (d->stream)
        stream_close(d->stream, why, why == ERR_OK ? "" : replica_detail(d->options.r));
}

/* ---- carrying ---- */

#define LOOK_MS LIMIT_PING_MS /* at least so often, however far off by a clock that is set between two calls what is due seems to be */

static void set_timer(struct dial *d)
{
    int64_t due = link_due(d->link), now = clock_now_ms();
    if (due == INT64_MAX)
        net_timer_disarm(d->timer);
    else
        net_timer_arm(d->timer, due <= now ? 1 : due - now < LOOK_MS ? (uint64_t)(due - now) : LOOK_MS);
}

static void flush_after(struct dial *d, enum err e)
{
    struct buf *out = link_out(d->link);
    if (!d->stream || d->hung_up)
        return;
    if (out->size > 0) {
        enum err sent = stream_send_packed(d->stream, buf_slice(out));
        out->size = 0;
        e = e == ERR_OK ? sent : e;
    }
    if (e != ERR_OK) {
        log_warn("dial", "the session ends: %s", err_text(e));
        close_with(d, e);
        return;
    }
    set_timer(d);
    if (d->options.on_moved)
        d->options.on_moved(d->options.to, d);
    enum link_progress p = link_progress(d->link);
    if (p != LINK_WORKING && p != LINK_LEVEL)
        dial_hang_up(d);
}

void dial_flush(struct dial *d)
{
    if (d->up)
        flush_after(d, ERR_OK);
}

void dial_local_changed(struct dial *d)
{
    if (d->up && link_is_welcome(d->link))
        flush_after(d, link_local_changed(d->link, clock_now_ms()));
}

void dial_check(struct dial *d)
{
    if (d->up && link_is_welcome(d->link))
        flush_after(d, link_check(d->link, clock_now_ms()));
}

void dial_hang_up(struct dial *d)
{
    if (!d->hung_up && d->stream)
        stream_close(d->stream, ERR_OK, "");
    d->hung_up = true;
}

struct link *dial_link(struct dial *d)
{
    return d->link;
}

/* ---- callbacks ---- */

static enum err connect_now(struct dial *d);

static void on_up(void *to)
{
    struct dial *d = to;
    d->up = true;
    flush_after(d, link_start(d->link, clock_now_ms()));
}

static void on_frame(void *to, enum frame_type type, struct slice payload)
{
    struct dial *d = to;
    bool welcome = link_is_welcome(d->link);
    enum err e = d->hung_up ? ERR_OK : link_take(d->link, type, payload, clock_now_ms());
    if (!welcome && link_is_welcome(d->link))
        keep_psk(d);
    flush_after(d, e);
}

static void connect_again(struct dial *d)
{
    struct dial_end end = {.why = d->hung_up ? ERR_OK : connect_now(d), .detail = ""};
    if (d->hung_up || end.why != ERR_OK)
        finish(d, &end);
}

static void on_due(void *to)
{
    struct dial *d = to;
    if (d->up)
        flush_after(d, link_tick(d->link, clock_now_ms()));
    else if (d->again)
        connect_again(d);
    else
        close_with(d, ERR_TIMEOUT);
}

/* A PSK that is known but wrong there ends the handshake without falling back: from now on without it. */
static bool drop_psk(struct dial *d, enum err why)
{
    if (d->up || d->hung_up || d->psk_identity.size == 0 || (why != ERR_TLS && why != ERR_CERTIFICATE && why != ERR_CUT))
        return false;
    log_info("dial", "the server does not take the key of the last connection; using certificates");
    d->psk_identity = d->psk_key = (struct slice){0};
    if (replica_meta_put(d->options.r, "psk", (struct slice){0}) != ERR_OK)
        log_warn("dial", "that key could not be dropped; it will be tried once more next time");
    return true;
}

static void on_closed(void *to, enum err why, const char *detail)
{
    struct dial *d = to;
    d->stream = NULL;
    if (drop_psk(d, why)) {
        d->again = true;
        net_timer_arm(d->timer, 1); /* not from within the stream's last call */
        return;
    }
    bool over = link_progress(d->link) != LINK_WORKING && link_progress(d->link) != LINK_LEVEL;
    struct dial_end end = {.why = d->hung_up || over ? ERR_OK : why == ERR_OK ? ERR_CUT : why, .detail = detail, .was_up = d->up};
    finish(d, &end);
}

static enum err connect_now(struct dial *d)
{
    static const struct stream_events events = {.on_up = on_up, .on_frame = on_frame, .on_closed = on_closed};
    struct replica_facts f;
    enum err e = replica_facts(d->options.r, &f);
    d->again = false;
    if (e == ERR_OK)
        e = stream_connect(d->options.net, f.server, d->tls, d->psk_identity, d->psk_key, &events, d, &d->stream);
    if (e == ERR_OK)
        net_timer_arm(d->timer, CONNECT_MS);
    return e;
}

enum err dial_open(const struct dial_options *options, struct dial **out)
{
    struct dial *d = calloc(1, sizeof *d);
    if (!d)
        return ERR_MEMORY;
    d->options = *options;
    arena_init(&d->arena, LIMIT_FRAME_JOIN);
    const struct dial_files *f = options->files;
    enum err e = tls_context_client(buf_slice(&f->ca), buf_slice(&f->cert), buf_slice(&f->key), NULL, &d->tls);
    if (e != ERR_OK) {
        arena_finish(&d->arena);
        free(d);
        return e;
    }
    d->link = link_create(options->r, &options->link);
    d->timer = net_timer_create(options->net, on_due, d);
    load_psk(d);
    e = connect_now(d);
    if (e == ERR_OK) {
        *out = d;
        return ERR_OK;
    }
    net_timer_destroy(d->timer);
    link_destroy(d->link);
    tls_context_destroy(d->tls);
    arena_finish(&d->arena);
    free(d);
    return e;
}
