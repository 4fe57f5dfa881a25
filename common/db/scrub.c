/* What was deleted goes out of the file, page by page, in place (db_scrub).
 * secure_delete zeroes cells and pages when they are freed. It does not know the copies that a page keeps when its tree
 * is balanced: cells move to pages beside it, and their bytes stay between the page's pointers and its cells, where
 * nobody looks (rebuildPage of SQLite's btree.c). VACUUM would write the whole file anew, in memory of its size and
 * once more into the WAL; here a page is read, and only those bytes are written. Order of a turn: the WAL is emptied,
 * so that the file holds each page as it is; then with the lock of writers held the gaps are zeroed and synced, and a
 * commit follows, after which every other connection reads its pages anew: one that wrote a page from its cache would
 * bring the bytes back. Nobody ever reads a gap, so that readers go on meanwhile and a death over it harms nothing. A
 * large file takes several turns, between which others write. Siblings that are balanced are put in order of their
 * numbers, gaps and all (balance_nonroot), so that what stood before the walk may get behind it: a walk counts only if
 * nobody else committed between its first turn and its last. */
#include "base/limits.h"
#include "db/handle.h"
#include <sqlite3.h>
#include <string.h>

#define PAGE_SIZE 4096u /* db_open makes no other */
#define FILE_HEADER 100u
#define WAIT_MS 100 /* for who reads or writes: all who write wait with it */
#define PAUSE_MS 20 /* between turns, for who waits for the lock */
#define WALKS_MAX 3
/* Up to there the first byte of a number of a page is zero, and with it the first of pages that are not of a tree:
 * those of overflow and of the free list begin with such a number. */
#define PAGES_MAX ((int64_t)1 << 24)

enum { TREE_INDEX_INNER = 2, TREE_TABLE_INNER = 5, TREE_INDEX_LEAF = 10, TREE_TABLE_LEAF = 13 };

static unsigned number_at(const uint8_t *at)
{
    return (unsigned)at[0] << 8 | at[1];
}

static bool is_zero(const uint8_t *at, size_t size)
{
    return size == 0 || (at[0] == 0 && memcmp(at, at + 1, size - 1) == 0);
}

/* The gap of a tree's page: [*from, *to). *from == *to: none, or a page of another sort. False: no page of SQLite's. */
static bool gap_of(const uint8_t *page, bool first, size_t *from, size_t *to)
{
    const uint8_t *head = page + (first ? FILE_HEADER : 0);
    bool inner = head[0] == TREE_INDEX_INNER || head[0] == TREE_TABLE_INNER;
    *from = *to = 0;
    if (!inner && head[0] != TREE_INDEX_LEAF && head[0] != TREE_TABLE_LEAF)
        return head[0] == 0 && !first;
    size_t cells = number_at(head + 5),
           pointers = (size_t)(head - page) + (inner ? 12u : 8u) + 2u * number_at(head + 3);
    if (pointers > cells || cells > PAGE_SIZE)
        return false;
    *from = pointers;
    *to = cells;
    return true;
}

static int scrub_page(struct sqlite3_file *file, int64_t number)
{
    static const uint8_t zeros[PAGE_SIZE];
    uint8_t page[PAGE_SIZE];
    size_t from, to;
    int64_t at = number * (int64_t)PAGE_SIZE;
    int code = file->pMethods->xRead(file, page, PAGE_SIZE, at);
    if (code != SQLITE_OK)
        return code;
    if (!gap_of(page, number == 0, &from, &to))
        return SQLITE_CORRUPT;
    return is_zero(page + from, to - from) ? SQLITE_OK
                                           : file->pMethods->xWrite(file, zeros, (int)(to - from), at + (int64_t)from);
}

/* Pages of another size, or with pages between them that are of no tree (pointers of auto_vacuum), are not what is
 * known here. */
static enum err demand_known(struct db *db, struct sqlite3_file *file)
{
    uint8_t head[FILE_HEADER];
    int code = file->pMethods->xRead(file, head, FILE_HEADER, 0);
    if (code != SQLITE_OK)
        return db_error(db, code);
    if (number_at(head + 16) == PAGE_SIZE && is_zero(head + 52, 4))
        return ERR_OK;
    return db_error_said(db, ERR_FOREIGN,
                         "its pages are of another size or kept for auto_vacuum; stop all programs, then: "
                         "PRAGMA journal_mode=DELETE; PRAGMA page_size=4096; PRAGMA auto_vacuum=0; VACUUM");
}

