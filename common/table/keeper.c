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

/* "1:29 2:6 100:12"; put together once, since each transaction that writes compares it. */
static struct slice own_words(struct table_set *set)
{
    bool first = set->own_words.size == 0;
    for (size_t i = 0; first && i < set->count; i++)
        buf_format(&set->own_words, "%s%u:%u", i ? " " : "", set->tables[i].spec->number, last_tag(set->tables[i].spec));
    return buf_slice(&set->own_words);
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

static enum table_keeper keeper_of(struct table_set *set, struct slice kept)
{
    struct buf words = BUF_INIT;
    if (slice_equal(kept, own_words(set)))
        return KEEPER_SAME;
    buf_append_slice(&words, kept);
    enum table_keeper keeper = compare_all(set, buf_c_string(&words));
    buf_finish(&words);
    return keeper;
}

enum err table_keeper_look(struct table_set *set, enum table_keeper *out)
{
    struct db_statement *s;
    bool row;
    enum err e = db_prepare(set->db, "SELECT \"kinds\" FROM \"kept_by\"", &s);
    if (e == ERR_OK)
        e = db_step(s, &row);
    if (e != ERR_OK)
        return e;
    *out = row ? keeper_of(set, db_text(s, 0)) : KEEPER_NONE;
    db_reset(s);
    return ERR_OK;
}

enum err table_keeper_take(struct table_set *set)
{
    struct db_statement *s;
    enum table_keeper keeper;
    enum err e = table_keeper_look(set, &keeper);
    if (e != ERR_OK || keeper == KEEPER_SAME || keeper == KEEPER_NEWER)
        return e;
    e = db_prepare(set->db, keeper == KEEPER_NONE ? "INSERT INTO \"kept_by\"(\"kinds\") VALUES(?1)" : "UPDATE \"kept_by\" SET \"kinds\" = ?1", &s);
    if (e != ERR_OK)
        return e;
    db_bind_text(s, 1, own_words(set));
    return db_run(s);
}

enum err table_set_is_kept(struct table_set *set)
{
    enum table_keeper keeper;
    enum err e = table_keeper_look(set, &keeper);
    return e == ERR_OK && keeper >= KEEPER_MORE_KINDS ? ERR_NEWER : e;
}
