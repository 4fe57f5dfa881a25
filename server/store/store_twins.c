/* See store_twins.h. */
#include "server/store/store_twins.h"
#include "base/clock.h"
#include "base/key_file.h"
#include "base/limits.h"
#include "kinds/transfer.h"
#include "membership.pb-c.h"
#include "server/store/store_inner.h"
#include "tls/tls.h"

#include <stdlib.h>
#include <string.h>

#define KEY_NAME "person.key"
#define MARK_SIZE 16
#define TYPE_MEANT "111" /* the identity card (member.c) */

/* ---- the key ---- */

/* Of two processes that make it, the first's counts. */
static enum err read_key(const char *dir, bool make, struct buf *out)
{
    uint8_t fresh[STORE_KEY_SIZE];
    enum err e = key_file_read(dir, KEY_NAME, out);
    if (e == ERR_NOT_FOUND && make) {
        random_fill(fresh, sizeof fresh);
        e = key_file_write(dir, KEY_NAME, slice_of(fresh, sizeof fresh), KEY_FILE_NEW);
        explicit_bzero(fresh, sizeof fresh);
        if (e == ERR_OK || e == ERR_EXISTS)
            e = key_file_read(dir, KEY_NAME, out);
    }
    return e == ERR_OK && out->size != STORE_KEY_SIZE ? ERR_CORRUPT : e;
}

static void mac(const struct store *s, struct slice text, uint8_t out[MARK_SIZE])
{
    uint8_t whole[32];
    tls_hmac_sha256(slice_of(s->person_key, sizeof s->person_key), text, whole);
    memcpy(out, whole, MARK_SIZE);
}

/* ---- one member's mark ---- */

/* False: it has none. */
static bool mark_of(const struct store *s, const ProtobufCMessage *message, uint8_t out[MARK_SIZE])
{
    const Record__Member *m = (const Record__Member *)message;
    struct buf text = BUF_INIT;
    bool counts = m && m->id_number && *m->id_number && m->state &&
                  (strcmp(m->state, "active") == 0 || strcmp(m->state, "retained") == 0);
    if (!counts)
        return false;
    buf_text(&text, "banyan person");
    buf_text(&text, m->id_type && *m->id_type ? m->id_type : TYPE_MEANT);
    buf_byte(&text, 0);
    buf_text(&text, m->id_number);
    mac(s, buf_slice(&text), out);
    if (text.data)
        explicit_bzero(text.data, text.capacity);
    buf_finish(&text);
    return true;
}

/* The mark as $1; of a row, if it is about one, the id as $2 and the org as $3. */
static enum err prepare(struct store *s, const char *sql, const struct row *row, struct slice mark, struct db_statement **out)
{
    enum err e = db_prepare(s->db, sql, out);
    if (e != ERR_OK)
        return e;
    db_bind_blob(*out, 1, mark);
    if (row) {
        db_bind_id(*out, 2, &row->id);
        db_bind_integer(*out, 3, row->org);
    }
    return ERR_OK;
}

/* Runs a statement that answers nothing. */
static enum err order(struct store *s, const char *sql, const struct row *row, struct slice mark)
{
    struct db_statement *q;
    enum err e = prepare(s, sql, row, mark, &q);
    return e == ERR_OK ? db_run(q) : e;
}

/* Does it answer anything? */
static enum err finds(struct store *s, const char *sql, const struct row *row, struct slice mark, bool *out)
{
    struct db_statement *q;
    bool found = false;
    enum err e = prepare(s, sql, row, mark, &q);
    if (e == ERR_OK)
        e = db_step(q, &found);
    if (e != ERR_OK)
        return e;
    db_reset(q);
    *out = found;
    return ERR_OK;
}

/* The mark that stands for the row; size 0: none. */
static enum err mark_before(struct store *s, struct id id, struct slice *out, uint8_t room[MARK_SIZE])
{
    struct db_statement *q;
    bool found;
    *out = slice_of(room, 0);
    enum err e = db_prepare(s->db, "SELECT mark FROM person WHERE id=$1", &q);
    if (e != ERR_OK)
        return e;
    db_bind_id(q, 1, &id);
    e = db_step(q, &found);
    if (e != ERR_OK || !found)
        return e;
    struct slice mark = db_blob(q, 0);
    if (mark.size == MARK_SIZE) {
        memcpy(room, mark.data, MARK_SIZE);
        *out = slice_of(room, MARK_SIZE);
    }
    db_reset(q);
    return ERR_OK;
}

