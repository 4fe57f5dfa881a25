/* What this device holds of paths that a restore gave up (rule 27): set aside when it falls back, handed over to the server when recovery
 * has ended, before anything else is sent (replica_late_portion.c), and dropped when the server has dealt with it and what it made of it was
 * pulled: until then another restore may take that, too (as of one's own changes: rules 20, 28). Others' changes may be in nobody else's
 * hands. Each falling back makes a path of its own: two pasts may have entries of the same seq.
 * dealt: where the server's log stood when it had dealt with the entry; WAITS: it has not. Sent again an entry does nothing. ANCHOR: it proves
 * what follows it, and nobody has to deal with it: the entry before the path, which stands on the line, or else the path's own first. */
#include "client/replica/kept.h"
#include "client/replica/outbox.h"
#include "client/replica/replica_late.h"
#include "client/replica/replica_sync.h"
#include "base/limits.h"
#include "sync/org_state.h"
#include "wire/wire.h"

#include <string.h>

/* A past that did not fit may be left more than once: its earlier copy, if there is nothing else in that path. */
static enum err drop_copies(struct replica *r, uint32_t org, int64_t path)
{
    return sql_run(r->db,
                   "DELETE FROM late_entry WHERE path IN (SELECT o.path FROM (SELECT DISTINCT path FROM late_entry WHERE org = ?1 AND path <> ?2) o"
                   " WHERE NOT EXISTS(SELECT 1 FROM late_entry x WHERE x.path = o.path AND x.dealt >= 0 AND NOT EXISTS"
                   "(SELECT 1 FROM late_entry n WHERE n.path = ?2 AND n.seq = x.seq AND n.dealt >= 0 AND n.entry = x.entry)))",
                   "ii", (int64_t)org, path);
}

/* An anchor goes with the last of what it proves. */
static enum err drop_anchors(struct replica *r, uint32_t org)
{
    return sql_run(r->db, "DELETE FROM late_entry WHERE org = ?1 AND dealt = " LATE_ANCHOR " AND path NOT IN"
                          " (SELECT path FROM late_entry WHERE org = ?1 AND dealt >= 0)", "i", (int64_t)org);
}

/* What nobody can prove any more is told where nobody else tells it: one's own goes to be sent again, and of what the promise had passed
 * more is lost than this. */
static enum err note_unproven(struct replica *r, uint32_t org, uint64_t seq)
{
    struct replica_facts f;
    struct position p;
    struct entry entry;
    struct arena arena;
    arena_init(&arena, LIMIT_ARENA);
    enum err e = replica_facts(r, &f);
    if (e == ERR_OK)
        e = position_load(r, org, &p);
    if (e == ERR_OK)
        e = kept_load(r, org, seq, &arena, &entry);
    if (e == ERR_OK && entry.identity.seat != f.seat && seq > p.promise)
        e = replica_late_note(r, &(struct replica_late_told){.left = 1});
    arena_finish(&arena);
    return e;
}

/* The first of a path that does not follow what the server has, and nothing before it is here: it proves what comes behind it alone. */
static enum err anchor_first(struct replica *r, uint32_t org, int64_t path, uint64_t after)
{
    int64_t first = 0;
    enum err e = sql_integer(r->db, 0, &first, "SELECT min(seq) FROM late_entry WHERE path = ?1", "i", path);
    if (e != ERR_OK || (uint64_t)first <= after + 1 || seq_counter((uint64_t)first) == 1)
        return e;
    e = sql_run(r->db, "UPDATE late_entry SET dealt = " LATE_ANCHOR " WHERE path = ?1 AND seq = ?2", "ii", path, first);
    if (e == ERR_OK)
        e = note_unproven(r, org, (uint64_t)first);
    return e == ERR_OK ? drop_anchors(r, org) : e;
}

/* With the entry before the first of them, which proves it: the server may not know any more where the path was left, if its control
 * journal went, too. */
