/* What was deleted goes out of the file (erasing by law): what it leaves, and what it costs while somebody reads. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "base/clock.h"
#include "db/db.h"
#include "help_folder.h"
#include <stdio.h>
#include <string.h>
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
    assert_int_equal(db_scrub(db), ERR_BUSY);
    int64_t once = log_size();
    for (int i = 0; i < 5; i++)
        assert_int_equal(db_scrub(db), ERR_BUSY);
    assert_int_equal(log_size(), once);
    db_reset(s);
    db_rollback(reader);
    assert_int_equal(db_scrub(db), ERR_OK);
    assert_int_equal(log_size(), 0);
    db_close(reader);
    db_close(db);
}

/* All who write wait with it: a reader (verify, somebody's shell) is not waited out. */
static void a_reader_holds_nobody_up(void **state)
{
    (void)state;
    struct db *db = made(), *reader = opened(DB_READ);
    assert_int_equal(db_begin_read(reader), ERR_OK);
    int64_t start = clock_monotonic_ms();
    assert_int_equal(db_scrub(db), ERR_BUSY);
    assert_in_range(clock_monotonic_ms() - start, 0, 2000); /* 0.1 s twice; the connection's own patience is 5 s */
    db_rollback(reader);
    db_close(reader);
    db_close(db);
}

/* The lock is free between two turns; a walk during which others wrote is not the last. */
static void others_write_between_turns(void **state)
{
    (void)state;
    struct db *db = made(), *other = opened(DB_OPEN); /* 1,000 rows of 900 bytes: 250 pages */
    struct db *const all[] = {db, other};
    struct db_scrub walk = {0};
    bool more = false;
    for (size_t i = 0; i < 2; i++) {
        walk = (struct db_scrub){0};
        assert_int_equal(db_scrub_turn(db, &walk, 100, &more), ERR_OK);
        assert_true(more && walk.next == 100);
        assert_int_equal(db_exec(all[i], "UPDATE t SET b = zeroblob(length(b) - 1) WHERE a = 1"), ERR_OK);
        assert_int_equal(db_scrub_turn(db, &walk, 100, &more), ERR_OK);
        assert_true(more && walk.next == 200);
        assert_int_equal(db_scrub_turn(db, &walk, 100, &more), ERR_BUSY);
        assert_int_equal(walk.next, 0);
    }
    walk = (struct db_scrub){0};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(db_scrub_turn(db, &walk, 100, &more), ERR_OK);
        assert_true(more);
    }
    assert_int_equal(db_scrub_turn(db, &walk, 100, &more), ERR_OK);
    assert_false(more);
    db_close(other);
    db_close(db);
}

/* ---- bytes ---- */

#define WORD "Rosalind"

/* How often the word stands in a file of the database. */
static size_t words_in(const char *name)
{
    static char bytes[8u << 20];
    size_t count = 0;
    FILE *f = fopen(folder_file(&dir, name), "rb");
    if (!f)
        return 0;
    size_t size = fread(bytes, 1, sizeof bytes, f);
    assert_true(size < sizeof bytes);
    fclose(f);
    for (size_t i = 0; i + strlen(WORD) <= size; i++)
        count += memcmp(bytes + i, WORD, strlen(WORD)) == 0;
    return count;
}

static size_t words(void)
{
    return words_in("a.db") + words_in("a.db-wal");
}

/* Rows that come in no order, of many sizes: pages are balanced again and again, and keep copies of what moved away. An index
 * of the words beside them, and rows over several pages. */
static struct db *with_copies(void)
{
    struct db *db = opened(DB_CREATE);
    assert_int_equal(db_exec(db, "CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT); CREATE INDEX t_b ON t(b);"
                                 "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<3000)"
                                 "INSERT INTO t(a, b) SELECT i * 7919 % 3001, hex(zeroblob(i * 31 % 97)) || '" WORD "'"
                                 " || iif(i % 100, '', hex(zeroblob(6000))) FROM n"),
                     ERR_OK);
    assert_int_equal(db_exec(db, "UPDATE t SET b = hex(zeroblob(a % 50))"), ERR_OK);
    return db;
}

/* The first demand is of SQLite: if that holds no longer, nothing needs to be scrubbed. */
static void copies_go(void **state)
{
    (void)state;
    int64_t frames, left;
    struct db *db = with_copies();
    assert_int_equal(db_checkpoint(db, &frames, &left), ERR_OK);
    assert_true(words_in("a.db") > 0);
    assert_int_equal(db_scrub(db), ERR_OK);
    assert_int_equal(words(), 0);
    assert_int_equal(log_size(), 0);
    assert_int_equal(db_integrity(db), ERR_OK);
    db_close(db);
}

