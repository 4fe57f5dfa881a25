/* See store_late.h. */
#include "server/store/store_late.h"

#include "base/limits.h"
#include "server/store/store_inner.h"
#include "wire/wire.h"

#include <string.h>

enum err store_put_late(struct store *s, uint32_t org, uint64_t seq, uint64_t incarnation_row, uint64_t n, uint64_t refused)
{
    struct db_statement *q;
    enum err e = db_prepare(s->db,
                            "INSERT INTO late(org, seq, incarnation, n, refused) VALUES($1, $2, $3, $4, $5) ON CONFLICT(org, seq, incarnation, n)"
                            " DO UPDATE SET refused=max(refused, excluded.refused)",
                            &q);
    if (e != ERR_OK)
        return e;
    db_bind_integer(q, 1, org);
    db_bind_integer(q, 2, (int64_t)seq);
    db_bind_integer(q, 3, (int64_t)incarnation_row);
    db_bind_integer(q, 4, (int64_t)n);
    db_bind_integer(q, 5, (int64_t)refused);
    return db_run(q);
}

/* A seq a restore that gave it up: there may be any number. */
#define LATE_OF                                                                                                        \
    " FROM history h JOIN late l ON l.incarnation=h.incarnation AND l.n=h.n AND l.org=h.org"                           \
    " WHERE h.org=$1 AND h.seq=$2 AND h.n>0"

enum err store_load_late(struct store *s, struct scratch *scratch, uint32_t org, uint64_t seq)
{
    struct db_statement *q;
    int64_t max = 0;
    size_t count = 0;
    bool row = true;
    enum err e = store_ask(s, "SELECT count(*)" LATE_OF, org, (int64_t)seq, &max);
    arena_reset(&s->arena);
    uint64_t *old = arena_alloc(&s->arena, ((size_t)max + 1) * sizeof *old);
    if (e == ERR_OK)
        e = old ? db_prepare(s->db, "SELECT l.seq" LATE_OF " ORDER BY l.seq DESC", &q) : ERR_MEMORY;
    if (e != ERR_OK)
        return e;
    db_bind_integer(q, 1, org);
    db_bind_integer(q, 2, (int64_t)seq);
    while (count < (size_t)max && (e = db_step(q, &row)) == ERR_OK && row)
        old[count++] = (uint64_t)db_integer(q, 0);
    if (e != ERR_OK)
        return e;
    db_reset(q);
    scratch_add_late(scratch, org, seq, old, count);
    return ERR_OK;
}

/* ---- what was cut back ---- */

enum err store_next_cut_org(struct store *s, uint32_t after, uint32_t *org)
{
    int64_t found;
    enum err e = store_ask(s, "SELECT coalesce(min(org), 0) FROM cut WHERE org>$1 AND org NOT IN (SELECT org FROM recovery)", after, 0, &found);
    if (e == ERR_OK)
        *org = (uint32_t)found;
    return e;
}

enum err store_next_cut_path(struct store *s, uint32_t org, uint64_t after, uint64_t *path)
{
    int64_t found;
    enum err e = store_ask(s, "SELECT coalesce(min(path), 0) FROM cut WHERE org=$1 AND path>$2", org, (int64_t)after, &found);
    if (e == ERR_OK)
        *path = (uint64_t)found;
    return e;
}

enum err store_count_cut(struct store *s, uint32_t org, int64_t *out)
{
    return store_ask(s, "SELECT count(*) FROM cut WHERE org=$1", org, 0, out);
}

bool store_cut_is_broken(const struct entry *e)
{
    static const uint8_t none[sizeof e->entry_hash];
    return memcmp(e->entry_hash, none, sizeof none) == 0;
}

static enum err open_cut(uint64_t seq, struct slice packed, struct arena *arena, struct entry *out)
{
    ProtobufCMessage *m;
    struct slice copy = arena_copy(arena, packed);
    if (copy.size != packed.size)
        return ERR_MEMORY;
    enum err e = wire_open(&wire__entry__descriptor, copy, arena, &m);
    if (e == ERR_OK)
        e = entry_open((const Wire__Entry *)m, arena, out);
    if (e == ERR_WIRE || (e == ERR_OK && out->seq != seq)) {
        *out = (struct entry){.seq = seq, .stripped = true};
        e = ERR_OK;
    }
    return e;
}

enum err store_read_cut(struct store *s, uint32_t org, uint64_t path, uint64_t after, size_t size_max, struct arena *arena,
                        struct entry **out, size_t *count, bool *more)
{
    struct db_statement *q;
    size_t n = 0, size = 0;
    bool row = false;
    struct entry *list = arena_alloc(arena, LIMIT_REPEATED * sizeof *list);
    if (!list)
        return ERR_MEMORY;
    enum err e = db_prepare(s->db, "SELECT seq, entry FROM cut WHERE org=$1 AND path=$2 AND seq>$3 ORDER BY seq", &q);
    if (e != ERR_OK)
        return e;
    db_bind_integer(q, 1, org);
    db_bind_integer(q, 2, (int64_t)path);
    db_bind_integer(q, 3, (int64_t)after);
    while (e == ERR_OK && (e = db_step(q, &row)) == ERR_OK && row) {
        if (n == LIMIT_REPEATED || (n > 0 && size >= size_max))
            break;
        size += db_blob(q, 1).size;
        e = open_cut((uint64_t)db_integer(q, 0), db_blob(q, 1), arena, &list[n]);
        n += e == ERR_OK;
    }
    db_reset(q);
    if (e != ERR_OK)
        return e;
    *out = list;
    *count = n;
    *more = row;
    return ERR_OK;
}

enum err store_drop_cut(struct store *s, uint32_t org, uint64_t path)
{
    return store_order(s, "DELETE FROM cut WHERE org=$1 AND path=$2", org, (int64_t)path);
}
