/* The outbox's rows; see outbox.h. Order: `local` is the order in which a person made the changes, (incarnation, n) the order in
 * which they are sent; within one incarnation both agree. */
#include "client/replica/outbox.h"
#include "base/limits.h"
#include "client/replica/kept.h"

#include <string.h>

#define COLUMNS "SELECT local, incarnation, n, org, kind, id, grp, bytes, hash, refusal, state, seq FROM outbox "

static struct slice incarnation_slice(const struct incarnation *i)
{
    return slice_of(i->bytes, INCARNATION_SIZE);
}

static bool incarnation_from(struct slice s, struct incarnation *out)
{
    if (s.size != INCARNATION_SIZE)
        return false;
    memcpy(out->bytes, s.data, INCARNATION_SIZE);
    return true;
}

static enum err read_row(struct db_statement *s, struct arena *arena, struct outbox_entry *out)
{
    struct outbox_entry o = {.local = db_integer(s, 0), .n = (uint64_t)db_integer(s, 2), .org = (uint32_t)db_integer(s, 3),
                             .kind = (uint32_t)db_integer(s, 4), .id = db_id(s, 5), .grouped = !db_is_null(s, 6),
                             .state = (enum outbox_state)db_integer(s, 10), .seq = (uint64_t)db_integer(s, 11)};
    if (!incarnation_from(db_blob(s, 1), &o.incarnation))
        return ERR_CORRUPT;
    if (o.grouped)
        o.group = db_id(s, 6);
    o.bytes = arena_copy(arena, db_blob(s, 7));
    o.hash = arena_copy(arena, db_blob(s, 8));
    o.refusal = arena_copy(arena, db_blob(s, 9));
    if (!o.bytes.data || !o.hash.data)
        return ERR_MEMORY;
    *out = o;
    return ERR_OK;
}

/* ---- incarnations ---- */

enum err outbox_current(struct replica *r, struct incarnation *out, uint64_t *next_n)
{
    struct db_statement *s;
    bool row;
    int64_t n, top = 0;
    enum err e = sql_ask(r->db, &s, "SELECT value FROM meta WHERE key = 'incarnation'", "");
    if (e == ERR_OK)
        e = db_step(s, &row);
    if (e != ERR_OK)
        return e;
    if (!row)
        return inner_fail(r, ERR_CORRUPT, "no incarnation");
    bool good = incarnation_from(db_blob(s, 0), out);
    db_reset(s);
    e = sql_integer(r->db, 1, &n, "SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'next_n'", "");
    /* A copy of this database may have gone on under the same name, and its changes been put back here after a restore. */
    if (e == ERR_OK && good)
        e = sql_integer(r->db, 0, &top, "SELECT max(n) FROM outbox WHERE incarnation = ?1", "b", incarnation_slice(out));
    if (e != ERR_OK || !good)
        return e != ERR_OK ? e : ERR_CORRUPT;
    *next_n = (uint64_t)(top < n ? n : top + 1);
    return ERR_OK;
}

static enum err set_current(struct replica *r, struct incarnation i, uint64_t next_n)
{
    const char *put = "INSERT INTO meta(key, value) VALUES(?1, ?2) ON CONFLICT(key) DO UPDATE SET value = excluded.value";
    enum err e = sql_run(r->db, put, "tb", slice_text("incarnation"), incarnation_slice(&i));
    if (e != ERR_OK)
        return e;
    struct buf text = BUF_INIT;
    buf_format(&text, "%llu", (unsigned long long)next_n);
    e = sql_run(r->db, put, "tb", slice_text("next_n"), buf_slice(&text));
    buf_finish(&text);
    return e;
}

enum err outbox_begin_incarnation(struct replica *r, struct incarnation i)
{
    enum err e = sql_run(r->db, "INSERT INTO incarnation(incarnation) VALUES(?1)", "b", incarnation_slice(&i));
    return e == ERR_OK ? set_current(r, i, 1) : e;
}

enum err outbox_put_parent(struct replica *r, struct incarnation i, struct incarnation parent, uint64_t fork_n)
{
    return sql_run(r->db, "INSERT INTO incarnation(incarnation, parent, fork_n) VALUES(?1, ?2, ?3) ON CONFLICT DO NOTHING", "bbi",
                   incarnation_slice(&i), incarnation_slice(&parent), (int64_t)fork_n);
}

