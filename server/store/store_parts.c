/* A part is cut into blocks, each at its offset: a journal of decades is larger than what should be in memory at once. */
#include "server/store/store_parts.h"

enum err store_parts_create(struct db *copy)
{
    enum err e = store_parts_drop(copy); /* of a database that once was a backup, put in place by hand */
    if (e != ERR_OK)
        return e;
    return db_exec(copy, "CREATE TABLE backup_part(name TEXT NOT NULL, at INTEGER NOT NULL, bytes BLOB NOT NULL,"
                         " PRIMARY KEY(name, at))");
}

enum err store_part_put(struct db *copy, const char *name, uint64_t at, struct slice bytes)
{
    struct db_statement *q;
    enum err e = db_prepare(copy, "INSERT INTO backup_part(name, at, bytes) VALUES($1, $2, $3)", &q);
    if (e != ERR_OK)
        return e;
    db_bind_text(q, 1, slice_text(name));
    db_bind_integer(q, 2, (int64_t)at);
    db_bind_blob(q, 3, bytes);
    return db_run(q);
}

static enum err find_table(struct db *backup)
{
    struct db_statement *q;
    bool row;
    enum err e = db_prepare(backup, "SELECT 1 FROM sqlite_schema WHERE type='table' AND name='backup_part'", &q);
    if (e == ERR_OK)
        e = db_step(q, &row);
    if (e != ERR_OK)
        return e;
    db_reset(q);
    return row ? ERR_OK : ERR_NOT_FOUND;
}

enum err store_part_get(struct db *backup, const char *name, uint64_t at, struct buf *out)
{
    struct db_statement *q;
    bool row;
    enum err e = find_table(backup);
    if (e == ERR_OK)
        e = db_prepare(backup, "SELECT bytes FROM backup_part WHERE name=$1 AND at=$2", &q);
    if (e != ERR_OK)
        return e;
    db_bind_text(q, 1, slice_text(name));
    db_bind_integer(q, 2, (int64_t)at);
    e = db_step(q, &row);
    if (e != ERR_OK)
        return e;
    if (row)
        buf_append_slice(out, db_blob(q, 0));
    db_reset(q);
    return row ? ERR_OK : ERR_NOT_FOUND;
}

/* secure_delete is on (db room): the pages are zeroed. */
enum err store_parts_drop(struct db *db)
{
    return db_exec(db, "DROP TABLE IF EXISTS backup_part");
}
