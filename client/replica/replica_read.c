/* Reading shown records: by id, by prefix, by value, all of a kind; and what this device holds of their history. */
#include "client/replica/kept.h"
#include "client/replica/outbox.h"
#include "client/replica/replica_sync.h"
#include "base/limits.h"
#include "base/tr.h"
#include "wire/wire.h"

#include <stdlib.h>
#include <string.h>

const char *replica_sync_name(enum replica_sync s)
{
    static const char *const names[] = {"confirmed", "queued", "refused", "conflict"};
    return names[s];
}

/* ---- how each record stands: three short lists, read once ---- */

struct standing {
    struct id *queued, *refused, *conflict;
    size_t queued_count, refused_count, conflict_count;
};

static int compare(const void *a, const void *b)
{
    return id_compare(*(const struct id *)a, *(const struct id *)b);
}

static bool among(const struct id *list, size_t count, struct id id)
{
    return count > 0 && bsearch(&id, list, count, sizeof id, compare);
}

static enum err read_ids(struct replica *r, const char *sql, struct id **out, size_t *count)
{
    struct db_statement *s;
    struct buf list = BUF_INIT;
    bool row;
    enum err e = sql_ask(r->db, &s, sql, "");
    while (e == ERR_OK && (e = db_step(s, &row)) == ERR_OK && row) {
        struct id id = db_id(s, 0);
        buf_append(&list, &id, sizeof id);
    }
    if (e != ERR_OK) {
        buf_finish(&list);
        return e;
    }
    db_reset(s);
    *out = (struct id *)list.data;
    *count = list.size / sizeof(struct id);
    return ERR_OK;
}

static void standing_finish(struct standing *s)
{
    free(s->queued);
    free(s->refused);
    free(s->conflict);
}

static enum err standing_read(struct replica *r, struct standing *s)
{
    enum err e = read_ids(r, "SELECT DISTINCT id FROM outbox WHERE state = 0 ORDER BY id", &s->queued, &s->queued_count);
    if (e == ERR_OK)
        e = read_ids(r, "SELECT DISTINCT record FROM attention ORDER BY record", &s->refused, &s->refused_count);
    if (e == ERR_OK)
        e = read_ids(r, "SELECT DISTINCT record_id FROM conflict WHERE state = 'open' AND record_id IS NOT NULL ORDER BY record_id",
                     &s->conflict, &s->conflict_count);
    return e;
}

/* What waits for a person is said before what waits for the network. */
static enum replica_sync standing_of(const struct standing *s, struct id id)
{
    if (among(s->conflict, s->conflict_count, id))
        return REPLICA_CONFLICT;
    if (among(s->refused, s->refused_count, id))
        return REPLICA_REFUSED;
    return among(s->queued, s->queued_count, id) ? REPLICA_QUEUED : REPLICA_CONFIRMED;
}

static enum err standing_of_one(struct replica *r, struct id id, enum replica_sync *out)
{
    int64_t conflict, refused, queued;
    enum err e = sql_integer(r->db, 0, &conflict, "SELECT EXISTS(SELECT 1 FROM conflict WHERE record_id = ?1 AND state = 'open')", "d", &id);
    if (e == ERR_OK)
        e = sql_integer(r->db, 0, &refused, "SELECT EXISTS(SELECT 1 FROM attention WHERE record = ?1)", "d", &id);
    if (e == ERR_OK)
        e = sql_integer(r->db, 0, &queued, "SELECT EXISTS(SELECT 1 FROM outbox WHERE id = ?1 AND state = 0)", "d", &id);
    if (e == ERR_OK)
        *out = conflict ? REPLICA_CONFLICT : refused ? REPLICA_REFUSED : queued ? REPLICA_QUEUED : REPLICA_CONFIRMED;
    return e;
}

/* ---- records ---- */

