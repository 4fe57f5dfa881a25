/* See store_audit.h. */
#include "server/store/store_audit.h"

#include "server/store/store_inner.h"
#include "wire/wire.h"

#include <stdio.h>
#include <string.h>

/* ---- runs ---- */

/* As store_find_processed finds it: the last run that begins at or before n. */
#define LOST                                                                                                           \
    "SELECT h.org, h.seq, h.seat, h.n FROM history h WHERE h.n>0 AND (h.org, h.seq) IS NOT"                            \
    " (SELECT r.org, CASE WHEN h.n<r.n+r.count THEN r.seq+h.n-r.n END FROM run r"                                      \
    "  WHERE r.incarnation=h.incarnation AND r.n<=h.n ORDER BY r.n DESC LIMIT 1) ORDER BY h.org, h.seq LIMIT $1"

enum err store_lost_runs(struct store *s, size_t max, struct arena *arena, struct store_lost_run **out, size_t *count,
                         int64_t *surplus)
{
    struct db_statement *q;
    int64_t said, entries;
    size_t found = 0;
    bool row = true;
    struct store_lost_run *list = arena_alloc(arena, (max + 1) * sizeof *list);
    enum err e = list ? db_prepare(s->db, LOST, &q) : ERR_MEMORY;
    if (e != ERR_OK)
        return e;
    db_bind_integer(q, 1, (int64_t)max);
    while ((e = db_step(q, &row)) == ERR_OK && row)
        list[found++] = (struct store_lost_run){(uint32_t)db_integer(q, 0), (uint64_t)db_integer(q, 1),
                                                (uint32_t)db_integer(q, 2), (uint64_t)db_integer(q, 3)};
    if (e == ERR_OK)
        e = store_ask(s, "SELECT coalesce(sum(count), 0) FROM run WHERE count>$1", INT64_MIN, 0, &said);
    if (e == ERR_OK)
        e = store_ask(s, "SELECT count(*) FROM history WHERE n>$1", 0, 0, &entries);
    if (e != ERR_OK)
        return e;
    *out = list;
    *count = found;
    *surplus = said - entries;
    return ERR_OK;
}

enum err store_wrong_forks(struct store *s, store_on_seat *each, void *to)
{
    struct db_statement *q;
    bool row = true;
    enum err e = db_prepare(s->db,
                            "SELECT i.seat, i.incarnation, i.parent, i.fork_n, h.hash FROM incarnation i"
                            " LEFT JOIN run r ON r.incarnation=i.number AND r.n=i.fork_n"
                            " LEFT JOIN history h ON h.org=r.org AND h.seq=r.seq"
                            " WHERE i.parent IS NOT NULL OR i.fork_n IS NOT 0 ORDER BY i.number",
                            &q);
    while (e == ERR_OK && (e = db_step(q, &row)) == ERR_OK && row) {
        struct slice is = db_blob(q, 1), parent = db_blob(q, 2), hash = db_blob(q, 4);
        uint64_t n = (uint64_t)db_integer(q, 3);
        struct incarnation from = {{0}};
        bool formed = is.size == INCARNATION_SIZE && parent.size == INCARNATION_SIZE && n > 0;
        if (formed)
            memcpy(from.bytes, parent.data, INCARNATION_SIZE);
        if (formed && hash.size == HASH_SIZE) {
            struct incarnation fork = change_fork(from, n, hash.data);
            formed = memcmp(fork.bytes, is.data, INCARNATION_SIZE) == 0;
        }
        if (!formed)
            each(to, (uint32_t)db_integer(q, 0), n);
    }
    return e;
}

/* ---- rows of nobody ---- */

static enum err count_strays(struct store *s, const char *table, const char *sql, store_on_table *each, void *to)
{
    int64_t rows;
    enum err e = store_ask(s, sql, 0, 0, &rows);
    if (e == ERR_OK && rows)
        each(to, table, rows);
    return e;
}

