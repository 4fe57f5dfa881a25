/* See store_taken.h. */
#include "server/store/store_taken.h"
#include "base/limits.h"
#include "server/store/store_inner.h"
#include "sync/origin.h"

static bool is_accepted(const struct entry *e)
{
    return e->verdict == VERDICT_APPLIED || e->verdict == VERDICT_MERGED || e->verdict == VERDICT_CONFLICT;
}

static enum err bind_key(struct store *s, const char *sql, uint32_t seat, uint64_t n, const uint8_t hash[HASH_SIZE], struct db_statement **q)
{
    enum err e = db_prepare(s->db, sql, q);
    if (e != ERR_OK)
        return e;
    db_bind_integer(*q, 1, seat);
    db_bind_integer(*q, 2, (int64_t)n);
    db_bind_blob(*q, 3, slice_of(hash, HASH_SIZE));
    return ERR_OK;
}

/* The first that was accepted stands: after a restore two may be handed back. */
static enum err note(struct store *s, const struct store_entry *line, uint32_t seat, const struct change_origin *origin)
{
    struct db_statement *q;
    enum err e = bind_key(s, "INSERT INTO taken(seat, n, hash, org, seq) VALUES($1, $2, $3, $4, $5) ON CONFLICT(seat, n, hash) DO NOTHING", seat,
                          origin->n, origin->hash, &q);
    if (e != ERR_OK)
        return e;
    db_bind_integer(q, 4, line->org);
    db_bind_integer(q, 5, (int64_t)line->entry.seq);
    return db_run(q);
}

enum err store_note_taken(struct store *s, const struct store_entry *line, uint32_t *seat)
{
    struct change_origin origin;
    struct arena arena;
    enum err e = ERR_OK;
    *seat = 0;
    if (!is_accepted(&line->entry))
        return ERR_OK;
    arena_init(&arena, LIMIT_ARENA);
    e = origin_find(line->entry.change, &arena, &origin);
    if (e == ERR_OK) {
        *seat = change_for_seat(line->entry.change);
        e = note(s, line, *seat, &origin);
    } else if (e == ERR_NOT_FOUND || e == ERR_WIRE) {
        e = ERR_OK; /* its own, or stripped of its change */
    }
    arena_finish(&arena);
    return e;
}

enum err store_find_taken(struct store *s, uint32_t seat, uint64_t n, const uint8_t hash[HASH_SIZE], struct arena *arena, struct entry *out)
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

enum err store_check_taken(struct store *s, int64_t *wrong)
{
    return store_ask(s, "SELECT count(*) FROM taken t LEFT JOIN history h ON h.org=t.org AND h.seq=t.seq WHERE t.seat>$1 AND h.seq IS NULL", 0, 0,
                     wrong);
}
