/* Kept entries; see kept.h. They are stored as the wire message that came, so that what is handed back is what was pulled. */
#include "client/replica/kept.h"
#include "base/limits.h"
#include "base/log.h"
#include "wire/wire.h"

#include <string.h>

/* The record that an entry is about, for `history`: of its change, or where that was stripped of its first effect. */
static struct id record_of(const Wire__Entry *wire, struct arena *arena)
{
    ProtobufCMessage *m;
    struct id none = {{0}};
    if (wire->has_change && wire_open(&wire__change__descriptor, slice_of(wire->change.data, wire->change.len), arena, &m) == ERR_OK) {
        const Wire__Change *c = (const Wire__Change *)m;
        return c->id.len == ID_SIZE ? id_from(slice_of(c->id.data, c->id.len)) : none;
    }
    if (wire->has_effects && wire_open(&wire__effects__descriptor, slice_of(wire->effects.data, wire->effects.len), arena, &m) == ERR_OK) {
        const Wire__Effects *e = (const Wire__Effects *)m;
        return e->n_effect > 0 && e->effect[0]->id.len == ID_SIZE ? id_from(slice_of(e->effect[0]->id.data, ID_SIZE)) : none;
    }
    return none;
}

enum err kept_put(struct replica *r, uint32_t org, const Wire__Entry *wire, const struct entry *e)
{
    struct arena arena;
    struct buf packed = BUF_INIT;
    arena_init(&arena, LIMIT_ARENA);
    struct id id = record_of(wire, &arena);
    wire_pack(&wire->base, &packed);
    enum err failed = sql_run(r->db, "INSERT INTO kept(org, seq, id, entry) VALUES(?1, ?2, ?3, ?4) ON CONFLICT(org, seq) DO UPDATE"
                                     " SET id = excluded.id, entry = excluded.entry", "iidb", (int64_t)org, (int64_t)e->seq, &id,
                              buf_slice(&packed));
    buf_finish(&packed);
    arena_finish(&arena);
    return failed;
}

#define KEPT_AT_ONCE 1024

enum err kept_read(struct replica *r, uint32_t org, uint64_t after, size_t size_max, struct arena *arena, Wire__Entry ***out,
                   size_t *count, bool *more)
{
    struct db_statement *s;
    bool row;
    size_t n = 0, size = 0;
    Wire__Entry **list = arena_alloc(arena, KEPT_AT_ONCE * sizeof *list);
    if (!list)
        return ERR_MEMORY;
    enum err e = sql_ask(r->db, &s, "SELECT entry FROM kept WHERE org = ?1 AND seq > ?2 ORDER BY seq", "ii", (int64_t)org, (int64_t)after);
    while (e == ERR_OK && (e = db_step(s, &row)) == ERR_OK && row) {
        ProtobufCMessage *m;
        struct slice packed = db_blob(s, 0);
        if (n == KEPT_AT_ONCE || (n > 0 && size + packed.size > size_max))
            break;
        e = wire_open(&wire__entry__descriptor, packed, arena, &m);
        if (e == ERR_OK)
            list[n++] = (Wire__Entry *)m;
        else if (e == ERR_WIRE)
            e = ERR_CORRUPT; /* it was packed here */
        size += packed.size;
    }
    if (e != ERR_OK)
        return e;
    db_reset(s);
    *out = list;
    *count = n;
    *more = row;
    return ERR_OK;
}

enum err kept_open(struct slice packed, struct arena *arena, struct entry *out)
{
    ProtobufCMessage *m;
    enum err e = wire_open(&wire__entry__descriptor, packed, arena, &m);
    if (e == ERR_OK)
        e = entry_open((const Wire__Entry *)m, arena, out);
    return e == ERR_WIRE ? ERR_CORRUPT : e; /* it was packed here */
}

enum err kept_load(struct replica *r, uint32_t org, uint64_t seq, struct arena *arena, struct entry *out)
{
    struct db_statement *s;
    bool row;
    enum err e = sql_ask(r->db, &s, "SELECT entry FROM kept WHERE org = ?1 AND seq = ?2", "ii", (int64_t)org, (int64_t)seq);
    if (e == ERR_OK)
        e = db_step(s, &row);
    if (e != ERR_OK)
        return e;
    if (!row)
        return ERR_NOT_FOUND;
    e = kept_open(db_blob(s, 0), arena, out);
    db_reset(s);
    return e;
}

Wire__Entry *kept_less(const struct entry *e, const Wire__Entry *came, struct arena *arena)
{
    Wire__Entry *m = entry_wire(e, arena);
    m->has_head_mac = came->has_head_mac;
    m->head_mac = came->head_mac;
    return m;
}

static enum err put_kept(struct replica *r, int64_t of, const Wire__Entry *wire, const struct entry *e)
{
    return kept_put(r, (uint32_t)of, wire, e);
}

