/* The server's session as a whole: `u8 who, u8 how`, then frames as pieces. Frames of any sort, in any state, from a
 * seat of any sort; also things that happen meanwhile (EVENT_*). Whatever comes, what the server says passes the
 * client's checks, no byte of the branch reaches who may not read it, and afterwards the store verifies. */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/prove.h"
#include "base/limits.h"
#include "server/hub.h"
#include "wire/wire.h"
#include <stdlib.h>
#include <string.h>

enum how {
    HOW_ENTERED = 1,  /* a good hello went before */
    HOW_TOGETHER = 2, /* all frames came in one piece */
    HOW_QUEUED = 4,   /* the writer runs at the end alone */
    HOW_FULL = 8,     /* its queue holds one job */
    HOW_PROVEN = 16,  /* macs, chains and signatures are right, whatever the frame says: prove.h */
    HOW_EXPIRED = 32,
    HOW_NOBODY = 64,
    HOW_PSK = 128
};

/* Beside the frames: what else may happen in between. */
enum event {
    EVENT_LATER = 0xe0, /* u16 minutes go by */
    EVENT_CHANGE,       /* somebody else's change, with news */
    EVENT_REVOKED,
    EVENT_SUSPENDED,
    EVENT_RESUMED,
    EVENT_RECONNECT /* the same seat on another line */
};

static const ProtobufCMessageDescriptor *descriptor(uint8_t type)
{
    return type > FRAME_NONE && type < FRAME_TYPES ? frame_descriptor((enum frame_type)type) : NULL;
}

/* ---- what happens ---- */

static void take_frame(struct stage *s, struct peer *p, unsigned how, enum frame_type type, struct slice payload)
{
    ProtobufCMessage *m;
    struct buf again = BUF_INIT;
    uint8_t *exact = exact_copy(payload);
    struct slice bytes = slice_of(exact, payload.size);
    if (how & HOW_PROVEN && wire_open(frame_descriptor(type), bytes, &s->h.server.arena, &m) == ERR_OK) {
        prove_all(s, type, m);
        wire_pack(m, &again);
        bytes = buf_slice(&again);
    }
    if (bytes.size < p->frame_limit)
        session_take(p->session, type, bytes);
    if (!(how & HOW_QUEUED))
        serving_pump(&s->h);
    free(exact);
    buf_finish(&again);
}

static void set_state(struct stage *s, const struct peer *p, enum seat_state state)
{
    struct control *loop = s->h.serving.control; /* its connection: the writer does not look for what its own wrote */
    const struct control_seat *seat = control_seat(loop, session_seat(p->session));
    if (seat && control_set_seat_state(loop, seat->number, state, 0) == ERR_OK)
        hub_check_all(s->h.serving.hub);
}

/* Not of what the frames could have written before: its record is its own. */
static void change_meanwhile(struct stage *s)
{
    struct pen pen = pen_of(&s->h.server, s->seats[STAGE_SECOND], s->h.server.branch, 9);
    struct change *c = pen_create(&pen, 99, "name=" STAGE_SECRET);
    s->h.queue_max++;
    CHECK(s->h.serving.put_job(s->h.serving.put_to, push_job(&pen, &c, 1, NULL)) == ERR_OK);
    s->h.queue_max--;
}

static void take_event(struct stage *s, struct peer *p, uint8_t event, struct slice data)
{
    struct feed f = feed_of(data.data, data.size);
    switch (event) {
    case EVENT_LATER:
        help_now_ms += (int64_t)feed_u16(&f) * 60000;
        break;
    case EVENT_CHANGE:
        change_meanwhile(s);
        break;
    case EVENT_REVOKED:
        set_state(s, p, SEAT_REVOKED);
        break;
    case EVENT_SUSPENDED:
        set_state(s, p, SEAT_SUSPENDED);
        break;
    case EVENT_RESUMED:
        set_state(s, p, SEAT_ACTIVE);
        break;
    default:
        break;
    }
}

static enum tls_peer peer_of(unsigned how)
{
    return how & HOW_NOBODY    ? TLS_PEER_NOBODY
           : how & HOW_EXPIRED ? TLS_PEER_CERTIFICATE_EXPIRED
           : how & HOW_PSK     ? TLS_PEER_PSK
                               : TLS_PEER_CERTIFICATE;
}

static void enter(struct peer *p)
{
    uint8_t incarnation[INCARNATION_SIZE] = {7};
    Wire__Hello hello = WIRE__HELLO__INIT;
    hello.has_protocol = hello.has_incarnation = hello.has_watch = 1;
    hello.protocol = hello.watch = 1;
    hello.incarnation = (ProtobufCBinaryData){INCARNATION_SIZE, incarnation};
    peer_say(p, FRAME_HELLO, &hello.base);
}

/* ---- what was said ---- */

static bool holds(struct slice in, const char *what)
{
    return in.size && memmem(in.data, in.size, what, strlen(what));
}

static void look_at_answers(const struct stage *s, const struct peer *p, unsigned who, unsigned how)
{
    struct slice rest = buf_slice(&p->frames);
    while (rest.size) {
        struct frame frame;
        size_t used;
        CHECK(frame_take(rest, LIMIT_FRAME, &frame, &used) == ERR_OK && used > 0);
        CHECK(wire_check(frame_descriptor(frame.type), frame.payload) == ERR_OK);
        rest = slice_of(rest.data + used, rest.size - used);
    }
    bool stranger = how & (HOW_NOBODY | HOW_EXPIRED) || who >= STAGE_SEATS;
    if (stranger || who == STAGE_NEIGHBOUR || who == STAGE_SUSPENDED)
        CHECK(!holds(buf_slice(&p->frames), STAGE_SECRET));
    (void)s;
}

/* ---- a line and the next one ---- */

static void connect_as(struct stage *s, struct peer *p, unsigned who, unsigned how)
{
    peer_open(&s->h, p, peer_of(how), how & HOW_NOBODY ? 0 : who < STAGE_SEATS ? s->seats[who] : 999);
    p->together = how & HOW_TOGETHER;
}

static void part(struct stage *s, struct peer *p, unsigned who, unsigned how)
{
    serving_pump(&s->h);
    look_at_answers(s, p, who, how);
    peer_finish(p);
    serving_pump(&s->h);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct stage *s = stage_get();
    struct feed f = feed_of(data, size);
    struct peer p;
    unsigned who = feed_byte(&f) % (STAGE_SEATS + 1), how = feed_byte(&f);
    connect_as(s, &p, who, how);
    if (how & HOW_FULL)
        s->h.queue_max = 1;
    if (how & HOW_ENTERED)
        enter(&p);
    while (feed_more(&f)) {
        uint8_t type = feed_byte(&f);
        uint16_t length = feed_u16(&f);
        struct slice payload = feed_bytes(&f, length);
        if (type == EVENT_RECONNECT) {
            part(s, &p, who, how);
            connect_as(s, &p, who, how);
        } else if (!p.closed && descriptor(type)) {
            take_frame(s, &p, how, (enum frame_type)type, payload);
        } else if (!descriptor(type)) {
            take_event(s, &p, type, payload);
        }
    }
    part(s, &p, who, how);
    stage_verify(s);
    s->h.queue_max = 64;
    stage_reset(s);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t size_max, unsigned seed)
{
    return mutate_pieces(data, size, size_max, seed, 2, descriptor);
}
