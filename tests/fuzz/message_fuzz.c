/* Every message of the house, of the protocol and of the kinds, read as bytes from outside: `u8 which`, then its bytes.
 * What passes wire_check opens within the arena's cap, is packed again to the same bytes, and survives a copy. */
#include "tests/fuzz/fuzz.h"
#include "base/limits.h"
#include "kinds/kind.h"
#include "wire/frame.h"
#include "wire/wire.h"
#include <stdlib.h>
#include <string.h>

static const ProtobufCMessageDescriptor *const within[] = {
    &wire__change__descriptor,       &wire__effects__descriptor,   &wire__entry__descriptor,
    &wire__snapshot_row__descriptor, &wire__join_code__descriptor, &wire__erasure__descriptor,
};

static size_t within_count(void)
{
    return sizeof within / sizeof *within;
}

/* 0 .. FRAME_TYPES - 2: frames; then what travels as bytes inside of others; then the kinds. */
static const ProtobufCMessageDescriptor *descriptor_at(size_t which)
{
    size_t kinds;
    const struct kind *const *kind = kind_all(&kinds);
    which %= FRAME_TYPES - 1 + within_count() + kinds;
    if (which < FRAME_TYPES - 1)
        return frame_descriptor((enum frame_type)(which + 1));
    which -= FRAME_TYPES - 1;
    return which < within_count() ? within[which] : kind[which - within_count()]->descriptor;
}

/* A newer peer's fields go to the end when packed again: then the bytes are the same but for their order. */
static bool knows_all(const ProtobufCMessage *m)
{
    for (unsigned i = 0; i < m->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *f = &m->descriptor->fields[i];
        if (f->type != PROTOBUF_C_TYPE_MESSAGE)
            continue;
        const uint8_t *at = (const uint8_t *)m + f->offset;
        size_t count =
            f->label == PROTOBUF_C_LABEL_REPEATED ? *(const size_t *)((const uint8_t *)m + f->quantifier_offset) : 1;
        ProtobufCMessage *const *list = f->label == PROTOBUF_C_LABEL_REPEATED ? *(ProtobufCMessage *const *const *)at
                                                                              : (ProtobufCMessage *const *)at;
        for (size_t j = 0; j < count; j++)
            if (list[j] && !knows_all(list[j]))
                return false;
    }
    return m->n_unknown_fields == 0;
}

/* Each cell is of its field's type and within the message. */
static void walk_record(const ProtobufCMessage *m, struct arena *arena)
{
    ProtobufCMessage *copy = record_copy(m, arena);
    for (unsigned i = 0; copy && i < m->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *f = &m->descriptor->fields[i];
        CHECK(cell_equal(record_get(m, f), record_get(copy, f)));
    }
}

static void look_at(const ProtobufCMessageDescriptor *d, struct slice bytes)
{
    struct arena arena, copies;
    struct buf again = BUF_INIT;
    ProtobufCMessage *m, *copy;
    arena_init(&arena, LIMIT_ARENA);
    arena_init(&copies, LIMIT_ARENA);
    if (wire_open(d, bytes, &arena, &m) == ERR_OK) {
        wire_pack(m, &again);
        CHECK(again.size == bytes.size);
        CHECK(!knows_all(m) || again.size == 0 || memcmp(again.data, bytes.data, bytes.size) == 0);
        if (knows_all(m) && wire_copy(m, &copies, &copy) == ERR_OK)
            CHECK(protobuf_c_message_get_packed_size(copy) == bytes.size);
        if (strncmp(d->package_name, "record", 6) == 0)
            walk_record(m, &copies);
    }
    CHECK(arena.used <= LIMIT_ARENA && copies.used <= LIMIT_ARENA);
    buf_finish(&again);
    arena_finish(&arena);
    arena_finish(&copies);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct slice bytes = slice_of(data + 1, size - 1);
    uint8_t *exact = exact_copy(bytes);
    look_at(descriptor_at(data[0]), slice_of(exact, bytes.size));
    free(exact);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t size_max, unsigned seed)
{
    if (size == 0 || seed % 8 == 0)
        return LLVMFuzzerMutate(data, size, size_max);
    return 1 + mutate_message(descriptor_at(data[0]), data + 1, size - 1, size_max - 1, seed / 8);
}
