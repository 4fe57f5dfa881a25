/* See replica_numbers.h. What is another one now is worked out when somebody asks: the record may come back long after the restore, by a
 * snapshot, by a late holder or by its author. told, noted: the number of now that people were told of, that they took note of. */
#include "client/replica/replica_numbers.h"
#include "base/limits.h"

/* Walks all fields with a number that the server gives; false at the end. */
struct numbered {
    const struct kind *kind;
    const struct field_rule *field;
    size_t at_kind, at_field;
};

static bool next_numbered(struct numbered *n)
{
    size_t count;
    const struct kind *const *kinds = kind_all(&count);
    for (; n->at_kind < count; n->at_kind++, n->at_field = 0)
        while (n->at_field < kinds[n->at_kind]->field_count) {
            n->kind = kinds[n->at_kind];
            n->field = &n->kind->fields[n->at_field++];
            if (n->field->flags & FIELD_SERVER)
                return true;
        }
    return false;
}

/* ---- noted and forgotten ---- */

enum err numbers_note(struct replica *r, uint32_t org, uint64_t after, int64_t at_ms)
{
    struct buf sql = BUF_INIT;
    enum err e = ERR_OK;
    for (struct numbered n = {0}; e == ERR_OK && next_numbered(&n);) {
        sql.size = 0;
        buf_format(&sql,
                   "INSERT INTO number_was(kind, id, field, number, org, at_ms) SELECT %u, id, '%s', \"%s\", _org, ?3 FROM \"%s\""
                   " WHERE _org = ?1 AND _seq > ?2 AND \"%s\" <> '' ON CONFLICT(kind, id, field, number) DO NOTHING",
                   n.kind->number, n.field->name, n.field->name, n.kind->name, n.field->name);
        e = sql_run(r->db, buf_c_string(&sql), "iii", (int64_t)org, (int64_t)after, at_ms);
    }
    buf_finish(&sql);
    return e;
}

enum err numbers_settle(struct replica *r, uint32_t org)
{
    struct buf sql = BUF_INIT;
    enum err e = ERR_OK;
    for (struct numbered n = {0}; e == ERR_OK && next_numbered(&n);) {
        sql.size = 0;
        buf_format(&sql,
                   "DELETE FROM number_was WHERE org = ?1 AND kind = %u AND field = '%s' AND number ="
                   " (SELECT k.\"%s\" FROM \"%s\" k WHERE k.id = number_was.id)",
                   n.kind->number, n.field->name, n.field->name, n.kind->name);
        e = sql_run(r->db, buf_c_string(&sql), "i", (int64_t)org);
    }
    buf_finish(&sql);
    return e;
}

/* ---- what is another one now ---- */

static void put_changed(struct buf *out)
{
    const char *before = "(";
    for (struct numbered n = {0}; next_numbered(&n); before = " UNION ALL ")
        buf_format(out,
                   "%sSELECT w.kind, w.id, w.field, w.number AS was, k.\"%s\" AS now, w.at_ms, w.told, w.noted FROM number_was w"
                   " JOIN \"%s\" k ON k.id = w.id WHERE w.kind = %u AND w.field = '%s' AND k.\"%s\" <> w.number AND k.\"%s\" <> ''",
                   before, n.field->name, n.kind->name, n.kind->number, n.field->name, n.field->name, n.field->name);
    buf_text(out, ")");
}

enum err numbers_waiting(struct replica *r, int64_t *out)
{
    struct buf sql = BUF_INIT;
    buf_text(&sql, "SELECT count(*) FROM ");
    put_changed(&sql);
    buf_text(&sql, " WHERE noted <> now");
    enum err e = sql_integer(r->db, 0, out, buf_c_string(&sql), "");
    buf_finish(&sql);
    return e;
}

static const char *column_text(struct db_statement *s, int column, struct arena *arena)
{
    const char *text = arena_text(arena, db_text(s, column));
    CHECK(text); /* some words, emptied between the lines */
    return text;
}

static enum err walk(struct db_statement *s, replica_each_number *each, void *to)
{
    struct arena arena;
    bool row, on = true;
    enum err e = ERR_OK;
    arena_init(&arena, 1u << 20);
    while (on && (e = db_step(s, &row)) == ERR_OK && row) {
        arena_reset(&arena);
        struct replica_number x = {.kind = (uint32_t)db_integer(s, 0), .id = db_id(s, 1), .at_ms = db_integer(s, 5),
                                   .told = db_integer(s, 6) != 0, .noted = db_integer(s, 7) != 0};
        x.field = column_text(s, 2, &arena);
        x.was = column_text(s, 3, &arena);
        x.now = column_text(s, 4, &arena);
        on = each(to, &x);
    }
    arena_finish(&arena);
    return e;
}

enum err replica_numbers(struct replica *r, int64_t now_ms, replica_each_number *each, void *to)
{
    struct db_statement *s;
    struct buf sql = BUF_INIT;
    enum err e = inner_lease(r, now_ms);
    if (e != ERR_OK)
        return e;
    buf_text(&sql, "SELECT kind, id, field, was, now, at_ms, told = now, noted = now FROM ");
    put_changed(&sql);
    buf_text(&sql, " ORDER BY at_ms, kind, field, was");
    e = db_prepare_own(r->db, buf_c_string(&sql), &s);
    buf_finish(&sql);
    if (e != ERR_OK)
        return e;
    e = walk(s, each, to);
    db_finish(s);
    return e;
}

static enum err mark(struct replica *r, const char *column)
{
    struct buf sql = BUF_INIT;
    buf_format(&sql, "UPDATE number_was SET %s = x.now FROM ", column);
    put_changed(&sql);
    buf_text(&sql, " x WHERE x.kind = number_was.kind AND x.id = number_was.id AND x.field = number_was.field AND x.was = number_was.number");
    enum err e = sql_run(r->db, buf_c_string(&sql), "");
    buf_finish(&sql);
    return e;
}

enum err replica_numbers_told(struct replica *r)
{
    return mark(r, "told");
}

enum err replica_numbers_noted(struct replica *r)
{
    return mark(r, "noted");
}
