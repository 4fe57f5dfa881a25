/* Rows of a snapshot, bound straight from the wire's bytes: no message is made (pitfalls: a third faster than by
 * unpacking). The bytes passed wire_check, so tags ascend: one walk over wire and descriptor side by side meets every
 * field of either. */
#include "table/set.h"
#include "wire/wire.h"

static void bind_field(struct db_statement *s, int at, const ProtobufCFieldDescriptor *f, const struct wire_field *w)
{
    switch (f->type) {
    case PROTOBUF_C_TYPE_STRING:
        db_bind_text(s, at, w->data);
        break;
    case PROTOBUF_C_TYPE_BYTES:
        db_bind_blob(s, at, w->data);
        break;
    case PROTOBUF_C_TYPE_BOOL:
        db_bind_integer(s, at, w->varint != 0);
        break;
    default:
        db_bind_integer(s, at, (int64_t)w->varint);
    }
}

static unsigned wire_type_of(const ProtobufCFieldDescriptor *f)
{
    return f->type == PROTOBUF_C_TYPE_STRING || f->type == PROTOBUF_C_TYPE_BYTES ? 2 : 0;
}

struct walk {
    struct slice packed;
    size_t at;
    struct wire_field field;
    bool more;
};

static void walk_on(struct walk *w)
{
    w->more = wire_next(w->packed, &w->at, &w->field);
}

/* Fields between two that the descriptor knows. One that is not above the first stands out of order or twice. */
static enum err take_extra(struct walk *w, uint32_t above, uint32_t below, struct buf *extra)
{
    for (; w->more && w->field.tag < below; walk_on(w)) {
        if (w->field.tag <= above)
            return ERR_WIRE;
        buf_append_slice(extra, w->field.raw);
    }
    return ERR_OK;
}

static enum err bind_known(struct db_statement *s, int at, const ProtobufCFieldDescriptor *f, struct walk *w)
{
    if (!w->more || w->field.tag != f->id) {
        db_bind_null(s, at);
        return ERR_OK;
    }
    if (w->field.type != wire_type_of(f))
        return ERR_WIRE;
    bind_field(s, at, f, &w->field);
    walk_on(w);
    return ERR_OK;
}

static enum err bind_fields(struct db_statement *s, const ProtobufCMessageDescriptor *d, struct slice packed,
                            struct buf *extra)
{
    struct walk w = {.packed = packed};
    enum err e = ERR_OK;
    uint32_t above = 0;
    walk_on(&w);
    for (unsigned i = 0; e == ERR_OK && i < d->n_fields; i++) {
        const ProtobufCFieldDescriptor *f = &d->fields[i];
        e = take_extra(&w, above, f->id, extra);
        if (e == ERR_OK)
            e = bind_known(s, 1 + COLUMN_FIELDS + (int)i, f, &w);
        above = f->id;
    }
    if (e == ERR_OK)
        e = take_extra(&w, above, UINT32_MAX, extra);
    return e == ERR_OK && w.at != packed.size ? ERR_WIRE : e;
}

static enum err save_packed(struct table_set *set, struct table *t, const struct row *row, struct slice packed)
{
    enum err e = table_statement(set, &t->save, table_sql_save, t->spec);
    if (e != ERR_OK)
        return e;
    set->extra.size = 0;
    e = bind_fields(t->save, t->spec->descriptor, packed, &set->extra);
    if (e != ERR_OK)
        return e;
    table_bind_house(t->save, row);
    table_bind_extra(t->save, &set->extra);
    return table_save_bound(set, t, &row->id, row->org);
}

enum err table_save_packed(struct table_set *set, uint32_t kind, struct id id, uint32_t org, uint64_t seq,
                           struct slice packed)
{
    struct table *t = table_of(set, kind);
    struct row row = {.id = id, .kind = kind, .org = org, .seq = seq};
    bool own;
    if (t == NULL)
        return ERR_NOT_FOUND;
    if (seq > INT64_MAX)
        return ERR_VALUE;
    enum err e = table_enter(set, &own);
    if (e != ERR_OK)
        return e;
    return table_leave(set, own, save_packed(set, t, &row, packed));
}
