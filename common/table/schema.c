/* Tables follow descriptors: what is missing is made, what is there in excess is left alone, nothing is ever dropped.
 * When a column is added, what _extra held of that field moves into it within the same transaction: otherwise reports
 * would read NULL where the value has been known all along. */
#include "table/listing.h"
#include "table/set.h"
#include "base/limits.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define MOVE_PAGE 256

/* ---- what can be a table ---- */

static bool is_identifier(const char *name)
{
    if (!isalpha((unsigned char)*name))
        return false;
    for (; *name != 0; name++)
        if (!isalnum((unsigned char)*name) && *name != '_')
            return false;
    return true;
}

static bool is_field(const ProtobufCFieldDescriptor *f)
{
    bool type = f->type == PROTOBUF_C_TYPE_STRING || f->type == PROTOBUF_C_TYPE_BYTES ||
                f->type == PROTOBUF_C_TYPE_INT64 || f->type == PROTOBUF_C_TYPE_BOOL;
    return type && f->label == PROTOBUF_C_LABEL_OPTIONAL && (f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) == 0 &&
           is_identifier(f->name) && strcasecmp(f->name, "id") != 0;
}

static bool knows_all(const struct table_spec *spec, const char *const *fields)
{
    for (; fields != NULL && *fields != NULL; fields++)
        if (record_field(spec->descriptor, *fields) == NULL)
            return false;
    return true;
}

enum err table_schema_check(const struct table_spec *spec)
{
    if (!is_identifier(spec->name) || strcasecmp(spec->name, "tombstone") == 0 || strcasecmp(spec->name, "kept_by") == 0 ||
        strncasecmp(spec->name, "sqlite_", 7) == 0)
        return ERR_BUG;
    for (unsigned i = 0; i < spec->descriptor->n_fields; i++)
        if (!is_field(&spec->descriptor->fields[i]))
            return ERR_BUG;
    return knows_all(spec, spec->indexes) && knows_all(spec, spec->lookups) ? ERR_OK : ERR_BUG;
}

/* ---- what is there ---- */

struct found {
    bool table;
    bool *fields; /* by the descriptor's order */
};

static void note_column(const ProtobufCMessageDescriptor *d, struct slice name, struct found *found)
{
    found->table = true;
    for (unsigned i = 0; i < d->n_fields; i++)
        if (slice_equal(name, slice_text(d->fields[i].name)))
            found->fields[i] = true;
}

static enum err look(struct db *db, const struct table_spec *spec, struct found *found)
{
    struct db_statement *s;
    bool row;
    enum err e = db_prepare(db, "SELECT \"name\" FROM pragma_table_info(?1)", &s);
    if (e != ERR_OK)
        return e;
    db_bind_text(s, 1, slice_text(spec->name));
    while ((e = db_step(s, &row)) == ERR_OK && row)
        note_column(spec->descriptor, db_text(s, 0), found);
    return e;
}

static struct found found_make(const struct table_spec *spec)
{
    struct found found = {.fields = calloc(spec->descriptor->n_fields + 1, sizeof(bool))};
    CHECK(found.fields != NULL);
    return found;
}

static bool found_all(const struct table_spec *spec, const struct found *found)
{
    for (unsigned i = 0; i < spec->descriptor->n_fields; i++)
        if (!found->fields[i])
            return false;
    return found->table;
}

static bool has_index(const struct listing *l, const char *table, const char *before, const char *column)
{
    struct buf name = BUF_INIT;
    buf_format(&name, "%s.%s%s", table, before, column);
    bool has = listing_has(l, buf_c_string(&name));
    buf_finish(&name);
    return has;
}

static bool has_indexes(const struct listing *l, const struct table_spec *spec)
{
    bool all = has_index(l, spec->name, "", "_org");
    for (const char *const *field = spec->indexes; all && field != NULL && *field != NULL; field++)
        all = has_index(l, spec->name, "", *field);
    for (const char *const *field = spec->lookups; all && field != NULL && *field != NULL; field++)
        all = has_index(l, spec->name, "_org.", *field);
    return all;
}

/* A table that this very schema made, and nobody changed since, has all columns; any other is asked for them. */
static bool is_as_made(const struct listing *l, const struct table_spec *spec)
{
    struct buf sql = BUF_INIT;
    table_sql_create(spec, &sql);
    bool same = listing_says(l, spec->name, buf_c_string(&sql));
    buf_finish(&sql);
    return same;
}

static enum err is_complete(struct db *db, const struct listing *l, const struct table_spec *spec, bool *all)
{
    enum err e = ERR_OK;
    bool columns = is_as_made(l, spec);
    if (!columns) {
        struct found found = found_make(spec);
        e = look(db, spec, &found);
        columns = found_all(spec, &found);
        free(found.fields);
    }
    *all = columns && has_indexes(l, spec);
    return e;
}

