/* Opening: what a new file looks like, and every way in which an existing one may be refused. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "db/db.h"
#include "help_folder.h"
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct folder dir;

static int set_up(void **state)
{
    (void)state;
    folder_make(&dir);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    folder_remove(&dir);
    return 0;
}

static struct db *make(const char *name, enum db_role role)
{
    struct db *db = NULL;
    assert_int_equal(db_open(folder_file(&dir, name), role, DB_CREATE, 1, &db), ERR_OK);
    return db;
}

static int64_t number(struct db *db, const char *sql)
{
    struct db_statement *s;
    bool row = false;
    assert_int_equal(db_prepare(db, sql, &s), ERR_OK);
    assert_int_equal(db_step(s, &row), ERR_OK);
    assert_true(row);
    int64_t n = db_integer(s, 0);
    db_reset(s);
    return n;
}

static void word(struct db *db, const char *sql, char out[32])
{
    struct db_statement *s;
    bool row = false;
    assert_int_equal(db_prepare(db, sql, &s), ERR_OK);
    assert_int_equal(db_step(s, &row), ERR_OK);
    assert_true(row);
    struct slice text = db_text(s, 0);
    snprintf(out, 32, "%.*s", (int)text.size, (const char *)text.data);
    db_reset(s);
}

/* A database of ours with some pages in it, closed. */
static void make_filled(const char *name, int rows)
{
    struct db *db = make(name, DB_CLIENT);
    char sql[200];
    snprintf(sql, sizeof sql,
             "CREATE TABLE t(a INTEGER PRIMARY KEY, b BLOB);"
             "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<%d)"
             "INSERT INTO t(b) SELECT zeroblob(1000) FROM n",
             rows);
    assert_int_equal(db_exec(db, sql), ERR_OK);
    db_close(db);
}

static void write_at(const char *name, off_t at, const void *bytes, size_t size)
{
    int fd = open(folder_file(&dir, name), O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, bytes, size, at), size);
    close(fd);
}

static enum err open_again(const char *name)
{
    struct db *db = NULL;
    enum err e = db_open(folder_file(&dir, name), DB_CLIENT, DB_OPEN, 1, &db);
    if (e != ERR_OK)
        assert_null(db); /* outputs stay untouched */
    db_close(db);
    return e;
}

/* ---- a new file ---- */

static void pragmas_are_set(void **state)
{
    (void)state;
    char text[32];
    struct db *db = make("a.db", DB_SERVER);
    word(db, "PRAGMA journal_mode", text);
    assert_string_equal(text, "wal");
    assert_int_equal(number(db, "PRAGMA synchronous"), 2); /* FULL */
    assert_int_equal(number(db, "PRAGMA page_size"), 4096);
    assert_int_equal(number(db, "PRAGMA application_id"), 0x42414e53);
    assert_int_equal(number(db, "PRAGMA user_version"), 0);
    assert_int_equal(number(db, "PRAGMA cache_size"), -16384);
    assert_int_equal(number(db, "PRAGMA busy_timeout"), 5000);
    assert_int_equal(number(db, "PRAGMA trusted_schema"), 0);
    assert_int_equal(number(db, "PRAGMA wal_autocheckpoint"), 0);
    assert_int_equal(number(db, "PRAGMA temp_store"), 2); /* memory */
    assert_int_equal(number(db, "PRAGMA secure_delete"), 1);
    assert_int_equal(number(db, "PRAGMA query_only"), 0);
    db_close(db);
    db = make("b.db", DB_CLIENT);
    assert_int_equal(number(db, "PRAGMA application_id"), 0x42414e43);
    assert_int_equal(number(db, "PRAGMA wal_autocheckpoint"), 1000);
    assert_int_equal(number(db, "PRAGMA cache_size"), -65536);
    db_close(db);
}

