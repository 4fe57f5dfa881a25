/* What this device holds of a path that a restore gave up (rule 27): set aside when it falls back, handed over to the server when
 * recovery has ended, before anything else is sent, and dropped when the server has dealt with it and what it made of it was pulled: until
 * then another restore may take that, too (as of one's own changes: rules 20, 28). Others' changes may be in nobody else's hands.
 * dealt: where the server's log stood when it had dealt with the entry; 0: it has not. Sent again an entry does nothing. */
#include "client/replica/kept.h"
#include "client/replica/outbox.h"
#include "client/replica/replica_sync.h"
#include "base/limits.h"
#include "base/log.h"
#include "sync/late.h"
#include "wire/wire.h"

#include <string.h>

/* With the entry before the first of them, which proves it: the server may not know any more where the path was left, if its control
 * journal went, too. */
enum err late_set_aside(struct replica *r, uint32_t org, uint64_t after)
{
    return sql_run(r->db,
                   "INSERT INTO late_kept(org, seq, entry) SELECT org, seq, entry FROM kept WHERE org = ?1 AND (seq > ?2 OR seq ="
                   " (SELECT max(b.seq) FROM kept b WHERE b.org = ?1 AND b.seq <= ?2 AND EXISTS(SELECT 1 FROM kept a WHERE a.org = ?1 AND a.seq > ?2)))"
                   " ON CONFLICT(org, seq) DO UPDATE SET entry = excluded.entry, dealt = 0",
                   "ii", (int64_t)org, (int64_t)after);
}

enum err late_put(struct replica *r, uint32_t org, const Wire__Entry *wire)
{
    struct buf packed = BUF_INIT;
    wire_pack(&wire->base, &packed);
    enum err e = sql_run(r->db, "UPDATE late_kept SET entry = ?3 WHERE org = ?1 AND seq = ?2", "iib", (int64_t)org, (int64_t)wire->seq,
                         buf_slice(&packed));
    buf_finish(&packed);
    return e;
}

enum err replica_late_any(struct replica *r, uint32_t org, bool *any)
{
    int64_t found = 0;
    enum err e = sql_integer(r->db, 0, &found, "SELECT EXISTS(SELECT 1 FROM late_kept WHERE org = ?1 AND dealt = 0)", "i", (int64_t)org);
    if (e == ERR_OK)
        *any = found != 0;
    return e;
}

enum err replica_late_waits_before(struct replica *r, uint32_t org, bool *waits)
{
    int64_t found = 0;
    enum err e = sql_integer(r->db, 0, &found, "SELECT EXISTS(SELECT 1 FROM outbox WHERE org = ?1 AND seq = 0)", "i", (int64_t)org);
    if (e == ERR_OK)
        *waits = found != 0;
    return e;
}

/* ---- a portion ---- */

#define ENTRIES_MAX 1024
#define SIZE_MAX_ALL (2u << 20) /* a group is taken whole up to there */

struct portion {
    Wire__Entry **wire;
    struct entry *entries;
    size_t count;
    bool more;
};

static enum err take_line(struct portion *p, struct slice packed, struct arena *arena)
{
    ProtobufCMessage *m;
    enum err e = wire_open(&wire__entry__descriptor, packed, arena, &m);
    if (e == ERR_OK)
        e = entry_open((const Wire__Entry *)m, arena, &p->entries[p->count]);
    if (e == ERR_OK)
        p->wire[p->count++] = (Wire__Entry *)m;
    return e == ERR_WIRE ? ERR_CORRUPT : e; /* it was packed here */
}

