/* Frames off and onto a stream of bytes. A frame is refused as soon as its head is read: neither its size nor its type can make
 * us wait for, or keep, what we would not take. */
#include "wire/frame.h"
#include "base/limits.h"
#include "wire/wire.h"

static const struct {
    const char *name;
    const ProtobufCMessageDescriptor *descriptor;
} types[FRAME_TYPES] = {
#define X(number, name, lower, message) [number] = {#name, &wire__##lower##__descriptor},
    FRAME_LIST(X)
#undef X
};

static bool is_known(unsigned type)
{
    return type < FRAME_TYPES && types[type].name;
}

const char *frame_name(enum frame_type type)
{
    return is_known(type) ? types[type].name : "?";
}

const ProtobufCMessageDescriptor *frame_descriptor(enum frame_type type)
{
    return is_known(type) ? types[type].descriptor : NULL;
}

static size_t read_size(const uint8_t *at)
{
    return (size_t)at[0] << 24 | (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3];
}

enum err frame_take(struct slice in, size_t size_max, struct frame *out, size_t *used)
{
    if (in.size >= 4) {
        size_t size = read_size(in.data);
        if (size > size_max)
            return ERR_FRAME_TOO_LARGE;
        if (size == 0)
            return ERR_FRAME_TYPE;
        if (in.size >= FRAME_HEAD && !is_known(in.data[4]))
            return ERR_FRAME_TYPE;
        if (in.size - 4 >= size) {
            out->type = in.data[4];
            out->payload = slice_of(in.data + FRAME_HEAD, size - 1);
            *used = 4 + size;
            return ERR_OK;
        }
    }
    *used = 0;
    return ERR_OK;
}

enum err frame_put(struct buf *out, enum frame_type type, const ProtobufCMessage *message)
{
    CHECK(is_known(type) && message->descriptor == types[type].descriptor);
    size_t size = protobuf_c_message_get_packed_size(message) + 1;
    if (size > LIMIT_FRAME)
        return ERR_FRAME_TOO_LARGE;
    buf_u32(out, (uint32_t)size);
    buf_byte(out, (uint8_t)type);
    wire_pack(message, out);
    return ERR_OK;
}