static void files_are_0600_under_any_umask(void **state)
{
    (void)state;
    static const mode_t masks[] = {0, 022, 0777};
    for (size_t i = 0; i < 3; i++) {
        char name[16], side[24];
        snprintf(name, sizeof name, "m%zu.db", i);
        mode_t before = umask(masks[i]);
        struct db *db = make(name, DB_CLIENT);
        enum err e = db_exec(db, "CREATE TABLE t(a)");
        umask(before);
        assert_int_equal(e, ERR_OK);
        assert_int_equal(folder_mode(&dir, name), 0600);
        snprintf(side, sizeof side, "%s-wal", name);
        assert_int_equal(folder_mode(&dir, side), 0600);
        snprintf(side, sizeof side, "%s-shm", name);
        assert_int_equal(folder_mode(&dir, side), 0600);
        db_close(db);
    }
    assert_int_equal(folder_count(&dir), 3); /* the last one closing takes the side files away, and no -new is left */
}

static void loose_rights_are_tightened(void **state)
{
    (void)state;
    make_filled("a.db", 1);
    chmod(folder_file(&dir, "a.db"), 0644);
    assert_int_equal(open_again("a.db"), ERR_OK);
    assert_int_equal(folder_mode(&dir, "a.db"), 0600);
}

static void create_never_overwrites(void **state)
{
    (void)state;
    struct db *db = NULL;
    make_filled("a.db", 5);
    assert_int_equal(db_open(folder_file(&dir, "a.db"), DB_CLIENT, DB_CREATE, 1, &db), ERR_EXISTS);
    assert_null(db);
    assert_int_equal(db_open(folder_file(&dir, "a.db"), DB_CLIENT, DB_OPEN, 1, &db), ERR_OK);
    assert_int_equal(number(db, "SELECT count(*) FROM t"), 5);
    db_close(db);
}

static void create_survives_a_leftover(void **state)
{
    (void)state;
    write_at("a.db-new", 0, "half", 4); /* of a run that was killed */
    struct db *db = make("a.db", DB_CLIENT);
    db_close(db);
    assert_int_equal(folder_count(&dir), 1);
    assert_int_equal(open_again("a.db"), ERR_OK);
}

static void a_name_is_never_a_uri(void **state)
{
    (void)state;
    char here[4096];
    struct db *db = NULL;
    assert_non_null(getcwd(here, sizeof here));
    assert_int_equal(chdir(dir.path), 0);
    enum err e = db_open("file:x?mode=memory", DB_CLIENT, DB_CREATE, 1, &db);
    assert_int_equal(chdir(here), 0);
    assert_int_equal(e, ERR_OK);
    assert_true(folder_has(&dir, "file:x?mode=memory"));
    db_close(db);
}

static void create_in_no_folder(void **state)
{
    (void)state;
    struct db *db = NULL;
    assert_int_equal(db_open(folder_file(&dir, "none/a.db"), DB_CLIENT, DB_CREATE, 1, &db), ERR_NOT_FOUND);
    assert_null(db);
}

/* ---- an existing one ---- */

static void missing(void **state)
{
    (void)state;
    struct db *db = NULL;
    assert_int_equal(open_again("a.db"), ERR_NOT_FOUND);
    assert_int_equal(db_open(folder_file(&dir, "a.db"), DB_CLIENT, DB_READ, 1, &db), ERR_NOT_FOUND);
    assert_int_equal(folder_count(&dir), 0);
}

