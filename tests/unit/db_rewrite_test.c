/* Writing the file anew (erasing by law): what it leaves, and what it costs while somebody reads. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "db/db.h"
#include "help_folder.h"
#include <sys/stat.h>

#define ROWS 1000
#define ROW_SIZE 900

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

static struct db *opened(enum db_mode mode)
{
    struct db *db = NULL;
    assert_int_equal(db_open(folder_file(&dir, "a.db"), DB_CLIENT, mode, 1, &db), ERR_OK);
    assert_int_equal(db_exec(db, "PRAGMA busy_timeout=1"), ERR_OK); /* nobody here goes away by waiting */
    return db;
}

static struct db *made(void)
{
    struct db *db = opened(DB_CREATE);
    assert_int_equal(db_exec(db, "CREATE TABLE t(a INTEGER PRIMARY KEY, b)"), ERR_OK);
    assert_int_equal(db_exec(db, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<1000)"
                                 "INSERT INTO t(a, b) SELECT i, zeroblob(900) FROM n"),
                     ERR_OK);
    return db;
}

static int64_t log_size(void)
{
    struct stat st;
    return stat(folder_file(&dir, "a.db-wal"), &st) == 0 ? st.st_size : 0;
}

/* A reader keeps the log from being emptied: each new attempt would put the whole file behind what stands in it. */
static void a_reader_makes_no_endless_log(void **state)
{
    (void)state;
    struct db *db = made(), *reader = opened(DB_READ);
    struct db_statement *s;
    bool row = false;
    assert_int_equal(db_begin_read(reader), ERR_OK);
    assert_int_equal(db_prepare(reader, "SELECT a FROM t", &s), ERR_OK);
    assert_int_equal(db_step(s, &row), ERR_OK);
    assert_int_equal(db_rewrite(db), ERR_BUSY);
    int64_t once = log_size();
    for (int i = 0; i < 5; i++)
        assert_int_equal(db_rewrite(db), ERR_BUSY);
    assert_int_equal(log_size(), once);
    db_reset(s);
    db_rollback(reader);
    assert_int_equal(db_rewrite(db), ERR_OK);
    assert_int_equal(log_size(), 0);
    db_close(reader);
    db_close(db);
}

/* Half of the rows gone: the file has half of its pages at least given back. */
static void a_file_is_as_large_as_what_lives_in_it(void **state)
{
    (void)state;
    struct stat before, after;
    struct db *db = made();
    assert_int_equal(db_rewrite(db), ERR_OK);
    assert_int_equal(stat(folder_file(&dir, "a.db"), &before), 0);
    assert_true(before.st_size > ROWS * ROW_SIZE);
    assert_int_equal(db_exec(db, "DELETE FROM t WHERE a % 2"), ERR_OK);
    assert_int_equal(db_rewrite(db), ERR_OK);
    assert_int_equal(stat(folder_file(&dir, "a.db"), &after), 0);
    assert_true(after.st_size > ROWS / 2 * ROW_SIZE && after.st_size < before.st_size * 6 / 10);
    db_close(db);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(a_reader_makes_no_endless_log),
        T(a_file_is_as_large_as_what_lives_in_it),
    };
    return cmocka_run_group_tests_name("db_rewrite", tests, NULL, NULL);
}
