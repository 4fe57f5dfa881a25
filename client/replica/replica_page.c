/* A snapshot (rule 23): rows as of now in pages, resumable by (kind, id), bound straight from the wire's bytes where nothing
 * waits; then the entries between promise and snapshot, kept without being applied; then the tail.
 * Every row that comes is taken: on one connection, with nothing pulled meanwhile, it is never older than what is here, and after
 * a restore it may well bear a lower seq than what was given up. */
#include "client/replica/heads.h"
#include "client/replica/past.h"
#include "client/replica/kept.h"
#include "client/replica/outbox.h"
#include "client/replica/replica_erase.h"
#include "client/replica/replica_numbers.h"
#include "client/replica/replica_pull.h"
#include "client/replica/replica_sync.h"
#include "base/limits.h"
#include "base/log.h"
#include "sync/org_state.h"
#include "wire/wire.h"

#include <stdio.h>
#include <string.h>

/* ---- what a snapshot does not bring ---- */

struct rest {
    struct id id;
    uint32_t kind;
};

static enum err collect(struct replica *r, const char *sql, const struct position *p, uint32_t kind, struct buf *list)
{
    struct db_statement *s;
    bool row;
    /* While one kind is repaired the log goes on, and what it brought is newer. While all is taken it stands still: what is not
     * brought then is gone, also what bears the later seq of an epoch that a restore forgot. */
    int64_t limit = p->snap_kind ? (int64_t)p->snap_seq : INT64_MAX;
    enum err e = sql_ask(r->db, &s, sql, "ii", (int64_t)p->org, limit);
    while (e == ERR_OK && (e = db_step(s, &row)) == ERR_OK && row) {
        struct rest rest = {.id = db_id(s, 0), .kind = kind ? kind : (uint32_t)db_integer(s, 1)};
        buf_append(list, &rest, sizeof rest);
    }
    if (e == ERR_OK)
        db_reset(s);
    return e;
}

#define NOT_BROUGHT(id, seq) " AND " seq " <= ?2 AND NOT EXISTS(SELECT 1 FROM brought b WHERE b.org = ?1 AND b.id = " id ")"

static enum err collect_all(struct replica *r, const struct position *p, struct buf *list)
{
    enum err e = ERR_OK;
    struct buf sql = BUF_INIT;
    for (size_t i = 0; e == ERR_OK && i < r->spec_count; i++) {
        sql.size = 0;
        if (p->snap_kind && p->snap_kind != r->specs[i].number)
            continue;
        buf_format(&sql, "SELECT k.id FROM \"%s\" k WHERE k._org = ?1" NOT_BROUGHT("k.id", "k._seq"), r->specs[i].name);
        e = collect(r, buf_c_string(&sql), p, r->specs[i].number, list);
    }
    buf_finish(&sql);
    if (e == ERR_OK)
        e = collect(r, "SELECT t.id, t.kind FROM tombstone t WHERE t._org = ?1" NOT_BROUGHT("t.id", "t._seq"), p, 0, list);
    if (e == ERR_OK)
        e = collect(r, "SELECT s.id, s.kind FROM shadow s WHERE s.org = ?1 AND s.seq > 0" NOT_BROUGHT("s.id", "s.seq"), p, 0, list);
    return e;
}

static enum err remove_one(struct replica *r, const struct position *p, const struct rest *rest, struct arena *arena)
{
    const struct kind *k = kind_by_number(rest->kind);
    struct confirmed gone = {.org = p->org};
    if (!k || (p->snap_kind && p->snap_kind != rest->kind))
        return ERR_OK;
    arena_reset(arena);
    return rows_write(r, k, rest->id, &gone, arena);
}

enum err page_remove_rest(struct replica *r, const struct position *p)
{
    struct buf list = BUF_INIT;
    struct arena arena;
    arena_init(&arena, LIMIT_ARENA);
    enum err e = collect_all(r, p, &list);
    for (size_t at = 0; e == ERR_OK && at < list.size; at += sizeof(struct rest)) {
        struct rest rest;
        memcpy(&rest, list.data + at, sizeof rest);
        e = remove_one(r, p, &rest, &arena);
    }
    arena_finish(&arena);
    buf_finish(&list);
    return e;
}