/* *next: from there, most of them, and then the first that was not come to; 0: that was all. */
static int scrub_pages(struct sqlite3_file *file, int64_t most, int64_t *next)
{
    sqlite3_int64 size;
    int code = file->pMethods->xFileSize(file, &size);
    int64_t pages = size / PAGE_SIZE, i = *next, end = pages - i > most ? i + most : pages;
    if (code == SQLITE_OK && pages > PAGES_MAX)
        code = SQLITE_TOOBIG;
    for (; code == SQLITE_OK && i < end; i++)
        code = scrub_page(file, i);
    if (code == SQLITE_OK)
        code = file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
    if (code == SQLITE_OK)
        *next = end < pages ? end : 0;
    return code;
}

/* Somebody may have committed since it was emptied. */
static int demand_empty(struct sqlite3_file *wal)
{
    sqlite3_int64 size = 0;
    int code = wal->pMethods ? wal->pMethods->xFileSize(wal, &size) : SQLITE_OK;
    return code == SQLITE_OK && size > 0 ? SQLITE_BUSY : code;
}

static int empty_wal(struct db *db)
{
    int in_wal = 0, copied = 0;
    return sqlite3_wal_checkpoint_v2(db->raw, "main", SQLITE_CHECKPOINT_TRUNCATE, &in_wal, &copied);
}

/* In a transaction, with the writers' lock. */
static enum err scrub_file(struct db *db, int64_t most, int64_t *next)
{
    struct sqlite3_file *file = NULL, *wal = NULL;
    int code = sqlite3_file_control(db->raw, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    if (code == SQLITE_OK)
        code = sqlite3_file_control(db->raw, "main", SQLITE_FCNTL_JOURNAL_POINTER, &wal);
    if (code == SQLITE_OK)
        code = demand_empty(wal);
    enum err e = db_error(db, code);
    if (e == ERR_OK)
        e = demand_known(db, file);
    return e == ERR_OK ? db_error(db, scrub_pages(file, most, next)) : e;
}

/* Another one after each commit, this connection's or another's, that it knows of: it does when it has begun a
 * transaction. */
static uint32_t commits_seen(struct db *db)
{
    uint32_t seen = 0;
    CHECK(sqlite3_file_control(db->raw, "main", SQLITE_FCNTL_DATA_VERSION, &seen) == SQLITE_OK);
    return seen;
}

/* The commit is of a number that stays what it was: what counts is that there was one. It writes page 1, which holds
 * the schema alone. */
static enum err scrub_held(struct db *db, struct db_scrub *walk, int64_t most)
{
    struct db_scrub w = *walk;
    w.disturbed = w.next > 0 && (w.disturbed || commits_seen(db) != w.commits);
    enum err e = scrub_file(db, most, &w.next);
    if (e == ERR_OK)
        e = db_set_version(db, db_version(db));
    if (e != ERR_OK) {
        db_rollback(db);
        return e;
    }
    e = db_commit(db);
    w.commits = commits_seen(db);
    if (e == ERR_OK)
        *walk = w;
    return e;
}

static enum err take_turn(struct db *db, struct db_scrub *walk, int64_t most)
{
    int code = empty_wal(db);
    if (code == SQLITE_OK)
        code = sqlite3_db_release_memory(db->raw); /* pages that this connection holds as they were */
    enum err e = db_error(db, code);
    if (e == ERR_OK)
        e = db_begin(db);
    if (e == ERR_OK)
        e = scrub_held(db, walk, most);
    return e;
}

enum err db_scrub_turn(struct db *db, struct db_scrub *walk, int64_t pages, bool *more)
{
    sqlite3_busy_timeout(db->raw, WAIT_MS);
    enum err e = take_turn(db, walk, pages);
    if (e == ERR_OK && walk->next == 0) {
        e = db_error(db, empty_wal(db));
        if (e == ERR_OK && walk->disturbed)
            e = db_error_said(db, ERR_BUSY, "others wrote while the file was gone through");
    }
    sqlite3_busy_timeout(db->raw, DB_BUSY_MS);
    if (e == ERR_OK)
        *more = walk->next > 0;
    return e;
}

enum err db_scrub(struct db *db)
{
    enum err e = ERR_BUSY;
    for (int walks = 0; walks < WALKS_MAX && e == ERR_BUSY; walks++) {
        struct db_scrub walk = {0};
        bool more = true;
        e = db_scrub_turn(db, &walk, LIMIT_SCRUB_PAGES, &more);
        while (e == ERR_OK && more) {
            sqlite3_sleep(PAUSE_MS);
            e = db_scrub_turn(db, &walk, LIMIT_SCRUB_PAGES, &more);
        }
        if (!walk.disturbed)
            break;
    }
    return e;
}