/* Pages as they were, in the memory of whoever is to write next: this connection, or another. */
static void no_cache_brings_them_back(void **state)
{
    (void)state;
    struct db *db = with_copies(), *other = opened(DB_OPEN);
    struct db *const all[] = {db, other};
    for (size_t i = 0; i < 2; i++) {
        struct db_statement *s;
        bool row;
        assert_int_equal(db_prepare(all[i], "SELECT sum(length(b)) FROM t NOT INDEXED", &s), ERR_OK);
        assert_int_equal(db_step(s, &row), ERR_OK);
        db_reset(s);
    }
    assert_int_equal(db_scrub(db), ERR_OK);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(db_exec(all[i], "UPDATE t SET b = replace(b, '0', '1') WHERE a % 20 = 0"), ERR_OK);
        assert_int_equal(words(), 0);
    }
    assert_int_equal(db_integrity(db), ERR_OK);
    db_close(other);
    db_close(db);
}

/* What lives stays, byte by byte; pages that were freed are used again. */
static void what_lives_stays(void **state)
{
    (void)state;
    struct stat before, after;
    struct db *db = made();
    struct db_statement *s;
    bool row;
    assert_int_equal(db_exec(db, "UPDATE t SET b = CAST('" WORD "' || a AS BLOB) || zeroblob(800) WHERE a % 2 = 0"), ERR_OK);
    assert_int_equal(db_exec(db, "DELETE FROM t WHERE a % 2"), ERR_OK);
    assert_int_equal(db_scrub(db), ERR_OK);
    assert_int_equal(db_scrub(db), ERR_OK);
    assert_int_equal(words(), ROWS / 2);
    assert_int_equal(stat(folder_file(&dir, "a.db"), &before), 0);
    assert_int_equal(db_prepare(db, "SELECT count(*) FROM t WHERE b = CAST('" WORD "' || a AS BLOB) || zeroblob(800)", &s), ERR_OK);
    assert_int_equal(db_step(s, &row), ERR_OK);
    assert_int_equal(db_integer(s, 0), ROWS / 2);
    db_reset(s);
    assert_int_equal(db_exec(db, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+2 FROM n WHERE i<700)"
                                 "INSERT INTO t(a, b) SELECT i, zeroblob(800) FROM n"),
                     ERR_OK);
    assert_int_equal(db_scrub(db), ERR_OK);
    assert_int_equal(stat(folder_file(&dir, "a.db"), &after), 0);
    assert_int_equal(after.st_size, before.st_size);
    db_close(db);
}

/* A page of which nobody knows where its cells begin is not written to. */
static void a_broken_page_is_told(void **state)
{
    (void)state;
    struct db *db = with_copies();
    assert_int_equal(db_scrub(db), ERR_OK);
    FILE *f = fopen(folder_file(&dir, "a.db"), "r+b");
    assert_non_null(f);
    assert_int_equal(fseek(f, 4096, SEEK_SET), 0);
    assert_int_equal(fwrite("\x0d\0\0\xff\xff\0\1", 1, 7, f), 7); /* more cells than a page has room for */
    fclose(f);
    assert_int_equal(db_scrub(db), ERR_CORRUPT);
    assert_false(db_in_transaction(db));
    db_close(db);
}

/* A file that this program would not make, but opens: vacuumed by hand, or by another build. */
static void made_over(const char *sql)
{
    struct db *db = with_copies();
    assert_int_equal(db_exec(db, "PRAGMA journal_mode=DELETE"), ERR_OK);
    assert_int_equal(db_exec(db, sql), ERR_OK);
    db_close(db);
    db = opened(DB_OPEN);
    size_t held = words();
    assert_int_equal(db_scrub(db), ERR_FOREIGN);
    assert_int_equal(words(), held);
    assert_non_null(strstr(db_detail(db), "page_size=4096"));
    assert_int_equal(db_integrity(db), ERR_OK);
    assert_false(db_in_transaction(db));
    db_close(db);
    assert_int_equal(remove(folder_file(&dir, "a.db")), 0);
}

static void other_layouts_are_left_alone(void **state)
{
    (void)state;
    made_over("PRAGMA page_size=8192; VACUUM");
    made_over("PRAGMA auto_vacuum=FULL; VACUUM");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(a_reader_makes_no_endless_log),
        T(a_reader_holds_nobody_up),
        T(others_write_between_turns),
        T(copies_go),
        T(no_cache_brings_them_back),
        T(what_lives_stays),
        T(a_broken_page_is_told),
        T(other_layouts_are_left_alone),
    };
    return cmocka_run_group_tests_name("db_scrub", tests, NULL, NULL);
}
