/* _extra: fields that this build does not know, kept as they came for the builds that do.
 * They passed the wire check as unknown fields: well formed, but nothing is known of their values. When a newer build
 * comes to know such a field and the value is not of its type, that value never was one: it is dropped, and the row
 * goes on. */
#include "table/set.h"
#include "wire/wire.h"
#include <stdlib.h>

static bool ascending(const ProtobufCMessage *m)
{
    for (unsigned i = 1; i < m->n_unknown_fields; i++)
        if (m->unknown_fields[i - 1].tag > m->unknown_fields[i].tag)
            return false;
    return true;
}

static void pack_field(const ProtobufCMessageUnknownField *f, struct buf *out)
{
    wire_put_varint(out, (uint64_t)f->tag << 3 | f->wire_type);
    buf_append(out, f->data, f->len); /* of type 2 with its length in front */
}

static void pack_tag(const ProtobufCMessage *m, uint32_t tag, struct buf *out)
{
    for (unsigned i = 0; i < m->n_unknown_fields; i++)
        if (m->unknown_fields[i].tag == tag)
            pack_field(&m->unknown_fields[i], out);
}

/* The next tag above last; 0 at the end. Unknown fields are few, so no copy is made to sort them. */
static uint32_t tag_above(const ProtobufCMessage *m, uint32_t last)
{
    uint32_t best = 0;
    for (unsigned i = 0; i < m->n_unknown_fields; i++) {
        uint32_t tag = m->unknown_fields[i].tag;
        if (tag > last && (best == 0 || tag < best))
            best = tag;
    }
    return best;
}

void table_extra_pack(const ProtobufCMessage *m, struct buf *out)
{
    if (ascending(m)) {
        for (unsigned i = 0; i < m->n_unknown_fields; i++)
            pack_field(&m->unknown_fields[i], out);
        return;
    }
    for (uint32_t tag = tag_above(m, 0); tag != 0; tag = tag_above(m, tag))
        pack_tag(m, tag, out);
}

/* Knows no field: what passes it is well formed and no more. */
static const ProtobufCMessageDescriptor nothing = {
    .magic = PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC, .name = "nothing", .sizeof_message = sizeof(ProtobufCMessage)};

static void keep_valid(const ProtobufCMessageDescriptor *d, struct slice extra, struct buf *out)
{
    struct wire_field f;
    size_t at = 0;
    while (wire_next(extra, &at, &f))
        if (wire_check(d, f.raw) == ERR_OK)
            buf_append_slice(out, f.raw);
}

enum err table_extra_open(const ProtobufCMessageDescriptor *d, struct slice extra, struct arena *arena,
                          ProtobufCMessage **out)
{
    enum err e = wire_open(d, extra, arena, out);
    if (e != ERR_WIRE)
        return e;
    if (wire_check(&nothing, extra) != ERR_OK)
        return ERR_CORRUPT;
    struct buf valid = BUF_INIT;
    keep_valid(d, extra, &valid);
    e = wire_open(d, buf_slice(&valid), arena, out);
    buf_finish(&valid);
    return e == ERR_WIRE ? ERR_CORRUPT : e;
}
