/* See listener.h. A link is one accepted connection: its stream, and its session from the end of the handshake on. */
#include "server/listener.h"
#include "base/limits.h"
#include "base/log.h"
#include "server/hub.h"

#include <stdlib.h>

struct link {
    struct listener *listener;
    struct stream *stream;
    struct session *session; /* NULL while the handshake runs */
    bool is_open;            /* it has said hello: no longer one of the strangers */
    struct link *previous, *next;
};

struct listener {
    struct net_listener *socket;
    struct serving *serving;
    struct link *links;
    size_t count, strangers;
    uint64_t last_id;
};

/* ---- what a session may do with its stream ---- */

static enum err out_send(void *to, enum frame_type type, const ProtobufCMessage *message)
{
    return stream_send(((struct link *)to)->stream, type, message);
}

static enum err out_send_packed(void *to, struct slice frames)
{
    return stream_send_packed(((struct link *)to)->stream, frames);
}

static void out_refuse(void *to, const char *code, const char *text, enum err why)
{
    stream_refuse(((struct link *)to)->stream, code, text, why);
}

static void out_limit_frame(void *to, size_t size_max)
{
    stream_limit_frame(((struct link *)to)->stream, size_max);
}

static void out_deadline(void *to, uint64_t in_ms)
{
    stream_deadline(((struct link *)to)->stream, in_ms);
}

static void out_close(void *to)
{
    stream_close(((struct link *)to)->stream, ERR_OK, "");
}

static uint64_t out_turn(void *to)
{
    return stream_reads(((struct link *)to)->stream);
}

static const struct session_out session_out = {
    .send = out_send,
    .send_packed = out_send_packed,
    .refuse = out_refuse,
    .limit_frame = out_limit_frame,
    .deadline = out_deadline,
    .close = out_close,
    .turn = out_turn,
};

/* ---- what happens on a stream ---- */

static void on_up(void *to)
{
    struct link *link = to;
    uint32_t seat = 0;
    enum tls_peer peer = tls_peer(stream_tls(link->stream), &seat);
    link->session = session_open(link->listener->serving, ++link->listener->last_id, peer, seat, &session_out, link);
}

static void on_frame(void *to, enum frame_type type, struct slice payload)
{
    struct link *link = to;
    session_take(link->session, type, payload);
    if (!link->is_open && session_is_open(link->session)) {
        link->is_open = true;
        link->listener->strangers--;
    }
}

static void on_closed(void *to, enum err why, const char *detail)
{
    struct link *link = to;
    struct listener *l = link->listener;
    if (why != ERR_OK && why != ERR_CUT)
        log_info("listener", "seat %u: closed: %s%s%s", link->session ? session_seat(link->session) : 0, err_text(why),
                 detail && *detail ? ": " : "", detail ? detail : "");
    session_close(link->session);
    l->strangers -= !link->is_open;
    if (link->previous)
        link->previous->next = link->next;
    else
        l->links = link->next;
    if (link->next)
        link->next->previous = link->previous;
    l->count--;
    free(link);
}

static bool on_accept(void *to, struct stream *stream, const char *peer_address, struct stream_events *events,
                      void **events_to)
{
    struct listener *l = to;
    if (l->count >= LIMIT_SESSIONS || l->strangers >= LIMIT_HANDSHAKES) {
        log_warn("listener", "full: %s is turned away (%zu connections, %zu without a hello)", peer_address, l->count,
                 l->strangers);
        return false;
    }
    struct link *link = calloc(1, sizeof *link);
    CHECK(link);
    link->listener = l;
    link->stream = stream;
    link->next = l->links;
    if (l->links)
        l->links->previous = link;
    l->links = link;
    l->count++;
    l->strangers++;
    stream_deadline(stream,
                    LIMIT_HELLO_MS); /* its frames are limited to LIMIT_FRAME_JOIN until the session knows the peer */
    *events = (struct stream_events){.on_up = on_up, .on_frame = on_frame, .on_closed = on_closed};
    *events_to = link;
    return true;
}

enum err listener_open(struct net *net, const char *address, struct tls_context *tls, struct serving *serving,
                       uint16_t *port, struct listener **out)
{
    struct listener *l = calloc(1, sizeof *l);
    CHECK(l);
    l->serving = serving;
    enum err e = net_listen(net, address, tls, on_accept, l, port, &l->socket);
    if (e != ERR_OK) {
        free(l);
        return e;
    }
    *out = l;
    return ERR_OK;
}

void listener_use(struct listener *l, struct tls_context *tls)
{
    if (l->socket)
        net_listener_use(l->socket, tls);
}

void listener_close(struct listener *l)
{
    net_listener_close(l->socket);
    l->socket = NULL;
    for (struct link *link = l->links; link; link = link->next)
        stream_close(link->stream, ERR_OK, "");
}

size_t listener_connections(const struct listener *l)
{
    return l->count;
}

void listener_destroy(struct listener *l)
{
    if (!l)
        return;
    CHECK(l->count == 0 && !l->socket);
    free(l);
}
