/* The client facing a server that says what it likes: `u8 how`, then frames as pieces. A device with records, changes
 * that wait and a log takes them through its link. Whatever comes, what waits to be sent is not lost unless the server
 * said what became of it, what goes out passes the server's checks, and the database opens again. */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/shelf.h"
#include "tests/unit/help_district.h"
#include "base/log.h"
#include "wire/wire.h"
#include "server/hub.h"
#include "server/session/session.h"
#include <stdlib.h>

enum how { HOW_MODE = 3, HOW_FRESH = 4, HOW_AT_ONCE = 8, HOW_QUESTION = 4 /* bits: which one */ };

/* Beside frames of the input's own: the frames that the true server said to that device, one after the other. */
enum event {
    EVENT_LATER = 0xe0, /* u16 seconds go by */
    EVENT_CHECK,
    EVENT_TRUE,    /* the next of them */
    EVENT_CHANGED, /* the next of them, changed by a u16 seed */
    EVENT_SKIP,
    EVENT_AGAIN /* the one before */
};

#define TRUE_MAX 64

/* A device as it was before the true server spoke, and what it said. */
struct one {
    struct device *device;
    struct shelf *shelf;
    struct buf said;
    struct frame frames[TRUE_MAX];
    size_t count;
};

static struct district district;
static struct one old, fresh; /* with changes that wait, and others' to come; just joined */

static const ProtobufCMessageDescriptor *descriptor(uint8_t type)
{
    return type > FRAME_NONE && type < FRAME_TYPES ? frame_descriptor((enum frame_type)type) : NULL;
}

/* ---- devices, and what a true server says to them ---- */

static enum err heard(void *to, enum frame_type type, const ProtobufCMessage *message)
{
    return frame_put(to, type, message);
}

static enum err heard_packed(void *to, struct slice frames)
{
    buf_append_slice(to, frames);
    return ERR_OK;
}

static void heard_refusal(void *to, const char *code, const char *text, enum err why)
{
    (void)to;
    (void)text;
    (void)why;
    CHECK(!code); /* it has no reason */
}

static void heard_size(void *to, size_t size)
{
    (void)to;
    (void)size;
}

static void heard_time(void *to, uint64_t ms)
{
    (void)to;
    (void)ms;
}

static void heard_end(void *to)
{
    (void)to;
}

static const struct session_out ear = {heard, heard_packed, heard_refusal, heard_size, heard_time, heard_end, NULL, NULL};

static bool carry_up(struct link *l, struct session *s)
{
    struct slice rest = buf_slice(link_out(l));
    bool any = rest.size > 0;
    while (rest.size) {
        struct frame frame;
        size_t used;
        CHECK(frame_take(rest, LIMIT_FRAME, &frame, &used) == ERR_OK && used > 0);
        session_take(s, frame.type, frame.payload);
        rest = slice_of(rest.data + used, rest.size - used);
    }
    link_out(l)->size = 0;
    district_pump(&district);
    return any;
}

static void carry_down(struct link *l, const struct buf *said, size_t *at)
{
    while (*at < said->size) {
        struct frame frame;
        size_t used;
        CHECK(frame_take(slice_of(said->data + *at, said->size - *at), LIMIT_FRAME, &frame, &used) == ERR_OK &&
              used > 0);
        *at += used;
        CHECK(link_take(l, frame.type, frame.payload, district.now_ms) == ERR_OK);
    }
}

static void listen(struct one *o)
{
    struct link_options options = {.mode = LINK_ROUND, .version = "0.1.0"};
    struct link *l = link_create(o->device->r, &options);
    struct session *s =
        session_open(&district.serving, ++district.sessions, TLS_PEER_PSK, o->device->seat, &ear, &o->said);
    size_t at = 0, used;
    CHECK(link_start(l, district.now_ms) == ERR_OK);
    while (carry_up(l, s))
        carry_down(l, &o->said, &at);
    CHECK(link_progress(l) == LINK_DONE);
    for (at = 0; at < o->said.size; at += used, o->count++) {
        CHECK(o->count < TRUE_MAX);
        CHECK(frame_take(slice_of(o->said.data + at, o->said.size - at), LIMIT_FRAME, &o->frames[o->count], &used) ==
              ERR_OK);
    }
    session_close(s);
    link_destroy(l);
}

