/* The WAL stays bounded while a writer never rests (pitfalls of checkpointing: with the thread alone it grows without end), and
 * a long reader only holds it up while it reads. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "help_folder.h"
#include "server/checkpointer.h"
#include "server/store/store.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PAGES 500

struct place {
    struct folder folder;
    struct db *db;
    struct checkpointer *c;
    int64_t written; /* pages, about */
    int64_t longest; /* the WAL was, in frames */
};

static int setup(void **state)
{
    struct place *p = calloc(1, sizeof *p);
    folder_make(&p->folder);
    assert_int_equal(store_create(p->folder.path), ERR_OK);
    assert_int_equal(db_open(folder_file(&p->folder, STORE_FILE), DB_SERVER, DB_OPEN, STORE_VERSION, &p->db), ERR_OK);
    assert_int_equal(db_exec(p->db, "CREATE TABLE t(id INTEGER PRIMARY KEY, v BLOB)"), ERR_OK);
    assert_int_equal(checkpointer_start(p->folder.path, PAGES, &p->c), ERR_OK);
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    struct place *p = *state;
    checkpointer_stop(p->c);
    db_close(p->db);
    folder_remove(&p->folder);
    free(p);
    return 0;
}

/* A commit of about 25 pages, and what the writer does between two. */
static void commit(struct place *p)
{
    assert_int_equal(db_begin(p->db), ERR_OK);
    assert_int_equal(db_exec(p->db, "INSERT INTO t(v) VALUES(zeroblob(40000)), (zeroblob(40000))"), ERR_OK);
    assert_int_equal(db_commit(p->db), ERR_OK);
    p->written += 22;
    p->longest = db_wal_frames(p->db) > p->longest ? db_wal_frames(p->db) : p->longest;
    checkpointer_between(p->c, p->db);
}

/* secure_delete and DELETE keep the file small. */
static void commits(struct place *p, int count)
{
    for (int i = 0; i < count; i++) {
        commit(p);
        if (i % 50 == 49)
            assert_int_equal(db_exec(p->db, "DELETE FROM t"), ERR_OK);
    }
}

static void test_bounded_under_load(void **state)
{
    struct place *p = *state;
    struct stat wal;
    int64_t longest_ms, passes;
    commits(p, 1000); /* 22,000 pages, 44 times what the WAL may hold */
    checkpointer_facts(p->c, &longest_ms, &passes);
    assert_true(passes >= 5);
    assert_true(p->longest >= PAGES); /* it isn't checkpointed all the time */
    assert_true(p->longest < 10 * PAGES);
    assert_int_equal(stat(folder_file(&p->folder, STORE_FILE "-wal"), &wal), 0);
    assert_true(wal.st_size < 10 * PAGES * 4200);
}

/* A long reader stops the restart; once it has gone the WAL starts anew. */
static void test_a_long_reader(void **state)
{
    struct place *p = *state;
    struct db *reader;
    int tries = 0;
    assert_int_equal(db_open(folder_file(&p->folder, STORE_FILE), DB_SERVER, DB_READ, STORE_VERSION, &reader), ERR_OK);
    assert_int_equal(db_begin_read(reader), ERR_OK);
    commits(p, 100);
    assert_true(db_wal_frames(p->db) > 3 * PAGES);
    db_rollback(reader);
    while (db_wal_frames(p->db) > PAGES && tries++ < 2000)
        commit(p);
    assert_true(db_wal_frames(p->db) <= PAGES);
    db_close(reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_bounded_under_load, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_long_reader, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
