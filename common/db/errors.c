/* SQLite's result codes as classes of the house. Whose fault decides: a full disk and a busy file pass, a damaged one
 * doesn't, and what only wrong code can cause (syntax, misuse, constraints other than keys) is ERR_BUG. */
#include "db/handle.h"
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

static bool disk_is_full(int system_error)
{
    return system_error == ENOSPC || system_error == EDQUOT || system_error == EFBIG;
}

static int last_errno(struct sqlite3 *raw, int which)
{
    sqlite3_file *file = NULL;
    int system_error = 0;
    if (sqlite3_file_control(raw, "main", which, &file) == SQLITE_OK && file != NULL && file->pMethods != NULL)
        file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &system_error);
    return system_error;
}

/* SQLite takes ENOSPC alone for a full disk; a used-up quota or a file over its limit is an input-output error there,
 * and what errno was is remembered by the file, database or WAL, on which it happened. */
static int system_error_of(struct sqlite3 *raw)
{
    int wal = last_errno(raw, SQLITE_FCNTL_JOURNAL_POINTER), file = last_errno(raw, SQLITE_FCNTL_FILE_POINTER);
    if (disk_is_full(wal))
        return wal;
    return disk_is_full(file) ? file : sqlite3_system_errno(raw);
}

static enum err constraint_class(int code)
{
    bool key =
        code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY || code == SQLITE_CONSTRAINT_ROWID;
    return key ? ERR_EXISTS : ERR_BUG;
}

static enum err error_class(int code, int system_error)
{
    if (code == SQLITE_IOERR_NOMEM)
        return ERR_MEMORY;
    if (code == SQLITE_IOERR_CORRUPTFS)
        return ERR_CORRUPT;
    switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return ERR_OK;
    case SQLITE_FULL:
        return ERR_DISK_FULL;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL: /* the WAL's lock was lost to others too often */
    case SQLITE_INTERRUPT:
        return ERR_BUSY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return ERR_CORRUPT;
    case SQLITE_NOMEM:
        return ERR_MEMORY;
    case SQLITE_TOOBIG:
        return ERR_TOO_LONG;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
        return disk_is_full(system_error) ? ERR_DISK_FULL : ERR_IO;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_NOLFS:
        return ERR_IO;
    case SQLITE_CONSTRAINT:
        return constraint_class(code);
    default:
        return ERR_BUG;
    }
}

enum err db_raw_error(struct sqlite3 *raw, int code)
{
    enum err e = error_class(code, 0);
    return e == ERR_IO && raw != NULL ? error_class(code, system_error_of(raw)) : e;
}

enum err db_error(struct db *db, int code)
{
    enum err e = db_raw_error(db->raw, code);
    if (e == ERR_OK)
        return ERR_OK;
    /* errmsg speaks of the last call; after a deferred bind it may have moved on, so the code's own name is said, too.
     */
    const char *sort = sqlite3_errstr(code), *said = sqlite3_errmsg(db->raw);
    bool twice = strcmp(sort, said) == 0;
    snprintf(db->detail, sizeof db->detail, "%s%s%s (%d)", sort, twice ? "" : ": ", twice ? "" : said, code);
    return e;
}

enum err db_error_said(struct db *db, enum err e, const char *what)
{
    snprintf(db->detail, sizeof db->detail, "%s: %s", err_text(e), what);
    return e;
}

const char *db_detail(const struct db *db)
{
    return db->detail;
}
