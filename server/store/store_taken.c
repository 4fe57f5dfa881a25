/* See store_taken.h. */
#include "server/store/store_taken.h"
#include "base/limits.h"
#include "server/store/store_inner.h"
#include "sync/origin.h"

#include <string.h>

static bool is_accepted(const struct entry *e)
{
    return e->verdict == VERDICT_APPLIED || e->verdict == VERDICT_MERGED || e->verdict == VERDICT_CONFLICT;
}

enum err store_taken_key(const struct entry *entry, struct arena *arena, struct store_taken *out)
{
    struct change_origin origin;
    if (!is_accepted(entry))
        return ERR_NOT_FOUND;
    enum err e = origin_find(entry->change, arena, &origin);
    if (e != ERR_OK)
        return e == ERR_WIRE ? ERR_NOT_FOUND : e; /* its own, or stripped of its change */
    *out = (struct store_taken){.seat = change_for_seat(entry->change), .n = origin.n};
    memcpy(out->hash, origin.hash, HASH_SIZE);
    return ERR_OK;
}

static enum err bind_key(struct store *s, const char *sql, uint32_t seat, uint64_t n, const uint8_t hash[HASH_SIZE],
                         struct db_statement **q)
{
    enum err e = db_prepare(s->db, sql, q);
    if (e != ERR_OK)
        return e;
    db_bind_integer(*q, 1, seat);
    db_bind_integer(*q, 2, (int64_t)n);
    db_bind_blob(*q, 3, slice_of(hash, HASH_SIZE));
    return ERR_OK;
}

/* The lowest seq stands, in whatever order entries come: after a restore two may be handed back, or the earlier be
 * filled after the later; and a cut takes off the end of a log, so what it leaves of the line is right. */
static enum err note(struct store *s, const struct store_entry *line, const struct store_taken *key)
{
    struct db_statement *q;
    enum err e = bind_key(
        s,
        "INSERT INTO taken(seat, n, hash, org, seq) VALUES($1, $2, $3, $4, $5) ON CONFLICT(seat, n, hash)"
        " DO UPDATE SET org=excluded.org, seq=excluded.seq WHERE (excluded.org, excluded.seq)<(taken.org, taken.seq)",
        key->seat, key->n, key->hash, &q);
    if (e != ERR_OK)
        return e;
    db_bind_integer(q, 4, line->org);
    db_bind_integer(q, 5, (int64_t)line->entry.seq);
    return db_run(q);
}

enum err store_note_taken(struct store *s, const struct store_entry *line, uint32_t *seat)
{
    struct store_taken key;
    struct arena arena;
    *seat = 0;
    arena_init(&arena, LIMIT_ARENA);
    enum err e = store_taken_key(&line->entry, &arena, &key);
    if (e == ERR_OK) {
        *seat = key.seat;
        e = note(s, line, &key);
    } else if (e == ERR_NOT_FOUND) {
        e = ERR_OK;
    }
    arena_finish(&arena);
    return e;
}

enum err store_find_taken(struct store *s, uint32_t seat, uint64_t n, const uint8_t hash[HASH_SIZE],
                          struct arena *arena, struct entry *out)
{
    struct db_statement *q;
    bool row;
    enum err e = bind_key(s, "SELECT org, seq FROM taken WHERE seat=$1 AND n=$2 AND hash=$3", seat, n, hash, &q);
    if (e == ERR_OK)
        e = db_step(q, &row);
    if (e != ERR_OK || !row)
        return e == ERR_OK ? ERR_NOT_FOUND : e;
    uint32_t org = (uint32_t)db_integer(q, 0);
    uint64_t seq = (uint64_t)db_integer(q, 1);
    db_reset(q);
    return store_read_entry(s, org, seq, arena, out);
}

enum err store_any_taken(struct store *s, uint32_t seat, bool *any)
{
    int64_t found;
    enum err e = store_ask(s, "SELECT EXISTS(SELECT 1 FROM taken WHERE seat=$1)", seat, 0, &found);
    if (e == ERR_OK)
        *any = found != 0;
    return e;
}

enum err store_read_taken(struct store *s, struct arena *arena, struct store_taken **out, size_t *count)
{
    struct db_statement *q;
    struct store_taken *list = NULL;
    size_t found = 0, capacity = 0;
    bool row = true;
    enum err e = db_prepare(s->db, "SELECT seat, n, hash, org, seq FROM taken ORDER BY seat, n, hash", &q);
    while (e == ERR_OK && (e = db_step(q, &row)) == ERR_OK && row) {
        struct slice hash = db_blob(q, 2);
        list = arena_grow(arena, list, found, &capacity, sizeof *list);
        if (!list) {
            db_reset(q);
            return ERR_MEMORY;
        }
        struct store_taken *t = &list[found++];
        *t = (struct store_taken){(uint32_t)db_integer(q, 0),
                                  (uint64_t)db_integer(q, 1),
                                  {0},
                                  (uint32_t)db_integer(q, 3),
                                  (uint64_t)db_integer(q, 4)};
        if (hash.size == HASH_SIZE) /* one of another size is no entry's: zeros */
            memcpy(t->hash, hash.data, HASH_SIZE);
    }
    if (e != ERR_OK)
        return e;
    *out = list;
    *count = found;
    return ERR_OK;
}