/* $1 is 0 and stands where a statement of this room has to have it. */
#define OF_ORG(table)                                                                                                  \
    {                                                                                                                  \
        table, "SELECT count(*) FROM " table " WHERE $1=0 AND org NOT IN (SELECT number FROM org)"                     \
    }
/* Those behind what a restore knew of are its strangers, no damage (store_unknown_seats). */
#define OF_SEAT(table)                                                                                                 \
    {                                                                                                                  \
        table, "SELECT count(*) FROM " table " WHERE seat>$1 AND seat NOT IN (SELECT number FROM seat)"                \
               " AND seat<=coalesce((SELECT min(seat_above) FROM jump), seat)"                                         \
    }
#define OF_INCARNATION(table)                                                                                          \
    {                                                                                                                  \
        table, "SELECT count(*) FROM " table " WHERE $1=0 AND incarnation NOT IN (SELECT number FROM incarnation)"     \
    }

static enum err count_kind(struct store *s, const struct kind *k, store_on_table *each, void *to)
{
    char sql[192];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM \"%s\" WHERE $1=0 AND _org NOT IN (SELECT number FROM org)",
             k->name);
    return count_strays(s, k->name, sql, each, to);
}

enum err store_strays(struct store *s, store_on_table *each, void *to)
{
    static const struct {
        const char *table, *sql;
    } list[] = {
        OF_ORG("history"),
        OF_ORG("org_state"),
        OF_ORG("recovery"),
        OF_ORG("awaited"),
        OF_ORG("taken"),
        OF_ORG("cut"),
        OF_ORG("late"),
        OF_ORG("person"),
        OF_ORG("invitation"),
        OF_ORG("run"),
        OF_SEAT("history"),
        OF_SEAT("incarnation"),
        OF_SEAT("contact"),
        OF_SEAT("awaited"),
        OF_INCARNATION("run"),
        OF_INCARNATION("broken"),
        {"history", "SELECT count(*) FROM history WHERE n>$1 AND incarnation NOT IN (SELECT number FROM incarnation)"},
        {"tombstone", "SELECT count(*) FROM tombstone WHERE $1=0 AND _org NOT IN (SELECT number FROM org)"},
        {"person", "SELECT count(*) FROM person WHERE $1=0 AND id NOT IN (SELECT id FROM member)"}};
    size_t count;
    enum err e = ERR_OK;
    const struct kind *const *kinds = kind_all(&count);
    for (size_t i = 0; i < sizeof list / sizeof *list && e == ERR_OK; i++)
        e = count_strays(s, list[i].table, list[i].sql, each, to);
    for (size_t i = 0; i < count && e == ERR_OK; i++)
        e = count_kind(s, kinds[i], each, to);
    return e;
}

enum err store_unknown_seats(struct store *s, store_on_unknown *each, void *to)
{
    struct db_statement *q;
    bool row = true;
    enum err e = db_prepare(s->db, "SELECT DISTINCT seat FROM incarnation WHERE seat NOT IN (SELECT number FROM seat) ORDER BY 1", &q);
    while (e == ERR_OK && (e = db_step(q, &row)) == ERR_OK && row)
        each(to, (uint32_t)db_integer(q, 0));
    return e;
}

enum err store_wrong_cuts(struct store *s, int64_t *wrong)
{
    struct db_statement *q;
    bool row = true;
    enum err e = db_prepare(s->db, "SELECT seq, chain, entry FROM cut", &q);
    *wrong = 0;
    while (e == ERR_OK && (e = db_step(q, &row)) == ERR_OK && row) {
        ProtobufCMessage *m;
        struct entry entry;
        arena_reset(&s->arena);
        bool fits = wire_open(&wire__entry__descriptor, db_blob(q, 2), &s->arena, &m) == ERR_OK &&
                    entry_open((const Wire__Entry *)m, &s->arena, &entry) == ERR_OK &&
                    entry.seq == (uint64_t)db_integer(q, 0) &&
                    slice_equal(slice_of(entry.chain, CHAIN_SIZE), db_blob(q, 1));
        *wrong += !fits;
    }
    return e;
}