static enum err put_late(struct replica *r, int64_t of, const Wire__Entry *wire, const struct entry *e)
{
    (void)e;
    return late_put(r, of, wire);
}

/* A place in the kept log that could not be read. */
struct hole { uint32_t org; uint64_t seq; };

static enum err lose_kept(struct replica *r, int64_t of, uint64_t seq, struct buf *holes)
{
    struct hole hole = {(uint32_t)of, seq};
    log_error("replica", "org %u: entry %llu cannot be read and is dropped; it is fetched again", hole.org, (unsigned long long)seq);
    buf_append(holes, &hole, sizeof hole);
    return sql_run(r->db, "DELETE FROM kept WHERE org = ?1 AND seq = ?2", "ii", of, (int64_t)seq);
}

static enum err lose_late(struct replica *r, int64_t of, uint64_t seq, struct buf *holes)
{
    (void)holes;
    log_error("replica", "entry %llu of a past that was given up cannot be read and is dropped", (unsigned long long)seq);
    return late_drop(r, of, seq);
}

/* What is kept of the log, and what was set aside of given up paths. */
struct kept_log {
    const char *next; /* behind ?1, ?2: org or path, seq, entry */
    enum err (*put)(struct replica *r, int64_t of, const Wire__Entry *wire, const struct entry *e);
    enum err (*lose)(struct replica *r, int64_t of, uint64_t seq, struct buf *holes);
};
static const struct kept_log logs[] = {
    {"SELECT org, seq, entry FROM kept WHERE (org, seq) > (?1, ?2) ORDER BY org, seq LIMIT 1", put_kept, lose_kept},
    {"SELECT path, seq, entry FROM late_entry WHERE (path, seq) > (?1, ?2) ORDER BY path, seq LIMIT 1", put_late, lose_late}};

static enum err lessen_log(struct replica *r, const struct kept_log *log, kept_take_out *take_out, const void *to, struct arena *arena,
                           struct buf *holes)
{
    enum err e = ERR_OK;
    int64_t of = 0, seq = 0;
    bool more = true;
    while (e == ERR_OK) {
        struct db_statement *s;
        ProtobufCMessage *m;
        struct entry entry;
        arena_reset(arena);
        e = sql_ask(r->db, &s, log->next, "ii", of, seq);
        if (e == ERR_OK)
            e = db_step(s, &more);
        if (e != ERR_OK || !more)
            break;
        of = db_integer(s, 0);
        seq = db_integer(s, 1);
        e = wire_open(&wire__entry__descriptor, db_blob(s, 2), arena, &m);
        db_reset(s);
        if (e == ERR_OK)
            e = entry_open((const Wire__Entry *)m, arena, &entry);
        if (e == ERR_WIRE)
            e = log->lose(r, of, (uint64_t)seq, holes);
        else if (e == ERR_OK && take_out(to, &entry, arena))
            e = log->put(r, of, kept_less(&entry, (const Wire__Entry *)m, arena), &entry);
    }
    return e;
}

/* Once all that can be read is lessened: it is what goes back into the outbox, and aside. Of each org before its first hole. */
static enum err fetch_again(struct replica *r, const struct buf *holes)
{
    enum err e = ERR_OK;
    uint32_t before = 0;
    for (size_t at = 0; e == ERR_OK && at < holes->size; at += sizeof(struct hole)) {
        struct hole hole;
        memcpy(&hole, holes->data + at, sizeof hole);
        if (hole.org != before)
            e = fall_back_before(r, hole.org, hole.seq);
        before = hole.org;
    }
    return e;
}

enum err kept_lessen(struct replica *r, kept_take_out *take_out, const void *to, struct arena *arena)
{
    struct buf holes = BUF_INIT;
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < sizeof logs / sizeof *logs; i++)
        e = lessen_log(r, &logs[i], take_out, to, arena, &holes);
    if (e == ERR_OK)
        e = fetch_again(r, &holes);
    buf_finish(&holes);
    return e;
}

enum err kept_drop_to(struct replica *r, uint32_t org, uint64_t promise, bool *dropped)
{
    enum err e = sql_run(r->db, "DELETE FROM kept WHERE org = ?1 AND seq < (SELECT max(seq) FROM kept WHERE org = ?1 AND seq <= ?2)", "ii",
                         (int64_t)org, (int64_t)promise);
    if (e == ERR_OK)
        *dropped = db_changes(r->db) > 0;
    return e;
}

enum err kept_drop_after(struct replica *r, uint32_t org, uint64_t seq)
{
    return sql_run(r->db, "DELETE FROM kept WHERE org = ?1 AND seq > ?2", "ii", (int64_t)org, (int64_t)seq);
}
