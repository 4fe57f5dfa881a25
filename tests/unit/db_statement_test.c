/* Statements and transactions: values in and out, what fails and how, what stays afterwards. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "db/db.h"
#include "help_folder.h"
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static struct folder dir;
static struct db *db;

static int set_up(void **state)
{
    (void)state;
    folder_make(&dir);
    db = NULL;
    if (db_open(folder_file(&dir, "a.db"), DB_SERVER, DB_CREATE, 1, &db) != ERR_OK)
        return -1;
    return db_exec(db, "CREATE TABLE t(a INTEGER PRIMARY KEY, b)") == ERR_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    db_close(db);
    folder_remove(&dir);
    return 0;
}

static struct db *second(enum db_mode mode)
{
    struct db *other = NULL;
    assert_int_equal(db_open(folder_file(&dir, "a.db"), DB_SERVER, mode, 1, &other), ERR_OK);
    return other;
}

static struct db_statement *prepared(struct db *on, const char *sql)
{
    struct db_statement *s = NULL;
    assert_int_equal(db_prepare(on, sql, &s), ERR_OK);
    return s;
}

static int64_t number(struct db *on, const char *sql)
{
    bool row = false;
    struct db_statement *s = prepared(on, sql);
    assert_int_equal(db_step(s, &row), ERR_OK);
    assert_true(row);
    int64_t n = db_integer(s, 0);
    db_reset(s);
    return n;
}

static void insert(struct db *on, int64_t a)
{
    struct db_statement *s = prepared(on, "INSERT INTO t(a, b) VALUES(?1, 0)");
    db_bind_integer(s, 1, a);
    assert_int_equal(db_run(s), ERR_OK);
}

static void values_go_in_and_out(void **state)
{
    (void)state;
    struct id id = {{1, 2, 3, 0, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};
    bool row;
    struct db_statement *s = prepared(db, "SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, typeof(?2), typeof(?3)");
    db_bind_integer(s, 1, INT64_MIN);
    db_bind_blob(s, 2, (struct slice){0});
    db_bind_text(s, 3, (struct slice){0});
    db_bind_null(s, 4);
    db_bind_id(s, 5, &id);
    db_bind_blob(s, 6, slice_of("a\0b", 3));
    db_bind_text(s, 7, slice_text("青禾区"));
    assert_int_equal(db_step(s, &row), ERR_OK);
    assert_true(row);
    assert_true(db_integer(s, 0) == INT64_MIN);
    assert_false(db_is_null(s, 1));
    assert_int_equal(db_blob(s, 1).size, 0);
    assert_false(db_is_null(s, 2));
    assert_true(db_is_null(s, 3));
    assert_true(id_equal(db_id(s, 4), id));
    assert_true(slice_equal(db_blob(s, 5), slice_of("a\0b", 3)));
    assert_true(slice_equal(db_text(s, 6), slice_text("青禾区")));
    assert_true(slice_equal(db_text(s, 7), slice_text("blob")));
    assert_true(slice_equal(db_text(s, 8), slice_text("text")));
    assert_true(id_is_zero(db_id(s, 5))); /* of another size */
    assert_true(id_is_zero(db_id(s, 3))); /* NULL */
    assert_int_equal(db_step(s, &row), ERR_OK);
    assert_false(row);
}

static void cached_statements_come_clean(void **state)
{
    (void)state;
    bool row;
    struct db_statement *s = prepared(db, "SELECT ?1");
    db_bind_integer(s, 1, 7);
    assert_int_equal(db_step(s, &row), ERR_OK);
    assert_ptr_equal(prepared(db, "SELECT ?1"), s); /* in the middle of a walk */
    assert_int_equal(db_step(s, &row), ERR_OK);
    assert_true(row);
    assert_true(db_is_null(s, 0));
    assert_ptr_not_equal(prepared(db, "SELECT ?1 "), s);
    for (int i = 0; i < 200; i++) { /* the cache grows */
        char sql[32];
        snprintf(sql, sizeof sql, "SELECT %d", i);
        assert_int_equal(number(db, sql), i);
    }
    assert_ptr_equal(prepared(db, "SELECT ?1"), s);
}

static void own_statements_are_apart(void **state)
{
    (void)state;
    bool row;
    struct db_statement *a, *b;
    assert_int_equal(db_prepare_own(db, "SELECT 1 UNION ALL SELECT 2", &a), ERR_OK);
    assert_int_equal(db_prepare_own(db, "SELECT 1 UNION ALL SELECT 2", &b), ERR_OK);
    assert_int_equal(db_step(a, &row), ERR_OK);
    assert_int_equal(db_step(a, &row), ERR_OK);
    assert_int_equal(db_step(b, &row), ERR_OK);
    assert_int_equal(db_integer(a, 0), 2);
    assert_int_equal(db_integer(b, 0), 1);
    db_finish(a);
    db_finish(b);
    db_finish(NULL);
}

