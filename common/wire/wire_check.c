/* The gate before protobuf-c (pitfalls: what 1.4 takes without a word). What passes is the one canonical form of its content,
 * so that a received slice may be hashed, kept and compared as it is. Order of a message: tags ascend; equal tags only in
 * one run of a repeated field, known or unknown. Nesting is bounded by the descriptors, and by LIMIT_DEPTH. */
#include "base/limits.h"
#include "base/text.h"
#include "wire/wire.h"

static bool check_message(const ProtobufCMessageDescriptor *d, struct slice bytes, unsigned depth);

static unsigned wire_type(ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_FLOAT:
        return PROTOBUF_C_WIRE_TYPE_32BIT;
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return PROTOBUF_C_WIRE_TYPE_64BIT;
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_BYTES:
    case PROTOBUF_C_TYPE_MESSAGE:
        return PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED;
    default:
        return PROTOBUF_C_WIRE_TYPE_VARINT;
    }
}

/* protobuf-c would cut what is out of range: 2^32 in an enum becomes 0, a known value. */
static bool varint_fits(ProtobufCType type, uint64_t v)
{
    switch (type) {
    case PROTOBUF_C_TYPE_BOOL:
        return v <= 1;
    case PROTOBUF_C_TYPE_ENUM:
        return v <= INT32_MAX;
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_SINT32:
        return v <= UINT32_MAX;
    case PROTOBUF_C_TYPE_INT32:
        return v <= INT32_MAX || v >= UINT64_MAX - INT32_MAX;
    default:
        return true;
    }
}

static bool is_packed(const ProtobufCFieldDescriptor *field)
{
    return field->label == PROTOBUF_C_LABEL_REPEATED && (field->flags & PROTOBUF_C_FIELD_FLAG_PACKED);
}

/* An empty run would vanish when packed again. */
static bool check_packed(const ProtobufCFieldDescriptor *field, struct slice data)
{
    unsigned type = wire_type(field->type);
    if (type != PROTOBUF_C_WIRE_TYPE_VARINT) {
        size_t width = type == PROTOBUF_C_WIRE_TYPE_64BIT ? 8 : 4;
        return data.size && data.size % width == 0 && data.size / width <= LIMIT_REPEATED;
    }
    size_t count = 0;
    for (size_t at = 0; at < data.size; count++) {
        uint64_t v;
        if (count == LIMIT_REPEATED || !wire_varint(data, &at, &v) || !varint_fits(field->type, v))
            return false;
    }
    return count > 0;
}

static bool check_value(const ProtobufCFieldDescriptor *field, const struct wire_field *f, unsigned depth)
{
    if (is_packed(field))
        return f->type == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED && check_packed(field, f->data);
    if (f->type != wire_type(field->type))
        return false;
    if (f->type == PROTOBUF_C_WIRE_TYPE_VARINT)
        return varint_fits(field->type, f->varint);
    if (field->type == PROTOBUF_C_TYPE_STRING)
        return text_is_clean(f->data);
    if (field->type == PROTOBUF_C_TYPE_MESSAGE)
        return check_message(field->descriptor, f->data, depth + 1);
    return true;
}

/* How many fields of one tag may follow each other. An unknown field may be a newer peer's repeated one. */
static size_t count_most(const ProtobufCFieldDescriptor *field)
{
    bool repeated = !field || (field->label == PROTOBUF_C_LABEL_REPEATED && !is_packed(field));
    return repeated ? LIMIT_REPEATED : 1;
}

static bool check_message(const ProtobufCMessageDescriptor *d, struct slice bytes, unsigned depth)
{
    if (depth > LIMIT_DEPTH)
        return false;
    struct wire_field f;
    uint32_t last = 0;
    size_t at = 0, run = 0, unknown = 0;
    while (wire_next(bytes, &at, &f)) {
        const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field(d, f.tag);
        if (f.tag < last)
            return false;
        run = f.tag == last ? run + 1 : 1;
        last = f.tag;
        unknown += !field;
        if (run > count_most(field) || unknown > LIMIT_REPEATED)
            return false;
        if (field && !check_value(field, &f, depth))
            return false;
    }
    return at == bytes.size;
}

enum err wire_check(const ProtobufCMessageDescriptor *descriptor, struct slice bytes)
{
    return check_message(descriptor, bytes, 1) ? ERR_OK : ERR_WIRE;
}