/* Of one path: where an entry does not follow the one before, another begins. */
static enum err read_lines(struct replica *r, uint32_t org, uint64_t after, size_t size_max, struct arena *arena, struct portion *p)
{
    struct db_statement *s;
    size_t size = 0;
    bool row = false;
    *p = (struct portion){.wire = arena_alloc(arena, ENTRIES_MAX * sizeof *p->wire),
                          .entries = arena_alloc(arena, (ENTRIES_MAX + 1) * sizeof *p->entries)};
    if (!p->wire || !p->entries)
        return ERR_MEMORY;
    enum err e = sql_ask(r->db, &s, "SELECT entry FROM late_kept WHERE org = ?1 AND seq > ?2 AND dealt = 0 ORDER BY seq", "ii", (int64_t)org, (int64_t)after);
    while (e == ERR_OK && (e = db_step(s, &row)) == ERR_OK && row) {
        struct slice packed = db_blob(s, 0);
        if (p->count == ENTRIES_MAX || (p->count > 0 && size + packed.size > size_max))
            break;
        size += packed.size;
        e = take_line(p, packed, arena);
        size_t n = p->count;
        if (e == ERR_OK && n > 1 && !entry_follows(&p->entries[n - 1], p->entries[n - 2].chain)) {
            p->count--;
            break;
        }
    }
    if (e != ERR_OK)
        return e;
    p->more = row;
    db_reset(s);
    return ERR_OK;
}

/* Of the entry before the first: this path's, handed over before it, or the last that the server has too. None: the server knows. */
static enum err chain_before(struct replica *r, uint32_t org, uint64_t after, struct arena *arena, Wire__HandBack *out)
{
    struct db_statement *s;
    struct entry before;
    bool row;
    enum err e = sql_ask(r->db, &s, "SELECT entry FROM late_kept WHERE org = ?1 AND seq <= ?2 ORDER BY seq DESC LIMIT 1", "ii", (int64_t)org,
                         (int64_t)after);
    if (e == ERR_OK)
        e = db_step(s, &row);
    if (e != ERR_OK || !row)
        return e;
    e = kept_open(db_blob(s, 0), arena, &before);
    db_reset(s);
    if (e != ERR_OK)
        return e;
    struct slice chain = arena_copy(arena, slice_of(before.chain, CHAIN_SIZE));
    out->has_chain_before = chain.size == CHAIN_SIZE;
    out->chain_before = (ProtobufCBinaryData){chain.size, (uint8_t *)chain.data};
    return ERR_OK;
}

static enum err read_portion(struct replica *r, uint32_t org, uint64_t after, size_t size_max, struct arena *arena, struct portion *p)
{
    for (;; size_max *= 4) {
        enum err e = read_lines(r, org, after, size_max, arena, p);
        size_t whole = e == ERR_OK && p->more ? late_whole(p->entries, p->count, arena) : p->count;
        if (e == ERR_OK && whole == 0 && p->count > 0 && size_max < SIZE_MAX_ALL)
            continue;
        if (e == ERR_OK && whole > 0)
            p->count = whole;
        return e;
    }
}

enum err replica_hand_over(struct replica *r, uint32_t org, uint64_t after, size_t size_max, struct arena *arena, Wire__HandBack *out,
                           uint64_t *last)
{
    struct portion p;
    wire__hand_back__init(out);
    enum err e = read_portion(r, org, after, size_max, arena, &p);
    if (e == ERR_OK)
        e = chain_before(r, org, after, arena, out);
    if (e != ERR_OK)
        return e;
    out->has_org = out->has_late = out->has_done = 1;
    out->org = org;
    out->late = 1;
    out->done = !p.more;
    out->entry = p.wire;
    out->n_entry = p.count;
    *last = p.count ? p.entries[p.count - 1].seq : after;
    return ERR_OK;
}

/* ---- its end ---- */

/* The highest n of the incarnation in what is handed over: what is made here goes on behind it. */
static enum err highest_n(struct replica *r, uint32_t org, struct incarnation i, uint64_t *top)
{
    struct db_statement *s;
    struct arena arena;
    bool row;
    arena_init(&arena, LIMIT_ARENA);
    *top = 0;
    enum err e = sql_ask(r->db, &s, "SELECT entry FROM late_kept WHERE org = ?1", "i", (int64_t)org);
    while (e == ERR_OK && (e = db_step(s, &row)) == ERR_OK && row) {
        struct entry entry;
        arena_reset(&arena);
        e = kept_open(db_blob(s, 0), &arena, &entry);
        if (e == ERR_OK && incarnation_equal(entry.identity.incarnation, i) && entry.identity.n > *top)
            *top = entry.identity.n;
    }
    if (e == ERR_OK)
        db_reset(s);
    arena_finish(&arena);
    return e;
}

