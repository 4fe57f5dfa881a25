/* A connection: made, opened, checked, closed.
 * A new file is made whole under another name (header with application_id, WAL) and then gets its own: whoever finds
 * the file finds it bearing the application_id, wherever the power went. An existing one is looked at before SQLite may
 * touch it: of an empty main file SQLite would delete the WAL, in which the data may still stand. */
#include "db/handle.h"
#include "base/limits.h"
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CLIENT_AUTOCHECKPOINT 1000

static void set_switches(struct sqlite3 *raw)
{
    sqlite3_extended_result_codes(raw, 1);
    sqlite3_busy_timeout(raw, DB_BUSY_MS);
    sqlite3_db_config(raw, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(raw, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(raw, SQLITE_DBCONFIG_DQS_DML, 0, NULL); /* a mistyped "column" is an error, not a string */
    sqlite3_db_config(raw, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
}

static pthread_once_t configured = PTHREAD_ONCE_INIT;

/* Statistics of memory, which nobody reads, would take a process-wide lock at every allocation. Where SQLite is in use already
 * it refuses and stays as it is. */
static void configure(void)
{
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

int db_raw_open(const char *path, struct sqlite3 **raw)
{
    CHECK(pthread_once(&configured, configure) == 0);
    struct buf name = BUF_INIT;
    buf_format(&name, "%s%s", strncmp(path, "file:", 5) == 0 ? "./" : "",
               path); /* Debian's SQLite takes file: as a URI */
    int code = sqlite3_open_v2(buf_c_string(&name), raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    buf_finish(&name);
    return code;
}

static enum err connect_file(const char *path, enum db_role role, struct db **out)
{
    struct db *db = calloc(1, sizeof *db);
    CHECK(db != NULL);
    db->role = role;
    int code = db_raw_open(path, &db->raw);
    if (code != SQLITE_OK) {
        enum err e = db->raw == NULL ? ERR_MEMORY : db_error(db, sqlite3_extended_errcode(db->raw));
        db_close(db);
        return e;
    }
    set_switches(db->raw);
    *out = db;
    return ERR_OK;
}

/* temp_store: no personal data in /tmp. secure_delete: what is erased is zeroed in the file (measured: no cost).
 * cache_size: a client takes a first snapshot in one transaction, which should not spill. A server commits all day, and SQLite
 * (3.40) looks through its whole cache at the end of nearly every commit: balancing pages lends them the number of the pending
 * byte's page, which leaves the cache with a page too high to be there. With 64 MiB that took 0.3 ms a commit. */
static enum err set_pragmas(struct db *db, enum db_mode mode)
{
    _Static_assert(LIMIT_WAL_PAGES == 16384, "journal_size_limit below is that many pages");
    enum err e = db_exec(db, "PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY; PRAGMA cell_size_check=ON;"
                             "PRAGMA secure_delete=ON; PRAGMA journal_size_limit=67108864");
    if (e == ERR_OK)
        e = db_exec(db, db->role == DB_SERVER ? "PRAGMA cache_size=-16384" : "PRAGMA cache_size=-65536");
    if (e == ERR_OK && mode == DB_READ)
        e = db_exec(db, "PRAGMA query_only=ON");
    if (db->role == DB_SERVER)
        db_watch_wal(db);
    else
        sqlite3_wal_autocheckpoint(db->raw, CLIENT_AUTOCHECKPOINT);
    return e;
}

/* Copies that another tool made may have left WAL. */
static enum err demand_wal(struct db *db)
{
    char mode[16];
    enum err e = db_ask_text(db, "PRAGMA journal_mode=WAL", mode, sizeof mode);
    if (e != ERR_OK)
        return e;
    return strcmp(mode, "wal") == 0 ? ERR_OK : db_error_said(db, ERR_IO, "no WAL on this file system");
}

static enum err write_header(struct db *db)
{
    char sql[96];
    snprintf(sql, sizeof sql, "PRAGMA page_size=4096; PRAGMA auto_vacuum=NONE; PRAGMA application_id=%d", (int)db->role);
    enum err e = db_exec(db, sql);
    return e == ERR_OK ? demand_wal(db) : e;
}

static enum err make_unnamed(const char *path, enum db_role role)
{
    struct db *db = NULL;
    enum err e = db_file_make(path);
    if (e != ERR_OK)
        return e;
    e = connect_file(path, role, &db);
    if (e != ERR_OK)
        return e;
    e = set_pragmas(db, DB_CREATE);
    if (e == ERR_OK)
        e = write_header(db);
    db_close(db); /* the last connection takes the WAL into the file and removes it */
    return e;
}

static enum err make_file(const char *path, enum db_role role)
{
    if (access(path, F_OK) == 0)
        return ERR_EXISTS;
    struct buf unnamed = BUF_INIT;
    buf_format(&unnamed, "%s-new", path);
    const char *name = buf_c_string(&unnamed);
    db_file_drop(name); /* of a run that died here */
    enum err e = make_unnamed(name, role);
    if (e == ERR_OK)
        e = db_file_publish(name, path);
    if (e != ERR_OK)
        db_file_drop(name);
    buf_finish(&unnamed);
    return e;
}

static void tighten(const char *path)
{
    struct buf wal = BUF_INIT;
    buf_format(&wal, "%s-wal", path);
    db_file_tighten(path);
    db_file_tighten(buf_c_string(&wal));
    buf_finish(&wal);
}

static enum err open_file(const char *path, enum db_role role, enum db_mode mode, int version, struct db **out)
{
    int64_t size;
    struct db *db = NULL;
    enum err e = db_file_size(path, &size);
    if (e != ERR_OK)
        return e;
    if (size == 0)
        return ERR_CORRUPT; /* never made so by us; see above */
    e = connect_file(path, role, &db);
    if (e != ERR_OK)
        return e;
    e = db_check_open(db, mode, version, size);
    if (e == ERR_OK && mode != DB_READ) {
        tighten(path);
        e = demand_wal(db);
    }
    if (e == ERR_OK)
        e = set_pragmas(db, mode);
    if (e != ERR_OK) {
        db_close(db);
        return e;
    }
    *out = db;
    return ERR_OK;
}

enum err db_open(const char *path, enum db_role role, enum db_mode mode, int version, struct db **out)
{
    if (mode == DB_CREATE) {
        enum err e = make_file(path, role);
        if (e != ERR_OK)
            return e;
    }
    return open_file(path, role, mode, version, out);
}

enum err db_open_memory(enum db_role role, struct db **out)
{
    return connect_file(":memory:", role, out);
}

void db_close(struct db *db)
{
    if (db == NULL)
        return;
    db_cache_finish(db);
    sqlite3_close_v2(db->raw);
    free(db);
}