enum err late_set_aside(struct replica *r, uint32_t org, uint64_t after)
{
    int64_t path = 0, found = 0;
    enum err e = sql_integer(r->db, 0, &found, "SELECT EXISTS(SELECT 1 FROM kept WHERE org = ?1 AND seq > ?2)", "ii", (int64_t)org, (int64_t)after);
    if (e == ERR_OK)
        e = sql_integer(r->db, 0, &path, "SELECT max(path) FROM late_entry", "");
    if (e != ERR_OK || !found)
        return e;
    path++;
    e = sql_run(r->db, "INSERT INTO late_entry(path, seq, org, entry, dealt) SELECT ?3, seq, org, entry, " LATE_WAITS " FROM kept WHERE org = ?1 AND seq > ?2",
                "iii", (int64_t)org, (int64_t)after, path);
    if (e == ERR_OK)
        e = sql_run(r->db, "INSERT INTO late_entry(path, seq, org, entry, dealt) SELECT ?3, seq, org, entry, " LATE_ANCHOR
                           " FROM kept WHERE org = ?1 AND seq <= ?2 ORDER BY seq DESC LIMIT 1", "iii", (int64_t)org, (int64_t)after, path);
    if (e == ERR_OK)
        e = anchor_first(r, org, path, after);
    return e == ERR_OK ? drop_copies(r, org, path) : e;
}

enum err late_put(struct replica *r, int64_t path, const Wire__Entry *wire)
{
    struct buf packed = BUF_INIT;
    wire_pack(&wire->base, &packed);
    enum err e = sql_run(r->db, "UPDATE late_entry SET entry = ?3 WHERE path = ?1 AND seq = ?2", "iib", path, (int64_t)wire->seq,
                         buf_slice(&packed));
    buf_finish(&packed);
    return e;
}

enum err replica_late_any(struct replica *r, uint32_t org, bool *any)
{
    int64_t found = 0;
    enum err e = sql_integer(r->db, 0, &found, "SELECT EXISTS(SELECT 1 FROM late_entry WHERE org = ?1 AND dealt = " LATE_WAITS ")", "i", (int64_t)org);
    if (e == ERR_OK)
        *any = found != 0;
    return e;
}

enum err late_count(struct replica *r, uint64_t *out)
{
    int64_t found = 0;
    enum err e = sql_integer(r->db, 0, &found, "SELECT count(*) FROM late_entry WHERE dealt = " LATE_WAITS, "");
    if (e == ERR_OK)
        *out = (uint64_t)found;
    return e;
}

/* ---- its end ---- */

/* The highest n of the incarnation on that path: what is made here goes on behind it. */
static enum err highest_n(struct replica *r, int64_t path, struct incarnation i, uint64_t *top)
{
    struct db_statement *s;
    struct arena arena;
    bool row;
    arena_init(&arena, LIMIT_ARENA);
    *top = 0;
    enum err e = sql_ask(r->db, &s, "SELECT entry FROM late_entry WHERE path = ?1", "i", path);
    if (e != ERR_OK)
        return e;
    while (e == ERR_OK && (e = db_step(s, &row)) == ERR_OK && row) {
        struct entry entry;
        arena_reset(&arena);
        e = kept_open(db_blob(s, 0), &arena, &entry);
        if (e == ERR_OK && incarnation_equal(entry.identity.incarnation, i) && entry.identity.n > *top)
            *top = entry.identity.n;
        e = e == ERR_CORRUPT ? ERR_OK : e; /* it is left (replica_late_portion.c) */
    }
    db_reset(s); /* also after a failure, as there */
    arena_finish(&arena);
    return e;
}

static enum err follow_fork(struct replica *r, int64_t path, const struct late_fork *fork)
{
    uint64_t top;
    enum err e = highest_n(r, path, fork->incarnation, &top);
    return e == ERR_OK ? outbox_fork_late(r, fork, top) : e;
}