static void a_lent_statement_is_given_to_nobody_else(void **state)
{
    (void)state;
    bool row;
    struct db_statement *a, *b, *again;
    assert_int_equal(db_borrow(db, "SELECT 1 UNION ALL SELECT 2", &a), ERR_OK);
    assert_int_equal(db_step(a, &row), ERR_OK);
    assert_int_equal(db_borrow(db, "SELECT 1 UNION ALL SELECT 2", &b), ERR_OK);
    assert_ptr_not_equal(a, b);
    assert_int_equal(db_step(b, &row), ERR_OK);
    assert_int_equal(db_step(a, &row), ERR_OK);
    assert_int_equal(db_integer(a, 0), 2);
    assert_int_equal(db_integer(b, 0), 1);
    db_give_back(b);
    assert_int_equal(db_integer(a, 0), 2); /* the other's end touches it not */
    db_give_back(a);
    assert_int_equal(db_borrow(db, "SELECT 1 UNION ALL SELECT 2", &again), ERR_OK);
    assert_ptr_equal(a, again); /* prepared once */
    assert_int_equal(db_step(again, &row), ERR_OK);
    assert_int_equal(db_integer(again, 0), 1); /* from the front */
    db_give_back(again);
    db_give_back(NULL);
}

static void wrong_code_is_named(void **state)
{
    (void)state;
    struct db_statement *s = NULL;
    bool row;
    assert_int_equal(db_prepare(db, "SELEC 1", &s), ERR_BUG);
    assert_non_null(strstr(db_detail(db), "SELEC"));
    assert_int_equal(db_prepare(db, "SELECT 1; SELECT 2", &s), ERR_BUG);
    assert_int_equal(db_prepare(db, "", &s), ERR_BUG);
    assert_int_equal(db_prepare(db, "SELECT \"no_such_column\" FROM t", &s), ERR_BUG); /* not taken for a string */
    assert_int_equal(db_prepare(db, "SELECT $2, $1", &s), ERR_BUG); /* SQLite would bind them the other way round */
    assert_null(s);
    prepared(db, "SELECT $1, $2, $1");
    s = prepared(db, "SELECT ?1");
    db_bind_integer(s, 2, 1); /* out of range: said at the step */
    assert_int_equal(db_step(s, &row), ERR_BUG);
    db_bind_integer(s, 1, 1); /* and forgotten by the reset */
    assert_int_equal(db_step(s, &row), ERR_OK);
    assert_int_equal(db_commit(db), ERR_BUG);
}

static void a_taken_key_exists(void **state)
{
    (void)state;
    insert(db, 1);
    assert_int_equal(db_changes(db), 1);
    assert_int_equal(db_last_rowid(db), 1);
    struct db_statement *s = prepared(db, "INSERT INTO t(a, b) VALUES(?1, 0)");
    db_bind_integer(s, 1, 1);
    assert_int_equal(db_run(s), ERR_EXISTS);
    insert(db, 2); /* the same statement goes on */
    assert_int_equal(number(db, "SELECT count(*) FROM t"), 2);
}

static void rollback_and_commit(void **state)
{
    (void)state;
    assert_false(db_in_transaction(db));
    db_rollback(db); /* harmless */
    assert_int_equal(db_begin(db), ERR_OK);
    assert_true(db_in_transaction(db));
    insert(db, 1);
    assert_int_equal(db_set_version(db, 1), ERR_OK);
    db_rollback(db);
    assert_int_equal(number(db, "SELECT count(*) FROM t"), 0);
    assert_int_equal(db_version(db), 0); /* the version belongs to the transaction */
    assert_int_equal(db_begin(db), ERR_OK);
    insert(db, 1);
    assert_int_equal(db_commit(db), ERR_OK);
    assert_int_equal(number(db, "SELECT count(*) FROM t"), 1);
}

static void a_read_view_stands_still(void **state)
{
    (void)state;
    struct db *reader = second(DB_READ);
    insert(db, 1);
    int64_t before = db_data_version(reader);
    assert_int_equal(db_data_version(reader), before);
    assert_int_equal(db_begin_read(reader), ERR_OK);
    insert(db, 2); /* before the reader's first read of its own */
    assert_int_equal(number(reader, "SELECT count(*) FROM t"), 1);
    assert_int_equal(db_commit(reader), ERR_OK);
    assert_int_equal(number(reader, "SELECT count(*) FROM t"), 2);
    assert_int_not_equal(db_data_version(reader), before);
    db_close(reader);
}