static void reset(struct one *o)
{
    replica_close(o->device->r);
    shelf_put_back(o->shelf, &o->device->folder);
    CHECK(replica_open(o->device->folder.path, district.now_ms, &o->device->r) == ERR_OK);
}

static void put_on_shelf(struct one *o)
{
    replica_close(o->device->r);
    o->shelf = shelf_take(&o->device->folder);
    CHECK(replica_open(o->device->folder.path, district.now_ms, &o->device->r) == ERR_OK);
}

static void remove_at_exit(void)
{
    for (size_t i = 0; i < district.count; i++)
        folder_remove(&district.devices[i].folder);
    folder_remove(&district.server.folder);
}

static struct device *chair(uint32_t seat)
{
    return device_make(&district, seat, district.server.branch, "qh-01", "branch", "union_chair");
}

static void make(void)
{
    setenv("CMOCKA_TEST_ABORT", "1", 1);
    district_make(&district);
    log_set_level(LOG_ERROR + 1);
    (void)atexit(remove_at_exit);
    old.device = chair(district.server.chair);
    struct device *other = chair(district.server.second);
    struct id id = device_add(old.device, "name=石榴 note=一");
    CHECK(device_sync(old.device, -1) == LINK_DONE && device_sync(other, -1) == LINK_DONE);
    CHECK(device_set(other, id, "note=三 campus=东") == ERR_OK);
    device_add(other, "name=何花");
    CHECK(device_sync(other, -1) == LINK_DONE);
    CHECK(device_set(old.device, id, "note=二") == ERR_OK);
    device_add(old.device, "name=方圆");
    put_on_shelf(&old);
    listen(&old);
    fresh.device = chair(district.server.second);
    put_on_shelf(&fresh);
    listen(&fresh);
    reset(&old);
    reset(&fresh);
}

/* ---- a session ---- */

/* What the server would see of this: each frame is whole and passes its checks. */
static void look_at_out(struct link *l)
{
    struct buf *out = link_out(l);
    struct slice rest = buf_slice(out);
    while (rest.size) {
        struct frame frame;
        size_t used;
        CHECK(frame_take(rest, LIMIT_FRAME, &frame, &used) == ERR_OK && used > 0);
        CHECK(wire_check(frame_descriptor(frame.type), frame.payload) == ERR_OK);
        rest = slice_of(rest.data + used, rest.size - used);
    }
    out->size = 0;
}

static enum err take_frame(struct link *l, uint8_t type, struct slice payload, int64_t now_ms)
{
    uint8_t *exact = exact_copy(payload);
    enum err e = link_take(l, (enum frame_type)type, slice_of(exact, payload.size), now_ms);
    free(exact);
    return e;
}

static enum err take_true(struct link *l, const struct one *o, size_t at, const unsigned *seed, int64_t now_ms)
{
    struct buf payload = BUF_INIT;
    const struct frame *frame = &o->frames[at];
    if (at >= o->count)
        return ERR_OK;
    buf_append_slice(&payload, frame->payload);
    if (seed)
        mutate_by_seed(frame_descriptor(frame->type), &payload, *seed);
    enum err e = take_frame(l, frame->type, buf_slice(&payload), now_ms);
    buf_finish(&payload);
    return e;
}

struct play {
    struct one *one;
    struct link *l;
    size_t at; /* of the true frames */
    int64_t now_ms;
    bool decided; /* somebody may have said what became of changes */
};

static enum err take_event(struct play *p, uint8_t event, struct slice data)
{
    struct feed f = feed_of(data.data, data.size);
    unsigned number = feed_u16(&f);
    switch (event) {
    case EVENT_LATER:
        p->now_ms += (int64_t)number * 1000;
        return link_tick(p->l, p->now_ms);
    case EVENT_CHECK:
        return link_check(p->l, p->now_ms);
    case EVENT_TRUE:
        return take_true(p->l, p->one, p->at++, NULL, p->now_ms);
    case EVENT_CHANGED:
        return take_true(p->l, p->one, p->at++, &number, p->now_ms);
    case EVENT_SKIP:
        p->at++;
        return ERR_OK;
    case EVENT_AGAIN:
        return p->at ? take_true(p->l, p->one, p->at - 1, NULL, p->now_ms) : ERR_OK;
    default:
        return ERR_OK;
    }
}

