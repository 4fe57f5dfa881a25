/* Entries of orgs' logs: written once, by arrival, and read by (org, seq). */
#include "server/store/store_audit.h"
#include "server/store/store_inner.h"

#include "wire/wire.h"

#include <string.h>

#define COLUMNS                                                                                                                  \
    "h.seq, h.seat, i.incarnation, h.n, h.hash, h.verdict, h.code, h.field, h.arguments, h.received_ms, h.chain, h.salt,"        \
    " h.entry_hash, h.effects, h.change"
#define FROM " FROM history h LEFT JOIN incarnation i ON i.number=h.incarnation "

#define WALK_PAGE_SIZE (1u << 20)

/* ---- writing ---- */

static struct slice pack_arguments(struct store *s, const struct entry *e)
{
    Wire__Refusal m = WIRE__REFUSAL__INIT;
    char *list[3];
    for (size_t i = 0; i < 3; i++) {
        list[i] = (char *)(e->argument[i] ? e->argument[i] : "");
        if (e->argument[i])
            m.n_argument = i + 1; /* places count */
    }
    m.argument = list;
    return wire_pack_arena(&m.base, &s->arena);
}

static void bind_text_or_null(struct db_statement *q, int at, const char *text)
{
    if (text)
        db_bind_text(q, at, slice_text(text));
    else
        db_bind_null(q, at);
}

static void bind_bytes_or_null(struct db_statement *q, int at, struct slice bytes)
{
    if (bytes.size)
        db_bind_blob(q, at, bytes);
    else
        db_bind_null(q, at);
}

static void bind_entry(struct store *s, struct db_statement *q, const struct store_entry *line)
{
    const struct entry *e = &line->entry;
    db_bind_integer(q, 1, line->org);
    db_bind_integer(q, 2, (int64_t)e->seq);
    db_bind_integer(q, 3, line->kind);
    if (id_is_zero(line->record))
        db_bind_null(q, 4);
    else
        db_bind_id(q, 4, &line->record);
    db_bind_integer(q, 5, e->identity.seat);
    db_bind_integer(q, 6, (int64_t)line->incarnation_row);
    db_bind_integer(q, 7, (int64_t)e->identity.n);
    db_bind_blob(q, 8, slice_of(e->identity.hash, HASH_SIZE));
    db_bind_integer(q, 9, e->verdict);
    bind_text_or_null(q, 10, e->code);
    bind_text_or_null(q, 11, e->field);
    bind_bytes_or_null(q, 12, e->argument[0] || e->argument[1] || e->argument[2] ? pack_arguments(s, e) : (struct slice){0});
    db_bind_integer(q, 13, e->received_ms);
    db_bind_blob(q, 14, slice_of(e->chain, CHAIN_SIZE));
    bind_bytes_or_null(q, 15, e->salt);
    bind_bytes_or_null(q, 16, e->stripped ? slice_of(e->entry_hash, sizeof e->entry_hash) : (struct slice){0});
    bind_bytes_or_null(q, 17, e->effects);
    bind_bytes_or_null(q, 18, e->change);
}

enum err store_put_entry(struct store *s, const struct store_entry *line)
{
    struct db_statement *q;
    enum err e = db_prepare(s->db,
                            "INSERT INTO history(org, seq, kind, record, seat, incarnation, n, hash, verdict, code, field, arguments,"
                            " received_ms, chain, salt, entry_hash, effects, change)"
                            " VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
                            &q);
    if (e != ERR_OK)
        return e;
    if (!db_in_transaction(s->db))
        return ERR_IO; /* SQLite ends a transaction by itself where a read fails: an entry alone would be half a commit */
    arena_reset(&s->arena);
    bind_entry(s, q, line);
    e = db_run(q);
    if (e != ERR_OK || line->entry.identity.n == 0)
        return e;
    return store_extend_run(s, line->incarnation_row, line->entry.identity.n, line->org, line->entry.seq);
}

