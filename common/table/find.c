/* Ids by a field's value or by a prefix of the id, and counts. */
#include "table/set.h"
#include <stdlib.h>
#include <string.h>

/* What a search has gathered so far. */
struct found_ids {
    struct id *ids;
    uint32_t *kinds; /* may be NULL */
    size_t count, max;
};

static enum err prepare_buf(struct db *db, struct buf *sql, struct db_statement **out)
{
    enum err e = db_prepare(db, buf_c_string(sql), out);
    buf_finish(sql);
    return e;
}

/* Column 0 is the id, column 1 the kind. */
static enum err gather(struct db_statement *s, struct found_ids *found)
{
    bool row = true;
    while (found->count < found->max) {
        enum err e = db_step(s, &row);
        if (e != ERR_OK || !row)
            return e;
        found->ids[found->count] = db_id(s, 0);
        if (found->kinds != NULL)
            found->kinds[found->count] = (uint32_t)db_integer(s, 1);
        found->count++;
    }
    db_reset(s);
    return ERR_OK;
}

/* IS, not =: an absent cell finds the rows where the field is absent. */
enum err table_find_after(struct table_set *set, uint32_t kind, const char *field, struct cell value,
                          const struct id *after, struct id *out, size_t max, size_t *count)
{
    const struct table *t = table_of(set, kind);
    struct db_statement *s;
    struct buf sql = BUF_INIT;
    struct found_ids found = {.ids = out, .max = max};
    if (t == NULL)
        return ERR_NOT_FOUND;
    if (record_field(t->spec->descriptor, field) == NULL)
        return ERR_BUG;
    buf_format(&sql, "SELECT \"id\" FROM \"%s\" WHERE \"%s\" IS ?1 AND \"id\" > ?2 ORDER BY \"id\"", t->spec->name, field);
    enum err e = prepare_buf(set->db, &sql, &s);
    if (e != ERR_OK)
        return e;
    table_cell_bind(s, 1, value);
    db_bind_blob(s, 2, id_slice(after));
    e = gather(s, &found);
    if (e == ERR_OK)
        *count = found.count;
    return e;
}

enum err table_find(struct table_set *set, uint32_t kind, const char *field, struct cell value, struct id *out,
                    size_t max, size_t *count)
{
    static const struct id before_all = {{0}};
    return table_find_after(set, kind, field, value, &before_all, out, max, count);
}

enum err table_find_all(struct table_set *set, uint32_t kind, const char *field, struct cell value, struct id **out,
                        size_t *count)
{
    size_t max = 64;
    struct id *list = NULL;
    enum err e;
    do {
        max *= 4;
        free(list);
        list = malloc(max * sizeof *list);
        CHECK(list);
        e = table_find(set, kind, field, value, list, max, count);
    } while (e == ERR_OK && *count == max);
    if (e != ERR_OK) {
        free(list);
        list = NULL;
    }
    *out = list;
    return e;
}

struct id_range {
    struct id first, last;
};

static struct id_range prefix_range(struct id prefix, unsigned bits)
{
    struct id_range r = {prefix, prefix};
    for (unsigned bit = bits; bit < ID_SIZE * 8; bit++) {
        uint8_t mask = (uint8_t)(0x80u >> (bit % 8));
        r.first.bytes[bit / 8] &= (uint8_t)~mask;
        r.last.bytes[bit / 8] |= mask;
    }
    return r;
}

static enum err gather_range(struct db *db, struct buf *sql, const struct id_range *range, uint32_t kind,
                             struct found_ids *found)
{
    struct db_statement *s;
    enum err e = prepare_buf(db, sql, &s);
    if (e != ERR_OK)
        return e;
    db_bind_id(s, 1, &range->first);
    db_bind_id(s, 2, &range->last);
    db_bind_integer(s, 3, kind);
    return gather(s, found);
}

static enum err gather_living(struct db *db, const struct table_spec *spec, const struct id_range *range,
                              struct found_ids *found)
{
    struct buf sql = BUF_INIT;
    buf_format(&sql, "SELECT \"id\", ?3 FROM \"%s\" WHERE \"id\" BETWEEN ?1 AND ?2 ORDER BY \"id\"", spec->name);
    return gather_range(db, &sql, range, spec->number, found);
}

static enum err gather_dead(struct db *db, uint32_t kind, const struct id_range *range, struct found_ids *found)
{
    struct buf sql = BUF_INIT;
    buf_text(&sql, "SELECT \"id\", \"kind\" FROM \"tombstone\" WHERE \"id\" BETWEEN ?1 AND ?2 AND (?3=0 OR \"kind\"=?3)"
                   " ORDER BY \"id\"");
    return gather_range(db, &sql, range, kind, found);
}

enum err table_find_prefix(struct table_set *set, uint32_t kind, struct id prefix, unsigned bits, struct id *out,
                           uint32_t *kinds, size_t max, size_t *count)
{
    struct found_ids found = {.ids = out, .kinds = kinds, .max = max};
    struct id_range range = prefix_range(prefix, bits);
    enum err e = ERR_OK;
    if (kind != 0 && table_of(set, kind) == NULL)
        return ERR_NOT_FOUND;
    for (size_t i = 0; e == ERR_OK && i < set->count; i++)
        if (kind == 0 || kind == set->tables[i].spec->number)
            e = gather_living(set->db, set->tables[i].spec, &range, &found);
    if (e == ERR_OK)
        e = gather_dead(set->db, kind, &range, &found);
    if (e == ERR_OK)
        *count = found.count;
    return e;
}

/* ---- counts ---- */

static enum err count_rows(struct db *db, struct buf *sql, uint32_t org, uint32_t kind, uint64_t *sum)
{
    struct db_statement *s;
    bool row;
    enum err e = prepare_buf(db, sql, &s);
    if (e != ERR_OK)
        return e;
    if (org != 0)
        db_bind_integer(s, 1, org);
    if (kind != 0)
        db_bind_integer(s, 2, kind);
    e = db_step(s, &row);
    if (e == ERR_OK)
        *sum += (uint64_t)db_integer(s, 0);
    db_reset(s);
    return e;
}

static enum err count_living(struct db *db, const struct table_spec *spec, uint32_t org, uint64_t *sum)
{
    struct buf sql = BUF_INIT;
    buf_format(&sql, "SELECT count(*) FROM \"%s\"%s", spec->name, org == 0 ? "" : " WHERE \"_org\"=?1");
    return count_rows(db, &sql, org, 0, sum);
}

static enum err count_dead(struct db *db, uint32_t kind, uint32_t org, uint64_t *sum)
{
    struct buf sql = BUF_INIT;
    buf_format(&sql, "SELECT count(*) FROM \"tombstone\" WHERE \"kind\"=?2%s", org == 0 ? "" : " AND \"_org\"=?1");
    return count_rows(db, &sql, org, kind, sum);
}

enum err table_count(struct table_set *set, uint32_t kind, uint32_t org, unsigned which, uint64_t *out)
{
    const struct table *t = table_of(set, kind);
    uint64_t sum = 0;
    enum err e = ERR_OK;
    if (t == NULL)
        return ERR_NOT_FOUND;
    if (which & TABLE_LIVING)
        e = count_living(set->db, t->spec, org, &sum);
    if (e == ERR_OK && which & TABLE_DEAD)
        e = count_dead(set->db, kind, org, &sum);
    if (e == ERR_OK)
        *out = sum;
    return e;
}
