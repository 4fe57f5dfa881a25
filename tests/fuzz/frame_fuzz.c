/* A stream of frames that comes in pieces of any size: `u8 piece size` first, then the stream. Frames come out the same
 * however the stream was cut, each within its limit, and a message that opens is packed again into the same frame. */
#include "tests/fuzz/fuzz.h"
#include "base/limits.h"
#include "wire/frame.h"
#include "wire/wire.h"
#include <stdlib.h>
#include <string.h>

static void look_at(const struct frame *frame)
{
    struct arena arena;
    struct buf again = BUF_INIT;
    ProtobufCMessage *m;
    CHECK(frame_descriptor(frame->type) && frame->payload.size < LIMIT_FRAME);
    arena_init(&arena, LIMIT_ARENA);
    if (wire_open(frame_descriptor(frame->type), frame->payload, &arena, &m) == ERR_OK) {
        CHECK(arena.used <= LIMIT_ARENA);
        CHECK(frame_put(&again, frame->type, m) == ERR_OK);
        CHECK(again.size == FRAME_HEAD + frame->payload.size);
    }
    buf_finish(&again);
    arena_finish(&arena);
}

/* Takes what has come; false: the peer is cut off. */
static bool take_all(struct buf *have, size_t *taken)
{
    for (;;) {
        struct frame frame;
        size_t used = 0;
        uint8_t *exact = exact_copy(buf_slice(have));
        enum err e = frame_take(slice_of(exact, have->size), LIMIT_FRAME, &frame, &used);
        if (e == ERR_OK && used)
            look_at(&frame);
        free(exact);
        if (e != ERR_OK || !used)
            return e == ERR_OK;
        CHECK(used <= have->size);
        buf_consume(have, used);
        *taken += used;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct feed f = feed_of(data, size);
    struct buf have = BUF_INIT, whole = BUF_INIT;
    size_t pieces = 0, at_once = 0, step = feed_byte(&f) + 1u;
    struct slice stream = slice_of(data + f.at, size - f.at);
    bool good = true;
    while (good && feed_more(&f)) {
        buf_append_slice(&have, feed_bytes(&f, step));
        good = take_all(&have, &pieces);
    }
    buf_append_slice(&whole, stream);
    CHECK(take_all(&whole, &at_once) == good && pieces == at_once);
    buf_finish(&have);
    buf_finish(&whole);
    return 0;
}
