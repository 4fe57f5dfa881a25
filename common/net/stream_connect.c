/* Connecting: the name is resolved in the thread pool, then its addresses are tried one after the other. The work lives
 * apart from its stream: a resolver cannot be stopped, and a stream that is closed meanwhile does not wait for it. */
#include "base/limits.h"
#include "net/life.h"
#include <stdlib.h>
#include <string.h>
#include <uv.h>

struct resolve {
    uv_getaddrinfo_t request;
    uv_connect_t connect;
    struct stream *stream;     /* NULL: abandoned */
    struct addrinfo *all, *at; /* NULL for a numeric address */
    struct sockaddr_storage numeric;
    bool is_asking; /* libuv has the request */
    bool is_connecting;
};

static void connect_next(struct resolve *r, int status);

static void connect_free(struct resolve *r)
{
    uv_freeaddrinfo(r->all);
    free(r);
}

void connect_abandon(struct stream *s)
{
    struct resolve *r = s->resolve;
    if (!r)
        return;
    s->resolve = NULL;
    r->stream = NULL;
    if (r->is_asking)
        (void)uv_cancel((uv_req_t *)&r->request); /* refused if a thread is at it: then it ends by itself */
    else if (!r->is_connecting)
        connect_free(r);
}

static void connect_failed_closed(uv_handle_t *h)
{
    free(h);
}

static void connect_done(uv_connect_t *c, int status)
{
    struct resolve *r = c->data;
    struct stream *s = r->stream;
    r->is_connecting = false;
    if (!s) {
        connect_free(r);
    } else if (status) {
        uv_close((uv_handle_t *)s->tcp, connect_failed_closed); /* a handle does not connect twice */
        s->tcp = NULL;
        connect_next(r, status);
    } else {
        connect_abandon(s);
        stream_move(s, STREAM_SHAKING, "connected");
        input_start(s);
    }
}

static int connect_start(struct resolve *r, const struct sockaddr *address)
{
    struct stream *s = r->stream;
    s->tcp = calloc(1, sizeof *s->tcp);
    CHECK(s->tcp && uv_tcp_init(s->net->loop, s->tcp) == 0);
    s->tcp->data = s;
    r->connect.data = r;
    int status = uv_tcp_connect(&r->connect, s->tcp, address, connect_done);
    r->is_connecting = status == 0;
    return status;
}

/* The next address; status is what became of the one before. */
static void connect_next(struct resolve *r, int status)
{
    struct stream *s = r->stream;
    while (r->at) {
        const struct sockaddr *address = r->at->ai_addr;
        r->at = r->at->ai_next;
        status = connect_start(r, address);
        if (!status)
            return;
        uv_close((uv_handle_t *)s->tcp, connect_failed_closed);
        s->tcp = NULL;
    }
    stream_cut(s, ERR_OFFLINE, uv_strerror(status));
}

static void connect_resolved(uv_getaddrinfo_t *q, int status, struct addrinfo *found)
{
    struct resolve *r = q->data;
    r->is_asking = false;
    r->all = r->at = found;
    if (!r->stream) {
        connect_free(r);
    } else {
        stream_move(r->stream, STREAM_CONNECTING, status ? uv_strerror(status) : "resolved");
        connect_next(r, status);
    }
}

static void connect_begin(struct stream *s, const char *host, const char *port)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct resolve *r = calloc(1, sizeof *r);
    CHECK(r);
    r->stream = s;
    r->request.data = r;
    s->resolve = r;
    int status;
    if (address_numeric(host, port, &r->numeric)) {
        stream_move(s, STREAM_CONNECTING, "numeric");
        status = connect_start(r, (struct sockaddr *)&r->numeric);
    } else {
        status = uv_getaddrinfo(s->net->loop, &r->request, connect_resolved, host, port, &hints);
        r->is_asking = status == 0;
    }
    if (status)
        stream_cut(s, ERR_OFFLINE, uv_strerror(status));
}

enum err stream_connect(struct net *n, const char *host_port, struct tls_context *tls, struct slice psk_identity,
                        struct slice psk_key, const struct stream_events *events, void *to, struct stream **out)
{
    char host[ADDRESS_HOST], port[6];
    CHECK(events->on_up && events->on_frame && events->on_closed);
    enum err e = address_split(host_port, host, port);
    if (e)
        return e;
    struct stream *s = stream_create(n, tls_create_client(tls, psk_identity, psk_key), STREAM_RESOLVING, LIMIT_FRAME);
    s->events = *events;
    s->to = to;
    connect_begin(s, host, port);
    *out = s;
    return ERR_OK;
}