/* Where nobody could tell before whose entry it was, its n is processed from now on. */
enum err store_fill_entry(struct store *s, const struct store_entry *line)
{
    struct db_statement *q;
    int64_t g, n;
    enum err e = store_ask(s, "SELECT g FROM history WHERE org=$1 AND seq=$2", line->org, (int64_t)line->entry.seq, &g);
    if (e == ERR_OK)
        e = store_ask(s, "SELECT n FROM history WHERE g=$1", g, 0, &n);
    if (e == ERR_OK)
        e = db_prepare(s->db,
                       "UPDATE history SET (org, seq, kind, record, seat, incarnation, n, hash, verdict, code, field, arguments,"
                       " received_ms, chain, salt, entry_hash, effects, change)"
                       " = ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) WHERE g=$19",
                       &q);
    if (e != ERR_OK)
        return e;
    arena_reset(&s->arena);
    bind_entry(s, q, line);
    db_bind_integer(q, 19, g);
    e = db_run(q);
    if (e != ERR_OK || n != 0 || line->entry.identity.n == 0)
        return e;
    return store_extend_run(s, line->incarnation_row, line->entry.identity.n, line->org, line->entry.seq);
}

/* ---- reading: a row becomes the wire's message, so that entry_open judges it and works out its hash ---- */

static bool take_bytes(struct db_statement *q, int column, struct arena *arena, protobuf_c_boolean *has, ProtobufCBinaryData *out)
{
    struct slice from = db_blob(q, column);
    if (from.size == 0)
        return true;
    struct slice copy = arena_copy(arena, from);
    *has = 1;
    *out = (ProtobufCBinaryData){copy.size, (uint8_t *)copy.data};
    return copy.size > 0;
}

static enum err take_refusal(struct db_statement *q, struct arena *arena, Wire__Entry *m)
{
    ProtobufCMessage *arguments = NULL;
    struct slice packed = db_blob(q, 8);
    if (db_is_null(q, 6))
        return ERR_OK;
    if (packed.size) {
        enum err e = wire_open(&wire__refusal__descriptor, packed, arena, &arguments);
        if (e != ERR_OK)
            return e == ERR_WIRE ? ERR_CORRUPT : e;
    }
    Wire__Refusal *r = (Wire__Refusal *)arguments;
    if (!r) {
        r = arena_alloc(arena, sizeof *r);
        if (!r)
            return ERR_MEMORY;
        wire__refusal__init(r);
    }
    r->code = arena_text(arena, db_text(q, 6));
    r->field = db_is_null(q, 7) ? NULL : arena_text(arena, db_text(q, 7));
    m->refusal = r;
    return r->code ? ERR_OK : ERR_MEMORY;
}

static enum err take_entry(struct db_statement *q, struct arena *arena, struct entry *out)
{
    Wire__Entry *m = arena_alloc(arena, sizeof *m);
    if (!m)
        return ERR_MEMORY;
    wire__entry__init(m);
    m->has_seq = m->has_seat = m->has_n = m->has_verdict = m->has_received_ms = 1;
    m->seq = (uint64_t)db_integer(q, 0);
    m->seat = (uint32_t)db_integer(q, 1);
    m->n = (uint64_t)db_integer(q, 3);
    m->verdict = (Wire__VerdictType)db_integer(q, 5);
    m->received_ms = db_integer(q, 9);
    if (!take_bytes(q, 2, arena, &m->has_incarnation, &m->incarnation) || !take_bytes(q, 4, arena, &m->has_hash, &m->hash) ||
        !take_bytes(q, 10, arena, &m->has_chain, &m->chain) || !take_bytes(q, 11, arena, &m->has_salt, &m->salt) ||
        !take_bytes(q, 12, arena, &m->has_entry_hash, &m->entry_hash) || !take_bytes(q, 13, arena, &m->has_effects, &m->effects) ||
        !take_bytes(q, 14, arena, &m->has_change, &m->change))
        return ERR_MEMORY;
    enum err e = take_refusal(q, arena, m);
    if (e == ERR_OK)
        e = entry_open(m, arena, out);
    return e == ERR_WIRE ? ERR_CORRUPT : e;
}

static enum err take_one(struct db_statement *q, struct arena *arena, struct entry *out)
{
    bool row;
    enum err e = db_step(q, &row);
    if (e != ERR_OK || !row)
        return e == ERR_OK ? ERR_NOT_FOUND : e;
    e = take_entry(q, arena, out);
    db_reset(q);
    return e;
}

