/* What only backups and restores ask of the tables: positions of all orgs, taking entries off an abandoned path (rule 25), runs worked
 * out anew. */
#include "server/store/store_cut.h"

#include "server/store/store_inner.h"
#include "wire/wire.h"

#include <stdlib.h>
#include <string.h>

enum err store_positions(struct db *db, struct arena *arena, struct control_position **out, size_t *count)
{
    struct db_statement *q;
    size_t capacity = 256, found = 0;
    bool row = true;
    struct control_position *list = arena_alloc(arena, capacity * sizeof *list);
    enum err e = db_prepare(db,
                            "SELECT h.org, h.seq, h.chain FROM org o JOIN history h ON h.org=o.number"
                            " AND h.seq=(SELECT max(seq) FROM history WHERE org=o.number) ORDER BY h.org",
                            &q);
    if (e != ERR_OK)
        return e;
    while (list && (e = db_step(q, &row)) == ERR_OK && row) {
        struct slice chain = db_blob(q, 2);
        if (found == capacity) {
            struct control_position *grown = arena_alloc(arena, 2 * capacity * sizeof *grown);
            if (grown)
                memcpy(grown, list, capacity * sizeof *grown);
            list = grown;
            capacity *= 2;
        }
        if (!list || chain.size != CHAIN_SIZE)
            break;
        list[found].org = (uint32_t)db_integer(q, 0);
        list[found].seq = (uint64_t)db_integer(q, 1);
        memcpy(list[found++].chain, chain.data, CHAIN_SIZE);
    }
    db_reset(q);
    if (e == ERR_OK && (!list || row))
        e = list ? ERR_CORRUPT : ERR_MEMORY;
    if (e != ERR_OK)
        return e;
    *out = list;
    *count = found;
    return ERR_OK;
}

enum err store_orgs_with_history(struct store *s, struct arena *arena, uint32_t **out, size_t *count)
{
    struct db_statement *q;
    int64_t rows;
    size_t found = 0;
    bool row = true;
    enum err e = store_ask(s, "SELECT count(DISTINCT org) FROM history WHERE org>$1", 0, 0, &rows);
    if (e == ERR_OK)
        e = db_prepare(s->db, "SELECT DISTINCT org FROM history ORDER BY org", &q);
    if (e != ERR_OK)
        return e;
    uint32_t *list = arena_alloc(arena, ((size_t)rows + 1) * sizeof *list);
    if (!list)
        return ERR_MEMORY;
    while (found < (size_t)rows && (e = db_step(q, &row)) == ERR_OK && row)
        list[found++] = (uint32_t)db_integer(q, 0);
    db_reset(q);
    if (e != ERR_OK)
        return e;
    *out = list;
    *count = found;
    return ERR_OK;
}

/* ---- cutting back ---- */

enum err store_first_off(struct store *s, uint32_t org, const struct lineage *lineage, uint64_t *first, uint64_t *last_kept)
{
    struct db_statement *q;
    bool row = true;
    uint64_t kept = 0, off = 0;
    enum err e = db_prepare(s->db, "SELECT seq FROM history WHERE org=$1 ORDER BY seq", &q);
    if (e != ERR_OK)
        return e;
    db_bind_integer(q, 1, org);
    while (!off && (e = db_step(q, &row)) == ERR_OK && row) {
        uint64_t seq = (uint64_t)db_integer(q, 0);
        if (lineage_holds(lineage, seq))
            kept = seq;
        else
            off = seq;
    }
    db_reset(q);
    if (e != ERR_OK)
        return e;
    *first = off;
    *last_kept = kept;
    return ERR_OK;
}

struct cutting {
    struct store *store;
    int64_t path;
    size_t *cut;
};

static enum err keep_cut(void *to, uint32_t org, struct entry *entry)
{
    struct cutting *c = to;
    struct store *s = c->store;
    struct db_statement *q;
    enum err e = db_prepare(s->db, "INSERT INTO cut(org, path, seq, chain, entry) VALUES($1, $2, $3, $4, $5)", &q);
    if (e != ERR_OK)
        return e;
    struct slice packed = wire_pack_arena(&entry_wire(entry, &s->arena)->base, &s->arena);
    db_bind_integer(q, 1, org);
    db_bind_integer(q, 2, c->path);
    db_bind_integer(q, 3, (int64_t)entry->seq);
    db_bind_blob(q, 4, slice_of(entry->chain, CHAIN_SIZE));
    db_bind_blob(q, 5, packed);
    *c->cut += 1;
    return db_run(q);
}

enum err store_cut_entries(struct store *s, uint32_t org, uint64_t first, size_t *cut)
{
    struct cutting cutting = {.store = s, .cut = cut};
    enum err e = store_ask(s, "SELECT coalesce(max(path), 0) + 1 FROM cut WHERE org=$1", org, 0, &cutting.path);
    if (e == ERR_OK)
        e = store_each_entry(s, org, first - 1, &s->arena, keep_cut, &cutting);
    if (e == ERR_OK)
        e = store_order(s, "DELETE FROM taken WHERE org=$1 AND seq>=$2", org, (int64_t)first);
    return e == ERR_OK ? store_order(s, "DELETE FROM history WHERE org=$1 AND seq>=$2", org, (int64_t)first) : e;
}

static enum err erase_kind(struct store *s, uint32_t kind, uint32_t org)
{
    for (;;) {
        struct id ids[256];
        size_t count = 0;
        bool more = true;
        struct table_cursor *c;
        enum err e = table_scan(s->tables, kind, org, NULL, TABLE_LIVING | TABLE_DEAD, &c);
        if (e != ERR_OK)
            return e;
        arena_reset(&s->arena);
        while (count < 256 && e == ERR_OK && more) {
            struct row row;
            e = table_next(c, &s->arena, &row, &more);
            if (e == ERR_OK && more)
                ids[count++] = row.id;
        }
        table_scan_close(c);
        for (size_t i = 0; i < count && e == ERR_OK; i++)
            e = table_erase(s->tables, kind, ids[i]);
        if (e != ERR_OK || count == 0)
            return e;
    }
}

enum err store_erase_rows(struct store *s, uint32_t org)
{
    size_t count;
    enum err e = ERR_OK;
    const struct kind *const *kinds = kind_all(&count);
    for (size_t i = 0; i < count && e == ERR_OK; i++)
        e = erase_kind(s, kinds[i]->number, org);
    if (e == ERR_OK)
        e = store_forget_persons(s, org);
    return e == ERR_OK ? store_order(s, "DELETE FROM org_state WHERE org=$1", org, 0) : e;
}

/* A run begins wherever n, org or seq do not go on from the n before. */
enum err store_rebuild_runs(struct store *s)
{
    store_forget_runs(s);
    enum err e = db_exec(s->db, "DELETE FROM run");
    if (e == ERR_OK)
        e = db_exec(s->db, "INSERT INTO run(incarnation, n, org, seq, count)"
                           " SELECT incarnation, min(n), org, min(seq), count(*) FROM"
                           " (SELECT incarnation, n, org, seq, sum(begins) OVER (PARTITION BY incarnation ORDER BY n) AS run FROM"
                           "  (SELECT incarnation, n, org, seq,"
                           "   (n, org, seq) IS NOT (lag(n) OVER one + 1, lag(org) OVER one, lag(seq) OVER one + 1) AS begins"
                           "   FROM history WHERE n>0 WINDOW one AS (PARTITION BY incarnation ORDER BY n)))"
                           " GROUP BY incarnation, run");
    return e;
}
