/* Restoring from a file that a disk spoilt or somebody wrote in: the backup of a small district, changed as the input
 * says (byte by byte, or value by value in its tables), is restored into an empty folder. It is refused, and nothing is
 * there, or there is a database that opens and can be looked through. */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/shelf.h"
#include "tests/fuzz/stage.h"
#include "server/recovery/backup.h"
#include "server/recovery/restore.h"
#include "server/recovery/verify.h"
#include <dirent.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NAME "district.backup"

enum how { HOW_BYTES, HOW_CUT, HOW_VALUE, HOW_ROW, HOW_COUNT };

static struct folder stick, fresh;
static struct shelf *shelf; /* the stick with a good backup */

static void remove_at_exit(void)
{
    folder_remove(&stick);
    folder_remove(&fresh);
}

static void make_backup(void)
{
    struct stage *s = stage_get();
    struct buf detail = BUF_INIT;
    folder_make(&stick);
    folder_make(&fresh);
    CHECK(backup_run(s->h.server.folder.path, folder_file(&stick, NAME), NOW_MS, &detail) == ERR_OK);
    buf_finish(&detail);
    shelf = shelf_take(&stick);
    (void)atexit(remove_at_exit);
}

/* Between its steps a backup pauses for those who write meanwhile; here is nobody. */
int nanosleep(const struct timespec *time, struct timespec *rest)
{
    (void)time;
    (void)rest;
    return 0;
}

/* ---- changing it ---- */

static void change_bytes(struct feed *f)
{
    FILE *file = fopen(folder_file(&stick, NAME), "r+b");
    CHECK(file && fseek(file, 0, SEEK_END) == 0);
    long size = ftell(file), at = (long)(feed_u16(f) * 16u + feed_byte(f));
    struct slice bytes = feed_bytes(f, feed_byte(f));
    CHECK(fseek(file, size ? at % size : 0, SEEK_SET) == 0);
    (void)!fwrite(bytes.data, 1, bytes.size, file); /* beyond the end it grows, as files do */
    CHECK(fclose(file) == 0);
}

static void cut(struct feed *f)
{
    (void)!truncate(folder_file(&stick, NAME), (off_t)feed_u16(f) * 16); /* whatever it leaves */
}

/* The tables that the backup has, in the order of their making. */
static bool table_at(sqlite3 *db, unsigned index, char *out, size_t size)
{
    sqlite3_stmt *st = NULL;
    char names[128][64];
    unsigned count = 0;
    if (sqlite3_prepare_v2(db, "SELECT name FROM sqlite_master WHERE type = 'table'", -1, &st, NULL) != SQLITE_OK)
        return false;
    while (count < 128 && sqlite3_step(st) == SQLITE_ROW)
        snprintf(names[count++], sizeof names[0], "%s", (const char *)sqlite3_column_text(st, 0));
    sqlite3_finalize(st);
    if (count)
        snprintf(out, size, "%s", names[index % count]);
    return count > 0;
}

static bool column_at(sqlite3 *db, const char *table, unsigned index, char *out, size_t size)
{
    char sql[200];
    sqlite3_stmt *st = NULL;
    snprintf(sql, sizeof sql, "SELECT * FROM \"%s\"", table);
    if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK)
        return false;
    snprintf(out, size, "%s", sqlite3_column_name(st, (int)(index % (unsigned)sqlite3_column_count(st))));
    sqlite3_finalize(st);
    return true;
}

static void bind_value(sqlite3_stmt *st, struct feed *f)
{
    unsigned type = feed_byte(f);
    struct slice bytes = feed_bytes(f, feed_byte(f));
    uint64_t number = 0;
    for (size_t i = 0; i < bytes.size && i < 8; i++)
        number |= (uint64_t)bytes.data[i] << 8 * i;
    if (type % 4 == 0)
        sqlite3_bind_int64(st, 1, (sqlite3_int64)number);
    else if (type % 4 == 1)
        sqlite3_bind_text(st, 1, (const char *)bytes.data, (int)bytes.size, SQLITE_TRANSIENT);
    else if (type % 4 == 2)
        sqlite3_bind_blob(st, 1, bytes.data ? bytes.data : (const void *)"", (int)bytes.size, SQLITE_TRANSIENT);
}

/* One value of one row, or the row goes. */
static void change_row(struct feed *f, bool remove)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *st = NULL;
    char table[64], column[64], sql[400];
    CHECK(sqlite3_open(folder_file(&stick, NAME), &db) == SQLITE_OK);
    unsigned which = feed_byte(f), field = feed_byte(f), row = feed_byte(f) % 16;
    if (table_at(db, which, table, sizeof table) && column_at(db, table, field, column, sizeof column)) {
        snprintf(sql, sizeof sql, "%s \"%s\" %s%s%s WHERE \"%s\" IS (SELECT \"%s\" FROM \"%s\" LIMIT 1 OFFSET %u)",
                 remove ? "DELETE FROM" : "UPDATE OR IGNORE", table, remove ? "" : "SET \"", remove ? "" : column,
                 remove ? "" : "\" = ?1", column, column, table, row);
        if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK) {
            if (!remove)
                bind_value(st, f);
            (void)sqlite3_step(st); /* a constraint may not like it */
        }
        sqlite3_finalize(st);
    }
    sqlite3_close(db);
}

static void change(struct feed *f)
{
    switch ((enum how)(feed_byte(f) % HOW_COUNT)) {
    case HOW_BYTES:
        change_bytes(f);
        break;
    case HOW_CUT:
        cut(f);
        break;
    case HOW_VALUE:
        change_row(f, false);
        break;
    case HOW_ROW:
        change_row(f, true);
        break;
    case HOW_COUNT:
        break;
    }
}

/* ---- restoring it ---- */

static void look_through(void)
{
    struct store *store;
    struct control *control;
    struct verify_report report = {0};
    if (store_open(fresh.path, STORE_READ, &store) != ERR_OK)
        return;
    if (control_open(store_db(store), NULL, &control) == ERR_OK) {
        if (verify_run(store, control, &report) == ERR_OK) /* what it finds is its business */
            verify_report_finish(&report);
        control_close(control);
    }
    store_close(store);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct feed f = feed_of(data, size);
    struct buf detail = BUF_INIT;
    struct restore_facts facts = {0};
    if (!shelf)
        make_backup();
    shelf_put_back(shelf, &stick);
    for (unsigned i = 0; i < 8 && feed_more(&f); i++)
        change(&f);
    folder_remove(&fresh);
    enum err e = restore_run(fresh.path, folder_file(&stick, NAME), NOW_MS, &facts, &detail);
    if (e == ERR_OK)
        look_through();
    else
        CHECK(!folder_has(&fresh, STORE_FILE));
    buf_finish(&detail);
    return 0;
}
