/* All that a replica holds, without what was erased by law; see replica_erase.h. Order: what waits first, since shown
 * rows are made of it. Each table is gone through whole: an erasure is rare, and what is overlooked would stay. */
#include "client/replica/kept.h"
#include "client/replica/replica_erase.h"
#include "base/limits.h"
#include "sync/effect.h"
#include "wire/wire.h"

#include <string.h>

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

/* outbox and attention: each change with what was said of it, line by line by a number that ascends. */
struct changes {
    const char *next; /* the first behind ?1: number, bytes, refusal */
    const char *put;  /* ?1: number, ?2: bytes, ?3: refusal, empty: as it is */
};

static enum err put_less(struct replica *r, const struct changes *table, int64_t number, const struct change *c,
                         struct slice refusal)
{
    struct buf less = BUF_INIT;
    enum err e = refusal.size ? less_refusal(refusal, &less) : ERR_OK;
    if (e == ERR_OK)
        e = sql_run(r->db, table->put, "ibb", number, c->bytes, buf_slice(&less));
    buf_finish(&less);
    return e;
}

static enum err erase_changes(struct replica *r, const struct erase_book *book, const struct changes *table)
{
    struct erasures known = erase_known(book);
    int64_t number = INT64_MIN;
    bool more = true;
    enum err e = ERR_OK;
    while (e == ERR_OK) {
        struct db_statement *s;
        struct change c;
        arena_reset(book->arena);
        e = sql_ask(r->db, &s, table->next, "i", number);
        if (e == ERR_OK)
            e = db_step(s, &more);
        if (e != ERR_OK || !more)
            break;
        number = db_integer(s, 0);
        struct slice bytes = arena_copy(book->arena, db_blob(s, 1)), refusal = arena_copy(book->arena, db_blob(s, 2));
        db_reset(s);
        e = change_open(bytes, book->arena, &c);
        if (e == ERR_WIRE)
            e = ERR_CORRUPT; /* it was packed here */
        if (e == ERR_OK && erase_change(&known, &c, NULL, book->arena))
            e = put_less(r, table, number, &c, refusal);
    }
    return e;
}

static enum err erase_waiting(struct replica *r, const struct erase_book *book)
{
    static const struct changes outbox = {
        "SELECT local, bytes, refusal FROM outbox WHERE local > ?1 ORDER BY local LIMIT 1",
        "UPDATE outbox SET bytes = ?2, refusal = iif(length(?3), ?3, refusal) WHERE local = ?1"};
    static const struct changes attention = {
        "SELECT rowid, bytes, refusal FROM attention WHERE rowid > ?1 ORDER BY rowid LIMIT 1",
        "UPDATE attention SET bytes = ?2, refusal = iif(length(?3), ?3, refusal) WHERE rowid = ?1"};
    enum err e = erase_changes(r, book, &outbox);
    return e == ERR_OK ? erase_changes(r, book, &attention) : e;
}

/* ---- the kept log ---- */

static bool take_out(const void *known, struct entry *entry, struct arena *arena)
{
    return erase_entry(known, entry, arena);
}

static enum err erase_kept(struct replica *r, const struct erase_book *book)
{
    struct erasures known = erase_known(book);
    return kept_lessen(r, take_out, &known, book->arena);
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
static enum err erase_held_row(struct replica *r, const struct erase_book *book, const struct target *t)
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
        (void)erase_row(&known, t->kind, t->id, c.message, book->arena);
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
static enum err erase_seen_row(struct replica *r, const struct erase_book *book, const struct target *t)
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
    return sql_run(r->db, "UPDATE seen SET row = ?2 WHERE id = ?1", "db", &t->id, wire_pack_arena(m, book->arena));
}

/* The records that are erased, and every conflict record: one may be about them. Records whose changes wait may be of
 * the same person (erase_change), too. */
static enum err erase_rows(struct replica *r, const struct erase_book *book)
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
        e = erase_held_row(r, book, &t);
        if (e == ERR_OK)
            e = erase_seen_row(r, book, &t);
    }
    buf_finish(&list);
    return e;
}

/* ---- all ---- */

enum err erase_all_held(struct replica *r)
{
    struct erase_book book;
    struct arena arena;
    arena_init(&arena, 4 * LIMIT_ARENA);
    enum err e = erase_open(r, &arena, &book);
    if (e == ERR_OK)
        e = erase_waiting(r, &book);
    if (e == ERR_OK)
        e = erase_kept(r, &book);
    if (e == ERR_OK)
        e = erase_rows(r, &book);
    if (e == ERR_OK)
        e = book.failed;
    if (e == ERR_OK)
        e = sql_run(r->db, "DELETE FROM answer", ""); /* lists and boards: they hold rows in a form of their own */
    arena_finish(&arena);
    return e;
}