enum err table_schema_complete(struct table_set *set, bool *complete, bool *has_keeper)
{
    struct listing listing;
    enum err e = listing_read(set->db, &listing);
    bool all = e == ERR_OK && has_index(&listing, "tombstone", "", "_org");
    for (size_t i = 0; e == ERR_OK && all && i < set->count; i++)
        e = is_complete(set->db, &listing, set->tables[i].spec, &all);
    if (e == ERR_OK) {
        *complete = all;
        *has_keeper = listing_has(&listing, "kept_by");
    }
    listing_finish(&listing);
    return e;
}

/* ---- what is made ---- */

static enum err exec_buf(struct db *db, struct buf *sql)
{
    enum err e = db_exec(db, buf_c_string(sql));
    buf_finish(sql);
    return e;
}

static enum err add_columns(struct db *db, const struct table_spec *spec, const struct found *found, bool *added)
{
    enum err e = ERR_OK;
    for (unsigned i = 0; e == ERR_OK && i < spec->descriptor->n_fields; i++) {
        if (found->fields[i])
            continue;
        struct buf sql = BUF_INIT;
        table_sql_add_column(spec, &spec->descriptor->fields[i], &sql);
        e = exec_buf(db, &sql);
        *added = true;
    }
    return e;
}

static enum err make_table(struct db *db, const struct table_spec *spec, bool *added)
{
    struct found found = found_make(spec);
    enum err e = look(db, spec, &found);
    if (e == ERR_OK && !found.table) {
        struct buf sql = BUF_INIT;
        table_sql_create(spec, &sql);
        e = exec_buf(db, &sql);
    } else if (e == ERR_OK) {
        e = add_columns(db, spec, &found, added);
    }
    free(found.fields);
    return e;
}

static enum err make_indexes(struct db *db, const struct table_spec *spec)
{
    struct buf sql = BUF_INIT;
    table_sql_index(spec, NULL, &sql);
    enum err e = exec_buf(db, &sql);
    for (const char *const *field = spec->indexes; e == ERR_OK && field != NULL && *field != NULL; field++) {
        table_sql_index(spec, *field, &sql);
        e = exec_buf(db, &sql);
    }
    for (const char *const *field = spec->lookups; e == ERR_OK && field != NULL && *field != NULL; field++) {
        table_sql_lookup(spec, *field, &sql);
        e = exec_buf(db, &sql);
    }
    return e;
}

/* ---- what moves ---- */

static enum err ids_with_extra(struct db *db, const struct table_spec *spec, struct id after, struct id *ids,
                               size_t *count)
{
    struct db_statement *s;
    struct buf sql = BUF_INIT;
    bool row;
    buf_format(&sql, "SELECT \"id\" FROM \"%s\" WHERE \"_extra\" IS NOT NULL AND \"id\">?1 ORDER BY \"id\" LIMIT %d",
               spec->name, MOVE_PAGE);
    enum err e = db_prepare(db, buf_c_string(&sql), &s);
    buf_finish(&sql);
    if (e != ERR_OK)
        return e;
    db_bind_id(s, 1, &after);
    *count = 0;
    while ((e = db_step(s, &row)) == ERR_OK && row)
        ids[(*count)++] = db_id(s, 0);
    return e;
}

static enum err save_again(struct table_set *set, uint32_t kind, struct id id, struct arena *arena)
{
    struct row row;
    arena_reset(arena);
    enum err e = table_load(set, kind, id, arena, &row);
    return e == ERR_OK ? table_save(set, &row) : e;
}

static enum err move_extra(struct table_set *set, const struct table_spec *spec)
{
    struct id ids[MOVE_PAGE], after = {0};
    struct arena arena;
    size_t count;
    enum err e = ERR_OK;
    arena_init(&arena, LIMIT_ARENA);
    do {
        e = ids_with_extra(set->db, spec, after, ids, &count);
        for (size_t i = 0; e == ERR_OK && i < count; i++)
            e = save_again(set, spec->number, ids[i], &arena);
        if (e == ERR_OK && count > 0)
            after = ids[count - 1];
    } while (e == ERR_OK && count == MOVE_PAGE);
    arena_finish(&arena);
    return e;
}

enum err table_schema_make(struct table_set *set)
{
    enum err e = db_exec(set->db, table_sql_common);
    for (size_t i = 0; e == ERR_OK && i < set->count; i++) {
        const struct table_spec *spec = set->tables[i].spec;
        bool added = false;
        e = make_table(set->db, spec, &added);
        if (e == ERR_OK)
            e = make_indexes(set->db, spec);
        if (e == ERR_OK && added)
            e = move_extra(set, spec);
    }
    return e == ERR_OK ? table_keeper_take(set) : e;
}
