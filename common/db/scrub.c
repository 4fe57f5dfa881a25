/* What was deleted goes out of the file, page by page, in place (db_scrub).
 * secure_delete zeroes cells and pages when they are freed. It does not know the copies that a page keeps when its tree is
 * balanced: cells move to pages beside it, and their bytes stay between the page's pointers and its cells, where nobody looks
 * (rebuildPage of SQLite's btree.c). VACUUM would write the whole file anew, in memory of its size and once more into the WAL;
 * here a page is read, and only those bytes are written.
 * Order: the WAL is emptied, so that the file holds each page as it is; then with the lock of writers held the gaps are zeroed
 * and synced, and a commit follows, after which every other connection reads its pages anew: one that wrote a page from its
 * cache would bring the bytes back. Nobody ever reads a gap, so that readers go on meanwhile and a death over it harms nothing. */
#include "db/handle.h"
#include <sqlite3.h>
#include <string.h>

#define PAGE_SIZE 4096u /* db_open makes no other */
#define FILE_HEADER 100u
/* Up to there the first byte of a number of a page is zero, and with it the first of pages that are not of a tree: those of
 * overflow and of the free list begin with such a number. */
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
    size_t cells = number_at(head + 5), pointers = (size_t)(head - page) + (inner ? 12u : 8u) + 2u * number_at(head + 3);
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

static int scrub_pages(struct sqlite3_file *file)
{
    sqlite3_int64 size;
    int code = file->pMethods->xFileSize(file, &size);
    if (code == SQLITE_OK && size / PAGE_SIZE > PAGES_MAX)
        code = SQLITE_TOOBIG;
    for (int64_t i = 0; code == SQLITE_OK && i < size / PAGE_SIZE; i++)
        code = scrub_page(file, i);
    return code == SQLITE_OK ? file->pMethods->xSync(file, SQLITE_SYNC_NORMAL) : code;
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
static int scrub_file(struct db *db)
{
    struct sqlite3_file *file = NULL, *wal = NULL;
    int code = sqlite3_file_control(db->raw, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    if (code == SQLITE_OK)
        code = sqlite3_file_control(db->raw, "main", SQLITE_FCNTL_JOURNAL_POINTER, &wal);
    if (code == SQLITE_OK)
        code = demand_empty(wal);
    return code == SQLITE_OK ? scrub_pages(file) : code;
}

/* The commit is of a number that stays what it was: what counts is that there was one. It writes page 1, which holds the
 * schema alone. */
static enum err scrub_held(struct db *db)
{
    enum err e = db_error(db, scrub_file(db));
    if (e == ERR_OK)
        e = db_set_version(db, db_version(db));
    if (e == ERR_OK)
        return db_commit(db);
    db_rollback(db);
    return e;
}

enum err db_scrub(struct db *db)
{
    int code = empty_wal(db);
    if (code == SQLITE_OK)
        code = sqlite3_db_release_memory(db->raw); /* pages that this connection holds as they were */
    if (code != SQLITE_OK)
        return db_error(db, code);
    enum err e = db_begin(db);
    if (e == ERR_OK)
        e = scrub_held(db);
    return e == ERR_OK ? db_error(db, empty_wal(db)) : e;
}