/* ---- how many have come ---- */

/* Told to people who wait, in this session and in those after a cut; what goes on does not hang on it. */
#define BROUGHT_KEY_SIZE 24
static const char *brought_key(uint32_t org, char out[BROUGHT_KEY_SIZE])
{
    (void)snprintf(out, BROUGHT_KEY_SIZE, "brought.%u", org);
    return out;
}

uint64_t page_brought(struct replica *r, uint32_t org)
{
    char key[BROUGHT_KEY_SIZE];
    return (uint64_t)replica_meta_integer(r, brought_key(org, key), 0);
}

/* 0: forgotten. */
static enum err brought_put(struct replica *r, uint32_t org, uint64_t rows)
{
    char key[BROUGHT_KEY_SIZE];
    (void)brought_key(org, key);
    return rows ? replica_meta_put_integer(r, key, (int64_t)rows) : replica_meta_put(r, key, (struct slice){0});
}

/* ---- one row ---- */

/* Rule 29: without what was erased, where the server has lost that. Borrows the arena. */
static enum err less_row(struct replica *r, const struct kind *k, struct id id, struct slice *packed, struct arena *arena)
{
    struct erase_book book;
    ProtobufCMessage *m;
    enum err e = erase_open(r, arena, &book);
    if (e != ERR_OK || !book.any)
        return e;
    struct erasures known = erase_known(&book);
    e = wire_open(k->descriptor, *packed, arena, &m);
    if (e == ERR_OK && erase_row(&known, k->number, id, m, arena))
        *packed = wire_pack_arena(m, arena);
    return e == ERR_OK ? book.failed : e;
}

/* Over changes that wait, or in place of a shadow, it goes the long way. */
static enum err take_under(struct replica *r, uint32_t org, const struct kind *k, struct id id, const Wire__SnapshotRow *row)
{
    struct arena arena;
    struct confirmed c = {.org = org, .seq = row->seq, .dead = !row->has_row};
    enum err e = ERR_OK;
    arena_init(&arena, LIMIT_ARENA);
    struct slice packed = slice_of(row->row.data, row->row.len);
    if (row->has_row)
        e = less_row(r, k, id, &packed, &arena);
    if (e == ERR_OK && row->has_row)
        e = wire_open(k->descriptor, packed, &arena, &c.message);
    if (e == ERR_OK)
        e = rows_write(r, k, id, &c, &arena);
    arena_finish(&arena);
    return e;
}

static enum err save_row(struct replica *r, uint32_t org, const struct kind *k, struct id id, const Wire__SnapshotRow *row)
{
    struct arena arena;
    struct slice packed = slice_of(row->row.data, row->row.len);
    arena_init(&arena, LIMIT_ARENA);
    enum err e = wire_check(k->descriptor, packed);
    if (e == ERR_OK)
        e = less_row(r, k, id, &packed, &arena);
    if (e == ERR_OK)
        e = table_save_packed(r->tables, row->kind, id, org, row->seq, packed);
    arena_finish(&arena);
    return e;
}

static enum err take_row(struct replica *r, const struct position *p, const Wire__SnapshotRow *row, bool anything_waits)
{
    const struct kind *k = kind_by_number(row->kind);
    bool waits = false;
    enum err e = ERR_OK;
    if (row->id.len != ID_SIZE || !row->has_seq || row->seq == 0 || row->seq > INT64_MAX)
        return ERR_WIRE;
    struct id id = id_from(slice_of(row->id.data, ID_SIZE));
    if (!k)
        return ERR_OK; /* a later build that knows the kind asks again */
    if (p->snap_marked)
        e = sql_run(r->db, "INSERT OR IGNORE INTO brought(org, id) VALUES(?1, ?2)", "id", (int64_t)p->org, &id);
    if (e == ERR_OK && anything_waits) {
        int64_t shadow = 0;
        e = outbox_has(r, id, &waits);
        if (e == ERR_OK)
            e = sql_integer(r->db, 0, &shadow, "SELECT EXISTS(SELECT 1 FROM shadow WHERE id = ?1)", "d", &id);
        waits = waits || shadow;
    }
    if (e != ERR_OK)
        return e;
    if (waits)
        return take_under(r, p->org, k, id, row);
    if (!row->has_row)
        return table_save(r->tables, &(struct row){.id = id, .kind = row->kind, .org = p->org, .seq = row->seq});
    return save_row(r, p->org, k, id, row);
}

