#pragma once
/* The inside of the db room: what a connection and a statement hold, and how SQLite's codes become the house's.
 * Invariant: a statement in the cache is finished by db_close alone; the detail of a failure is set where it was found.
 */
#include "db/db.h"

#define DB_BUSY_MS 5000

struct sqlite3;
struct sqlite3_stmt;

struct db_statement {
    struct db *db;
    struct sqlite3_stmt *raw;
    int bind_code; /* the first bind that failed: db_step answers it */
    uint32_t hash;    /* of the text, for the cache */
    const char *said; /* where the text stood that it was last asked for by */
    bool lent;        /* of the cache: in somebody's hands (db_borrow) */
    bool own;         /* not of the cache */
};

struct db {
    struct sqlite3 *raw;
    enum db_role role;
    struct db_statement **cache;
    size_t cache_count, cache_capacity;
    int64_t wal_frames; /* after the last commit; DB_SERVER */
    char detail[256];
};

/* ---- errors.c ---- */
enum err db_raw_error(struct sqlite3 *raw, int code); /* class alone; raw may be NULL */
/* Class of a code that SQLite just answered on this connection; keeps the detail. ERR_OK for SQLITE_OK, ROW and DONE.
 */
enum err db_error(struct db *db, int code);
/* Failures found without SQLite: keeps "what: path" as detail and answers e. */
enum err db_error_said(struct db *db, enum err e, const char *what);

/* ---- open.c ---- */
int db_raw_open(const char *path, struct sqlite3 **raw); /* an existing file, by SQLite's code; path is never a URI */

/* ---- transaction.c ---- */
/* Has SQLite tell how long the WAL is. Takes the place of its own checkpointing. */
void db_watch_wal(struct db *db);

/* ---- statement.c ---- */
void db_cache_finish(struct db *db);
/* First column of the first row of sql, run once and not cached. ERR_NOT_FOUND without a row. */
enum err db_ask_integer(struct db *db, const char *sql, int64_t *out) MUST_CHECK;
/* As text; cut to size. */
enum err db_ask_text(struct db *db, const char *sql, char *out, size_t size) MUST_CHECK;

/* ---- check.c ---- */
/* What an opened file must pass before anything is read from it: magic, application_id, user_version, schema. */
enum err db_check_open(struct db *db, enum db_mode mode, int version, int64_t file_size) MUST_CHECK;

/* ---- file.c ---- */
enum err db_file_error(int system_error);
/* A regular file's size. ERR_NOT_FOUND, ERR_FOREIGN for anything that is no regular file. */
enum err db_file_size(const char *path, int64_t *size) MUST_CHECK;
/* An empty file 0600 whatever the umask. ERR_EXISTS. */
enum err db_file_make(const char *path) MUST_CHECK;
/* Gives a finished file its name, durably. ERR_EXISTS if the name is taken: nothing is ever overwritten. */
enum err db_file_publish(const char *from, const char *to) MUST_CHECK;
enum err db_file_sync(const char *path) MUST_CHECK;
/* Takes rights of group and others away; no failure if the file belongs to somebody else. */
void db_file_tighten(const char *path);
/* Removes a database file with its side files; no failure if they aren't there. */
void db_file_drop(const char *path);
