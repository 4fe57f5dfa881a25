/* Listening. A stream that its owner does not want is dropped before a byte is read; what goes wrong with one
 * connection never ends the listener. */
#include "base/limits.h"
#include "net/life.h"
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#define LISTEN_BACKLOG 1024

struct net_listener {
    uv_tcp_t handle;
    struct net *net;
    struct tls_context *tls;
    net_on_accept *on_accept;
    void *to;
};

static void listen_peer(const uv_tcp_t *tcp, char *out, size_t size)
{
    struct sockaddr_storage a;
    int length = sizeof a;
    memset(&a, 0, sizeof a);
    (void)uv_tcp_getpeername(tcp, (struct sockaddr *)&a, &length); /* gone already: "?:0" */
    address_text((struct sockaddr *)&a, out, size);
}

static void listen_accept(uv_stream_t *h, int status)
{
    struct net_listener *l = h->data;
    char peer[80];
    if (status)
        return; /* a connection that died in the queue, or no descriptors: libuv has cleared it away */
    struct stream *s = stream_create(l->net, NULL, STREAM_CONNECTING, LIMIT_FRAME_JOIN);
    s->tcp = calloc(1, sizeof *s->tcp);
    CHECK(s->tcp && uv_tcp_init(l->net->loop, s->tcp) == 0);
    s->tcp->data = s;
    bool is_here = uv_accept(h, (uv_stream_t *)s->tcp) == 0;
    if (is_here)
        listen_peer(s->tcp, peer, sizeof peer);
    if (!is_here || !l->on_accept(l->to, s, peer, &s->events, &s->to)) {
        stream_destroy_unborn(s);
        return;
    }
    CHECK(s->events.on_up && s->events.on_frame && s->events.on_closed);
    if (s->state == STREAM_CLOSING)
        return; /* closed by its owner at once */
    s->tls = tls_create_server(l->tls); /* most of what a connection costs: not for those that are turned away */
    stream_move(s, STREAM_SHAKING, "accepted");
    input_start(s);
}

static void listen_free(uv_handle_t *h)
{
    struct net_listener *l = h->data;
    free(l);
}

void net_listener_close(struct net_listener *l)
{
    if (l)
        uv_close((uv_handle_t *)&l->handle, listen_free);
}

void net_listener_use(struct net_listener *l, struct tls_context *tls)
{
    l->tls = tls;
}

static enum err listen_resolve(struct net *n, const char *address, struct sockaddr_storage *out)
{
    char host[ADDRESS_HOST], port[6];
    enum err e = address_split(address, host, port);
    if (e || address_numeric(host, port, out))
        return e;
    uv_getaddrinfo_t r;
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    if (uv_getaddrinfo(n->loop, &r, NULL, host, port, &hints) != 0) /* waits: only a start does it */
        return ERR_VALUE;
    memcpy(out, r.addrinfo->ai_addr, r.addrinfo->ai_addrlen);
    uv_freeaddrinfo(r.addrinfo);
    return ERR_OK;
}

/* libuv tells of a port in use by uv_listen, not by uv_tcp_bind. */
static enum err listen_error(int status)
{
    if (status == UV_EADDRINUSE)
        return ERR_EXISTS;
    return status == UV_EADDRNOTAVAIL ? ERR_VALUE : ERR_IO;
}

static int listen_start(struct net_listener *l, const struct sockaddr_storage *a, uint16_t *port)
{
    struct sockaddr_storage real;
    int size = sizeof real;
    int status = uv_tcp_bind(&l->handle, (const struct sockaddr *)a, 0);
    if (!status)
        status = uv_listen((uv_stream_t *)&l->handle, LISTEN_BACKLOG, listen_accept);
    if (!status)
        status = uv_tcp_getsockname(&l->handle, (struct sockaddr *)&real, &size);
    if (!status)
        *port = address_port((struct sockaddr *)&real);
    return status;
}

enum err net_listen(struct net *n, const char *address, struct tls_context *tls, net_on_accept *on_accept, void *to,
                    uint16_t *port, struct net_listener **out)
{
    struct sockaddr_storage a;
    enum err e = listen_resolve(n, address, &a);
    if (e)
        return e;
    struct net_listener *l = calloc(1, sizeof *l);
    CHECK(l && uv_tcp_init(n->loop, &l->handle) == 0);
    *l = (struct net_listener){.handle = l->handle, .net = n, .tls = tls, .on_accept = on_accept, .to = to};
    l->handle.data = l;
    int status = listen_start(l, &a, port);
    if (status) {
        net_listener_close(l);
        return listen_error(status);
    }
    *out = l;
    return ERR_OK;
}