/* Which marks stand more than once is kept apart, so that a board reads these alone. */
static enum err settle(struct store *s, struct slice mark)
{
    if (!mark.size)
        return ERR_OK;
    enum err e = order(s, "DELETE FROM person_twin WHERE mark=$1 AND (SELECT count(*) FROM person WHERE mark=$1)<2", NULL, mark);
    if (e == ERR_OK)
        e = order(s, "INSERT OR IGNORE INTO person_twin(mark) SELECT $1 WHERE (SELECT count(*) FROM person WHERE mark=$1)>1", NULL, mark);
    return e;
}

enum err store_note_person(struct store *s, const struct row *row)
{
    uint8_t mark[MARK_SIZE], room[MARK_SIZE];
    struct slice before;
    if (row->kind != TRANSFER_KIND)
        return ERR_OK;
    struct slice now = slice_of(mark, mark_of(s, row->message, mark) ? MARK_SIZE : 0);
    enum err e = mark_before(s, row->id, &before, room);
    if (e != ERR_OK || slice_equal(before, now))
        return e;
    if (now.size)
        e = order(s, "INSERT OR REPLACE INTO person(mark, id, org) VALUES($1, $2, $3)", row, now);
    else
        e = order(s, "DELETE FROM person WHERE mark=$1 AND id=$2 AND org=$3", row, before);
    if (e == ERR_OK)
        e = settle(s, before);
    return e == ERR_OK ? settle(s, now) : e;
}

enum err store_forget_persons(struct store *s, uint32_t org)
{
    enum err e = store_order(s, "DELETE FROM person WHERE org=$1", org, 0);
    if (e == ERR_OK)
        e = db_exec(s->db, "DELETE FROM person_twin WHERE (SELECT count(*) FROM person WHERE mark=person_twin.mark)<2");
    return e;
}

/* ---- all marks anew ---- */

typedef enum err on_member(struct store *s, const struct row *row, void *to);

static enum err each_member(struct store *s, on_member *each, void *to)
{
    struct table_cursor *c;
    bool more = true;
    enum err e = table_scan(s->tables, TRANSFER_KIND, 0, NULL, TABLE_LIVING, &c);
    if (e != ERR_OK)
        return e;
    while (e == ERR_OK && more) {
        struct row row;
        arena_reset(&s->arena);
        e = table_next(c, &s->arena, &row, &more);
        if (e == ERR_OK && more)
            e = each(s, &row, to);
    }
    table_scan_close(c);
    return e;
}

static enum err note_each(struct store *s, const struct row *row, void *to)
{
    (void)to;
    return store_note_person(s, row);
}

/* What tells that the marks were made with this key. */
static void proof_of(const struct store *s, uint8_t out[MARK_SIZE])
{
    mac(s, slice_text("banyan person key"), out);
}

static enum err has_proof(struct store *s, bool *out)
{
    uint8_t proof[MARK_SIZE];
    proof_of(s, proof);
    return finds(s, "SELECT 1 FROM person_key WHERE proof=$1", NULL, slice_of(proof, sizeof proof), out);
}

static enum err put_proof(struct store *s)
{
    uint8_t proof[MARK_SIZE];
    proof_of(s, proof);
    return order(s, "INSERT INTO person_key(proof) VALUES($1)", NULL, slice_of(proof, sizeof proof));
}

static enum err rebuild(struct store *s)
{
    bool done = false;
    enum err e = store_begin(s);
    if (e != ERR_OK)
        return e;
    e = has_proof(s, &done); /* another process may have been faster */
    if (e == ERR_OK && !done)
        e = db_exec(s->db, "DELETE FROM person; DELETE FROM person_twin; DELETE FROM person_key");
    if (e == ERR_OK && !done)
        e = each_member(s, note_each, NULL);
    if (e == ERR_OK && !done)
        e = put_proof(s);
    if (e == ERR_OK)
        return store_commit(s);
    store_rollback(s);
    return e;
}

enum err store_open_twins(struct store *s, const char *dir)
{
    struct buf key = BUF_INIT;
    bool done = false, writes = s->mode == STORE_WRITE;
    enum err e = read_key(dir, writes, &key);
    s->has_person_key = e == ERR_OK;
    if (e == ERR_OK)
        memcpy(s->person_key, key.data, sizeof s->person_key);
    if (key.data)
        explicit_bzero(key.data, key.capacity);
    buf_finish(&key);
    if (e == ERR_NOT_FOUND && !writes)
        return ERR_OK; /* marks can be counted without it */
    if (e == ERR_OK && writes)
        e = has_proof(s, &done);
    return e == ERR_OK && writes && !done ? rebuild(s) : e;
}

