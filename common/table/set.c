/* The tables of all kinds on one connection. Opening makes or migrates what is missing in one transaction, and takes no
 * write lock where nothing is. */
#include "table/set.h"
#include <stdlib.h>

struct table *table_of(struct table_set *set, uint32_t kind)
{
    for (size_t i = 0; i < set->count; i++)
        if (set->tables[i].spec->number == kind)
            return &set->tables[i];
    return NULL;
}

enum err table_statement(struct table_set *set, struct db_statement **slot, table_sql *text,
                         const struct table_spec *spec)
{
    if (*slot != NULL)
        return ERR_OK;
    struct buf sql = BUF_INIT;
    text(spec, &sql);
    enum err e = db_prepare(set->db, buf_c_string(&sql), slot);
    buf_finish(&sql);
    return e;
}

static enum err check_specs(const struct table_spec *specs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        enum err e = table_schema_check(&specs[i]);
        if (e != ERR_OK)
            return e;
    }
    return ERR_OK;
}

static struct table_set *make_set(struct db *db, const struct table_spec *specs, size_t count)
{
    struct table_set *set = calloc(1, sizeof *set);
    CHECK(set != NULL);
    set->db = db;
    set->tables = calloc(count + 1, sizeof *set->tables);
    CHECK(set->tables != NULL);
    for (; set->count < count; set->count++)
        set->tables[set->count].spec = &specs[set->count];
    return set;
}

static enum err migrate(struct table_set *set)
{
    enum err e = db_begin(set->db);
    if (e != ERR_OK)
        return e;
    e = table_schema_make(set);
    if (e == ERR_OK)
        return db_commit(set->db);
    db_rollback(set->db);
    return e;
}

/* As this program has it, or a newer one. */
static enum err is_taken(struct table_set *set, bool *taken)
{
    enum table_keeper keeper;
    enum err e = table_keeper_look(set, &keeper);
    if (e == ERR_OK)
        *taken = keeper == KEEPER_SAME || keeper == KEEPER_NEWER;
    return e;
}

enum err table_set_open(struct db *db, const struct table_spec *specs, size_t count, struct table_set **out)
{
    bool complete, has_keeper, taken = false;
    enum err e = check_specs(specs, count);
    if (e != ERR_OK)
        return e;
    struct table_set *set = make_set(db, specs, count);
    e = table_schema_complete(set, &complete, &has_keeper);
    if (e == ERR_OK && complete && has_keeper)
        e = is_taken(set, &taken);
    if (e == ERR_OK && !taken)
        e = migrate(set);
    if (e != ERR_OK) {
        table_set_close(set);
        return e;
    }
    *out = set;
    return ERR_OK;
}

enum err table_set_open_read(struct db *db, const struct table_spec *specs, size_t count, struct table_set **out)
{
    bool complete, has_keeper; /* who only reads does not ask whose it is */
    enum err e = check_specs(specs, count);
    if (e != ERR_OK)
        return e;
    struct table_set *set = make_set(db, specs, count);
    e = table_schema_complete(set, &complete, &has_keeper);
    if (e == ERR_OK && !complete)
        e = ERR_NOT_FOUND;
    if (e != ERR_OK) {
        table_set_close(set);
        return e;
    }
    *out = set;
    return ERR_OK;
}

void table_set_close(struct table_set *set)
{
    if (set == NULL)
        return;
    buf_finish(&set->extra);
    buf_finish(&set->own_words);
    free(set->tables);
    free(set);
}