enum err outbox_parent(struct replica *r, struct incarnation i, bool *forked, struct incarnation *parent, uint64_t *fork_n)
{
    struct db_statement *s;
    bool row;
    enum err e = sql_ask(r->db, &s, "SELECT parent, fork_n FROM incarnation WHERE incarnation = ?1 AND parent IS NOT NULL", "b",
                         incarnation_slice(&i));
    if (e == ERR_OK)
        e = db_step(s, &row);
    if (e != ERR_OK)
        return e;
    *forked = row;
    if (!row)
        return ERR_OK;
    bool good = incarnation_from(db_blob(s, 0), parent);
    *fork_n = (uint64_t)db_integer(s, 1);
    db_reset(s);
    return good ? ERR_OK : ERR_CORRUPT;
}

/* ---- one change ---- */

static enum err put(struct replica *r, int64_t local, struct incarnation i, const struct change *c, enum outbox_state state,
                    struct slice refusal)
{
    struct db_statement *s;
    enum err e = sql_ask(r->db, &s,
                         "INSERT INTO outbox(local, incarnation, n, org, kind, id, made_ms, bytes, hash, state, seq, grp, refusal)"
                         " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 0, ?11, ?12)"
                         " ON CONFLICT(incarnation, n) DO NOTHING",
                         "ibiiidibbi", local, incarnation_slice(&i), (int64_t)c->n, (int64_t)c->org, (int64_t)c->kind_number, &c->id,
                         c->made_ms, c->bytes, slice_of(c->hash, HASH_SIZE), (int64_t)state);
    if (e != ERR_OK)
        return e;
    if (c->grouped)
        db_bind_id(s, 11, &c->group);
    if (state == OUTBOX_REFUSED)
        db_bind_blob(s, 12, refusal);
    return db_run(s);
}

enum err outbox_put(struct replica *r, const struct change *c)
{
    struct incarnation i;
    uint64_t n = 0;
    int64_t local;
    enum err e = outbox_current(r, &i, &n);
    if (e == ERR_OK)
        e = sql_integer(r->db, 0, &local, "SELECT max(local) FROM outbox", "");
    if (e != ERR_OK)
        return e;
    CHECK(c->n == n);
    /* Numbers grow even over an outbox that has become empty: nothing depends on it but the eye. */
    e = put(r, (local > 0 ? local : 0) + 1, i, c, OUTBOX_WAITING, (struct slice){0});
    return e == ERR_OK ? set_current(r, i, n + 1) : e;
}

enum err outbox_put_back(struct replica *r, const struct entry *entry, uint32_t org)
{
    struct arena arena;
    struct change c;
    int64_t local;
    arena_init(&arena, LIMIT_ARENA);
    enum err e = change_open(entry->change, &arena, &c);
    if (e == ERR_MEMORY)
        goto done;
    if (e != ERR_OK || c.org != org) {
        e = ERR_OK; /* stripped: its author's own device has it whole */
        goto done;
    }
    memcpy(c.hash, entry->identity.hash, HASH_SIZE); /* values may have been erased from it since it was made */
    struct slice refusal = {0};
    if (entry->verdict == VERDICT_REFUSED)
        refusal = refusal_pack(entry->code, entry->field, NULL, entry->argument, &arena);
    e = sql_integer(r->db, 1, &local, "SELECT min(local) FROM outbox", "");
    if (e == ERR_OK)
        e = put(r, (local < 1 ? local : 1) - 1, entry->identity.incarnation, &c,
                entry->verdict == VERDICT_REFUSED ? OUTBOX_REFUSED : OUTBOX_WAITING, refusal);
done:
    arena_finish(&arena);
    return e;
}

enum err outbox_find(struct replica *r, struct incarnation i, uint64_t n, struct arena *arena, struct outbox_entry *out)
{
    struct db_statement *s;
    bool row;
    enum err e = sql_ask(r->db, &s, COLUMNS "WHERE incarnation = ?1 AND n = ?2", "bi", incarnation_slice(&i), (int64_t)n);
    if (e == ERR_OK)
        e = db_step(s, &row);
    if (e != ERR_OK)
        return e;
    if (!row)
        return ERR_NOT_FOUND;
    e = read_row(s, arena, out);
    db_reset(s);
    return e;
}

enum err outbox_acknowledge(struct replica *r, int64_t local, uint64_t seq)
{
    return sql_run(r->db, "UPDATE outbox SET state = 1, seq = ?2, refusal = NULL WHERE local = ?1", "ii", local, (int64_t)seq);
}

enum err outbox_refuse(struct replica *r, int64_t local, uint64_t seq, struct slice refusal)
{
    return sql_run(r->db, "UPDATE outbox SET state = 2, seq = ?2, refusal = ?3 WHERE local = ?1", "iib", local, (int64_t)seq, refusal);
}

enum err outbox_drop(struct replica *r, int64_t local)
{
    return sql_run(r->db, "DELETE FROM outbox WHERE local = ?1", "i", local);
}

/* ---- of a record ---- */