/* Verdicts name changes, so does the log: anything else leaves them. */
static bool may_decide(uint8_t type)
{
    return type == FRAME_VERDICTS || type == FRAME_ENTRIES || type == FRAME_WELCOME || type == FRAME_SNAPSHOT_PAGE;
}

static void no_answer(void *to, enum frame_type type, const ProtobufCMessage *message)
{
    (void)to;
    (void)type;
    (void)message;
}

static void ask(struct link *l, unsigned which)
{
    uint8_t id[ID_SIZE] = {1};
    Wire__RowsAsk rows = WIRE__ROWS_ASK__INIT;
    Wire__HistoryAsk history = WIRE__HISTORY_ASK__INIT;
    Wire__OverviewAsk overview = WIRE__OVERVIEW_ASK__INIT;
    Wire__SeatAsk seats = WIRE__SEAT_ASK__INIT;
    Wire__InviteAsk invite = WIRE__INVITE_ASK__INIT;
    Wire__TransferAsk transfers = WIRE__TRANSFER_ASK__INIT;
    const struct {
        enum frame_type type;
        ProtobufCMessage *m;
    } all[] = {{FRAME_ROWS_ASK, &rows.base},         {FRAME_HISTORY_ASK, &history.base},
               {FRAME_OVERVIEW_ASK, &overview.base}, {FRAME_SEAT_ASK, &seats.base},
               {FRAME_INVITE_ASK, &invite.base},     {FRAME_TRANSFER_ASK, &transfers.base}};
    const size_t count = sizeof all / sizeof *all;
    rows.has_kind = history.has_kind = history.has_id = seats.has_action = 1;
    rows.kind = history.kind = 1;
    history.id = (ProtobufCBinaryData){ID_SIZE, id};
    seats.action = which >= count ? WIRE__SEAT_ACTION__SEAT_REFUSED : WIRE__SEAT_ACTION__SEAT_LIST;
    which = which >= count ? 3 : which;
    CHECK(link_ask(l, all[which].type, all[which].m) == ERR_OK);
}

static enum err take_piece(struct play *p, struct feed *f)
{
    uint8_t type = feed_byte(f);
    uint16_t length = feed_u16(f);
    struct slice payload = feed_bytes(f, length);
    p->decided = p->decided || may_decide(type) || type >= EVENT_TRUE;
    return descriptor(type) ? take_frame(p->l, type, payload, p->now_ms) : take_event(p, type, payload);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!old.shelf)
        make();
    struct feed f = feed_of(data, size);
    unsigned how = feed_byte(&f);
    struct play p = {.one = how & HOW_FRESH ? &fresh : &old, .now_ms = district.now_ms};
    struct link_options options = {.mode = (enum link_mode)(how & HOW_MODE),
                                   .version = "0.1.0",
                                   .snapshot_at_once = how & HOW_AT_ONCE,
                                   .on_answer = no_answer};
    unsigned queued = device_status(p.one->device).queued;
    p.l = link_create(p.one->device->r, &options);
    if (options.mode == LINK_ASK)
        ask(p.l, how >> HOW_QUESTION);
    enum err e = link_start(p.l, p.now_ms);
    look_at_out(p.l);
    while (e == ERR_OK && feed_more(&f) && link_progress(p.l) <= LINK_LEVEL) {
        e = take_piece(&p, &f);
        look_at_out(p.l);
    }
    CHECK(e == ERR_OK || e == ERR_MEMORY || err_class(e) != ERR_CLASS_SELF);
    link_destroy(p.l);
    if (!p.decided)
        CHECK(device_status(p.one->device).queued == queued);
    reset(p.one);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t size_max, unsigned seed)
{
    return mutate_pieces(data, size, size_max, seed, 1, descriptor);
}
