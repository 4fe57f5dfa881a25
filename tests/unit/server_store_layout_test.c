/* The layout of the tables: folders of older programs are renewed, those of newer ones left alone. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "help_server.h"

#include "server/store/store_control.h"

static int64_t count_of(struct help_server *s, const char *sql)
{
    int64_t count;
    assert_int_equal(store_control_ask(store_db(s->store), sql, &count), ERR_OK);
    return count;
}

/* A folder of layout 2 is made one of layout 3 when it is opened; nothing of both tables is lost. */
static void test_the_layout_of_before(void **state)
{
    struct help_server *s = *state;
    assert_int_equal(db_exec(store_db(s->store),
                             "DROP TABLE late; DROP TABLE cut;"
                             "CREATE TABLE late(org INTEGER NOT NULL, seq INTEGER NOT NULL, incarnation INTEGER NOT NULL, n INTEGER NOT NULL,"
                             " refused INTEGER NOT NULL, PRIMARY KEY(org, seq)) WITHOUT ROWID;"
                             "CREATE TABLE cut(org INTEGER NOT NULL, seq INTEGER NOT NULL, chain BLOB NOT NULL, entry BLOB NOT NULL,"
                             " PRIMARY KEY(org, seq, chain)) WITHOUT ROWID;"
                             "INSERT INTO late VALUES(2, 7, 1, 3, 0); INSERT INTO late VALUES(2, 8, 1, 4, 9);"
                             "INSERT INTO cut VALUES(2, 5, x'01', x'0a'); INSERT INTO cut VALUES(2, 5, x'02', x'0b'); INSERT INTO cut VALUES(2, 6, x'03', x'0c');"
                             "PRAGMA user_version=2"), ERR_OK);
    server_close(s);
    server_open(s);
    assert_int_equal(count_of(s, "PRAGMA user_version"), 3);
    assert_int_equal(count_of(s, "SELECT sum(seq*100 + n*10 + refused) FROM late"), 700 + 30 + 800 + 40 + 9);
    assert_int_equal(count_of(s, "SELECT count(*) FROM cut WHERE path=1 AND (seq=5 AND chain=x'01' AND entry=x'0a' OR seq=6)"), 2);
    assert_int_equal(count_of(s, "SELECT count(*) FROM cut WHERE path=2 AND seq=5 AND chain=x'02' AND entry=x'0b'"), 1);
    assert_int_equal(db_exec(store_db(s->store), "DELETE FROM cut; DELETE FROM late"), ERR_OK);
}

/* Whatever is missing, and not the last that came alone: who only reads has it made, too. */
static void test_what_only_reads_renews(void **state)
{
    struct help_server *s = *state;
    struct store *reader;
    struct db *raw;
    int64_t there;
    assert_int_equal(db_exec(store_db(s->store), "DROP TABLE person_twin; DROP TABLE jump; DROP INDEX late_refused"), ERR_OK);
    server_close(s);
    assert_int_equal(store_open(s->folder.path, STORE_READ, &reader), ERR_OK);
    store_close(reader);
    assert_int_equal(db_open(server_file(s, STORE_FILE), DB_SERVER, DB_READ, STORE_VERSION, &raw), ERR_OK);
    assert_int_equal(store_control_ask(raw, "SELECT count(*) FROM sqlite_schema WHERE name IN ('person_twin', 'jump', 'late_refused')", &there), ERR_OK);
    db_close(raw);
    server_open(s);
    assert_int_equal(there, 3);
}

/* A newer program with another layout and the same kinds: it has the folder, whoever had it open before. */
static void test_a_newer_layout_is_left_alone(void **state)
{
    struct help_server *s = *state;
    struct store *other;
    assert_int_equal(store_open(s->folder.path, STORE_WRITE, &other), ERR_OK);
    assert_int_equal(store_is_kept(s->store), ERR_OK);
    assert_int_equal(db_set_version(store_db(other), STORE_VERSION + 1), ERR_OK);
    assert_int_equal(store_is_kept(s->store), ERR_NEWER);
    assert_int_equal(store_begin(s->store), ERR_NEWER);
    struct store *late;
    assert_int_equal(store_open(s->folder.path, STORE_WRITE, &late), ERR_NEWER);
    assert_int_equal(count_of(s, "PRAGMA user_version"), STORE_VERSION + 1);
    assert_int_equal(db_set_version(store_db(other), STORE_VERSION), ERR_OK);
    store_close(other);
    assert_int_equal(store_begin(s->store), ERR_OK);
    store_rollback(s->store);
}

#define T(f) cmocka_unit_test_setup_teardown(f, server_setup, server_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_the_layout_of_before),
        T(test_what_only_reads_renews),
        T(test_a_newer_layout_is_left_alone),
    };
    return cmocka_run_group_tests_name("server_store_layout", tests, NULL, NULL);
}
