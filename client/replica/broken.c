/* See broken.h. The sum stands in meta, among the facts. */
#include "client/replica/broken.h"
#include "client/replica/replica_sync.h"
#include "base/log.h"

#include <stdio.h>

/* Of those that are noted already, and what they reach over to. */
static enum err join(struct replica *r, struct slice name, uint64_t *first, uint64_t *last)
{
    int64_t low, high;
    const char *const touching = " FROM broken WHERE incarnation = ?1 AND first <= ?3 AND last >= ?2";
    char sql[160];
    snprintf(sql, sizeof sql, "SELECT min(first)%s", touching);
    enum err e = sql_integer(r->db, (int64_t)*first, &low, sql, "bii", name, (int64_t)*first, (int64_t)*last);
    snprintf(sql, sizeof sql, "SELECT max(last)%s", touching);
    if (e == ERR_OK)
        e = sql_integer(r->db, (int64_t)*last, &high, sql, "bii", name, (int64_t)*first, (int64_t)*last);
    if (e != ERR_OK)
        return e;
    *first = (uint64_t)low < *first ? (uint64_t)low : *first;
    *last = (uint64_t)high > *last ? (uint64_t)high : *last;
    return sql_run(r->db, "DELETE FROM broken WHERE incarnation = ?1 AND first >= ?2 AND last <= ?3", "bii", name, (int64_t)*first,
                   (int64_t)*last);
}

enum err broken_note(struct replica *r, struct incarnation i, uint64_t first, uint64_t last, int64_t now_ms)
{
    int64_t sum = 0;
    struct slice name = slice_of(i.bytes, INCARNATION_SIZE);
    log_error("replica", "promise broken: the server misses changes %llu to %llu, and this device no longer holds them",
              (unsigned long long)first, (unsigned long long)last);
    enum err e = join(r, name, &first, &last);
    if (e == ERR_OK)
        e = sql_run(r->db, "INSERT INTO broken(incarnation, first, last, at_ms) VALUES(?1, ?2, ?3, ?4)", "biii", name, (int64_t)first,
                    (int64_t)last, now_ms);
    if (e == ERR_OK)
        e = sql_integer(r->db, 0, &sum, "SELECT sum(last - first + 1) FROM broken", "");
    return e == ERR_OK ? replica_meta_put_integer(r, "broken", sum) : e;
}

enum err broken_ends_before(struct replica *r, struct incarnation i, uint64_t n, bool *out)
{
    int64_t found;
    enum err e =
        sql_integer(r->db, 0, &found, "SELECT EXISTS(SELECT 1 FROM broken WHERE incarnation = ?1 AND first <= ?2 AND last >= ?2)", "bi",
                    slice_of(i.bytes, INCARNATION_SIZE), (int64_t)n - 1);
    if (e == ERR_OK)
        *out = found != 0;
    return e;
}
