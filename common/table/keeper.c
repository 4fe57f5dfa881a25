/* Whose file it is: the kinds, each with its highest tag, that the newest program which opened it knows. A program that knows
 * less would go on keeping aside, in _extra, what has its own column now, and rows would say two things; so it stops. Written
 * in the very transaction that makes the columns: between two transactions of an older program it has happened or not. */
#include "table/set.h"

#include <stdlib.h>

static uint32_t last_tag(const struct table_spec *spec)
{
    const ProtobufCMessageDescriptor *d = spec->descriptor;
    return d->n_fields ? d->fields[d->n_fields - 1].id : 0;
}

/* "1:29 2:6 100:12" */
static void own_words(const struct table_set *set, struct buf *out)
{
    for (size_t i = 0; i < set->count; i++)
        buf_format(out, "%s%u:%u", i ? " " : "", set->tables[i].spec->number, last_tag(set->tables[i].spec));
}

static enum table_keeper compare(const struct table_set *set, unsigned long kind, unsigned long tag)
{
    for (size_t i = 0; i < set->count; i++)
        if (set->tables[i].spec->number == kind)
            return tag <= last_tag(set->tables[i].spec) ? KEEPER_OLDER : KEEPER_NEWER;
    return KEEPER_MORE_KINDS;
}

static enum table_keeper compare_all(const struct table_set *set, const char *words)
{
    enum table_keeper all = KEEPER_OLDER;
    while (*words) {
        char *end;
        unsigned long kind = strtoul(words, &end, 10), tag = *end == ':' ? strtoul(end + 1, &end, 10) : 0;
        if (end == words)
            return KEEPER_NEWER; /* in a form of its own */
        enum table_keeper one = compare(set, kind, tag);
        all = one > all ? one : all;
        words = *end ? end + 1 : end;
    }
    return all;
}

enum err table_keeper_look(struct table_set *set, enum table_keeper *out)
{
    struct db_statement *s;
    struct buf own = BUF_INIT, kept = BUF_INIT;
    bool row = false;
    own_words(set, &own);
    enum err e = db_prepare(set->db, "SELECT \"kinds\" FROM \"kept_by\"", &s);
    if (e == ERR_OK)
        e = db_step(s, &row);
    if (e == ERR_OK && row) {
        buf_append_slice(&kept, db_text(s, 0));
        db_reset(s);
    }
    if (e == ERR_OK)
        *out = !row                                             ? KEEPER_NONE
               : slice_equal(buf_slice(&own), buf_slice(&kept)) ? KEEPER_SAME
                                                                : compare_all(set, buf_c_string(&kept));
    buf_finish(&kept);
    buf_finish(&own);
    return e;
}

enum err table_keeper_take(struct table_set *set)
{
    struct db_statement *s;
    struct buf own = BUF_INIT;
    enum table_keeper keeper;
    enum err e = table_keeper_look(set, &keeper);
    if (e != ERR_OK || keeper == KEEPER_SAME || keeper == KEEPER_NEWER)
        return e;
    own_words(set, &own);
    e = db_prepare(set->db, keeper == KEEPER_NONE ? "INSERT INTO \"kept_by\"(\"kinds\") VALUES(?1)" : "UPDATE \"kept_by\" SET \"kinds\" = ?1", &s);
    if (e == ERR_OK) {
        db_bind_text(s, 1, buf_slice(&own));
        e = db_run(s);
    }
    buf_finish(&own);
    return e;
}

enum err table_set_is_kept(struct table_set *set)
{
    enum table_keeper keeper;
    enum err e = table_keeper_look(set, &keeper);
    return e == ERR_OK && keeper >= KEEPER_MORE_KINDS ? ERR_NEWER : e;
}
