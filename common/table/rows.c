/* One row: loaded, saved from a message, erased.
 * Invariant: of one kind an id is living, dead or neither, never both. A save that stands outside a transaction makes
 * its own, so that no crash comes between row and tombstone. */
#include "table/set.h"
#include <limits.h>

static void sql_load_dead(const struct table_spec *spec, struct buf *out)
{
    (void)spec;
    buf_text(out, "SELECT \"_org\", \"_seq\" FROM \"tombstone\" WHERE \"id\"=?1 AND \"kind\"=?2");
}

static void sql_save_dead(const struct table_spec *spec, struct buf *out)
{
    (void)spec;
    buf_text(out,
             "INSERT INTO \"tombstone\"(\"id\", \"kind\", \"_org\", \"_seq\") VALUES(?1, ?2, ?3, ?4)"
             " ON CONFLICT(\"id\", \"kind\") DO UPDATE SET \"_org\"=excluded.\"_org\", \"_seq\"=excluded.\"_seq\"");
}

static void sql_remove_dead(const struct table_spec *spec, struct buf *out)
{
    (void)spec;
    buf_text(out, "DELETE FROM \"tombstone\" WHERE \"id\"=?1 AND \"kind\"=?2");
}

/* ---- load ---- */

static enum err load_dead(struct table_set *set, uint32_t kind, struct id id, struct row *out)
{
    bool found;
    enum err e = table_statement(set, &set->load_dead, sql_load_dead, NULL);
    if (e != ERR_OK)
        return e;
    struct db_statement *s = set->load_dead;
    db_bind_id(s, 1, &id);
    db_bind_integer(s, 2, kind);
    e = db_step(s, &found);
    if (e != ERR_OK || !found)
        return e != ERR_OK ? e : ERR_NOT_FOUND;
    *out = (struct row){.id = id, .kind = kind, .org = (uint32_t)db_integer(s, 0), .seq = (uint64_t)db_integer(s, 1)};
    db_reset(s);
    return ERR_OK;
}

enum err table_load(struct table_set *set, uint32_t kind, struct id id, struct arena *arena, struct row *out)
{
    struct table *t = table_of(set, kind);
    bool found;
    if (t == NULL)
        return ERR_NOT_FOUND;
    enum err e = table_statement(set, &t->load, table_sql_load, t->spec);
    if (e != ERR_OK)
        return e;
    db_bind_id(t->load, 1, &id);
    e = db_step(t->load, &found);
    if (e != ERR_OK)
        return e;
    if (!found)
        return load_dead(set, kind, id, out);
    e = table_row_read(t, t->load, arena, out);
    db_reset(t->load);
    return e;
}

/* ---- save ---- */

static enum err remove_living(struct table_set *set, struct table *t, const struct id *id)
{
    enum err e = table_statement(set, &t->remove, table_sql_remove, t->spec);
    if (e != ERR_OK)
        return e;
    db_bind_id(t->remove, 1, id);
    return db_run(t->remove);
}

static enum err remove_dead(struct table_set *set, uint32_t kind, const struct id *id)
{
    enum err e = table_statement(set, &set->remove_dead, sql_remove_dead, NULL);
    if (e != ERR_OK)
        return e;
    db_bind_id(set->remove_dead, 1, id);
    db_bind_integer(set->remove_dead, 2, kind);
    return db_run(set->remove_dead);
}

static enum err move_org(struct table_set *set, struct table *t, const struct id *id, uint32_t org)
{
    enum err e = table_statement(set, &t->move, table_sql_move, t->spec);
    if (e != ERR_OK)
        return e;
    db_bind_id(t->move, 1, id);
    db_bind_integer(t->move, 2, org);
    return db_run(t->move);
}

enum err table_save_bound(struct table_set *set, struct table *t, const struct id *id, uint32_t org)
{
    enum err e = db_run(t->save);
    if (e == ERR_OK && db_changes(set->db) == 0) { /* it stands with another org: see table_sql_save */
        e = move_org(set, t, id, org);
        if (e == ERR_OK)
            e = db_run(t->save);
    }
    return e == ERR_OK ? remove_dead(set, t->spec->number, id) : e;
}

void table_bind_house(struct db_statement *s, const struct row *row)
{
    db_bind_id(s, 1 + COLUMN_ID, &row->id);
    db_bind_integer(s, 1 + COLUMN_ORG, row->org);
    db_bind_integer(s, 1 + COLUMN_SEQ, (int64_t)row->seq);
    if (row->stamps.size > 0)
        db_bind_blob(s, 1 + COLUMN_STAMPS, row->stamps);
    else
        db_bind_null(s, 1 + COLUMN_STAMPS);
}

void table_bind_extra(struct db_statement *s, const struct buf *extra)
{
    if (extra->size > 0)
        db_bind_blob(s, 1 + COLUMN_EXTRA, buf_slice(extra));
    else
        db_bind_null(s, 1 + COLUMN_EXTRA);
}

static enum err save_living(struct table_set *set, struct table *t, const struct row *row)
{
    const ProtobufCMessageDescriptor *d = t->spec->descriptor;
    CHECK(row->message->descriptor == d);
    enum err e = table_statement(set, &t->save, table_sql_save, t->spec);
    if (e != ERR_OK)
        return e;
    set->extra.size = 0;
    table_extra_pack(row->message, &set->extra);
    table_bind_house(t->save, row);
    table_bind_extra(t->save, &set->extra);
    for (unsigned i = 0; i < d->n_fields; i++)
        table_cell_bind(t->save, 1 + COLUMN_FIELDS + (int)i, record_get(row->message, &d->fields[i]));
    return table_save_bound(set, t, &row->id, row->org);
}

static enum err save_dead(struct table_set *set, struct table *t, const struct row *row)
{
    enum err e = table_statement(set, &set->save_dead, sql_save_dead, NULL);
    if (e != ERR_OK)
        return e;
    db_bind_id(set->save_dead, 1, &row->id);
    db_bind_integer(set->save_dead, 2, row->kind);
    db_bind_integer(set->save_dead, 3, row->org);
    db_bind_integer(set->save_dead, 4, (int64_t)row->seq);
    e = db_run(set->save_dead);
    return e == ERR_OK ? remove_living(set, t, &row->id) : e;
}

/* ---- within a transaction, the caller's or its own ---- */

enum err table_enter(struct table_set *set, bool *own)
{
    *own = !db_in_transaction(set->db);
    return *own ? db_begin(set->db) : ERR_OK;
}

enum err table_leave(struct table_set *set, bool own, enum err e)
{
    if (!own)
        return e;
    if (e == ERR_OK)
        return db_commit(set->db);
    db_rollback(set->db);
    return e;
}

enum err table_save(struct table_set *set, const struct row *row)
{
    struct table *t = table_of(set, row->kind);
    bool own;
    if (t == NULL)
        return ERR_NOT_FOUND;
    if (row->seq > INT64_MAX)
        return ERR_VALUE; /* SQL's integers are signed */
    enum err e = table_enter(set, &own);
    if (e != ERR_OK)
        return e;
    e = row->message == NULL ? save_dead(set, t, row) : save_living(set, t, row);
    return table_leave(set, own, e);
}

enum err table_erase(struct table_set *set, uint32_t kind, struct id id)
{
    struct table *t = table_of(set, kind);
    bool own;
    if (t == NULL)
        return ERR_NOT_FOUND;
    enum err e = table_enter(set, &own);
    if (e != ERR_OK)
        return e;
    e = remove_living(set, t, &id);
    if (e == ERR_OK)
        e = remove_dead(set, kind, &id);
    return table_leave(set, own, e);
}
