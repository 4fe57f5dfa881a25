/* See broken.h. The sum stands in meta, among the facts. */
#include "client/replica/broken.h"
#include "client/replica/replica_sync.h"
#include "base/log.h"

enum err broken_note(struct replica *r, struct incarnation i, uint64_t first, uint64_t last, int64_t now_ms)
{
    int64_t sum = 0;
    log_error("replica", "promise broken: the server misses changes %llu to %llu, and this device no longer holds them",
              (unsigned long long)first, (unsigned long long)last);
    enum err e = sql_run(r->db,
                         "INSERT INTO broken(incarnation, first, last, at_ms) VALUES(?1, ?2, ?3, ?4)"
                         " ON CONFLICT(incarnation, last) DO UPDATE SET first = min(first, excluded.first)",
                         "biii", slice_of(i.bytes, INCARNATION_SIZE), (int64_t)first, (int64_t)last, now_ms);
    if (e == ERR_OK)
        e = sql_integer(r->db, 0, &sum, "SELECT sum(last - first + 1) FROM broken", "");
    return e == ERR_OK ? replica_meta_put_integer(r, "broken", sum) : e;
}

enum err broken_ends_before(struct replica *r, struct incarnation i, uint64_t n, bool *out)
{
    int64_t found;
    enum err e =
        sql_integer(r->db, 0, &found, "SELECT EXISTS(SELECT 1 FROM broken WHERE incarnation = ?1 AND last = ?2)", "bi",
                    slice_of(i.bytes, INCARNATION_SIZE), (int64_t)n - 1);
    if (e == ERR_OK)
        *out = found != 0;
    return e;
}
