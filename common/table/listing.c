/* What a database says of its tables and indexes, read in one walk: asking for each by itself walks through all of them each time. */
#include "table/listing.h"
#include "base/limits.h"
#include <stdlib.h>
#include <string.h>

static int by_name(const void *a, const void *b)
{
    const struct listed *x = a, *y = b;
    return strcmp(x->name, y->name);
}

static enum err take(struct listing *l, size_t *capacity, struct db_statement *s)
{
    struct listed *list = arena_grow(&l->arena, l->list, l->count, capacity, sizeof *list);
    char *name = arena_text(&l->arena, db_text(s, 0)), *sql = arena_text(&l->arena, db_text(s, 1));
    if (!list || !name || !sql)
        return ERR_MEMORY;
    l->list = list;
    l->list[l->count++] = (struct listed){name, sql};
    return ERR_OK;
}

enum err listing_read(struct db *db, struct listing *out)
{
    struct db_statement *s;
    size_t capacity = 0;
    bool row = false;
    *out = (struct listing){.count = 0};
    arena_init(&out->arena, LIMIT_ARENA);
    enum err e = db_prepare(db, "SELECT \"name\", \"sql\" FROM sqlite_schema", &s);
    if (e != ERR_OK)
        return e;
    while ((e = db_step(s, &row)) == ERR_OK && row && (e = take(out, &capacity, s)) == ERR_OK)
        ;
    db_reset(s);
    if (out->count > 1)
        qsort(out->list, out->count, sizeof *out->list, by_name);
    return e;
}

void listing_finish(struct listing *l)
{
    arena_finish(&l->arena);
}

static const struct listed *find(const struct listing *l, const char *name)
{
    struct listed key = {.name = name};
    return l->count ? bsearch(&key, l->list, l->count, sizeof key, by_name) : NULL;
}

bool listing_has(const struct listing *l, const char *name)
{
    return find(l, name) != NULL;
}

bool listing_says(const struct listing *l, const char *name, const char *sql)
{
    const struct listed *found = find(l, name);
    return found && strcmp(found->sql, sql) == 0;
}
