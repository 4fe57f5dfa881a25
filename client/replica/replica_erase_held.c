/* All that a replica holds, without what was erased by law; see replica_erase.h. Order: what waits first, since shown
 * rows are made of it. Each table is gone through whole: an erasure is rare, and what is overlooked would stay. */
#include "client/replica/outbox.h"
#include "client/replica/replica_erase.h"
#include "base/limits.h"
#include "sync/effect.h"
#include "wire/wire.h"

#include <string.h>

/* ---- a table, line by line, by a number or id that ascends ---- */

struct line {
    int64_t number;    /* of the last one */
    struct slice a, b; /* columns, in the arena */
    int64_t c;
    struct id id;
};

/* The next line behind line->number; sql selects number, a, b, c. *more false at the end. */
static enum err next_line(struct replica *r, const char *sql, struct line *line, struct arena *arena, bool *more)
{
    struct db_statement *s;
    enum err e = sql_ask(r->db, &s, sql, "i", line->number);
    if (e == ERR_OK)
        e = db_step(s, more);
    if (e != ERR_OK || !*more)
        return e;
    line->number = db_integer(s, 0);
    line->a = arena_copy(arena, db_blob(s, 1));
    line->b = arena_copy(arena, db_blob(s, 2));
    line->c = db_integer(s, 3);
    db_reset(s);
    return ERR_OK;
}

/* ---- what waits, and what is in attention ---- */

static enum err less_refusal(struct slice packed, struct buf *out)
{
    ProtobufCMessage *m;
    struct arena arena;
    arena_init(&arena, LIMIT_ARENA);
    enum err e = wire_open(&wire__refusal__descriptor, packed, &arena, &m);
    if (e == ERR_OK) {
        ((Wire__Refusal *)m)->n_argument = 0; /* it may quote the value, and so may its sentence */
        ((Wire__Refusal *)m)->text = NULL;
        wire_pack(m, out);
    }
    arena_finish(&arena);
    return e == ERR_WIRE ? ERR_CORRUPT : e;
}

/* The columns bytes and refusal of outbox or attention, by their row's number. */
static enum err erase_changes(struct replica *r, const struct erase_book *book, const char *next, const char *put,
                              size_t *count)
{
    struct erasures known = erase_known(book);
    struct line line = {.number = INT64_MIN};
    bool more = true;
    enum err e = ERR_OK;
    while (e == ERR_OK) {
        struct change c;
        struct buf refusal = BUF_INIT;
        arena_reset(book->arena);
        e = next_line(r, next, &line, book->arena, &more);
        if (e != ERR_OK || !more)
            break;
        e = change_open(line.a, book->arena, &c);
        if (e == ERR_WIRE)
            e = ERR_CORRUPT; /* it was packed here */
        if (e != ERR_OK || !erase_change(&known, &c, book->arena))
            continue;
        if (line.b.size)
            e = less_refusal(line.b, &refusal);
        if (e == ERR_OK)
            e = sql_run(r->db, put, "ib", line.number, c.bytes);
        if (e == ERR_OK && refusal.size)
            e = sql_run(r->db,
                        strstr(put, "outbox") ? "UPDATE outbox SET refusal = ?2 WHERE local = ?1"
                                              : "UPDATE attention SET refusal = ?2 WHERE rowid = ?1",
                        "ib", line.number, buf_slice(&refusal));
        buf_finish(&refusal);
        ++*count;
    }
    return e;
}

static enum err erase_waiting(struct replica *r, const struct erase_book *book, size_t *count)
{
    enum err e =
        erase_changes(r, book, "SELECT local, bytes, refusal, 0 FROM outbox WHERE local > ?1 ORDER BY local LIMIT 1",
                      "UPDATE outbox SET bytes = ?2 WHERE local = ?1", count);
    if (e == ERR_OK)
        e = erase_changes(r, book,
                          "SELECT rowid, bytes, refusal, 0 FROM attention WHERE rowid > ?1 ORDER BY rowid LIMIT 1",
                          "UPDATE attention SET bytes = ?2 WHERE rowid = ?1", count);
    return e;
}

/* ---- the kept log ---- */

/* Kept entries, and those of a given up path. */
struct log_table {
    const char *put, *next, *orgs;
};
#define LOG_TABLE(t)                                                                                                               \
    {"UPDATE " t " SET entry = ?3 WHERE org = ?1 AND seq = ?2",                                                                     \
     "SELECT seq, entry FROM " t " WHERE org = ?1 AND seq > ?2 ORDER BY seq LIMIT 1", "SELECT min(org) FROM " t " WHERE org > ?1"}
static const struct log_table logs[] = {LOG_TABLE("kept"), LOG_TABLE("late_kept")};

static enum err put_kept(struct replica *r, const struct log_table *t, uint32_t org, const struct entry *entry, const Wire__Entry *was,
                         struct arena *arena)
{
    struct buf packed = BUF_INIT;
    Wire__Entry *now = entry_wire(entry, arena);
    now->has_head_mac = was->has_head_mac;
    now->head_mac = was->head_mac;
    wire_pack(&now->base, &packed);
    enum err e = sql_run(r->db, t->put, "iib", (int64_t)org,
                         (int64_t)entry->seq, buf_slice(&packed));
    buf_finish(&packed);
    return e;
}

