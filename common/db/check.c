/* Is this file ours, whole and not of a newer version? Asked once when a connection opens, cheaply: the magic, the two
 * numbers in the header, the schema; SQLite itself refuses a file shorter than its header says. Small files (a
 * branch's) are looked through page by page; for large ones that is the backup's business (db_integrity). A second
 * connection (DB_READ) leaves that to the first. The magic is read through SQLite's own descriptor: see the invariant
 * of file.c. */
#include "db/handle.h"
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#define QUICK_CHECK_SIZE (8 << 20) /* quick_check reads every page: 3 ms for 4 MiB */

static const uint8_t magic[16] = "SQLite format 3";

#define SIZE_LEAST 512 /* the smallest page there is */

/* A file cut off within its header can't tell whose it was; if it begins as a database does, it is taken for a damaged
 * one. */
static enum err check_magic(struct db *db, int64_t file_size)
{
    uint8_t head[sizeof magic] = {0};
    size_t have = file_size < (int64_t)sizeof head ? (size_t)file_size : sizeof head;
    sqlite3_file *file = NULL;
    int code = sqlite3_file_control(db->raw, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    if (code != SQLITE_OK || file == NULL || file->pMethods == NULL)
        return db_error_said(db, ERR_IO, "no file behind the connection");
    code = file->pMethods->xRead(file, head, (int)have, 0);
    if (code != SQLITE_OK)
        return db_error(db, code);
    if (memcmp(head, magic, have) != 0)
        return db_error_said(db, ERR_FOREIGN, "no SQLite database");
    return file_size >= SIZE_LEAST ? ERR_OK : db_error_said(db, ERR_CORRUPT, "cut off in its header");
}

static enum err check_numbers(struct db *db, int version)
{
    int64_t id, schema;
    enum err e = db_ask_integer(db, "PRAGMA application_id", &id);
    if (e != ERR_OK)
        return e;
    if (id != (int64_t)db->role)
        return db_error_said(db, ERR_FOREIGN, "another application_id");
    e = db_ask_integer(db, "PRAGMA user_version", &schema);
    if (e != ERR_OK)
        return e;
    return schema <= version ? ERR_OK : db_error_said(db, ERR_NEWER, "user_version");
}

static enum err check_answer(struct db *db, const char *sql)
{
    char answer[200];
    enum err e = db_ask_text(db, sql, answer, sizeof answer);
    if (e != ERR_OK)
        return e;
    return strcmp(answer, "ok") == 0 ? ERR_OK : db_error_said(db, ERR_CORRUPT, answer);
}

enum err db_check_open(struct db *db, enum db_mode mode, int version, int64_t file_size)
{
    int64_t tables;
    enum err e = check_magic(db, file_size);
    if (e == ERR_OK)
        e = check_numbers(db, version);
    if (e == ERR_OK)
        e = db_ask_integer(db, "SELECT count(*) FROM sqlite_schema", &tables);
    if (e == ERR_OK && mode != DB_READ && file_size <= QUICK_CHECK_SIZE)
        e = check_answer(db, "PRAGMA main.quick_check(1)");
    return e;
}

enum err db_integrity(struct db *db)
{
    return check_answer(db, "PRAGMA main.integrity_check(1)");
}
