/* See pages.h. Kept as: varint size, page, and so on. */
#include "client/command/pages.h"
#include "wire/wire.h"

#include <string.h>

void pages_add(struct buf *kept, const ProtobufCMessage *page)
{
    struct buf packed = BUF_INIT;
    wire_pack(page, &packed);
    wire_put_varint(kept, packed.size);
    buf_append_slice(kept, buf_slice(&packed));
    buf_finish(&packed);
}

/* Lays the elements of from's repeated field behind those of to's. */
static enum err join_field(const ProtobufCFieldDescriptor *f, ProtobufCMessage *to, const ProtobufCMessage *from,
                           struct arena *arena)
{
    size_t *count = (size_t *)((uint8_t *)to + f->quantifier_offset);
    size_t more = *(const size_t *)((const uint8_t *)from + f->quantifier_offset);
    void ***list = (void ***)((uint8_t *)to + f->offset);
    void *const *added = *(void *const *const *)((const uint8_t *)from + f->offset);
    void **whole = arena_alloc(arena, (*count + more + 1) * sizeof *whole);
    if (!whole)
        return ERR_MEMORY;
    if (*count)
        memcpy(whole, *list, *count * sizeof *whole);
    if (more)
        memcpy(whole + *count, added, more * sizeof *whole);
    *list = whole;
    *count += more;
    return ERR_OK;
}

static enum err join(ProtobufCMessage *to, const ProtobufCMessage *from, struct arena *arena)
{
    enum err e = ERR_OK;
    for (unsigned i = 0; e == ERR_OK && i < to->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *f = &to->descriptor->fields[i];
        if (f->label == PROTOBUF_C_LABEL_REPEATED && f->type == PROTOBUF_C_TYPE_MESSAGE)
            e = join_field(f, to, from, arena);
    }
    return e;
}

enum err pages_open(const ProtobufCMessageDescriptor *type, struct slice kept, struct arena *arena,
                    ProtobufCMessage **out)
{
    ProtobufCMessage *all = NULL, *page;
    size_t at = 0;
    while (at < kept.size) {
        uint64_t size;
        if (!wire_varint(kept, &at, &size) || size > kept.size - at)
            return ERR_CORRUPT;
        enum err e = wire_open(type, slice_of(kept.data + at, (size_t)size), arena, &page);
        if (e == ERR_OK && all)
            e = join(all, page, arena);
        if (e != ERR_OK)
            return e == ERR_MEMORY ? e : ERR_CORRUPT;
        all = all ? all : page;
        at += (size_t)size;
    }
    if (!all)
        return ERR_CORRUPT;
    *out = all;
    return ERR_OK;
}
