/* See listener.h. A link is one accepted connection: its stream, and its session from the end of the handshake on.
 * Invariant: who floods the port with connections that never say hello pushes out its own: at most LIMIT_HANDSHAKES of them are
 * kept, and of the address that has most of them the oldest gives way to a newcomer. So there is always a place for one more, and
 * an honest peer keeps its own as long as its handshake takes. A seat has at most LIMIT_SESSIONS_SEAT: its oldest gives way. */
#include "server/listener.h"
#include "base/limits.h"
#include "base/log.h"
#include "server/hub.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define FILES_OWN 64u  /* database connections, journal, loop: what of the process's files is not for peers */
#define HOMES 1024u    /* addresses by their hash: two that share one are taken for one */
#define TELL_EACH 256u /* of a flood each such many connections have a line in the log */

struct link {
    struct listener *listener;
    struct stream *stream;
    struct session *session; /* NULL while the handshake runs */
    uint32_t home;           /* of its address */
    char address[64];
    struct links *list;
    struct link *previous, *next;
};

struct links {
    struct link *first, *last; /* the oldest is last */
    size_t count;
};

struct listener {
    struct net_listener *socket;
    struct serving *serving;
    struct links strangers, known, pushed_out; /* no hello yet; seats; strangers that were cut and whose end is awaited */
    size_t strangers_of[HOMES];
    size_t places, strangers_max;
    size_t pushed, turned_away;
    uint64_t last_id;
};

/* ---- lists ---- */

static void unlist(struct link *link)
{
    struct links *list = link->list;
    *(link->previous ? &link->previous->next : &list->first) = link->next;
    *(link->next ? &link->next->previous : &list->last) = link->previous;
    list->count--;
    if (list == &link->listener->strangers)
        link->listener->strangers_of[link->home]--;
}

static void enlist(struct link *link, struct links *list)
{
    link->list = list;
    link->previous = NULL;
    link->next = list->first;
    *(list->first ? &list->first->previous : &list->last) = link;
    list->first = link;
    list->count++;
    if (list == &link->listener->strangers)
        link->listener->strangers_of[link->home]++;
}

static void move_to(struct link *link, struct links *list)
{
    unlist(link);
    enlist(link, list);
}

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

static enum err certificate_of(const struct tls *tls, struct tls_cert_facts *out)
{
    struct buf der = BUF_INIT;
    enum err e = tls_peer_certificate(tls, &der);
    if (e == ERR_OK)
        e = tls_cert_facts(buf_slice(&der), out);
    buf_finish(&der);
    return e;
}

static enum err out_certificate(void *to, struct tls_cert_facts *out)
{
    return certificate_of(stream_tls(((struct link *)to)->stream), out);
}

static const struct session_out session_out = {
    .send = out_send,
    .send_packed = out_send_packed,
    .refuse = out_refuse,
    .limit_frame = out_limit_frame,
    .deadline = out_deadline,
    .close = out_close,
    .turn = out_turn,
    .certificate = out_certificate,
};

/* ---- what happens on a stream ---- */

/* A certificate says a number. Whose that is the control data say, by the key: a number that was given after the last backup is given
 * once more to somebody else where the control journal was lost with the disk. */
static bool is_key_of(const struct control *control, uint32_t seat, const struct tls *tls)
{
    struct tls_cert_facts facts;
    const struct control_seat *known = control_seat(control, seat);
    return !known || /* which is told it without looking at keys */
           (certificate_of(tls, &facts) == ERR_OK && memcmp(facts.key_hash, known->key_hash, sizeof facts.key_hash) == 0);
}

/* The seat that the peer proved to be; 0, which nobody has: a stranger, or a seat's number with another key. */
static uint32_t seat_of(const struct listener *l, const struct tls *tls, enum tls_peer *peer)
{
    uint32_t seat = 0;
    *peer = tls_peer(tls, &seat);
    bool by_certificate = *peer == TLS_PEER_CERTIFICATE || *peer == TLS_PEER_CERTIFICATE_EXPIRED;
    if (!by_certificate || is_key_of(l->serving->control, seat, tls))
        return seat;
    log_warn_of(seat, "listener", "a certificate of seat %u with another key than that seat has: from before a restore, or of a key that was given up", seat);
    return 0;
}

static void on_up(void *to)
{
    struct link *link = to;
    enum tls_peer peer;
    uint32_t seat = seat_of(link->listener, stream_tls(link->stream), &peer);
    link->session = session_open(link->listener->serving, ++link->listener->last_id, peer, seat, &session_out, link);
}