enum err replica_load(struct replica *r, uint32_t kind, struct id id, int64_t now_ms, struct arena *arena, struct replica_row *out)
{
    const struct kind *k = kind_by_number(kind);
    struct confirmed c;
    ProtobufCMessage *shown;
    enum replica_sync sync;
    enum err e = inner_lease(r, now_ms);
    if (e != ERR_OK)
        return e;
    if (!k)
        return ERR_NOT_FOUND;
    e = rows_shown(r, k, id, arena, &c, &shown);
    if (e == ERR_OK && !shown)
        return inner_fail(r, ERR_NOT_FOUND, c.dead ? _("This record was removed.") : _("There is no such record on this device."));
    if (e == ERR_OK)
        e = standing_of_one(r, id, &sync);
    if (e != ERR_OK)
        return inner_suspect(r, e);
    *out = (struct replica_row){.id = id, .kind = kind, .org = c.org, .seq = c.seq, .sync = sync, .message = shown};
    return ERR_OK;
}

enum err replica_scan(struct replica *r, uint32_t kind, int64_t now_ms, replica_each *each, void *to)
{
    struct standing standing = {0};
    struct table_cursor *cursor = NULL;
    struct arena arena;
    bool more = true;
    arena_init(&arena, LIMIT_ARENA);
    enum err e = inner_lease(r, now_ms);
    if (e == ERR_OK)
        e = standing_read(r, &standing);
    if (e == ERR_OK)
        e = table_scan(r->tables, kind, 0, NULL, TABLE_LIVING, &cursor);
    while (e == ERR_OK && more) {
        struct row row;
        arena_reset(&arena);
        e = table_next(cursor, &arena, &row, &more);
        if (e != ERR_OK || !more)
            break;
        struct replica_row shown = {.id = row.id, .kind = kind, .org = row.org, .seq = row.seq, .sync = standing_of(&standing, row.id),
                                    .message = row.message};
        more = each(to, &shown);
    }
    if (cursor)
        table_scan_close(cursor);
    standing_finish(&standing);
    arena_finish(&arena);
    return inner_suspect(r, e);
}

#define FIND_MAX 8

/* Rows that were only seen; the table room knows nothing of them. */
static enum err find_seen(struct replica *r, uint32_t kind, struct id prefix, unsigned bits, struct id *ids, uint32_t *kinds, size_t *count)
{
    struct db_statement *s;
    bool row;
    enum err e = sql_ask(r->db, &s, "SELECT id, kind FROM seen WHERE id >= ?1 AND (?2 = 0 OR kind = ?2) ORDER BY id", "di", &prefix,
                         (int64_t)kind);
    while (e == ERR_OK && (e = db_step(s, &row)) == ERR_OK && row) {
        struct id id = db_id(s, 0);
        if (!id_has_prefix(id, prefix, bits) || *count == FIND_MAX)
            break;
        bool known = false;
        for (size_t i = 0; i < *count; i++)
            known = known || id_equal(ids[i], id);
        if (known)
            continue;
        kinds[*count] = (uint32_t)db_integer(s, 1);
        ids[(*count)++] = id;
    }
    if (e == ERR_OK)
        db_reset(s);
    return e;
}

enum err replica_find(struct replica *r, uint32_t kind, const char *text, struct id *out, uint32_t *kind_out)
{
    struct id prefix, ids[2 * FIND_MAX];
    uint32_t kinds[2 * FIND_MAX];
    unsigned bits;
    size_t count = 0;
    enum err e = id_parse_prefix(text, &prefix, &bits);
    if (e != ERR_OK)
        return e;
    e = table_find_prefix(r->tables, kind, prefix, bits, ids, kinds, FIND_MAX, &count);
    if (e == ERR_OK && count < FIND_MAX)
        e = find_seen(r, kind, prefix, bits, ids, kinds, &count);
    if (e != ERR_OK)
        return e;
    if (count != 1)
        return count == 0 ? ERR_NOT_FOUND : ERR_AMBIGUOUS;
    *out = ids[0];
    if (kind_out)
        *kind_out = kind ? kind : kinds[0];
    return ERR_OK;
}

enum err replica_find_value(struct replica *r, uint32_t kind, const char *field, struct cell value, int64_t now_ms, struct id *out,
                            size_t max, size_t *count)
{
    enum err e = inner_lease(r, now_ms);
    return e == ERR_OK ? table_find(r->tables, kind, field, value, out, max, count) : e;
}

enum err replica_count(struct replica *r, uint32_t kind, uint64_t *out)
{
    return table_count(r->tables, kind, 0, TABLE_LIVING, out);
}

