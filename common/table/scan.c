/* A walk over a kind by id: the living and the dead are two statements, each ordered by id, merged here.
 * Each stands on the row that comes next, so a row that did not fit into the arena can be asked for again. */
#include "table/set.h"
#include <stdlib.h>

struct table_cursor {
    const struct table *table;
    struct db_statement *living, *dead; /* borrowed; NULL: not asked for */
    bool living_more, dead_more;        /* the statement stands on a row */
    struct id after;
};

static void sql_scan_living(const struct table_spec *spec, uint32_t org, struct buf *out)
{
    buf_text(out, "SELECT ");
    table_sql_columns(spec, out);
    buf_format(out, " FROM \"%s\" WHERE \"id\">?1%s ORDER BY \"id\"", spec->name, org == 0 ? "" : " AND \"_org\"=?2");
}

static void sql_scan_dead(uint32_t org, struct buf *out)
{
    buf_text(out, "SELECT \"id\", \"_org\", \"_seq\" FROM \"tombstone\" WHERE \"id\">?1 AND \"kind\"=?3");
    buf_format(out, "%s ORDER BY \"id\"", org == 0 ? "" : " AND \"_org\"=?2");
}

/* The first row of all comes after the empty blob. */
static void bind_range(struct db_statement *s, const struct id *after, uint32_t org)
{
    db_bind_blob(s, 1, after == NULL ? (struct slice){0} : id_slice(after));
    if (org != 0)
        db_bind_integer(s, 2, org);
}

static enum err start(struct db *db, struct buf *sql, struct db_statement **out)
{
    enum err e = db_borrow(db, buf_c_string(sql), out);
    buf_finish(sql);
    return e;
}

static enum err start_living(struct table_set *set, struct table_cursor *c, uint32_t org, const struct id *after)
{
    struct buf sql = BUF_INIT;
    sql_scan_living(c->table->spec, org, &sql);
    enum err e = start(set->db, &sql, &c->living);
    if (e != ERR_OK)
        return e;
    bind_range(c->living, after, org);
    return db_step(c->living, &c->living_more);
}

static enum err start_dead(struct table_set *set, struct table_cursor *c, uint32_t org, const struct id *after)
{
    struct buf sql = BUF_INIT;
    sql_scan_dead(org, &sql);
    enum err e = start(set->db, &sql, &c->dead);
    if (e != ERR_OK)
        return e;
    bind_range(c->dead, after, org);
    db_bind_integer(c->dead, 3, c->table->spec->number);
    return db_step(c->dead, &c->dead_more);
}

enum err table_scan(struct table_set *set, uint32_t kind, uint32_t org, const struct id *after, unsigned which,
                    struct table_cursor **out)
{
    const struct table *t = table_of(set, kind);
    if (t == NULL)
        return ERR_NOT_FOUND;
    struct table_cursor *c = calloc(1, sizeof *c);
    CHECK(c != NULL);
    c->table = t;
    if (after != NULL)
        c->after = *after; /* bound by address until the statements end */
    enum err e = ERR_OK;
    if (which & TABLE_LIVING)
        e = start_living(set, c, org, after == NULL ? NULL : &c->after);
    if (e == ERR_OK && which & TABLE_DEAD)
        e = start_dead(set, c, org, after == NULL ? NULL : &c->after);
    if (e != ERR_OK) {
        table_scan_close(c);
        return e;
    }
    *out = c;
    return ERR_OK;
}

static void sql_scan_value(const struct table_spec *spec, const char *field, struct buf *out)
{
    buf_text(out, "SELECT ");
    table_sql_columns(spec, out);
    buf_format(out, " FROM \"%s\" WHERE \"_org\"=?1 AND \"%s\"=?2 ORDER BY \"id\"", spec->name, field);
}

enum err table_scan_value(struct table_set *set, uint32_t kind, uint32_t org, const char *field, struct cell value,
                          struct table_cursor **out)
{
    const struct table *t = table_of(set, kind);
    struct buf sql = BUF_INIT;
    if (t == NULL)
        return ERR_NOT_FOUND;
    if (record_field(t->spec->descriptor, field) == NULL)
        return ERR_BUG;
    struct table_cursor *c = calloc(1, sizeof *c);
    CHECK(c != NULL);
    c->table = t;
    sql_scan_value(t->spec, field, &sql);
    enum err e = db_borrow(set->db, buf_c_string(&sql), &c->living);
    buf_finish(&sql);
    if (e == ERR_OK) {
        db_bind_integer(c->living, 1, org);
        table_cell_bind(c->living, 2, value);
        e = db_step(c->living, &c->living_more);
    }
    if (e != ERR_OK) {
        table_scan_close(c);
        return e;
    }
    *out = c;
    return ERR_OK;
}

static bool living_is_next(const struct table_cursor *c)
{
    if (!c->living_more || !c->dead_more)
        return c->living_more;
    return id_compare(db_id(c->living, COLUMN_ID), db_id(c->dead, 0)) <= 0;
}

static enum err take_living(struct table_cursor *c, struct arena *arena, struct row *row)
{
    enum err e = table_row_read(c->table, c->living, arena, row);
    return e == ERR_OK ? db_step(c->living, &c->living_more) : e;
}

static enum err take_dead(struct table_cursor *c, struct row *row)
{
    *row = (struct row){
        .id = db_id(c->dead, 0),
        .kind = c->table->spec->number,
        .org = (uint32_t)db_integer(c->dead, 1),
        .seq = (uint64_t)db_integer(c->dead, 2),
    };
    return db_step(c->dead, &c->dead_more);
}

enum err table_next(struct table_cursor *c, struct arena *arena, struct row *out, bool *more)
{
    struct row row;
    if (!c->living_more && !c->dead_more) {
        *more = false;
        return ERR_OK;
    }
    enum err e = living_is_next(c) ? take_living(c, arena, &row) : take_dead(c, &row);
    if (e != ERR_OK)
        return e;
    *out = row;
    *more = true;
    return ERR_OK;
}

void table_scan_close(struct table_cursor *c)
{
    if (c == NULL)
        return;
    db_give_back(c->living);
    db_give_back(c->dead);
    free(c);
}