enum err store_read_entry(struct store *s, uint32_t org, uint64_t seq, struct arena *arena, struct entry *out)
{
    struct db_statement *q;
    enum err e = db_prepare(s->db, "SELECT " COLUMNS FROM "WHERE h.org=$1 AND h.seq=$2", &q);
    if (e != ERR_OK)
        return e;
    db_bind_integer(q, 1, org);
    db_bind_integer(q, 2, (int64_t)seq);
    return take_one(q, arena, out);
}

/* As of one entry, with what stands beside it, for verify. Of a line that can't be read *seq alone. */
enum err store_read_line(struct store *s, uint32_t org, uint64_t after, struct arena *arena, uint64_t *seq, struct store_line *out)
{
    struct db_statement *q;
    struct store_line line;
    bool row;
    enum err e = db_prepare(s->db, "SELECT " COLUMNS ", h.kind, h.record, i.seat" FROM "WHERE h.org=$1 AND h.seq>$2 ORDER BY h.seq LIMIT 1", &q);
    if (e != ERR_OK)
        return e;
    db_bind_integer(q, 1, org);
    db_bind_integer(q, 2, (int64_t)after);
    e = db_step(q, &row);
    if (e != ERR_OK || !row)
        return e == ERR_OK ? ERR_NOT_FOUND : e;
    *seq = (uint64_t)db_integer(q, 0);
    line.kind = (uint32_t)db_integer(q, 15);
    line.record = db_id(q, 16);
    line.incarnation_seat = (uint32_t)db_integer(q, 17);
    e = take_entry(q, arena, &line.entry);
    db_reset(q);
    if (e == ERR_OK)
        *out = line;
    return e;
}

/* Entries as they come, in the arena. */
struct page {
    struct entry *list;
    size_t count, capacity, size, size_max;
};

/* As it will travel, about. A refusal may quote what was refused. */
static size_t entry_size(const struct entry *e)
{
    size_t size = 160 + e->change.size + e->effects.size + e->salt.size + slice_text(e->code).size + slice_text(e->field).size;
    for (size_t i = 0; i < 3; i++)
        size += slice_text(e->argument[i]).size;
    return size;
}

/* A page that is full, or an arena that is (with something in it), ends it: the reader asks on from its last seq. */
static enum err fill_page(struct db_statement *q, struct arena *arena, struct page *p, bool *more)
{
    bool row = true;
    *more = false;
    for (;;) {
        enum err e = db_step(q, &row);
        if (e != ERR_OK || !row)
            return e;
        bool full = p->count && p->size >= p->size_max;
        struct entry *list = full ? p->list : arena_grow(arena, p->list, p->count, &p->capacity, sizeof *list);
        p->list = list ? list : p->list;
        if (!list && !full)
            e = ERR_MEMORY;
        if (!full && e == ERR_OK)
            e = take_entry(q, arena, &p->list[p->count]);
        if (full || (e == ERR_MEMORY && p->count)) {
            *more = true;
            db_reset(q);
            return ERR_OK;
        }
        if (e != ERR_OK) {
            db_reset(q);
            return e;
        }
        p->size += entry_size(&p->list[p->count++]);
    }
}

enum err store_read_entries(struct store *s, uint32_t org, uint64_t after, size_t size_max, struct arena *arena, struct entry **out, size_t *count, bool *more)
{
    struct db_statement *q;
    struct page p = {.size_max = size_max};
    enum err e = db_prepare(s->db, "SELECT " COLUMNS FROM "WHERE h.org=$1 AND h.seq>$2 ORDER BY h.seq", &q);
    if (e != ERR_OK)
        return e;
    db_bind_integer(q, 1, org);
    db_bind_integer(q, 2, (int64_t)after);
    e = fill_page(q, arena, &p, more);
    if (e != ERR_OK)
        return e;
    *out = p.list;
    *count = p.count;
    return ERR_OK;
}