/* ---- history ---- */

enum err inner_each_entry(struct replica *r, struct id id, replica_each_entry *each, void *to, struct arena *arena, bool *go)
{
    struct db_statement *s;
    bool row;
    enum err e = sql_ask(r->db, &s, "SELECT org, entry FROM kept WHERE id = ?1 ORDER BY seq", "d", &id);
    while (e == ERR_OK && (e = db_step(s, &row)) == ERR_OK && row && *go) {
        ProtobufCMessage *m;
        struct entry entry;
        arena_reset(arena);
        uint32_t org = (uint32_t)db_integer(s, 0);
        e = wire_open(&wire__entry__descriptor, db_blob(s, 1), arena, &m);
        if (e == ERR_OK)
            e = entry_open((const Wire__Entry *)m, arena, &entry);
        if (e == ERR_OK)
            *go = each(to, org, &entry, NULL);
        else if (e == ERR_WIRE)
            e = ERR_CORRUPT;
    }
    if (e == ERR_OK)
        db_reset(s);
    return e;
}

enum err replica_history(struct replica *r, uint32_t kind, struct id id, int64_t now_ms, replica_each_entry *each, void *to, bool *complete)
{
    struct arena arena;
    struct change *waiting;
    struct confirmed c = {0};
    struct position p;
    size_t count;
    bool go = true;
    const struct kind *k = kind_by_number(kind);
    arena_init(&arena, LIMIT_ARENA);
    enum err e = inner_lease(r, now_ms);
    if (e == ERR_OK && k)
        e = rows_confirmed(r, k, id, &arena, &c);
    if (e == ERR_OK)
        e = inner_each_entry(r, id, each, to, &arena, &go);
    if (e == ERR_OK) {
        arena_reset(&arena);
        e = outbox_waiting(r, id, c.seq, &arena, &waiting, &count);
    }
    for (size_t i = 0; e == ERR_OK && go && i < count; i++)
        go = each(to, waiting[i].org, NULL, &waiting[i]);
    if (e == ERR_OK) {
        e = position_load(r, c.org, &p);
        *complete = e == ERR_OK && !p.trimmed;
        if (e == ERR_NOT_FOUND)
            e = ERR_OK;
    }
    arena_finish(&arena);
    return e;
}

/* ---- rows of foreign orgs ---- */

#define SEEN_DAYS 30

/* A seat above keeps no copy of its branches: what it looked at and did not work on goes after a while. */
static enum err forget_seen(struct replica *r, int64_t now_ms)
{
    return sql_run(r->db, "DELETE FROM seen WHERE at_ms < ?1 AND id NOT IN (SELECT id FROM outbox)", "i", now_ms - SEEN_DAYS * 86400000ll);
}

enum err replica_see(struct replica *r, const Wire__Rows *rows, int64_t now_ms)
{
    struct replica_facts f;
    enum err e = replica_facts(r, &f);
    if (e == ERR_OK)
        e = inner_begin(r);
    if (e != ERR_OK)
        return e;
    e = forget_seen(r, now_ms);
    for (size_t i = 0; e == ERR_OK && i < rows->n_row; i++) {
        const Wire__SnapshotRow *row = rows->row[i];
        bool held;
        if (row->id.len != ID_SIZE) {
            e = ERR_WIRE;
            break;
        }
        struct id id = id_from(slice_of(row->id.data, row->id.len));
        e = rows_held(r, rows->org, &held);
        if (e != ERR_OK || held)
            continue; /* the replica knows better */
        if (!row->has_row)
            e = sql_run(r->db, "DELETE FROM seen WHERE id = ?1", "d", &id);
        else
            e = sql_run(r->db, "INSERT INTO seen(id, kind, org, seq, row, at_ms) VALUES(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT(id) DO"
                               " UPDATE SET org = excluded.org, seq = excluded.seq, row = excluded.row, at_ms = excluded.at_ms"
                               " WHERE excluded.seq >= seq", "diiibi", &id, (int64_t)row->kind, (int64_t)rows->org, (int64_t)row->seq,
                        slice_of(row->row.data, row->row.len), now_ms);
    }
    return inner_end(r, e);
}