/* + 0: against a bare parameter SQLite weighs the partial index outbox_answered anew for every value, and parses the text again. */
#define OF_RECORD " FROM outbox WHERE id = ?1 AND (state = 0 OR (state = 1 AND seq > ?2 + 0))"

enum err outbox_waiting(struct replica *r, struct id id, uint64_t seq, struct arena *arena, struct change **out, size_t *count)
{
    struct db_statement *s;
    int64_t found;
    bool row;
    size_t n = 0;
    enum err e = sql_integer(r->db, 0, &found, "SELECT count(*)" OF_RECORD, "di", &id, (int64_t)seq);
    if (e != ERR_OK || found == 0) {
        *count = 0;
        return e;
    }
    struct change *list = arena_alloc(arena, (size_t)found * sizeof *list);
    if (!list)
        return ERR_MEMORY;
    e = sql_ask(r->db, &s, "SELECT bytes" OF_RECORD " ORDER BY local", "di", &id, (int64_t)seq);
    while (e == ERR_OK && (e = db_step(s, &row)) == ERR_OK && row && n < (size_t)found) {
        struct slice bytes = arena_copy(arena, db_blob(s, 0));
        e = bytes.data ? change_open(bytes, arena, &list[n]) : ERR_MEMORY;
        if (e == ERR_WIRE)
            e = ERR_CORRUPT; /* it was packed here */
        n++;
    }
    if (e != ERR_OK)
        return e;
    db_reset(s);
    *out = list;
    *count = n;
    return ERR_OK;
}

enum err outbox_has(struct replica *r, struct id id, bool *out)
{
    int64_t found;
    enum err e = sql_integer(r->db, 0, &found, "SELECT EXISTS(SELECT 1 FROM outbox WHERE id = ?1 AND state < 2)", "d", &id);
    if (e == ERR_OK)
        *out = found != 0;
    return e;
}

/* ---- what the server's stops ask for ---- */

/* The incarnation that follows from the change that holder has at n, named as a fork of parent. */
static enum err name_fork(struct replica *r, struct incarnation holder, struct incarnation parent, uint64_t n, struct incarnation *out)
{
    struct outbox_entry entry;
    struct arena arena;
    arena_init(&arena, LIMIT_ARENA);
    enum err e = outbox_find(r, holder, n, &arena, &entry);
    if (e == ERR_OK && entry.hash.size != HASH_SIZE)
        e = ERR_CORRUPT;
    if (e == ERR_OK)
        *out = change_fork(parent, n, entry.hash.data);
    arena_finish(&arena);
    return e == ERR_OK ? outbox_put_parent(r, *out, parent, n) : e;
}

/* Moves what is unacknowledged from n on as far as it goes: *clash is the first n at which another change has that name and number
 * already; 0: none. The same change there is the same change. */
static enum err move_on(struct replica *r, struct incarnation holder, struct incarnation to, uint64_t n, int64_t *clash)
{
    enum err e = sql_integer(r->db, 0, clash, "SELECT min(a.n) FROM outbox a JOIN outbox b ON b.incarnation = ?2 AND b.n = a.n AND b.hash <> a.hash"
                                              " WHERE a.incarnation = ?1 AND a.n >= ?3 AND a.seq = 0", "bbi", incarnation_slice(&holder),
                             incarnation_slice(&to), (int64_t)n);
    if (e != ERR_OK)
        return e;
    /* Bytes, numbers and bases stay. */
    return sql_run(r->db, "UPDATE OR REPLACE outbox SET incarnation = ?1 WHERE incarnation = ?2 AND n >= ?3 AND n < ?4 AND seq = 0", "bbii",
                   incarnation_slice(&to), incarnation_slice(&holder), (int64_t)n, *clash > 0 ? *clash : INT64_MAX);
}

/* A copy of this copy may have gone on under the same name, and its changes been put back here: where the two part there is one more
 * fork, as the server would have said. */
enum err outbox_fork(struct replica *r, struct incarnation from, uint64_t n)
{
    struct incarnation current, to = from;
    uint64_t next_n;
    int64_t top, at = (int64_t)n;
    enum err e = outbox_current(r, &current, &next_n);
    while (e == ERR_OK && at > 0) {
        n = (uint64_t)at;
        e = name_fork(r, from, to, n, &to);
        if (e == ERR_OK)
            e = move_on(r, from, to, n, &at);
    }
    if (e != ERR_OK || !incarnation_equal(current, from))
        return e;
    e = sql_integer(r->db, (int64_t)n - 1, &top, "SELECT max(n) FROM outbox WHERE incarnation = ?1", "b", incarnation_slice(&to));
    return e == ERR_OK ? set_current(r, to, (uint64_t)top + 1) : e;
}

#define FORGET "UPDATE outbox SET state = CASE state WHEN 1 THEN 0 ELSE state END, seq = 0 WHERE "

