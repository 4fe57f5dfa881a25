/* Fields of a kind's message by descriptor: offset is the value, quantifier_offset its has_x. A string has none: its pointer is
 * the presence. Every kind's message is flat, optional only, of four types (a test walks the descriptors), hence the CHECKs.
 * Unknown fields keep ascending tags, so that what was overlaid packs into the canonical form again. */
#include "wire/record.h"
#include <string.h>

static void *member(const ProtobufCMessage *m, unsigned offset)
{
    return (uint8_t *)(uintptr_t)m + offset;
}

static protobuf_c_boolean *has(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *field)
{
    return member(m, field->quantifier_offset);
}

ProtobufCMessage *record_new(const ProtobufCMessageDescriptor *d, struct arena *arena)
{
    ProtobufCMessage *m = arena_alloc(arena, d->sizeof_message);
    if (m)
        protobuf_c_message_init(d, m);
    return m;
}

ProtobufCMessage *record_copy(const ProtobufCMessage *m, struct arena *arena)
{
    size_t unknown_size = m->n_unknown_fields * sizeof *m->unknown_fields;
    ProtobufCMessage *copy = arena_alloc(arena, m->descriptor->sizeof_message);
    if (!copy)
        return NULL;
    memcpy(copy, m, m->descriptor->sizeof_message);
    if (unknown_size == 0)
        return copy;
    copy->unknown_fields = arena_alloc(arena, unknown_size);
    if (!copy->unknown_fields)
        return NULL;
    memcpy(copy->unknown_fields, m->unknown_fields, unknown_size);
    return copy;
}

struct cell record_get(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *field)
{
    CHECK(field->label == PROTOBUF_C_LABEL_OPTIONAL);
    void *value = member(m, field->offset);
    if (field->type == PROTOBUF_C_TYPE_STRING)
        return cell_text(*(char **)value);
    if (!*has(m, field))
        return (struct cell){0};
    if (field->type == PROTOBUF_C_TYPE_BYTES) {
        ProtobufCBinaryData *data = value;
        return cell_bytes(slice_of(data->data, data->len));
    }
    if (field->type == PROTOBUF_C_TYPE_BOOL)
        return (struct cell){.type = CELL_BOOL, .integer = *(protobuf_c_boolean *)value != 0};
    CHECK(field->type == PROTOBUF_C_TYPE_INT64);
    return cell_integer(*(int64_t *)value);
}

struct cell record_get_name(const ProtobufCMessage *m, const char *name)
{
    const ProtobufCFieldDescriptor *field = record_field(m->descriptor, name);
    return field ? record_get(m, field) : (struct cell){0};
}

/* As in a message that never had it: who reads the member without its has_ sees zero. */
static void empty(ProtobufCMessage *m, const ProtobufCFieldDescriptor *field)
{
    void *at = member(m, field->offset);
    if (field->type == PROTOBUF_C_TYPE_STRING) {
        *(char **)at = NULL;
        return;
    }
    *has(m, field) = 0;
    if (field->type == PROTOBUF_C_TYPE_BYTES)
        *(ProtobufCBinaryData *)at = (ProtobufCBinaryData){0};
    else if (field->type == PROTOBUF_C_TYPE_BOOL)
        *(protobuf_c_boolean *)at = 0;
    else
        *(int64_t *)at = 0;
}

static void put_text(ProtobufCMessage *m, const ProtobufCFieldDescriptor *field, struct slice text, struct arena *arena)
{
    char *copy = arena_text(arena, text);
    CHECK(copy);
    *(char **)member(m, field->offset) = copy;
}

void record_put(ProtobufCMessage *m, const ProtobufCFieldDescriptor *field, struct cell value, struct arena *arena)
{
    static const ProtobufCType types[] = {[CELL_TEXT] = PROTOBUF_C_TYPE_STRING,
                                          [CELL_BYTES] = PROTOBUF_C_TYPE_BYTES,
                                          [CELL_INTEGER] = PROTOBUF_C_TYPE_INT64,
                                          [CELL_BOOL] = PROTOBUF_C_TYPE_BOOL};
    CHECK(field->label == PROTOBUF_C_LABEL_OPTIONAL);
    if (value.type == CELL_ABSENT) {
        empty(m, field);
        return;
    }
    CHECK(field->type == types[value.type]);
    if (value.type == CELL_TEXT) {
        put_text(m, field, value.bytes, arena);
        return;
    }
    void *at = member(m, field->offset);
    *has(m, field) = 1;
    if (value.type == CELL_BYTES)
        *(ProtobufCBinaryData *)at = (ProtobufCBinaryData){value.bytes.size, (uint8_t *)(uintptr_t)value.bytes.data};
    else if (value.type == CELL_BOOL)
        *(protobuf_c_boolean *)at = value.integer != 0;
    else
        *(int64_t *)at = value.integer;
}

