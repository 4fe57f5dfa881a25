#pragma once
/* SQLite behind a narrow door: open with the right pragmas, statements, transactions, errors by class.
 * Invariant: every file of this program bears its application_id; WAL, synchronous=FULL, 0600, foreign files are refused. */
#include "base/arena.h"
#include "base/id.h"
#include "base/slice.h"

struct db;
struct db_statement;

enum db_role { DB_SERVER = 0x42414e53, DB_CLIENT = 0x42414e43 }; /* application_id: "BANS", "BANC" */
enum db_mode { DB_CREATE, DB_OPEN, DB_READ };                    /* DB_READ: a second connection that never writes */

/* Opens path. version: the schema's; a file with a higher user_version gives ERR_NEWER, one that is no SQLite database or
 * bears another application_id ERR_FOREIGN, a truncated or garbled one ERR_CORRUPT (its files are left untouched), none at all
 * ERR_NOT_FOUND. autocheckpoint is off for DB_SERVER. page size 4096, cache 16 MiB (DB_CLIENT: 64) at most, busy timeout 5 s, trusted_schema
 * off. DB_CREATE: ERR_EXISTS if the file is there; user_version is 0 until db_set_version. Later failures: ERR_DISK_FULL,
 * ERR_BUSY, ERR_IO, ERR_CORRUPT; a key that is taken already: ERR_EXISTS. One connection is used by one thread at a time. */
enum err db_open(const char *path, enum db_role role, enum db_mode mode, int version, struct db **out) MUST_CHECK;
/* One of this process alone, in memory: to work out anew what a file should hold. */
enum err db_open_memory(enum db_role role, struct db **out) MUST_CHECK;
void db_close(struct db *db);         /* NULL ok; finishes cached statements */
const char *db_detail(const struct db *db); /* of the last failure */
int db_version(struct db *db);
enum err db_set_version(struct db *db, int version) MUST_CHECK;

enum err db_exec(struct db *db, const char *sql) MUST_CHECK;
enum err db_begin(struct db *db) MUST_CHECK;    /* BEGIN IMMEDIATE */
enum err db_begin_read(struct db *db) MUST_CHECK; /* a stable view for several reads */
enum err db_commit(struct db *db) MUST_CHECK;   /* durable when it returns; on failure the transaction is rolled back */
void db_rollback(struct db *db);                /* harmless outside a transaction */
bool db_in_transaction(struct db *db);

/* Prepared once and cached by text within the connection; borrowed; reset and unbound when taken. Parameters: ?N, or $N in
 * the order of their first appearance (ERR_BUG otherwise: SQLite counts them so). */
enum err db_prepare(struct db *db, const char *sql, struct db_statement **out) MUST_CHECK;
/* The caller's alone, for walks during which the same text may be prepared again; db_finish before db_close. */
enum err db_prepare_own(struct db *db, const char *sql, struct db_statement **out) MUST_CHECK;
void db_finish(struct db_statement *s); /* NULL ok; never for those of db_prepare */
/* The cached one, for walks: the caller's alone until db_give_back, which comes before db_close; who asks for the same text meanwhile
 * gets another. The text must not be one that db_prepare is asked for. */
enum err db_borrow(struct db *db, const char *sql, struct db_statement **out) MUST_CHECK;
void db_give_back(struct db_statement *s); /* NULL ok */
/* Bind positions count from 1. Slices are copied by SQLite only at db_step's end: keep them alive until then. */
void db_bind_integer(struct db_statement *s, int at, int64_t v);
void db_bind_blob(struct db_statement *s, int at, struct slice v); /* {NULL,0} binds an empty blob, never NULL */
void db_bind_text(struct db_statement *s, int at, struct slice v);
void db_bind_id(struct db_statement *s, int at, const struct id *id);
void db_bind_null(struct db_statement *s, int at);
/* *row: true while there is a row; false at the end, where the statement is reset. On failure it is reset, too. */
enum err db_step(struct db_statement *s, bool *row) MUST_CHECK;
/* For statements without rows: step, reset. */
enum err db_run(struct db_statement *s) MUST_CHECK;
void db_reset(struct db_statement *s);
/* Columns count from 0; slices live until the next step or reset. */
bool db_is_null(struct db_statement *s, int column);
int64_t db_integer(struct db_statement *s, int column);
struct slice db_blob(struct db_statement *s, int column);
struct slice db_text(struct db_statement *s, int column);
struct id db_id(struct db_statement *s, int column); /* zero if NULL or of another size */
/* Rows changed by the last statement; row id of the last insert. */
int64_t db_changes(struct db *db);
int64_t db_last_rowid(struct db *db);
/* Changes when another connection has committed (PRAGMA data_version). */
int64_t db_data_version(struct db *db);