/* ---- asked ---- */

enum err store_count_twins(struct store *s, enum store_twin_reach reach, store_twin_count *each, void *to)
{
    static const char *const counts[] = {
        [TWINS_ANYWHERE] = "SELECT org, count(*) FROM person_twin JOIN person USING(mark) GROUP BY org",
        [TWINS_WITHIN] = "SELECT org, sum(members) FROM (SELECT org, count(*) AS members FROM person_twin JOIN person USING(mark)"
                         " GROUP BY mark, org HAVING count(*)>1) GROUP BY org"};
    struct db_statement *q;
    bool row = true;
    enum err e = db_prepare(s->db, counts[reach], &q);
    while (e == ERR_OK && (e = db_step(q, &row)) == ERR_OK && row)
        each(to, (uint32_t)db_integer(q, 0), db_integer(q, 1));
    return e;
}

struct gathering {
    struct store_twin *list;
    size_t count, capacity, persons;
    uint8_t mark[MARK_SIZE];
};

static enum err gather(struct gathering *g, struct db_statement *q, size_t max, struct arena *arena, bool *full)
{
    struct slice id = db_blob(q, 0), mark = db_blob(q, 2);
    if (id.size != ID_SIZE || mark.size != MARK_SIZE)
        return ERR_CORRUPT;
    bool next = g->count == 0 || memcmp(mark.data, g->mark, MARK_SIZE) != 0;
    *full = next && g->persons == max;
    struct store_twin *list = *full ? NULL : arena_grow(arena, g->list, g->count, &g->capacity, sizeof *list);
    if (!list)
        return *full ? ERR_OK : ERR_MEMORY;
    g->list = list;
    g->persons += next;
    memcpy(g->mark, mark.data, MARK_SIZE);
    g->list[g->count++] = (struct store_twin){(uint32_t)db_integer(q, 1), id_from(id), g->persons - 1};
    return ERR_OK;
}

enum err store_twins(struct store *s, size_t max, struct arena *arena, struct store_twin **out, size_t *count, bool *more)
{
    struct gathering g = {.count = 0};
    struct db_statement *q;
    bool row = true, full = false;
    enum err e = db_prepare(s->db, "SELECT id, org, mark FROM person_twin JOIN person USING(mark) ORDER BY mark, org, id", &q);
    if (e != ERR_OK)
        return e;
    while (e == ERR_OK && !full && (e = db_step(q, &row)) == ERR_OK && row)
        e = gather(&g, q, max, arena, &full);
    db_reset(q);
    if (e != ERR_OK)
        return e;
    *out = g.list;
    *count = g.count;
    *more = full;
    return ERR_OK;
}

/* ---- for verify ---- */

struct comparison {
    int64_t wanted, wrong; /* rows that have a mark; those whose mark is another, or missing */
};

static enum err compare(struct store *s, const struct row *row, void *to)
{
    struct comparison *c = to;
    uint8_t mark[MARK_SIZE];
    bool found = false;
    if (!mark_of(s, row->message, mark))
        return ERR_OK;
    c->wanted++;
    enum err e = finds(s, "SELECT 1 FROM person WHERE mark=$1 AND id=$2 AND org=$3", row, slice_of(mark, sizeof mark), &found);
    c->wrong += e == ERR_OK && !found;
    return e;
}

enum err store_check_twins(struct store *s, int64_t *wrong)
{
    struct comparison c = {0};
    bool current = false;
    int64_t marks, twins;
    enum err e = s->has_person_key ? has_proof(s, &current) : ERR_OK;
    *wrong = 0;
    if (e != ERR_OK || !current)
        return e; /* no marks of this key: they are made anew by who opens it for writing */
    e = each_member(s, compare, &c);
    if (e == ERR_OK)
        e = store_ask(s, "SELECT count(*) FROM person WHERE org>$1", 0, 0, &marks);
    if (e == ERR_OK) /* marks that stand twice and are not kept as such, and the other way round */
        e = store_ask(s,
                      "SELECT count(*) FROM (SELECT mark, count(*)>1 AS twice FROM person GROUP BY mark) p"
                      " FULL JOIN person_twin t ON t.mark=p.mark WHERE coalesce(p.twice, 0) IS NOT (t.mark IS NOT NULL) AND $1=0",
                      0, 0, &twins);
    if (e == ERR_OK)
        *wrong = c.wrong + llabs(marks - (c.wanted - c.wrong)) + twins;
    return e;
}
