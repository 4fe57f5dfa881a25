/* Connections of the server: what common/net/stream.c and server/listener.c do on sockets, on lines. */
#include "tests/sim/server_inner.h"

#include "base/limits.h"
#include "wire/wire.h"

#include <stdlib.h>
#include <string.h>

struct door {
    struct server *server;
    struct session *session;
    struct line *line;
    struct buf in;
    size_t frame_max;
    struct tls_cert_facts shown; /* seat 0: no certificate */
    uint64_t reads, deadline; /* deadline: counts them; events of older ones mean nothing */
    bool is_closing;
    struct door *next;
};

/* ---- the end ---- */

static void free_door(struct door *d)
{
    struct server *s = d->server;
    struct door **at = &s->doors;
    while (*at != d)
        at = &(*at)->next;
    *at = d->next;
    session_close(d->session);
    line_close(d->line, SIDE_SERVER);
    buf_finish(&d->in);
    free(d);
}

static struct door *find(struct server *s, uint64_t session)
{
    for (struct door *d = s->doors; d; d = d->next)
        if (session_id(d->session) == session)
            return d;
    return NULL;
}

/* By its session's number: it may have ended with the process meanwhile. */
static void on_close(void *to, uint64_t session)
{
    struct server *s = to;
    struct door *d = find(s, session);
    int before = server_enter(s);
    if (d)
        free_door(d);
    server_leave(s, before);
}

static void close_soon(struct door *d)
{
    if (d->is_closing)
        return;
    d->is_closing = true;
    world_after(0, on_close, d->server, session_id(d->session));
}

void doors_close(struct server *s)
{
    while (s->doors) {
        struct line *line = s->doors->line;
        line_cut(line, dice_between(&s->dice, 0, 5000), -1);
        free_door(s->doors);
    }
}

/* ---- what a session may do ---- */

static enum err put_out(struct door *d, struct slice frames)
{
    if (d->is_closing || disk_is_dead(d->server->process))
        return ERR_CUT;
    world_mix(frames.data, frames.size);
    line_send(d->line, SIDE_SERVER, frames);
    if (d->session)
        queues_expect_waiting(session_seat(d->session), line_in_flight(d->line, SIDE_SERVER));
    if (line_in_flight(d->line, SIDE_SERVER) <= LIMIT_SESSION_QUEUE)
        return ERR_OK;
    close_soon(d);
    return ERR_FULL;
}

/* PROTOCOL.md 6: before it answers any frame the server looks at the seat's standing. */
static void expect_may_be_told(const struct door *d, enum frame_type type)
{
    uint32_t seat = session_seat(d->session);
    bool of_data = type == FRAME_ENTRIES || type == FRAME_SNAPSHOT_PAGE || type == FRAME_DIGESTS || type == FRAME_ROWS || type == FRAME_HISTORY;
    unsigned standing = d->server->standing[server_seat_place(seat)];
    if ((standing == SEAT_REVOKED && of_data) || (standing == SEAT_SUSPENDED && (of_data || type == FRAME_WELCOME)))
        world_fail("seat %u is %s and gets frame %d", seat, standing == SEAT_REVOKED ? "revoked" : "suspended", (int)type);
}

static enum err out_send(void *to, enum frame_type type, const ProtobufCMessage *message)
{
    struct door *d = to;
    if (d->session) /* NULL: it is being made */
        expect_may_be_told(d, type);
    struct buf b = BUF_INIT;
    enum err e = frame_put(&b, type, message);
    if (d->session)
        queues_expect_answer(session_seat(d->session), type, b.size);
    if (e == ERR_OK)
        e = put_out(to, buf_slice(&b));
    buf_finish(&b);
    return e;
}

static enum err out_send_packed(void *to, struct slice frames)
{
    return put_out(to, frames);
}

static void out_refuse(void *to, const char *code, const char *text, enum err why)
{
    struct door *d = to;
    Wire__Error error = WIRE__ERROR__INIT;
    error.code = (char *)code;
    error.text = (char *)text;
    error.has_fatal = error.fatal = 1;
    world_tell("seat %u is refused: %s", session_seat(d->session), code);
    if (err_class(why) == ERR_CLASS_PEER && why != ERR_CERTIFICATE && why != ERR_TIMEOUT)
        world_fail("the server says that seat %u broke the protocol: %s %s", session_seat(d->session), code, text);
    (void)out_send(d, FRAME_ERROR, &error.base);
    close_soon(d);
}

static void out_limit(void *to, size_t size_max)
{
    ((struct door *)to)->frame_max = size_max;
}

struct patience {
    struct server *server;
    uint64_t session, deadline, life;
};

static void on_deadline(void *to, uint64_t arg)
{
    struct patience *p = to;
    struct door *d = p->server->life == p->life ? find(p->server, p->session) : NULL;
    (void)arg;
    if (d && d->deadline == p->deadline && !d->is_closing) {
        world_tell("seat %u was silent too long", session_seat(d->session));
        int before = server_enter(p->server);
        out_refuse(d, "TIMEOUT", "nothing came for too long", ERR_TIMEOUT);
        server_leave(p->server, before);
    }
    free(p);
}