static enum err erase_kept_of(struct replica *r, const struct erase_book *book, const struct log_table *t, uint32_t org, size_t *count)
{
    struct erasures known = erase_known(book);
    int64_t seq = 0;
    enum err e = ERR_OK;
    while (e == ERR_OK) {
        struct db_statement *s;
        ProtobufCMessage *m;
        struct entry entry;
        bool row;
        arena_reset(book->arena);
        e = sql_ask(r->db, &s, t->next, "ii", (int64_t)org, seq);
        if (e == ERR_OK)
            e = db_step(s, &row);
        if (e != ERR_OK || !row)
            break;
        seq = db_integer(s, 0);
        struct slice packed = arena_copy(book->arena, db_blob(s, 1));
        db_reset(s);
        e = wire_open(&wire__entry__descriptor, packed, book->arena, &m);
        if (e == ERR_OK)
            e = entry_open((const Wire__Entry *)m, book->arena, &entry);
        if (e == ERR_WIRE)
            e = ERR_CORRUPT;
        if (e == ERR_OK && erase_entry(&known, &entry, book->arena)) {
            e = put_kept(r, t, org, &entry, (const Wire__Entry *)m, book->arena);
            ++*count;
        }
    }
    return e;
}

static enum err erase_kept(struct replica *r, const struct erase_book *book, const struct log_table *t, size_t *count)
{
    int64_t org = 0;
    enum err e = ERR_OK;
    while (e == ERR_OK) {
        e = sql_integer(r->db, 0, &org, t->orgs, "i", org);
        if (e != ERR_OK || org == 0)
            break;
        e = erase_kept_of(r, book, t, (uint32_t)org, count);
    }
    return e;
}

/* ---- rows ---- */

struct target {
    uint32_t kind;
    struct id id;
};

static enum err collect(struct replica *r, const char *sql, struct buf *out)
{
    struct db_statement *s;
    bool row;
    enum err e = sql_ask(r->db, &s, sql, "");
    while (e == ERR_OK && (e = db_step(s, &row)) == ERR_OK && row) {
        struct target t = {(uint32_t)db_integer(s, 0), db_id(s, 1)};
        buf_append(out, &t, sizeof t);
    }
    return e;
}

/* Confirmed, with its shadow and what is shown of it. */
static enum err erase_held_row(struct replica *r, const struct erase_book *book, const struct target *t, size_t *count)
{
    const struct kind *k = kind_by_number(t->kind);
    struct erasures known = erase_known(book);
    struct confirmed c;
    bool held = false;
    if (!k)
        return ERR_OK;
    enum err e = rows_confirmed(r, k, t->id, book->arena, &c);
    if (e == ERR_OK && c.org)
        e = rows_held(r, c.org, &held);
    if (e != ERR_OK || (c.org && !held))
        return e;
    if (c.message)
        *count += erase_row(&known, t->kind, t->id, c.message, book->arena);
    struct row shown;
    if (!c.org) { /* made here, not confirmed yet: what is shown is of the outbox alone */
        e = table_load(r->tables, t->kind, t->id, book->arena, &shown);
        if (e != ERR_OK)
            return e == ERR_NOT_FOUND ? ERR_OK : e;
        c.org = shown.org;
    }
    return rows_write(r, k, t->id, &c, book->arena);
}

/* A row of an org that is not kept here, as it was answered. */
static enum err erase_seen_row(struct replica *r, const struct erase_book *book, const struct target *t, size_t *count)
{
    const struct kind *k = kind_by_number(t->kind);
    struct erasures known = erase_known(book);
    struct db_statement *s;
    ProtobufCMessage *m;
    bool row;
    enum err e = sql_ask(r->db, &s, "SELECT row FROM seen WHERE id = ?1 AND kind = ?2", "di", &t->id, (int64_t)t->kind);
    if (e == ERR_OK)
        e = db_step(s, &row);
    if (e != ERR_OK || !row)
        return e;
    struct slice packed = arena_copy(book->arena, db_blob(s, 0));
    db_reset(s);
    if (!k || wire_open(k->descriptor, packed, book->arena, &m) != ERR_OK) /* it can't be told what stands in it */
        return sql_run(r->db, "DELETE FROM seen WHERE id = ?1", "d", &t->id);
    if (!erase_row(&known, t->kind, t->id, m, book->arena))
        return ERR_OK;
    ++*count;
    return sql_run(r->db, "UPDATE seen SET row = ?2 WHERE id = ?1", "db", &t->id, wire_pack_arena(m, book->arena));
}

/* The records that are erased, and every conflict record: one may be about them. Records whose changes wait may be of
 * the same person (erase_change), too. */
static enum err erase_rows(struct replica *r, const struct erase_book *book, size_t *count)
{
    struct buf list = BUF_INIT;
    enum err e =
        collect(r,
                "SELECT kind, id FROM erased UNION SELECT 100, id FROM conflict UNION SELECT kind, id FROM shadow"
                " UNION SELECT kind, id FROM seen UNION SELECT kind, id FROM outbox",
                &list);
    for (size_t at = 0; e == ERR_OK && at < list.size; at += sizeof(struct target)) {
        struct target t;
        memcpy(&t, list.data + at, sizeof t);
        arena_reset(book->arena);
        e = erase_held_row(r, book, &t, count);
        if (e == ERR_OK)
            e = erase_seen_row(r, book, &t, count);
    }
    buf_finish(&list);
    return e;
}

/* ---- all ---- */

enum err erase_all_held(struct replica *r, size_t *count)
{
    struct erase_book book;
    struct arena arena;
    arena_init(&arena, 4 * LIMIT_ARENA);
    enum err e = erase_open(r, &arena, &book);
    if (e == ERR_OK)
        e = erase_waiting(r, &book, count);
    for (size_t i = 0; e == ERR_OK && i < sizeof logs / sizeof *logs; i++)
        e = erase_kept(r, &book, &logs[i], count);
    if (e == ERR_OK)
        e = erase_rows(r, &book, count);
    if (e == ERR_OK)
        e = book.failed;
    if (e == ERR_OK)
        e = sql_run(r->db, "DELETE FROM answer", ""); /* lists and boards: they hold rows in a form of their own */
    arena_finish(&arena);
    return e;
}