/* ---- beginning and end ---- */

static enum err begin_rows(struct replica *r, struct position *p, const Wire__SnapshotPage *page)
{
    int64_t any = 0;
    struct buf sql = BUF_INIT;
    enum err e = sql_run(r->db, "DELETE FROM brought WHERE org = ?1", "i", (int64_t)p->org);
    /* A new seat has nothing that could be too much: no marks, half the writes. */
    for (size_t i = 0; e == ERR_OK && !any && i < r->spec_count; i++) {
        sql.size = 0;
        buf_format(&sql, "SELECT EXISTS(SELECT 1 FROM \"%s\" WHERE _org = ?1)", r->specs[i].name);
        e = sql_integer(r->db, 0, &any, buf_c_string(&sql), "i", (int64_t)p->org);
    }
    buf_finish(&sql);
    if (e == ERR_OK && !any)
        e = sql_integer(r->db, 0, &any, "SELECT EXISTS(SELECT 1 FROM tombstone WHERE _org = ?1)", "i", (int64_t)p->org);
    p->snap = SNAP_ROWS;
    p->snap_at_kind = 0;
    p->snap_seq = page->seq;
    memcpy(p->snap_chain, page->chain.data, CHAIN_SIZE);
    p->snap_marked = any != 0;
    if (e == ERR_OK)
        e = brought_put(r, p->org, 0);
    /* A repair leaves the position where it is. */
    return e == ERR_OK && !p->snap_kind ? heads_put(r, p->org, page->seq, page->head_mac) : e;
}

enum err page_next_repair(struct replica *r, struct position *p)
{
    int64_t kind;
    enum err e = sql_integer(r->db, 0, &kind, "SELECT kind FROM repair WHERE org = ?1 ORDER BY kind LIMIT 1", "i", (int64_t)p->org);
    if (e == ERR_OK && kind) {
        p->snap = SNAP_WANTED;
        p->snap_kind = (uint32_t)kind;
    }
    return e;
}

static enum err end_repair(struct replica *r, struct position *p)
{
    enum err e = sql_run(r->db, "DELETE FROM repair WHERE org = ?1 AND kind = ?2", "ii", (int64_t)p->org, (int64_t)p->snap_kind);
    p->snap = SNAP_NONE;
    p->snap_kind = 0;
    return e == ERR_OK ? page_next_repair(r, p) : e;
}

/* The rows are those of a server that has not got back yet what is held here: the entries that it lacks, laid over them. */
static enum err apply_kept(struct replica *r, const struct position *p)
{
    struct arena arena;
    int64_t seq = (int64_t)p->snap_seq;
    enum err e = ERR_OK;
    arena_init(&arena, LIMIT_ARENA);
    while (e == ERR_OK) {
        struct entry entry;
        arena_reset(&arena);
        e = sql_integer(r->db, 0, &seq, "SELECT min(seq) FROM kept WHERE org = ?1 AND seq > ?2 AND seq <= ?3", "iii", (int64_t)p->org, seq,
                        (int64_t)p->log_seq);
        if (e != ERR_OK || seq == 0)
            break;
        e = kept_load(r, p->org, (uint64_t)seq, &arena, &entry);
        if (e == ERR_OK)
            e = pull_apply(r, p->org, &entry, &arena);
    }
    arena_finish(&arena);
    return e;
}

