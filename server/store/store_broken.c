/* Rule 6: n that will never come, since the device that made them holds them no longer. Kept so that nobody asks for
 * them again, and counted by seat (in meta, beside the rows that they are missing from) for those who look after the
 * branch. */
#include "server/store/store_inner.h"

#include "server/store/store_control.h"

#include <stdio.h>

enum err store_find_hole(struct store *s, uint64_t incarnation_row, uint64_t n, uint64_t *last)
{
    int64_t found;
    enum err e = store_ask(s, "SELECT last FROM broken WHERE incarnation=$1 AND first<=$2 AND last>=$2",
                           (int64_t)incarnation_row, (int64_t)n, &found);
    if (e == ERR_OK)
        *last = (uint64_t)found;
    return e;
}

enum err store_next_hole(struct store *s, uint64_t incarnation_row, uint64_t n, uint64_t *first)
{
    int64_t found;
    enum err e = store_ask(s, "SELECT min(first) FROM broken WHERE incarnation=$1 AND first>$2", (int64_t)incarnation_row,
                           (int64_t)n, &found);
    if (e == ERR_OK)
        *first = (uint64_t)found;
    return e;
}

static enum err count(struct store *s, uint32_t seat, uint64_t more)
{
    char name[48];
    int64_t before;
    snprintf(name, sizeof name, STORE_BROKEN "%u", seat);
    enum err e = store_meta_get(s->db, name, &before);
    if (e != ERR_OK)
        return e;
    uint64_t sum = (uint64_t)before + (more < INT32_MAX ? more : INT32_MAX);
    return store_meta_put(s->db, name, sum < INT32_MAX ? (int64_t)sum : INT32_MAX);
}

/* Readers fetch what was reported anew (store_put_contact). */
static enum err touch_contact(struct store *s, uint32_t seat)
{
    int64_t changed;
    enum err e = store_meta_get(s->db, "contact", &changed);
    if (e == ERR_OK)
        e = store_meta_put(s->db, "contact", ++changed);
    return e == ERR_OK ? store_order(s, "UPDATE contact SET changed=$1 WHERE seat=$2", changed, seat) : e;
}

/* Where one ends right before n, it begins there; else n. Two side by side are one: there are no more of them than runs. */
static enum err begin_of(struct store *s, uint64_t incarnation_row, uint64_t n, uint64_t *first)
{
    int64_t found;
    enum err e = store_ask(s, "SELECT min(first) FROM broken WHERE incarnation=$1 AND last=$2", (int64_t)incarnation_row,
                           (int64_t)n - 1, &found);
    if (e == ERR_OK)
        *first = found ? (uint64_t)found : n;
    return e;
}

enum err store_put_hole(struct store *s, uint32_t seat, uint64_t incarnation_row, const struct store_hole *hole,
                        int64_t at_ms)
{
    struct db_statement *q;
    uint64_t first;
    enum err e = begin_of(s, incarnation_row, hole->first, &first);
    if (e == ERR_OK)
        e = db_prepare(s->db,
                       "INSERT INTO broken(incarnation, first, last, at_ms) VALUES($1, $2, $3, $4)"
                       " ON CONFLICT(incarnation, first) DO UPDATE SET last=max(last, excluded.last)",
                       &q);
    if (e != ERR_OK)
        return e;
    db_bind_integer(q, 1, (int64_t)incarnation_row);
    db_bind_integer(q, 2, (int64_t)first);
    db_bind_integer(q, 3, (int64_t)hole->last);
    db_bind_integer(q, 4, at_ms);
    e = db_run(q);
    if (e == ERR_OK)
        e = count(s, seat, hole->count);
    return e == ERR_OK ? touch_contact(s, seat) : e;
}