enum err outbox_back_to(struct replica *r, struct incarnation i, uint64_t n, uint64_t *first)
{
    int64_t lowest;
    enum err e = sql_run(r->db, FORGET "incarnation = ?1 AND n >= ?2", "bi", incarnation_slice(&i), (int64_t)n);
    if (e == ERR_OK)
        e = sql_integer(r->db, 0, &lowest, "SELECT min(n) FROM outbox WHERE incarnation = ?1 AND n >= ?2", "bi", incarnation_slice(&i),
                        (int64_t)n);
    if (e == ERR_OK)
        *first = (uint64_t)lowest;
    return e;
}

enum err outbox_forget_between(struct replica *r, struct incarnation i, uint64_t first, uint64_t last)
{
    return sql_run(r->db, FORGET "incarnation = ?1 AND n BETWEEN ?2 AND ?3", "bii", incarnation_slice(&i), (int64_t)first, (int64_t)last);
}

enum err outbox_fork_late(struct replica *r, const struct late_fork *fork, uint64_t top)
{
    struct incarnation current, from = fork->incarnation, to = change_fork(from, fork->n, fork->hash);
    uint64_t next_n, n = fork->n;
    int64_t held, here, clash;
    enum err e = outbox_current(r, &current, &next_n);
    if (e == ERR_OK)
        e = sql_integer(r->db, 0, &held, "SELECT EXISTS(SELECT 1 FROM outbox WHERE incarnation = ?1 AND n <= ?2)", "bi", incarnation_slice(&from),
                        (int64_t)n);
    if (e == ERR_OK)
        e = sql_integer(r->db, 0, &here, "SELECT EXISTS(SELECT 1 FROM outbox WHERE incarnation = ?1)", "b", incarnation_slice(&from));
    bool in_use = e == ERR_OK && incarnation_equal(current, from);
    if (e != ERR_OK || held || (!here && !in_use))
        return e;
    e = outbox_put_parent(r, to, from, n);
    if (e == ERR_OK)
        e = sql_run(r->db, FORGET "incarnation = ?1 AND n >= ?2", "bi", incarnation_slice(&from), (int64_t)n);
    if (e == ERR_OK)
        e = move_on(r, from, to, n, &clash);
    if (e != ERR_OK || !in_use)
        return e;
    top = top < n - 1 ? n - 1 : top;
    e = sql_integer(r->db, (int64_t)top, &here, "SELECT max(n) FROM outbox WHERE incarnation = ?1", "b", incarnation_slice(&to));
    return e == ERR_OK ? set_current(r, to, ((uint64_t)here > top ? (uint64_t)here : top) + 1) : e;
}

/* seq = epoch << 40 | counter. It stands on the newest path if its epoch is the newest, or the last seq that survived in its
 * epoch (on that path) is not before it. */
enum err outbox_forget(struct replica *r)
{
    struct db_statement *s;
    struct lineage lineage = {0};
    struct arena arena;
    bool row;
    uint32_t org = 0;
    enum err e;
    struct { int64_t local; uint32_t org; uint64_t seq; } *list = NULL;
    int64_t found;
    size_t count = 0;
    arena_init(&arena, LIMIT_ARENA);
    e = sql_integer(r->db, 0, &found, "SELECT count(*) FROM outbox WHERE seq > 0", "");
    if (e != ERR_OK || found == 0)
        goto done;
    if (!(list = arena_alloc(&arena, (size_t)found * sizeof *list))) {
        e = ERR_MEMORY;
        goto done;
    }
    e = sql_ask(r->db, &s, "SELECT local, org, seq FROM outbox WHERE seq > 0 ORDER BY org", "");
    while (e == ERR_OK && (e = db_step(s, &row)) == ERR_OK && row && count < (size_t)found) {
        list[count].local = db_integer(s, 0);
        list[count].org = (uint32_t)db_integer(s, 1);
        list[count++].seq = (uint64_t)db_integer(s, 2);
    }
    if (e == ERR_OK)
        db_reset(s);
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        if (i == 0 || list[i].org != org)
            e = lineage_load(r, org = list[i].org, &arena, &lineage);
        if (e == ERR_OK && lineage.count > 0 && !lineage_holds(&lineage, list[i].seq))
            e = outbox_forget_one(r, list[i].local);
    }
done:
    arena_finish(&arena);
    return e;
}

enum err outbox_forget_after(struct replica *r, uint32_t org, uint64_t head)
{
    return sql_run(r->db, FORGET "org = ?1 AND seq > ?2", "ii", (int64_t)org, (int64_t)head);
}

enum err outbox_forget_one(struct replica *r, int64_t local)
{
    return sql_run(r->db, FORGET "local = ?1", "i", local);
}
