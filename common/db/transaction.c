/* Transactions, single orders to SQLite, and the WAL's checkpoint.
 * Order of a commit: what db_commit answered ERR_OK for is synced; on any failure nothing of the transaction stays. */
#include "db/handle.h"
#include <sqlite3.h>
#include <stdio.h>

enum err db_exec(struct db *db, const char *sql)
{
    return db_error(db, sqlite3_exec(db->raw, sql, NULL, NULL, NULL));
}

static enum err run_cached(struct db *db, const char *sql)
{
    struct db_statement *s;
    enum err e = db_prepare(db, sql, &s);
    return e == ERR_OK ? db_run(s) : e;
}

enum err db_begin(struct db *db)
{
    return run_cached(db, "BEGIN IMMEDIATE");
}

/* BEGIN alone takes no view: the first read does, so one is made here. */
enum err db_begin_read(struct db *db)
{
    enum err e = run_cached(db, "BEGIN");
    if (e != ERR_OK)
        return e;
    e = run_cached(db, "SELECT 1 FROM sqlite_schema LIMIT 1");
    if (e != ERR_OK)
        db_rollback(db);
    return e;
}

enum err db_commit(struct db *db)
{
    enum err e = run_cached(db, "COMMIT");
    if (e != ERR_OK)
        db_rollback(db);
    return e;
}

void db_rollback(struct db *db)
{
    if (!db_in_transaction(db))
        return; /* SQLite may have rolled back by itself: full disk, no memory */
    char kept[sizeof db->detail];
    snprintf(kept, sizeof kept, "%s", db->detail);
    if (run_cached(db, "ROLLBACK") == ERR_OK) /* else: it is the connection that is lost, and the next call says so */
        snprintf(db->detail, sizeof db->detail, "%s", kept);
}

bool db_in_transaction(struct db *db)
{
    return sqlite3_get_autocommit(db->raw) == 0;
}

int64_t db_changes(struct db *db)
{
    return sqlite3_changes64(db->raw);
}

int64_t db_last_rowid(struct db *db)
{
    return sqlite3_last_insert_rowid(db->raw);
}

static int64_t pragma_number(struct db *db, const char *sql)
{
    struct db_statement *s;
    bool row;
    if (db_prepare(db, sql, &s) != ERR_OK || db_step(s, &row) != ERR_OK || !row)
        return -1;
    int64_t n = db_integer(s, 0);
    db_reset(s);
    return n;
}

int64_t db_data_version(struct db *db)
{
    return pragma_number(db, "PRAGMA data_version");
}

int db_version(struct db *db)
{
    return (int)pragma_number(db, "PRAGMA user_version");
}

enum err db_set_version(struct db *db, int version)
{
    char sql[48];
    snprintf(sql, sizeof sql, "PRAGMA user_version=%d", version);
    return db_exec(db, sql);
}

static int note_frames(void *to, struct sqlite3 *raw, const char *name, int frames)
{
    (void)raw;
    (void)name;
    ((struct db *)to)->wal_frames = frames;
    return SQLITE_OK;
}

void db_watch_wal(struct db *db)
{
    sqlite3_wal_hook(db->raw, note_frames, db);
}

int64_t db_wal_frames(const struct db *db)
{
    return db->wal_frames;
}

enum err db_checkpoint(struct db *db, int64_t *frames, int64_t *left)
{
    int in_wal = 0, copied = 0;
    int code = sqlite3_wal_checkpoint_v2(db->raw, "main", SQLITE_CHECKPOINT_PASSIVE, &in_wal, &copied);
    if (code != SQLITE_OK)
        return db_error(db, code);
    *frames = in_wal < 0 ? 0 : in_wal;
    *left = in_wal < 0 ? 0 : in_wal - copied;
    return ERR_OK;
}
