/* Rows that an answer's rows point to, so that people read names in place of numbers. */
#include "server/session/session_frames.h"

#include <string.h>

#define NAMED_MAX 512 /* records that the rows of one answer point to */

bool session_name_begin(struct named *n, struct session *s, struct arena *rows)
{
    *n = (struct named){.s = s, .rows = rows, .roles = session_who(s)->roles};
    n->list = session_make(s, NAMED_MAX * sizeof *n->list);
    return n->list != NULL;
}

/* Leaves a row with the fields by which people name it. */
static void keep_naming(const struct kind *k, ProtobufCMessage *m, struct arena *arena)
{
    for (size_t i = 0; i < k->field_count; i++) {
        bool naming = false;
        for (size_t n = 0; k->naming && k->naming[n]; n++)
            naming = naming || strcmp(k->naming[n], k->fields[i].name) == 0;
        if (!naming)
            record_put_name(m, k->fields[i].name, (struct cell){.type = CELL_ABSENT}, arena);
    }
    m->n_unknown_fields = 0;
    m->unknown_fields = NULL;
}

static bool is_named(const struct named *n, struct id id)
{
    for (size_t i = 0; i < n->count; i++)
        if (memcmp(n->list[i]->id.data, id.bytes, ID_SIZE) == 0)
            return true;
    return false;
}

enum err session_name_row(struct named *n, const struct kind *k, struct id id)
{
    struct row row;
    Wire__SnapshotRow *m;
    if (n->count == NAMED_MAX || is_named(n, id))
        return ERR_OK;
    enum err e = store_read_row(n->s->serving->store, k->number, id, n->rows, &row);
    if (e == ERR_NOT_FOUND)
        return ERR_OK;
    if (e != ERR_OK || !row.message || !session_reaches(n->s, row.org, REACH_KEPT))
        return e;
    keep_naming(k, row.message, n->rows);
    e = session_row_message(n->s, &row, n->roles, &m);
    if (e == ERR_OK && m)
        n->list[n->count++] = m;
    return e;
}

enum err session_name_references(struct named *n, const struct kind *k, const ProtobufCMessage *m)
{
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < k->field_count; i++) {
        const struct field_rule *f = &k->fields[i];
        const struct kind *to = f->reference ? kind_by_number(f->reference) : NULL;
        struct cell cell = to ? record_get_name(m, f->name) : (struct cell){.type = CELL_ABSENT};
        if (cell.type == CELL_BYTES && cell.bytes.size == ID_SIZE)
            e = session_name_row(n, to, id_from(cell.bytes));
    }
    return e;
}
