/* What tables and indexes a folder has, and folders of older programs made into one of this. A newer program's folder is left alone: like
 * one with newer kinds (table/keeper.c) it is found wherever this program begins to write (store_is_kept). */
#include "server/store/store_inner.h"

#include "server/store/store_control.h"

#include <string.h>

/* Layout: pitfalls of clustering by branch. Rows by time-ordered id, history by arrival; the thin index (org, seq) is all that is
 * scattered. kind and record stand before the large columns so that a record's history reads no overflow pages of others.
 * incarnation 0, seat 0, n 0: an entry of which no holder could see whose it was. entry_hash: of stripped entries alone. */
static const char TABLES[] =
    "CREATE TABLE IF NOT EXISTS history(g INTEGER PRIMARY KEY, org INTEGER NOT NULL, seq INTEGER NOT NULL, kind INTEGER NOT NULL, record BLOB,"
    " seat INTEGER NOT NULL, incarnation INTEGER NOT NULL, n INTEGER NOT NULL, hash BLOB NOT NULL, verdict INTEGER NOT NULL,"
    " code TEXT, field TEXT, arguments BLOB, received_ms INTEGER NOT NULL, chain BLOB NOT NULL, salt BLOB, entry_hash BLOB,"
    " effects BLOB, change BLOB, UNIQUE(org, seq));"
    "CREATE INDEX IF NOT EXISTS history_refused ON history(seat, org, seq, received_ms) WHERE code='SEAT_REVOKED';"
    "CREATE TABLE IF NOT EXISTS incarnation(number INTEGER PRIMARY KEY, seat INTEGER NOT NULL, incarnation BLOB NOT NULL,"
    " parent BLOB, fork_n INTEGER NOT NULL DEFAULT 0, UNIQUE(seat, incarnation));"
    "CREATE TABLE IF NOT EXISTS run(incarnation INTEGER NOT NULL, n INTEGER NOT NULL, org INTEGER NOT NULL, seq INTEGER NOT NULL,"
    " count INTEGER NOT NULL, PRIMARY KEY(incarnation, n)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS taken(seat INTEGER NOT NULL, n INTEGER NOT NULL, hash BLOB NOT NULL, org INTEGER NOT NULL, seq INTEGER NOT NULL,"
    " PRIMARY KEY(seat, n, hash)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS late(org INTEGER NOT NULL, seq INTEGER NOT NULL, incarnation INTEGER NOT NULL, n INTEGER NOT NULL,"
    " refused INTEGER NOT NULL, PRIMARY KEY(org, seq, incarnation, n)) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS late_change ON late(incarnation, n);"
    "CREATE INDEX IF NOT EXISTS late_refused ON late(org, refused) WHERE refused>0;"
    "CREATE TABLE IF NOT EXISTS broken(incarnation INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, at_ms INTEGER NOT NULL,"
    " PRIMARY KEY(incarnation, first)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS person(id BLOB PRIMARY KEY, org INTEGER NOT NULL, mark BLOB NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS person_mark ON person(mark, org, id);"
    "CREATE TABLE IF NOT EXISTS person_twin(mark BLOB PRIMARY KEY) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS person_key(proof BLOB PRIMARY KEY) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS org_state(org INTEGER PRIMARY KEY, state BLOB NOT NULL);";

/* 0: it is being made; newer ones did not open. */
enum err store_check_layout(struct db *db)
{
    struct db_statement *run;
    if (db_version(db) != 1)
        return ERR_OK;
    if (db_prepare_own(db, "SELECT org, seq FROM run LIMIT 0", &run) != ERR_OK)
        return ERR_OLDER;
    db_finish(run);
    return ERR_OK;
}

/* Of layout 2: both tables as they were there, if they were; of one seq of two paths each goes to a path of its own. Indexes and what is
 * missing are made by TABLES. */
static const char RENEW[] =
    "CREATE TABLE IF NOT EXISTS late(org INTEGER NOT NULL, seq INTEGER NOT NULL, incarnation INTEGER NOT NULL, n INTEGER NOT NULL,"
    " refused INTEGER NOT NULL, PRIMARY KEY(org, seq)) WITHOUT ROWID;"
    "CREATE TABLE late_3(org INTEGER NOT NULL, seq INTEGER NOT NULL, incarnation INTEGER NOT NULL, n INTEGER NOT NULL,"
    " refused INTEGER NOT NULL, PRIMARY KEY(org, seq, incarnation, n)) WITHOUT ROWID;"
    "INSERT INTO late_3 SELECT org, seq, incarnation, n, refused FROM late;"
    "DROP TABLE late;"
    "ALTER TABLE late_3 RENAME TO late;"
    "CREATE TABLE IF NOT EXISTS cut(org INTEGER NOT NULL, seq INTEGER NOT NULL, chain BLOB NOT NULL, entry BLOB NOT NULL,"
    " PRIMARY KEY(org, seq, chain)) WITHOUT ROWID;"
    "CREATE TABLE cut_3(" STORE_CUT_COLUMNS ") WITHOUT ROWID;"
    "INSERT INTO cut_3 SELECT org, row_number() OVER (PARTITION BY org, seq ORDER BY chain), seq, chain, entry FROM cut;"
    "DROP TABLE cut;"
    "ALTER TABLE cut_3 RENAME TO cut;";

enum err store_renew_layout(struct store *s)
{
    enum err e = store_check_layout(s->db);
    int version = db_version(s->db);
    if (e != ERR_OK || s->mode != STORE_WRITE || version == 0 || version >= STORE_VERSION)
        return e;
    e = db_begin(s->db);
    if (e == ERR_OK && (version = db_version(s->db)) > STORE_VERSION) /* others may have been faster: an older one, this one, a newer one */
        e = ERR_NEWER;
    if (e == ERR_OK && version < STORE_VERSION)
        e = db_exec(s->db, RENEW);
    if (e == ERR_OK)
        e = db_set_version(s->db, STORE_VERSION);
    if (e == ERR_OK)
        e = db_commit(s->db);
    if (e != ERR_OK)
        db_rollback(s->db);
    return e;
}

enum err store_make_layout(struct store *s)
{
    enum err e = store_control_create(s->db);
    return e == ERR_OK ? db_exec(s->db, TABLES) : e;
}

/* ---- is it whole ---- */

static enum err is_there(struct db *db, struct slice name, bool *there)
{
    struct db_statement *q;
    bool row;
    enum err e = db_prepare(db, "SELECT count(*) FROM sqlite_schema WHERE name=$1", &q);
    if (e != ERR_OK)
        return e;
    db_bind_text(q, 1, name);
    e = db_step(q, &row);
    if (e != ERR_OK)
        return e;
    *there = db_integer(q, 0) > 0;
    db_reset(q);
    return ERR_OK;
}

/* By the statements that make them: each names one behind these words. */
static enum err all_there(struct db *db, const char *statements)
{
    static const char words[] = "IF NOT EXISTS ";
    bool there = true;
    enum err e = ERR_OK;
    for (const char *at = strstr(statements, words); at && there && e == ERR_OK; at = strstr(at, words)) {
        at += sizeof words - 1;
        e = is_there(db, slice_of(at, strcspn(at, " (")), &there);
    }
    return e == ERR_OK && !there ? ERR_NOT_FOUND : e;
}

enum err store_has_layout(struct store *s)
{
    enum err e = all_there(s->db, store_control_tables);
    return e == ERR_OK ? all_there(s->db, TABLES) : e;
}