static void foreign(void **state)
{
    (void)state;
    static const char text[] = "this is a letter, and not a short one, to somebody who keeps letters";
    write_at("letter", 0, text, sizeof text);
    assert_int_equal(open_again("letter"), ERR_FOREIGN);
    write_at("short", 0, "hello", 5);
    assert_int_equal(open_again("short"), ERR_FOREIGN);
    assert_int_equal(mkdir(folder_file(&dir, "folder"), 0700), 0);
    assert_int_equal(open_again("folder"), ERR_FOREIGN);
    rmdir(folder_file(&dir, "folder"));

    sqlite3 *raw; /* a database of somebody else */
    assert_int_equal(sqlite3_open(folder_file(&dir, "other.db"), &raw), SQLITE_OK);
    assert_int_equal(sqlite3_exec(raw, "CREATE TABLE t(a)", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(raw);
    chmod(folder_file(&dir, "other.db"), 0644);
    assert_int_equal(open_again("other.db"), ERR_FOREIGN);
    assert_int_equal(folder_mode(&dir, "other.db"), 0644); /* left as it was */

    db_close(make("server.db", DB_SERVER)); /* a client does not open a server's */
    assert_int_equal(open_again("server.db"), ERR_FOREIGN);
}

static void newer(void **state)
{
    (void)state;
    struct db *db = make("a.db", DB_CLIENT);
    assert_int_equal(db_set_version(db, 2), ERR_OK);
    assert_int_equal(db_version(db), 2);
    db_close(db);
    assert_int_equal(open_again("a.db"), ERR_NEWER);
    assert_int_equal(db_open(folder_file(&dir, "a.db"), DB_CLIENT, DB_OPEN, 2, &db), ERR_OK);
    db_close(db);
}

static void truncated(void **state)
{
    (void)state;
    static const off_t sizes[] = {0, 7, 60, 511, 600, 4095, 4096, 40000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char name[16];
        snprintf(name, sizeof name, "t%zu.db", i);
        make_filled(name, 50);
        assert_int_equal(truncate(folder_file(&dir, name), sizes[i]), 0);
        assert_int_equal(open_again(name), ERR_CORRUPT);
    }
}

static void garbled(void **state)
{
    (void)state;
    uint8_t noise[4096];
    memset(noise, 0xa5, sizeof noise);
    make_filled("schema.db", 50);
    write_at("schema.db", 100, noise, 3996); /* the rest of page 1 */
    assert_int_equal(open_again("schema.db"), ERR_CORRUPT);
    make_filled("middle.db", 50);
    write_at("middle.db", 4096 * 5, noise, sizeof noise); /* a page of data */
    assert_int_equal(open_again("middle.db"), ERR_CORRUPT);
    make_filled("pagesize.db", 50);
    write_at("pagesize.db", 16, "\x00\x03", 2);
    assert_int_equal(open_again("pagesize.db"), ERR_CORRUPT);
}

/* SQLite deletes the WAL of an empty main file, in which everything may still stand: a refused file is not touched. */
static void wal_of_an_emptied_file_stays(void **state)
{
    (void)state;
    make_filled("a.db", 5);
    assert_int_equal(truncate(folder_file(&dir, "a.db"), 0), 0);
    write_at("a.db-wal", 0, "precious", 8);
    assert_int_equal(open_again("a.db"), ERR_CORRUPT);
    assert_true(folder_has(&dir, "a.db-wal"));
}

static void a_reader_cannot_write_and_leaves_nothing(void **state)
{
    (void)state;
    struct db *db;
    make_filled("a.db", 5);
    assert_int_equal(db_open(folder_file(&dir, "a.db"), DB_CLIENT, DB_READ, 1, &db), ERR_OK);
    assert_int_equal(number(db, "SELECT count(*) FROM t"), 5);
    assert_int_not_equal(db_exec(db, "INSERT INTO t(b) VALUES(x'00')"), ERR_OK);
    assert_non_null(strstr(db_detail(db), "readonly"));
    db_close(db);
    assert_int_equal(folder_count(&dir), 1);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(pragmas_are_set),
        T(files_are_0600_under_any_umask),
        T(loose_rights_are_tightened),
        T(create_never_overwrites),
        T(create_survives_a_leftover),
        T(a_name_is_never_a_uri),
        T(create_in_no_folder),
        T(missing),
        T(foreign),
        T(newer),
        T(truncated),
        T(garbled),
        T(wal_of_an_emptied_file_stays),
        T(a_reader_cannot_write_and_leaves_nothing),
    };
    return cmocka_run_group_tests_name("db_open", tests, NULL, NULL);
}
