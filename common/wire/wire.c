/* Reading fields one by one, unpacking into an arena, packing. wire_next is the one reader of wire format in the house and takes
 * the canonical form only: shortest varints, types 0, 1, 2, 5, lengths that fit. wire_check stands on it. */
#include "wire/wire.h"

#define TAG_MOST ((1u << 29) - 1)
#define VARINT_MOST 10u

bool wire_varint(struct slice bytes, size_t *at, uint64_t *out)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < VARINT_MOST && i < bytes.size - *at; i++) {
        uint8_t byte = bytes.data[*at + i];
        if (i == VARINT_MOST - 1 && byte > 1) /* 64 bits are full */
            return false;
        value |= (uint64_t)(byte & 0x7F) << (7 * i);
        if (byte & 0x80)
            continue;
        if (byte == 0 && i > 0) /* not the shortest form */
            return false;
        *at += i + 1;
        *out = value;
        return true;
    }
    return false;
}

static bool read_data(struct slice bytes, size_t *at, uint64_t size, struct slice *out)
{
    if (size > bytes.size - *at)
        return false;
    *out = slice_of(bytes.data + *at, (size_t)size);
    *at += (size_t)size;
    return true;
}

static bool read_value(struct slice bytes, size_t *at, struct wire_field *f)
{
    uint64_t size;
    switch (f->type) {
    case PROTOBUF_C_WIRE_TYPE_VARINT:
        return wire_varint(bytes, at, &f->varint);
    case PROTOBUF_C_WIRE_TYPE_64BIT:
        return read_data(bytes, at, 8, &f->data);
    case PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED:
        return wire_varint(bytes, at, &size) && read_data(bytes, at, size, &f->data);
    case PROTOBUF_C_WIRE_TYPE_32BIT:
        return read_data(bytes, at, 4, &f->data);
    default:
        return false;
    }
}

bool wire_next(struct slice bytes, size_t *at, struct wire_field *out)
{
    size_t end = *at;
    uint64_t key;
    if (end >= bytes.size || !wire_varint(bytes, &end, &key))
        return false;
    if (key >> 3 == 0 || key >> 3 > TAG_MOST)
        return false;
    struct wire_field f = {.tag = (uint32_t)(key >> 3), .type = key & 7};
    if (!read_value(bytes, &end, &f))
        return false;
    f.raw = slice_of(bytes.data + *at, end - *at);
    *at = end;
    *out = f;
    return true;
}

void wire_put_varint(struct buf *out, uint64_t v)
{
    for (; v >= 0x80; v >>= 7)
        buf_byte(out, (uint8_t)(v | 0x80));
    buf_byte(out, (uint8_t)v);
}

static void *alloc_in(void *arena, size_t size)
{
    return arena_alloc(arena, size);
}

static void free_nothing(void *arena, void *memory)
{
    (void)arena; /* the arena dies as a whole */
    (void)memory;
}

ProtobufCAllocator wire_allocator(struct arena *arena)
{
    return (ProtobufCAllocator){.alloc = alloc_in, .free = free_nothing, .allocator_data = arena};
}

enum err wire_open(const ProtobufCMessageDescriptor *descriptor, struct slice bytes, struct arena *arena,
                   ProtobufCMessage **out)
{
    enum err e = wire_check(descriptor, bytes);
    if (e != ERR_OK)
        return e;
    ProtobufCAllocator allocator = wire_allocator(arena);
    ProtobufCMessage *message = protobuf_c_message_unpack(descriptor, &allocator, bytes.size, bytes.data);
    if (!message) /* what passed the check unpacks, if there is room */
        return ERR_MEMORY;
    *out = message;
    return ERR_OK;
}

void wire_pack(const ProtobufCMessage *message, struct buf *out)
{
    size_t size = protobuf_c_message_get_packed_size(message);
    buf_reserve(out, size);
    size_t packed = protobuf_c_message_pack(message, out->data + out->size);
    CHECK(packed == size);
    out->size += size;
}

struct slice wire_pack_arena(const ProtobufCMessage *message, struct arena *arena)
{
    size_t size = protobuf_c_message_get_packed_size(message);
    uint8_t *bytes = arena_alloc(arena, size);
    if (!bytes)
        return (struct slice){0};
    CHECK(protobuf_c_message_pack(message, bytes) == size);
    return slice_of(bytes, size);
}

enum err wire_copy(const ProtobufCMessage *message, struct arena *arena, ProtobufCMessage **out)
{
    struct slice packed = wire_pack_arena(message, arena);
    return packed.data ? wire_open(message->descriptor, packed, arena, out) : ERR_MEMORY;
}