static enum err follow_fork(struct replica *r, uint32_t org, const struct replica_fork *fork)
{
    uint64_t top;
    enum err e = highest_n(r, org, fork->incarnation, &top);
    return e == ERR_OK ? outbox_fork_late(r, fork->incarnation, fork->n, fork->hash, top) : e;
}

enum err late_settle(struct replica *r, uint32_t org, uint64_t reach)
{
    return sql_run(r->db, "DELETE FROM late_kept WHERE org = ?1 AND dealt > 0 AND dealt <= ?2", "ii", (int64_t)org, (int64_t)reach);
}

enum err late_forget(struct replica *r, uint32_t org, const struct lineage *lineage)
{
    int64_t dealt = 0;
    enum err e = ERR_OK;
    do {
        e = sql_integer(r->db, 0, &dealt, "SELECT min(dealt) FROM late_kept WHERE org = ?1 AND dealt > ?2", "ii", (int64_t)org, dealt);
        if (e == ERR_OK && dealt && !lineage_holds(lineage, (uint64_t)dealt))
            e = sql_run(r->db, "UPDATE late_kept SET dealt = 0 WHERE org = ?1 AND dealt = ?2", "ii", (int64_t)org, dealt);
    } while (e == ERR_OK && dealt);
    return e;
}

enum err replica_late_end(struct replica *r, uint32_t org, uint64_t to, uint64_t head, const struct replica_fork *forks, size_t count)
{
    enum err e = inner_begin(r);
    if (e != ERR_OK)
        return e;
    for (size_t i = 0; e == ERR_OK && i < count; i++)
        e = follow_fork(r, org, &forks[i]);
    if (e == ERR_OK)
        e = sql_run(r->db, "UPDATE late_kept SET dealt = ?3 WHERE org = ?1 AND seq <= ?2 AND dealt = 0", "iii", (int64_t)org, (int64_t)to,
                    (int64_t)head);
    if (e == ERR_OK && head == 0) /* nothing of it could be taken, and nothing else is there */
        e = sql_run(r->db, "DELETE FROM late_kept WHERE org = ?1 AND seq <= ?2", "ii", (int64_t)org, (int64_t)to);
    return inner_end(r, e);
}

/* ---- told to people, once ---- */

static const char *const told_keys[] = {"late_decided", "late_refused", "late_left"};

static uint64_t *told_part(struct replica_late_told *t, size_t i)
{
    return i == 0 ? &t->decided : i == 1 ? &t->refused : &t->left;
}

enum err replica_late_note(struct replica *r, const struct replica_late_told *more)
{
    struct replica_late_told add = *more;
    enum err e = inner_begin(r);
    if (e != ERR_OK)
        return e;
    for (size_t i = 0; e == ERR_OK && i < sizeof told_keys / sizeof *told_keys; i++)
        if (*told_part(&add, i))
            e = replica_meta_put_integer(r, told_keys[i], replica_meta_integer(r, told_keys[i], 0) + (int64_t)*told_part(&add, i));
    return inner_end(r, e);
}

enum err replica_take_late_told(struct replica *r, struct replica_late_told *out)
{
    struct replica_late_told told = {0};
    enum err e = inner_begin(r);
    if (e != ERR_OK)
        return e;
    for (size_t i = 0; e == ERR_OK && i < sizeof told_keys / sizeof *told_keys; i++) {
        *told_part(&told, i) = (uint64_t)replica_meta_integer(r, told_keys[i], 0);
        if (*told_part(&told, i))
            e = replica_meta_put_integer(r, told_keys[i], 0);
    }
    e = inner_end(r, e);
    if (e == ERR_OK)
        *out = told;
    return e;
}