/* Where it waited it is told as one that was left. */
enum err late_drop(struct replica *r, int64_t path, uint64_t seq)
{
    int64_t org = 0, waited = 0;
    enum err e = sql_integer(r->db, 0, &org, "SELECT org FROM late_entry WHERE path = ?1 AND seq = ?2", "ii", path, (int64_t)seq);
    if (e == ERR_OK)
        e = sql_integer(r->db, 0, &waited, "SELECT count(*) FROM late_entry WHERE path = ?1 AND seq = ?2 AND dealt = " LATE_WAITS, "ii", path,
                        (int64_t)seq);
    if (e == ERR_OK)
        e = sql_run(r->db, "DELETE FROM late_entry WHERE path = ?1 AND seq = ?2", "ii", path, (int64_t)seq);
    if (e == ERR_OK)
        e = drop_anchors(r, (uint32_t)org);
    return e == ERR_OK && waited ? replica_late_note(r, &(struct replica_late_told){.left = 1}) : e;
}

enum err late_settle(struct replica *r, uint32_t org, uint64_t reach)
{
    enum err e = sql_run(r->db, "DELETE FROM late_entry WHERE org = ?1 AND dealt > 0 AND dealt <= ?2", "ii", (int64_t)org, (int64_t)reach);
    return e == ERR_OK && db_changes(r->db) > 0 ? drop_anchors(r, org) : e;
}

enum err late_forget(struct replica *r, uint32_t org, const struct lineage *lineage)
{
    int64_t dealt = 0;
    enum err e = ERR_OK;
    do {
        e = sql_integer(r->db, 0, &dealt, "SELECT min(dealt) FROM late_entry WHERE org = ?1 AND dealt > ?2", "ii", (int64_t)org, dealt);
        if (e == ERR_OK && dealt && !lineage_holds(lineage, (uint64_t)dealt))
            e = sql_run(r->db, "UPDATE late_entry SET dealt = " LATE_WAITS " WHERE org = ?1 AND dealt = ?2", "ii", (int64_t)org, dealt);
    } while (e == ERR_OK && dealt);
    return e;
}

enum err replica_late_end(struct replica *r, uint32_t org, const struct replica_late_place *to, uint64_t head, const struct late_fork *forks, size_t count)
{
    enum err e = inner_begin(r);
    if (e != ERR_OK)
        return e;
    for (size_t i = 0; e == ERR_OK && i < count; i++)
        e = follow_fork(r, to->path, &forks[i]);
    if (e == ERR_OK)
        e = sql_run(r->db, "UPDATE late_entry SET dealt = ?3 WHERE path = ?1 AND seq <= ?2 AND dealt = " LATE_WAITS, "iii", to->path,
                    (int64_t)to->seq, (int64_t)head);
    if (e == ERR_OK && head == 0) /* nothing of it could be taken, and nothing else is there */
        e = sql_run(r->db, "DELETE FROM late_entry WHERE path = ?1 AND seq <= ?2", "ii", to->path, (int64_t)to->seq);
    if (e == ERR_OK)
        e = drop_anchors(r, org);
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

void replica_late_untold(struct replica *r, struct replica_late_told *out)
{
    *out = (struct replica_late_told){0};
    for (size_t i = 0; i < sizeof told_keys / sizeof *told_keys; i++)
        *told_part(out, i) = (uint64_t)replica_meta_integer(r, told_keys[i], 0);
}

enum err replica_take_late_told(struct replica *r, struct replica_late_told *out)
{
    struct replica_late_told told;
    enum err e = inner_begin(r);
    if (e != ERR_OK)
        return e;
    replica_late_untold(r, &told);
    for (size_t i = 0; e == ERR_OK && i < sizeof told_keys / sizeof *told_keys; i++)
        if (*told_part(&told, i))
            e = replica_meta_put_integer(r, told_keys[i], 0);
    e = inner_end(r, e);
    if (e == ERR_OK)
        *out = told;
    return e;
}
