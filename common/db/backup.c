/* A copy of the living database: taken, checked, synced, and only then named.
 * The whole copy is one view (a read transaction held from first to last step): writers on other connections are never
 * in its way, nor it in theirs, and it ends however much they write. The price is that the WAL can't restart meanwhile.
 * A finished copy is one file that is enough by itself: it leaves WAL mode before it is checked, so that who reads it
 * makes nothing beside it, on a stick that can't be written either.
 */
#include "db/handle.h"
#include <limits.h>
#include <sqlite3.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define STEP_PAGES 256    /* 1 MiB */
#define PAUSE_NS 1000000  /* after each: others want the disk, too */
#define BUSY_PAUSES 30000 /* 30 s without any progress: ERR_BUSY */

static void pause_briefly(void)
{
    nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS}, NULL);
}

static int copy_steps(sqlite3_backup *copy)
{
    unsigned refused = 0;
    for (;;) {
        int code = sqlite3_backup_step(copy, STEP_PAGES);
        if (code == SQLITE_OK)
            refused = 0;
        else if ((code & 0xff) != SQLITE_BUSY && (code & 0xff) != SQLITE_LOCKED)
            return code;
        else if (++refused > BUSY_PAUSES)
            return code;
        pause_briefly();
    }
}

/* The copy needs no journal: it is dropped whole if anything fails, and synced whole at the end. With one it is but
 * slower, so whether the pragmas work does not matter. */
static enum err copy_to(struct db *db, struct sqlite3 *to)
{
    (void)sqlite3_exec(to, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF", NULL, NULL, NULL);
    sqlite3_backup *copy = sqlite3_backup_init(to, "main", db->raw, "main");
    if (copy == NULL)
        return db_error_said(db, db_raw_error(to, sqlite3_extended_errcode(to)), "backup could not begin");
    int code = copy_steps(copy);
    enum err e = db_raw_error(to, code);
    sqlite3_backup_finish(copy);
    return e == ERR_OK ? ERR_OK : db_error_said(db, e, "while copying");
}

static enum err copy_file(struct db *db, const char *path)
{
    struct sqlite3 *to = NULL;
    enum err e = db_file_make(path);
    if (e != ERR_OK)
        return db_error_said(db, e, path);
    int code = db_raw_open(path, &to);
    if (code == SQLITE_OK)
        e = db_begin_read(db);
    else
        e = db_error_said(db, db_raw_error(to, code), path);
    if (e == ERR_OK) {
        e = copy_to(db, to);
        db_rollback(db); /* ends the view */
    }
    code = sqlite3_close(to);
    if (e == ERR_OK && code != SQLITE_OK)
        e = db_error_said(db, ERR_IO, path);
    return e;
}

/* Takes the WAL into the file; fails if that did. */
static enum err leave_wal(struct db *copy)
{
    char mode[16];
    enum err e = db_ask_text(copy, "PRAGMA journal_mode=DELETE", mode, sizeof mode);
    if (e != ERR_OK)
        return e;
    return strcmp(mode, "delete") == 0 ? ERR_OK : db_error_said(copy, ERR_IO, "the copy's WAL stays");
}

static enum err finish_copy(struct db *db, const char *path, db_backup_fill *fill, void *to)
{
    struct db *copy;
    enum err e = db_open(path, db->role, DB_OPEN, INT_MAX, &copy);
    if (e != ERR_OK)
        return db_error_said(db, e, "the copy does not open");
    if (fill != NULL)
        e = fill(to, copy);
    if (e == ERR_OK)
        e = leave_wal(copy);
    if (e != ERR_OK)
        db_error_said(db, e, db_detail(copy));
    db_close(copy);
    return e;
}

static enum err verify(struct db *db, const char *path)
{
    struct db *copy;
    enum err e = db_open(path, db->role, DB_READ, INT_MAX, &copy);
    if (e != ERR_OK)
        return db_error_said(db, e, "the copy does not open");
    e = db_integrity(copy);
    if (e != ERR_OK)
        db_error_said(db, e, db_detail(copy));
    db_close(copy);
    return e;
}

enum err db_backup(struct db *db, const char *path)
{
    return db_backup_filled(db, path, NULL, NULL);
}

enum err db_backup_filled(struct db *db, const char *path, db_backup_fill *fill, void *to)
{
    if (db_in_transaction(db))
        return db_error_said(db, ERR_BUG, "a backup inside a transaction");
    if (access(path, F_OK) == 0)
        return db_error_said(db, ERR_EXISTS, path);
    struct buf unnamed = BUF_INIT;
    buf_format(&unnamed, "%s-new", path);
    const char *name = buf_c_string(&unnamed);
    db_file_drop(name); /* of a run that died here */
    enum err e = copy_file(db, name);
    if (e == ERR_OK)
        e = finish_copy(db, name, fill, to);
    if (e == ERR_OK)
        e = verify(db, name);
    if (e == ERR_OK)
        e = db_file_sync(name);
    if (e == ERR_OK)
        e = db_file_publish(name, path);
    if (e != ERR_OK)
        db_file_drop(name);
    buf_finish(&unnamed);
    return e;
}