/* It has just come in. The oldest are last. */
static void keep_few_of_seat(struct listener *l, uint32_t seat)
{
    struct link *oldest = NULL;
    size_t count = 0;
    for (struct link *link = l->known.first; link; link = link->next)
        if (session_is_open(link->session) && session_seat(link->session) == seat) {
            oldest = link;
            count++;
        }
    if (count > LIMIT_SESSIONS_SEAT)
        session_give_way(oldest->session);
}

static void on_frame(void *to, enum frame_type type, struct slice payload)
{
    struct link *link = to;
    session_take(link->session, type, payload);
    if (link->list == &link->listener->strangers && session_is_open(link->session)) {
        move_to(link, &link->listener->known);
        keep_few_of_seat(link->listener, session_seat(link->session));
    }
}

/* A seat by its number; of who is none the operator wants to know from where. */
static void tell_closed(const struct link *link, const char *why, const char *detail)
{
    uint32_t seat = link->session ? session_seat(link->session) : 0;
    bool more = detail && *detail && strcmp(detail, why) != 0;
    if (seat)
        log_info_of(seat, "listener", "seat %u: closed: %s%s%s", seat, why, more ? ": " : "", more ? detail : "");
    else
        log_info("listener", "%s: closed: %s%s%s", link->address, why, more ? ": " : "", more ? detail : "");
}

static void on_closed(void *to, enum err why, const char *detail)
{
    struct link *link = to;
    bool expected = why == ERR_OK || why == ERR_CUT || link->list == &link->listener->pushed_out;
    if (!expected)
        tell_closed(link, err_text(why), detail);
    session_close(link->session);
    unlist(link);
    free(link);
}

/* ---- who may come in ---- */

/* No more than the process may open files: one connection more, and the next would be lost in the kernel, whoever it is. */
static size_t places(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= LIMIT_SESSIONS + FILES_OWN)
        return LIMIT_SESSIONS;
    return files.rlim_cur > 2 * FILES_OWN ? files.rlim_cur - FILES_OWN : FILES_OWN;
}

/* FNV-1a over the address without its port. */
static uint32_t home_of(const char *address)
{
    const char *port = strrchr(address, ':');
    uint32_t hash = 2166136261u;
    for (const char *at = address; *at && at != port; at++)
        hash = (hash ^ (uint8_t)*at) * 16777619u;
    return hash % HOMES;
}

/* Of the address that has most strangers here, the oldest; NULL: there are none. */
static struct link *most_doubtful(const struct listener *l)
{
    struct link *found = l->strangers.last;
    for (struct link *link = found; link; link = link->previous)
        if (l->strangers_of[link->home] > l->strangers_of[found->home])
            found = link;
    return found;
}

static bool make_room(struct listener *l, const char *peer_address)
{
    if (l->known.count + l->strangers.count < l->places && l->strangers.count < l->strangers_max)
        return true;
    struct link *link = most_doubtful(l);
    if (!link) {
        if (l->turned_away++ % TELL_EACH == 0)
            log_warn("listener", "full: %s is turned away (%zu connections)", peer_address, l->known.count);
        return false;
    }
    if (l->pushed++ % TELL_EACH == 0)
        log_warn("listener", "full: %s comes instead of one that has said nothing (%zu connections, %zu without a hello)",
                 peer_address, l->known.count, l->strangers.count);
    move_to(link, &l->pushed_out);
    stream_drop(link->stream, ERR_FULL, "");
    return true;
}

static bool on_accept(void *to, struct stream *stream, const char *peer_address, struct stream_events *events,
                      void **events_to)
{
    struct listener *l = to;
    if (!make_room(l, peer_address))
        return false;
    struct link *link = calloc(1, sizeof *link);
    CHECK(link);
    link->listener = l;
    link->stream = stream;
    link->home = home_of(peer_address);
    (void)snprintf(link->address, sizeof link->address, "%s", peer_address);
    enlist(link, &l->strangers);
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
    l->places = places();
    l->strangers_max = l->places / 2 < LIMIT_HANDSHAKES ? l->places / 2 : LIMIT_HANDSHAKES;
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
    struct link *lists[] = {l->strangers.first, l->known.first};
    net_listener_close(l->socket);
    l->socket = NULL;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        for (struct link *link = lists[i]; link; link = link->next)
            stream_close(link->stream, ERR_OK, "");
}

size_t listener_connections(const struct listener *l)
{
    return l->strangers.count + l->known.count + l->pushed_out.count;
}

void listener_destroy(struct listener *l)
{
    if (!l)
        return;
    CHECK(listener_connections(l) == 0 && !l->socket);
    free(l);
}