/* All rows are here. What of the log is missing between promise and S0 comes next, so that the log stays in many hands. */
static enum err end_all(struct replica *r, struct position *p)
{
    enum err e = sql_run(r->db, "DELETE FROM repair WHERE org = ?1", "i", (int64_t)p->org);
    if (e == ERR_OK)
        e = roles_seen(r, p->org);
    if (e == ERR_OK)
        e = numbers_settle(r, p->org);
    if (p->promise > p->log_seq) {
        p->log_seq = p->promise;
        p->log_chain_known = false;
        p->trimmed = true;
    }
    if (p->log_seq < p->snap_seq) {
        p->snap = SNAP_LOG;
        return e;
    }
    p->snap = SNAP_NONE;
    if (!p->log_chain_known || p->log_seq == p->snap_seq) { /* the promise has passed all of it */
        p->log_seq = p->snap_seq;
        memcpy(p->log_chain, p->snap_chain, CHAIN_SIZE);
        p->log_chain_known = true;
    }
    if (e == ERR_OK)
        e = apply_kept(r, p);
    p->seq = p->log_seq;
    memcpy(p->chain, p->log_chain, CHAIN_SIZE);
    p->chain_known = p->log_chain_known;
    return e;
}

static enum err end_rows(struct replica *r, struct position *p)
{
    enum err e = p->snap_marked ? page_remove_rest(r, p) : ERR_OK;
    if (e == ERR_OK)
        e = sql_run(r->db, "DELETE FROM brought WHERE org = ?1", "i", (int64_t)p->org);
    if (e == ERR_OK)
        e = brought_put(r, p->org, 0);
    p->snap_at_kind = 0;
    p->snap_at_id = (struct id){{0}};
    p->snap_marked = false;
    if (e != ERR_OK)
        return e;
    return p->snap_kind ? end_repair(r, p) : end_all(r, p);
}

/* ---- a page ---- */

static bool fits(const struct position *p, const struct replica_cursor *asked)
{
    bool resumed = p->snap == SNAP_ROWS;
    if ((p->snap != SNAP_WANTED && !resumed) || p->snap_kind != asked->snapshot_kind)
        return false;
    return asked->after_kind == (resumed ? p->snap_at_kind : 0) && (!resumed || id_equal(asked->after_id, p->snap_at_id));
}

/* Pages ascend by (kind, id): one that goes back would be asked for without end. */
static bool goes_on(const struct position *p, const Wire__SnapshotRow *last)
{
    if (last->id.len != ID_SIZE || last->kind < p->snap_at_kind)
        return false;
    return last->kind > p->snap_at_kind || id_compare(id_from(slice_of(last->id.data, ID_SIZE)), p->snap_at_id) > 0;
}

static enum err take_rows(struct replica *r, struct position *p, const Wire__SnapshotPage *page)
{
    int64_t waits;
    enum err e = sql_integer(r->db, 0, &waits, "SELECT EXISTS(SELECT 1 FROM outbox WHERE state < 2) OR EXISTS(SELECT 1 FROM shadow)", "");
    for (size_t i = 0; e == ERR_OK && i < page->n_row; i++)
        e = take_row(r, p, page->row[i], waits != 0);
    if (e == ERR_OK && page->n_row > 0) {
        const Wire__SnapshotRow *last = page->row[page->n_row - 1];
        if (p->snap_at_kind && !goes_on(p, last))
            return ERR_PROTOCOL;
        p->snap_at_kind = last->kind;
        p->snap_at_id = id_from(slice_of(last->id.data, ID_SIZE));
        e = brought_put(r, p->org, page_brought(r, p->org) + page->n_row);
    }
    return e;
}