static void a_second_writer_is_busy(void **state)
{
    (void)state;
    struct db *other = second(DB_OPEN);
    assert_int_equal(db_exec(other, "PRAGMA busy_timeout=0"), ERR_OK);
    assert_int_equal(db_begin(db), ERR_OK);
    assert_int_equal(db_begin(other), ERR_BUSY);
    assert_false(db_in_transaction(other));
    assert_int_equal(db_commit(db), ERR_OK);
    assert_int_equal(db_begin(other), ERR_OK);
    db_rollback(other);
    db_close(other);
}

static void a_full_database(void **state)
{
    (void)state;
    assert_int_equal(db_exec(db, "PRAGMA max_page_count=20"), ERR_OK);
    assert_int_equal(db_begin(db), ERR_OK);
    insert(db, 1);
    assert_int_equal(db_exec(db, "INSERT INTO t(a, b) VALUES(2, zeroblob(200000))"), ERR_DISK_FULL);
    db_rollback(db);
    assert_non_null(strstr(db_detail(db), "full"));
    assert_int_equal(number(db, "SELECT count(*) FROM t"), 0);
    assert_int_equal(db_exec(db, "PRAGMA max_page_count=2000"), ERR_OK);
    insert(db, 1); /* room again: goes on */
    assert_int_equal(number(db, "SELECT count(*) FROM t"), 1);
}

/* In a child, whose files may not grow over 100 kB: as a full disk would have it. 0: all went as it should. */
static int fill_the_disk(void)
{
    struct db *mine;
    enum err e = ERR_OK;
    signal(SIGXFSZ, SIG_IGN);
    if (db_open(folder_file(&dir, "full.db"), DB_SERVER, DB_CREATE, 1, &mine) != ERR_OK)
        return 1;
    if (db_exec(mine, "CREATE TABLE t(a INTEGER PRIMARY KEY, b)") != ERR_OK)
        return 2;
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){100000, 100000});
    int64_t rows = 0;
    for (; e == ERR_OK && rows < 1000; rows++) {
        if (db_begin(mine) != ERR_OK)
            return 3;
        e = db_exec(mine, "INSERT INTO t(b) VALUES(zeroblob(3000))");
        if (e == ERR_OK)
            e = db_commit(mine);
        else
            db_rollback(mine);
    }
    rows--; /* the last one failed */
    if (e != ERR_DISK_FULL || db_in_transaction(mine))
        return 4;
    if (number(mine, "SELECT count(*) FROM t") != rows)
        return 5;
    db_close(mine);
    return rows > 0 ? 0 : 6;
}

static void a_full_disk(void **state)
{
    (void)state;
    int status = -1;
    pid_t child = fork();
    if (child == 0)
        _exit(fill_the_disk());
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    struct db *mine = NULL; /* and what was committed is there */
    assert_int_equal(db_open(folder_file(&dir, "full.db"), DB_SERVER, DB_OPEN, 1, &mine), ERR_OK);
    assert_true(number(mine, "SELECT count(*) FROM t") > 0);
    db_close(mine);
}

static void a_checkpoint_empties_the_wal(void **state)
{
    (void)state;
    int64_t frames = -1, left = -1;
    struct db *reader = second(DB_READ);
    assert_int_equal(db_begin_read(reader), ERR_OK);
    for (int i = 1; i <= 10; i++)
        insert(db, i); /* a frame each at least, which the reader does not see */
    assert_int_equal(db_checkpoint(db, &frames, &left), ERR_OK);
    assert_true(frames >= 10);
    assert_true(left >= 10); /* held up by the reader */
    assert_int_equal(db_commit(reader), ERR_OK);
    assert_int_equal(db_checkpoint(db, &frames, &left), ERR_OK);
    assert_int_equal(left, 0);
    db_close(reader);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(values_go_in_and_out),
        T(cached_statements_come_clean),
        T(own_statements_are_apart), T(a_lent_statement_is_given_to_nobody_else),
        T(wrong_code_is_named),
        T(a_taken_key_exists),
        T(rollback_and_commit),
        T(a_read_view_stands_still),
        T(a_second_writer_is_busy),
        T(a_full_database),
        T(a_full_disk),
        T(a_checkpoint_empties_the_wal),
    };
    return cmocka_run_group_tests_name("db_statement", tests, NULL, NULL);
}
