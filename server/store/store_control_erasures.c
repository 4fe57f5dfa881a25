/* Erasures from their table into memory: one by one, and what they erase of each record together. */
#include "server/store/store_control.h"

#include "base/limits.h"

#include <stdlib.h>
#include <string.h>

/* A reader may be the first to come to a folder of before. */
static enum err count_erasures(struct db *db, size_t *out)
{
    size_t there;
    enum err e = store_control_count(db, "SELECT count(*) FROM sqlite_schema WHERE name='erasure'", &there);
    if (e != ERR_OK)
        return e;
    if (there)
        return store_control_count(db, "SELECT count(*) FROM erasure", out);
    *out = 0;
    return ERR_OK;
}

static enum err take(struct db_statement *s, struct control_tables *t, struct control_erasure *out)
{
    struct slice id = db_blob(s, 1);
    *out = (struct control_erasure){
        .number = (uint64_t)db_integer(s, 0), .org = (uint32_t)db_integer(s, 2), .done = db_integer(s, 4) != 0};
    out->packed = arena_copy(&t->arena, db_blob(s, 3));
    if (id.size != ERASURE_ID_SIZE || out->packed.size == 0)
        return ERR_CORRUPT;
    memcpy(out->id, id.data, ERASURE_ID_SIZE);
    erasure_hash(out->packed, out->hash);
    return ERR_OK;
}

static enum err read_all(struct db *db, struct control_tables *t, size_t count)
{
    struct db_statement *s;
    bool row = true;
    enum err e = db_prepare(db, "SELECT number, id, org, erasure, done FROM erasure ORDER BY number", &s);
    if (e != ERR_OK)
        return e;
    while (t->erasure_count < count && e == ERR_OK && (e = db_step(s, &row)) == ERR_OK && row)
        e = take(s, t, &t->erasures[t->erasure_count++]);
    db_reset(s);
    return e;
}

/* ---- by record ---- */

static int compare(const void *a, const void *b)
{
    const struct control_erased *x = a, *y = b;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    return id_compare(x->id, y->id);
}

static void join_equal(struct control_tables *t)
{
    size_t n = 0;
    qsort(t->erased, t->erased_count, sizeof *t->erased, compare);
    for (size_t i = 0; i < t->erased_count; i++) {
        struct control_erased *last = n ? &t->erased[n - 1] : NULL;
        if (last && compare(last, &t->erased[i]) == 0)
            last->fields = erased_join(last->fields, t->erased[i].fields, &t->arena);
        else
            t->erased[n++] = t->erased[i];
    }
    t->erased_count = n;
}

const struct control_erased *store_control_erased(const struct control_tables *t, uint32_t kind, struct id id)
{
    struct control_erased key = {.kind = kind, .id = id};
    return t->erased_count ? bsearch(&key, t->erased, t->erased_count, sizeof key, compare) : NULL;
}

enum err store_control_load_erasures(struct db *db, struct control_tables *t)
{
    size_t count = 0, capacity = 0;
    enum err e = count_erasures(db, &count);
    if (e != ERR_OK || count == 0)
        return e;
    t->erasures = arena_alloc(&t->arena, count * sizeof *t->erasures);
    CHECK(t->erasures);
    e = read_all(db, t, count);
    for (size_t i = 0; i < t->erasure_count && e == ERR_OK; i++) {
        const Wire__Erasure *x;
        e = erasure_open(t->erasures[i].packed, &t->arena, &x);
        for (size_t k = 0; e == ERR_OK && k < x->n_erased; k++) {
            const Wire__Erased *one = x->erased[k];
            t->erased = arena_grow(&t->arena, t->erased, t->erased_count, &capacity, sizeof *t->erased);
            CHECK(t->erased);
            t->erased[t->erased_count++] = (struct control_erased){
                one->kind, id_from(slice_of(one->id.data, ID_SIZE)), erased_of_wire(one)};
        }
    }
    if (e == ERR_OK)
        join_equal(t);
    return e == ERR_WIRE ? ERR_CORRUPT : e;
}