static enum err take_page(struct replica *r, struct position *p, const Wire__SnapshotPage *page)
{
    enum err e = ERR_OK;
    if (!page->has_seq || page->chain.len != CHAIN_SIZE || (page->n_row == 0 && !page->done))
        return ERR_PROTOCOL;
    if (p->snap == SNAP_ROWS && seq_epoch(page->seq) != seq_epoch(p->snap_seq)) {
        p->snap = SNAP_WANTED; /* a restore ended meanwhile: from the front */
        return position_save(r, p);
    }
    if (p->snap == SNAP_WANTED)
        e = begin_rows(r, p, page);
    if (e == ERR_OK)
        e = take_rows(r, p, page);
    if (e == ERR_OK && page->done)
        e = end_rows(r, p);
    if (e == ERR_OK)
        e = position_save(r, p);
    return e == ERR_OK ? position_settle(r, p->org, p->snap == SNAP_NONE ? p->seq : 0, p->promise) : e;
}

enum err replica_take_page(struct replica *r, const struct replica_cursor *asked, const Wire__SnapshotPage *page, int64_t now_ms)
{
    struct position p;
    (void)now_ms;
    enum err e = inner_begin(r);
    if (e != ERR_OK)
        return e;
    e = position_load(r, page->org, &p);
    if (e == ERR_NOT_FOUND || (e == ERR_OK && page->org != asked->org))
        e = ERR_PROTOCOL;
    else if (e == ERR_OK && fits(&p, asked))
        e = take_page(r, &p, page);
    return inner_end(r, e);
}

enum err replica_snapshot_begin(struct replica *r)
{
    return inner_begin(r);
}

enum err replica_snapshot_end(struct replica *r)
{
    return inner_end(r, ERR_OK);
}

void replica_snapshot_drop(struct replica *r)
{
    if (r->depth > 0) { /* nothing of it is kept; it is asked for again */
        enum err e = inner_end(r, ERR_CUT);
        CHECK(e == ERR_CUT);
    }
}

/* ---- log or rows ---- */

#define WORTH_ROWS 200 /* a page or two: below that the log is as fast, and it is needed anyway */

static enum err choose(struct replica *r, const Wire__Head *head, struct position *p)
{
    bool is_new = p->seq == 0 && p->log_seq == 0;
    if (p->snap == SNAP_ROWS && seq_epoch(head->seq) != seq_epoch(p->snap_seq))
        p->snap = SNAP_WANTED;
    if (p->snap != SNAP_NONE)
        return ERR_OK;
    if ((is_new && head->rows > WORTH_ROWS) || head->entries > head->rows + WORTH_ROWS) {
        p->snap = SNAP_WANTED;
        p->snap_kind = 0;
        return is_new ? ERR_OK : past_doubt(r, p->org); /* the log may be let go between */
    }
    return page_next_repair(r, p);
}

/* Where the log stands is where the server says that it does. */
static enum err note_head(struct replica *r, const struct position *p, ProtobufCBinaryData mac)
{
    enum err e = heads_put(r, p->org, p->log_seq, mac);
    if (e != ERR_OK || p->log_seq == 0)
        return e;
    return past_note(r, p->org, p->log_seq, p->log_chain, mac, replica_meta_integer(r, "last_contact_ms", 0));
}

enum err replica_choose(struct replica *r, const Wire__Head *head)
{
    struct position p;
    enum err e = inner_begin(r);
    if (e != ERR_OK)
        return e;
    e = position_load(r, head->org->number, &p);
    if (e == ERR_NOT_FOUND) {
        p = (struct position){.org = head->org->number, .chain_known = true, .log_chain_known = true};
        e = ERR_OK;
    }
    if (e == ERR_OK && head->seq == p.log_seq && p.log_chain_known && head->chain.len == CHAIN_SIZE &&
        memcmp(head->chain.data, p.log_chain, CHAIN_SIZE) == 0)
        e = note_head(r, &p, head->head_mac);
    if (e == ERR_OK)
        e = pull_promise(r, &p, head->promise);
    if (e == ERR_OK)
        e = choose(r, head, &p);
    if (e == ERR_OK)
        e = position_save(r, &p);
    if (e == ERR_OK)
        e = position_settle(r, p.org, p.seq, p.promise);
    return inner_end(r, e);
}