enum err store_each_entry(struct store *s, uint32_t org, uint64_t after, struct arena *arena, store_on_entry *each, void *to)
{
    bool more = true;
    enum err e = ERR_OK;
    while (more && e == ERR_OK) {
        struct entry *list;
        size_t count;
        arena_reset(arena);
        e = store_read_entries(s, org, after, WALK_PAGE_SIZE, arena, &list, &count, &more);
        for (size_t i = 0; e == ERR_OK && i < count; i++) {
            after = list[i].seq;
            e = each(to, org, &list[i]);
        }
    }
    return e;
}

enum err store_count_entries(struct store *s, uint32_t org, uint64_t after, uint64_t *out)
{
    int64_t count;
    enum err e = store_ask(s, "SELECT count(*) FROM history WHERE org=$1 AND seq>$2", org, (int64_t)after, &count);
    if (e == ERR_OK)
        *out = (uint64_t)count;
    return e;
}

enum err store_read_chain(struct store *s, uint32_t org, uint64_t seq, uint8_t chain[CHAIN_SIZE])
{
    struct db_statement *q;
    bool row;
    if (seq == 0) {
        memset(chain, 0, CHAIN_SIZE);
        return ERR_OK;
    }
    enum err e = db_prepare(s->db, "SELECT chain FROM history WHERE org=$1 AND seq=$2", &q);
    if (e != ERR_OK)
        return e;
    db_bind_integer(q, 1, org);
    db_bind_integer(q, 2, seq > INT64_MAX ? -1 : (int64_t)seq);
    e = db_step(q, &row);
    if (e != ERR_OK || !row)
        return e == ERR_OK ? ERR_NOT_FOUND : e;
    struct slice found = db_blob(q, 0);
    e = found.size == CHAIN_SIZE ? ERR_OK : ERR_CORRUPT;
    if (e == ERR_OK)
        memcpy(chain, found.data, CHAIN_SIZE);
    db_reset(q);
    return e;
}

enum err store_read_chain_before(struct store *s, uint32_t org, uint64_t seq, uint8_t chain[CHAIN_SIZE])
{
    int64_t before;
    enum err e = store_ask(s, "SELECT max(seq) FROM history WHERE org=$1 AND seq<$2", org, (int64_t)seq, &before);
    return e == ERR_OK ? store_read_chain(s, org, (uint64_t)before, chain) : e;
}

/* Walks the org's log: asked for by people, one record at a time, and a branch's log is some ten thousand lines. An index by
 * record would cost every change of every branch. */
enum err store_read_record_history(struct store *s, uint32_t org, uint32_t kind, struct id id, size_t max, size_t size_max,
                                   struct arena *arena, struct entry **out, size_t *count, bool *cut)
{
    struct db_statement *q;
    struct page p = {.size_max = size_max};
    bool more;
    enum err e = db_prepare(s->db, "SELECT " COLUMNS FROM "WHERE h.org=$1 AND h.kind=$2 AND h.record=$3 ORDER BY h.seq DESC LIMIT $4", &q);
    if (e != ERR_OK)
        return e;
    db_bind_integer(q, 1, org);
    db_bind_integer(q, 2, kind);
    db_bind_id(q, 3, &id);
    db_bind_integer(q, 4, max < INT64_MAX ? (int64_t)max + 1 : INT64_MAX); /* one more tells that there are older ones */
    e = fill_page(q, arena, &p, &more);
    if (e != ERR_OK)
        return e;
    if (p.count > max) {
        p.count = max;
        more = true;
    }
    for (size_t i = 0; i < p.count / 2; i++) {
        struct entry one = p.list[i];
        p.list[i] = p.list[p.count - 1 - i];
        p.list[p.count - 1 - i] = one;
    }
    *out = p.list;
    *count = p.count;
    *cut = more;
    return ERR_OK;
}

enum err store_newest_ms(struct store *s, int64_t *out)
{
    return store_ask(s, "SELECT received_ms FROM history WHERE g>$1 ORDER BY g DESC LIMIT 1", 0, 0, out);
}

enum err store_last_heard_ms(struct store *s, int64_t *out)
{
    int64_t entry, contact = 0;
    enum err e = store_newest_ms(s, &entry);
    if (e == ERR_OK)
        e = store_ask(s, "SELECT max(at_ms) FROM contact WHERE seat>$1", 0, 0, &contact);
    if (e == ERR_OK)
        *out = entry > contact ? entry : contact;
    return e;
}
