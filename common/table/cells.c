/* Cells to SQL values and back. Absent is NULL; zero, an empty text and empty bytes are values of their own. */
#include "table/set.h"

void table_cell_bind(struct db_statement *s, int at, struct cell cell)
{
    switch (cell.type) {
    case CELL_ABSENT:
        db_bind_null(s, at);
        break;
    case CELL_TEXT:
        db_bind_text(s, at, cell.bytes);
        break;
    case CELL_BYTES:
        db_bind_blob(s, at, cell.bytes);
        break;
    case CELL_INTEGER:
    case CELL_BOOL:
        db_bind_integer(s, at, cell.integer);
        break;
    }
}

/* record_put has its own copy of a text made and takes a full arena for impossible; here it is not. */
static enum err read_text(struct db_statement *s, int column, const ProtobufCFieldDescriptor *f, struct arena *arena,
                          ProtobufCMessage *m)
{
    char *text = arena_text(arena, db_text(s, column));
    if (text == NULL)
        return ERR_MEMORY;
    *(char **)((uint8_t *)m + f->offset) = text;
    return ERR_OK;
}

static enum err read_bytes(struct db_statement *s, int column, const ProtobufCFieldDescriptor *f, struct arena *arena,
                           ProtobufCMessage *m)
{
    struct slice bytes = db_blob(s, column), copy = arena_copy(arena, bytes);
    if (copy.size != bytes.size)
        return ERR_MEMORY;
    record_put(m, f, cell_bytes(copy), arena);
    return ERR_OK;
}

/* By the field's type, whatever stands in the column: a person may have edited it with another tool. */
static enum err read_value(struct db_statement *s, int column, const ProtobufCFieldDescriptor *f, struct arena *arena,
                           ProtobufCMessage *m)
{
    struct cell number = cell_integer(0);
    switch (f->type) {
    case PROTOBUF_C_TYPE_STRING:
        return read_text(s, column, f, arena, m);
    case PROTOBUF_C_TYPE_BYTES:
        return read_bytes(s, column, f, arena, m);
    default:
        number.type = f->type == PROTOBUF_C_TYPE_BOOL ? CELL_BOOL : CELL_INTEGER;
        number.integer = db_integer(s, column);
        record_put(m, f, number, arena);
        return ERR_OK;
    }
}

/* What _extra says of a field that has a column goes before the column: only a build that did not know the field can
 * have put it there, after the column was last written. */
static enum err read_field(struct db_statement *s, int column, const ProtobufCFieldDescriptor *f, struct arena *arena,
                           ProtobufCMessage *m)
{
    if (db_is_null(s, column) || record_get(m, f).type != CELL_ABSENT)
        return ERR_OK;
    return read_value(s, column, f, arena, m);
}

static enum err read_message(const struct table *t, struct db_statement *s, struct arena *arena, ProtobufCMessage **out)
{
    const ProtobufCMessageDescriptor *d = t->spec->descriptor;
    ProtobufCMessage *m = NULL;
    enum err e = ERR_OK;
    if (!db_is_null(s, COLUMN_EXTRA))
        e = table_extra_open(d, db_blob(s, COLUMN_EXTRA), arena, &m);
    else if ((m = record_new(d, arena)) == NULL)
        e = ERR_MEMORY;
    for (unsigned i = 0; e == ERR_OK && i < d->n_fields; i++)
        e = read_field(s, COLUMN_FIELDS + (int)i, &d->fields[i], arena, m);
    if (e == ERR_OK)
        *out = m;
    return e;
}

enum err table_row_read(const struct table *t, struct db_statement *s, struct arena *arena, struct row *out)
{
    struct slice stamps = db_blob(s, COLUMN_STAMPS);
    struct row row = {
        .id = db_id(s, COLUMN_ID),
        .kind = t->spec->number,
        .org = (uint32_t)db_integer(s, COLUMN_ORG),
        .seq = (uint64_t)db_integer(s, COLUMN_SEQ),
        .stamps = arena_copy(arena, stamps),
    };
    if (row.stamps.size != stamps.size)
        return ERR_MEMORY;
    enum err e = read_message(t, s, arena, &row.message);
    if (e == ERR_OK)
        *out = row;
    return e;
}