void record_put_name(ProtobufCMessage *m, const char *name, struct cell value, struct arena *arena)
{
    const ProtobufCFieldDescriptor *field = record_field(m->descriptor, name);
    CHECK(field);
    record_put(m, field, value, arena);
}

const ProtobufCFieldDescriptor *record_field(const ProtobufCMessageDescriptor *d, const char *name)
{
    return protobuf_c_message_descriptor_get_field_by_name(d, name);
}

const ProtobufCFieldDescriptor *record_field_tag(const ProtobufCMessageDescriptor *d, uint32_t tag)
{
    return protobuf_c_message_descriptor_get_field(d, tag);
}

/* As record_put, but text is borrowed too: patch's strings have their zero. */
static void take_field(ProtobufCMessage *m, const ProtobufCMessage *patch, const ProtobufCFieldDescriptor *field)
{
    struct cell value = record_get(patch, field);
    if (value.type == CELL_TEXT)
        *(char **)member(m, field->offset) = *(char **)member(patch, field->offset);
    else if (value.type != CELL_ABSENT)
        record_put(m, field, value, NULL);
}

static bool has_unknown(const ProtobufCMessage *m, uint32_t tag)
{
    for (size_t i = 0; i < m->n_unknown_fields; i++) {
        if (m->unknown_fields[i].tag == tag)
            return true;
    }
    return false;
}

static bool is_cleared(uint32_t tag, const uint32_t *cleared, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (cleared[i] == tag)
            return true;
    }
    return false;
}

/* Stable, so that a run of one tag keeps its order. Both halves ascend already: few steps. */
static void insert_by_tag(ProtobufCMessageUnknownField *fields, size_t count, ProtobufCMessageUnknownField field)
{
    size_t at = count;
    for (; at > 0 && fields[at - 1].tag > field.tag; at--)
        fields[at] = fields[at - 1];
    fields[at] = field;
}

static void overlay_unknown(ProtobufCMessage *m, const ProtobufCMessage *patch, const uint32_t *cleared,
                            size_t cleared_count, struct arena *arena)
{
    size_t most = m->n_unknown_fields + patch->n_unknown_fields, count = 0;
    if (most == 0)
        return;
    ProtobufCMessageUnknownField *fields = arena_alloc(arena, most * sizeof *fields);
    CHECK(fields);
    for (size_t i = 0; i < m->n_unknown_fields; i++) {
        uint32_t tag = m->unknown_fields[i].tag;
        if (!is_cleared(tag, cleared, cleared_count) && !has_unknown(patch, tag))
            insert_by_tag(fields, count++, m->unknown_fields[i]);
    }
    for (size_t i = 0; i < patch->n_unknown_fields; i++)
        insert_by_tag(fields, count++, patch->unknown_fields[i]);
    m->unknown_fields = count ? fields : NULL;
    m->n_unknown_fields = count;
}

void record_overlay(ProtobufCMessage *m, const ProtobufCMessage *patch, const uint32_t *cleared, size_t cleared_count,
                    struct arena *arena)
{
    CHECK(m->descriptor == patch->descriptor);
    for (size_t i = 0; i < cleared_count; i++) {
        const ProtobufCFieldDescriptor *field = record_field_tag(m->descriptor, cleared[i]);
        if (field)
            empty(m, field);
    }
    for (unsigned i = 0; i < m->descriptor->n_fields; i++)
        take_field(m, patch, &m->descriptor->fields[i]);
    overlay_unknown(m, patch, cleared, cleared_count, arena);
}

bool record_is_empty(const ProtobufCMessage *m)
{
    for (unsigned i = 0; i < m->descriptor->n_fields; i++) {
        if (record_get(m, &m->descriptor->fields[i]).type != CELL_ABSENT)
            return false;
    }
    return m->n_unknown_fields == 0;
}