/* Frames in the WAL after this connection's last commit (DB_SERVER; before the first: 0). Costs nothing. */
int64_t db_wal_frames(const struct db *db);
/* One PASSIVE checkpoint. frames: in the WAL, left: not yet copied back. */
enum err db_checkpoint(struct db *db, int64_t *frames, int64_t *left) MUST_CHECK;
/* Nothing that was deleted stands in the file or in the WAL any more, which is empty then. The file keeps its size: pages that are free
 * are zero, and used again. Outside a transaction; in memory of a page, in the time of reading the file once (250 MB: 0.4 s), in turns of
 * LIMIT_SCRUB_PAGES, while each of which others read, but do not write. Nobody is waited for longer than 0.1 s. ERR_BUSY: somebody
 * reads for long, or wrote between the turns, and what was may stand there still; again later. ERR_FOREIGN: pages of another size, or
 * auto_vacuum: nothing was written. ERR_TOO_LONG: over 64 GiB. */
enum err db_scrub(struct db *db) MUST_CHECK;
/* One turn of it, of so many pages; walk: {0} at first. *more: there are further ones, which may come as late as one likes. ERR_BUSY with walk->next 0: all
 * was gone through, but others wrote meanwhile: with a new walk. After other failures the same turn may be tried again. */
struct db_scrub {
    int64_t next;     /* page */
    uint32_t commits; /* the database's state after the last turn */
    bool disturbed;   /* somebody wrote between two turns */
};
enum err db_scrub_turn(struct db *db, struct db_scrub *walk, int64_t pages, bool *more) MUST_CHECK;
/* Copies the live database into path (0600) by the backup interface, in steps that let writers on other connections through;
 * opens the copy and runs integrity_check on it, syncs it, and only then gives it its name: path is there only if all is well.
 * It is one file (no WAL), readable from a medium that can't be written. Use a connection of its own, outside a transaction.
 * ERR_EXISTS if path is there. The raw handle never leaves this room. */
enum err db_backup(struct db *db, const char *path) MUST_CHECK;
/* The same; fill writes into the copy before it is checked, and what it answers ends the backup. */
typedef enum err db_backup_fill(void *to, struct db *copy);
enum err db_backup_filled(struct db *db, const char *path, db_backup_fill *fill, void *to) MUST_CHECK;
enum err db_integrity(struct db *db) MUST_CHECK; /* full integrity_check: ERR_CORRUPT with detail */

/* Is path a database of that role, by its header alone? Before a lock is taken: not through SQLite, whose closing touches what
 * stands beside the file. Only while this process has no connection to it. ERR_NOT_FOUND, ERR_FOREIGN, ERR_CORRUPT as db_open. */
enum err db_look(const char *path, enum db_role role) MUST_CHECK;

/* An exclusive lock on a folder by a file in it, held while the process lives (flock). ERR_LOCKED if another holds it. */
struct db_lock;
enum err db_lock_open(const char *path, struct db_lock **out) MUST_CHECK;
/* The same lock, held together with others who share it. ERR_LOCKED while somebody holds it alone. */
enum err db_lock_share(const char *path, struct db_lock **out) MUST_CHECK;
void db_lock_close(struct db_lock *lock);