static void set_deadline(struct door *d, uint64_t session, uint64_t in_ms)
{
    d->deadline++;
    if (!in_ms)
        return;
    struct patience *p = malloc(sizeof *p);
    CHECK(p);
    *p = (struct patience){d->server, session, d->deadline, d->server->life};
    world_after((int64_t)in_ms, on_deadline, p, 0);
}

static void out_deadline(void *to, uint64_t in_ms)
{
    struct door *d = to;
    set_deadline(d, d->session ? session_id(d->session) : d->server->sessions, in_ms); /* the first one comes from within session_open */
}

static void out_close(void *to)
{
    close_soon(to);
}

static uint64_t out_turn(void *to)
{
    return ((struct door *)to)->reads;
}

static enum err out_certificate(void *to, struct tls_cert_facts *out)
{
    const struct door *d = to;
    if (d->shown.seat == 0)
        return ERR_NOT_FOUND;
    *out = d->shown;
    return ERR_OK;
}

static const struct session_out session_out = {out_send, out_send_packed, out_refuse, out_limit, out_deadline, out_close, out_turn, out_certificate};

/* ---- what comes ---- */

static void take_frames(struct door *d)
{
    size_t at = 0;
    while (!d->is_closing && !disk_is_dead(d->server->process)) {
        struct frame f;
        size_t used;
        enum err e = frame_take(slice_of(d->in.data + at, d->in.size - at), d->frame_max, &f, &used);
        if (e != ERR_OK)
            world_fail("seat %u sends what is no frame: %s", session_seat(d->session), err_name(e));
        if (!used)
            break;
        at += used;
        session_take(d->session, f.type, f.payload);
    }
    buf_consume(&d->in, at);
}

static void on_bytes(void *to, struct slice bytes)
{
    struct door *d = to;
    struct server *s = d->server;
    if (!s->up || d->is_closing)
        return;
    int before = server_enter(s);
    d->reads++;
    buf_append_slice(&d->in, bytes);
    take_frames(d);
    if (!d->is_closing && d->in.size > d->frame_max + FRAME_HEAD)
        world_fail("seat %u: %zu bytes of one frame wait", session_seat(d->session), d->in.size);
    server_leave(s, before);
}

static void on_over(void *to)
{
    struct door *d = to;
    struct server *s = d->server;
    int before = server_enter(s);
    free_door(d);
    server_leave(s, before);
}

unsigned server_connections(const struct server *s)
{
    unsigned count = 0;
    for (const struct door *d = s->doors; d; d = d->next)
        count++;
    return count;
}

/* shown: NULL where none was (a stranger, a key for reconnecting, a device that is believed). */
static bool accept_as(struct server *s, struct line *line, enum tls_peer peer, uint32_t seat, const struct tls_cert_facts *shown)
{
    struct door *d = calloc(1, sizeof *d);
    CHECK(d);
    d->server = s;
    if (shown)
        d->shown = *shown;
    d->line = line;
    d->frame_max = LIMIT_FRAME_JOIN;
    d->next = s->doors;
    s->doors = d;
    line_attach(line, SIDE_SERVER, (struct line_end){on_bytes, on_over, d});
    int before = server_enter(s);
    d->session = session_open(&s->serving, ++s->sessions, peer, seat, &session_out, d);
    server_leave(s, before);
    return true;
}

bool server_accept(struct server *s, struct line *line, uint32_t seat)
{
    return s->up && accept_as(s, line, dice_below(&s->dice, 3) ? TLS_PEER_PSK : TLS_PEER_CERTIFICATE, seat, NULL);
}

/* listener.c's is_key_of. */
static bool is_key_of(const struct server *s, const struct tls_cert_facts *facts)
{
    const struct control_seat *known = control_seat(s->control, facts->seat);
    return !known || memcmp(facts->key_hash, known->key_hash, sizeof facts->key_hash) == 0;
}

bool server_accept_certificate(struct server *s, struct line *line, struct slice der)
{
    struct tls_cert_facts facts;
    int64_t now = disk_now_ms(s->machine);
    CHECK(tls_cert_facts(der, &facts) == ERR_OK);
    if (!s->up || now < facts.starts_ms)
        return false;
    enum tls_peer peer = now >= facts.ends_ms ? TLS_PEER_CERTIFICATE_EXPIRED : TLS_PEER_CERTIFICATE;
    const struct control_seat *known = control_seat(s->control, facts.seat);
    bool fresh = known && memcmp(facts.serial, known->serial, sizeof facts.serial) == 0; /* else its key for reconnecting is dead, too */
    if (peer == TLS_PEER_CERTIFICATE && fresh && dice_below(&s->dice, 3) == 0)
        peer = TLS_PEER_PSK;
    return accept_as(s, line, peer, is_key_of(s, &facts) ? facts.seat : 0, peer == TLS_PEER_PSK ? NULL : &facts);
}

bool server_accept_stranger(struct server *s, struct line *line)
{
    return s->up && accept_as(s, line, TLS_PEER_NOBODY, 0, NULL);
}
