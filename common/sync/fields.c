/* A field is its tag: what holds for a known field holds for one of a newer build, so that an older server keeps and
 * merges it (rule: unknown fields survive). Messages are canonical (wire_check): an unknown tag's occurrences stand in
 * order. */
#include "sync/fields.h"
#include "wire/wire.h"
#include <stdlib.h>
#include <string.h>

static const ProtobufCMessageUnknownField *unknown_at(const ProtobufCMessage *m, uint32_t tag, size_t nth)
{
    for (unsigned i = 0; m && i < m->n_unknown_fields; i++)
        if (m->unknown_fields[i].tag == tag && nth-- == 0)
            return &m->unknown_fields[i];
    return NULL;
}

static struct cell known_cell(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *field)
{
    return m ? record_get(m, field) : (struct cell){.type = CELL_ABSENT};
}

bool fields_present(const ProtobufCMessage *m, uint32_t tag)
{
    if (!m)
        return false;
    const ProtobufCFieldDescriptor *field = record_field_tag(m->descriptor, tag);
    return field ? record_get(m, field).type != CELL_ABSENT : unknown_at(m, tag, 0) != NULL;
}

static bool unknown_equal(const ProtobufCMessage *a, const ProtobufCMessage *b, uint32_t tag)
{
    for (size_t nth = 0;; nth++) {
        const ProtobufCMessageUnknownField *x = unknown_at(a, tag, nth), *y = unknown_at(b, tag, nth);
        if (!x || !y)
            return !x && !y;
        if (x->wire_type != y->wire_type || !slice_equal(slice_of(x->data, x->len), slice_of(y->data, y->len)))
            return false;
    }
}

bool fields_equal(const ProtobufCMessage *a, const ProtobufCMessage *b, uint32_t tag)
{
    if (!a && !b)
        return true;
    const ProtobufCFieldDescriptor *field = record_field_tag((a ? a : b)->descriptor, tag);
    return field ? cell_equal(known_cell(a, field), known_cell(b, field)) : unknown_equal(a, b, tag);
}

bool fields_hold(const uint32_t *tags, size_t count, uint32_t tag)
{
    for (size_t i = 0; i < count; i++)
        if (tags[i] == tag)
            return true;
    return false;
}

bool fields_name_unknown(const ProtobufCMessage *patch, const uint32_t *cleared, size_t cleared_count)
{
    for (size_t i = 0; i < cleared_count; i++)
        if (!record_field_tag(patch->descriptor, cleared[i]))
            return true;
    return patch->n_unknown_fields > 0;
}

static int tag_order(const void *a, const void *b)
{
    uint32_t x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return x < y ? -1 : x > y;
}

size_t fields_touched(const ProtobufCMessage *patch, const uint32_t *cleared, size_t cleared_count, struct arena *arena,
                      const uint32_t **tags)
{
    size_t max = patch->descriptor->n_fields + patch->n_unknown_fields + cleared_count, count = 0;
    uint32_t *out = arena_alloc(arena, (max + 1) * sizeof *out);
    CHECK(out);
    for (unsigned i = 0; i < patch->descriptor->n_fields; i++)
        if (record_get(patch, &patch->descriptor->fields[i]).type != CELL_ABSENT)
            out[count++] = patch->descriptor->fields[i].id;
    size_t sorted = count;
    for (unsigned i = 0; i < patch->n_unknown_fields; i++)
        if (!fields_hold(out, count, patch->unknown_fields[i].tag))
            out[count++] = patch->unknown_fields[i].tag;
    for (size_t i = 0; i < cleared_count; i++)
        if (!fields_hold(out, count, cleared[i]))
            out[count++] = cleared[i];
    if (count > sorted)
        qsort(out, count, sizeof *out, tag_order);
    *tags = out;
    return count;
}

ProtobufCMessage *fields_pick(const ProtobufCMessage *m, const uint32_t *tags, size_t count, struct arena *arena)
{
    ProtobufCMessage *out = record_copy(m, arena);
    CHECK(out);
    for (unsigned i = 0; i < m->descriptor->n_fields; i++)
        if (!fields_hold(tags, count, m->descriptor->fields[i].id))
            record_put(out, &m->descriptor->fields[i], (struct cell){.type = CELL_ABSENT}, arena);
    unsigned kept = 0;
    ProtobufCMessageUnknownField *unknown = arena_alloc(arena, (m->n_unknown_fields + 1u) * sizeof *unknown);
    CHECK(unknown);
    for (unsigned i = 0; i < m->n_unknown_fields; i++)
        if (fields_hold(tags, count, m->unknown_fields[i].tag))
            unknown[kept++] = m->unknown_fields[i];
    out->n_unknown_fields = kept;
    out->unknown_fields = kept ? unknown : NULL;
    return out;
}

ProtobufCMessage *fields_unpack(const ProtobufCMessageDescriptor *d, struct slice packed, struct arena *arena)
{
    ProtobufCAllocator allocator = wire_allocator(arena);
    return protobuf_c_message_unpack(d, &allocator, packed.size, packed.size ? packed.data : (const uint8_t *)"");
}

static struct slice pack_sorted(struct slice packed, struct arena *arena)
{
    struct buf sorted = BUF_INIT;
    struct wire_field f;
    uint32_t last = 0, next;
    buf_reserve(&sorted, packed.size);
    do { /* a round a tag: fields are some twenty */
        next = 0;
        for (size_t at = 0; wire_next(packed, &at, &f);)
            if (f.tag > last && (next == 0 || f.tag < next))
                next = f.tag;
        for (size_t at = 0; wire_next(packed, &at, &f);)
            if (f.tag == next)
                buf_append_slice(&sorted, f.raw);
        last = next;
    } while (next);
    CHECK(sorted.size == packed.size);
    struct slice out = arena_copy(arena, buf_slice(&sorted));
    buf_finish(&sorted);
    return out;
}

struct slice fields_pack(const ProtobufCMessage *m, struct arena *arena)
{
    if (record_is_empty(m))
        return (struct slice){0};
    struct slice out = wire_pack_arena(m, arena);
    CHECK(out.size > 0);
    if (m->n_unknown_fields > 0 && wire_check(m->descriptor, out) != ERR_OK)
        out = pack_sorted(out, arena);
    CHECK(out.size > 0);
    return out;
}
