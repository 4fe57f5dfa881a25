/* Copies of a living database, and what a kill leaves of it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "db/db.h"
#include "help_folder.h"
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
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

static struct db *opened(const char *name, enum db_mode mode)
{
    struct db *db = NULL;
    assert_int_equal(db_open(folder_file(&dir, name), DB_SERVER, mode, 1, &db), ERR_OK);
    return db;
}

/* Two tables that every transaction keeps equal. */
static struct db *made(int rows)
{
    char sql[200];
    struct db *db = opened("a.db", DB_CREATE);
    assert_int_equal(db_exec(db, "CREATE TABLE t(a INTEGER PRIMARY KEY, b); CREATE TABLE u(a INTEGER PRIMARY KEY)"),
                     ERR_OK);
    snprintf(sql, sizeof sql,
             "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<%d)"
             "INSERT INTO t(a, b) SELECT i, zeroblob(900) FROM n",
             rows);
    assert_int_equal(db_exec(db, sql), ERR_OK);
    assert_int_equal(db_exec(db, "INSERT INTO u(a) SELECT a FROM t"), ERR_OK);
    return db;
}

static enum err add_pair(struct db *db)
{
    enum err e = db_begin(db);
    if (e == ERR_OK)
        e = db_exec(db, "INSERT INTO t(b) VALUES(zeroblob(900)); INSERT INTO u(a) SELECT max(a) FROM t");
    return e == ERR_OK ? db_commit(db) : e;
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

static void a_copy_is_whole(void **state)
{
    (void)state;
    struct db *db = made(2000); /* about 2 MiB: three steps */
    assert_int_equal(db_set_version(db, 1), ERR_OK);
    mode_t before = umask(0);
    enum err e = db_backup(db, folder_file(&dir, "b.db"));
    umask(before);
    assert_int_equal(e, ERR_OK);
    assert_int_equal(folder_mode(&dir, "b.db"), 0600);
    assert_false(folder_has(&dir, "b.db-new"));
    assert_false(folder_has(&dir, "b.db-wal"));
    assert_false(db_in_transaction(db));
    struct db *copy = opened("b.db", DB_OPEN);
    assert_int_equal(number(copy, "SELECT count(*) FROM t"), 2000);
    assert_int_equal(db_version(copy), 1);
    assert_int_equal(add_pair(copy), ERR_OK); /* it lives */
    db_close(copy);
    assert_int_equal(db_integrity(db), ERR_OK);
    db_close(db);
}

/* Bytes 18 and 19 of the header: 1 is a database without WAL, 2 one with. */
static unsigned wal_marks(const char *name)
{
    uint8_t marks[2] = {0};
    int fd = open(folder_file(&dir, name), O_RDONLY);
    assert_int_equal(pread(fd, marks, 2, 18), 2);
    close(fd);
    return marks[0] * 10u + marks[1];
}

static enum err add_two(void *to, struct db *copy)
{
    (void)to;
    return db_exec(copy, "CREATE TABLE extra(b); INSERT INTO extra VALUES(zeroblob(3000000)), (7)");
}

static enum err add_and_fail(void *to, struct db *copy)
{
    return add_two(to, copy) == ERR_OK ? ERR_TOO_LONG : ERR_BUG;
}

static void what_is_filled_in_is_in_the_one_file(void **state)
{
    (void)state;
    struct db *db = made(10);
    assert_int_equal(db_backup_filled(db, folder_file(&dir, "b.db"), add_two, NULL), ERR_OK);
    assert_int_equal(db_backup_filled(db, folder_file(&dir, "c.db"), add_and_fail, NULL), ERR_TOO_LONG);
    assert_int_equal(number(db, "SELECT count(*) FROM sqlite_schema"), 2); /* the living one has none of it */
    db_close(db);
    assert_int_equal(folder_count(&dir), 2); /* a.db, b.db */
    assert_int_equal(wal_marks("a.db"), 22);
    assert_int_equal(wal_marks("b.db"), 11);
    assert_int_equal(rename(folder_file(&dir, "b.db"), folder_file(&dir, "elsewhere.db")), 0);
    struct db *copy = opened("elsewhere.db", DB_READ);
    assert_int_equal(number(copy, "SELECT sum(length(b)) FROM extra"), 3000001);
    assert_int_equal(number(copy, "SELECT count(*) FROM t"), 10);
    assert_int_equal(folder_count(&dir), 2); /* nothing beside it while it is read */
    db_close(copy);
}

static void put_bytes(const char *name, const void *bytes, size_t size)
{
    FILE *f = fopen(folder_file(&dir, name), "w");
    assert_int_equal(fwrite(bytes, 1, size, f), size);
    fclose(f);
}

static void a_look_touches_nothing(void **state)
{
    (void)state;
    uint8_t head[100];
    struct db *other;
    db_close(made(1));
    assert_int_equal(db_open(folder_file(&dir, "client.db"), DB_CLIENT, DB_CREATE, 1, &other), ERR_OK);
    db_close(other);
    int fd = open(folder_file(&dir, "a.db"), O_RDONLY);
    assert_int_equal(read(fd, head, sizeof head), sizeof head);
    close(fd);
    put_bytes("cut", head, 90);
    put_bytes("empty", head, 0);
    put_bytes("text", "SQLite format 4 and more", 24);
    put_bytes("a.db-wal", "x", 1); /* SQLite would look at it, and remove it */
    assert_int_equal(db_look(folder_file(&dir, "a.db"), DB_SERVER), ERR_OK);
    assert_int_equal(db_look(folder_file(&dir, "a.db"), DB_CLIENT), ERR_FOREIGN);
    assert_int_equal(db_look(folder_file(&dir, "client.db"), DB_SERVER), ERR_FOREIGN);
    assert_int_equal(db_look(folder_file(&dir, "text"), DB_SERVER), ERR_FOREIGN);
    assert_int_equal(db_look(folder_file(&dir, "cut"), DB_SERVER), ERR_CORRUPT);
    assert_int_equal(db_look(folder_file(&dir, "empty"), DB_SERVER), ERR_CORRUPT);
    assert_int_equal(db_look(folder_file(&dir, "none"), DB_SERVER), ERR_NOT_FOUND);
    assert_int_equal(db_look(dir.path, DB_SERVER), ERR_FOREIGN);
    assert_int_equal(folder_count(&dir), 6);
}

/* In a child: writes until killed, telling each commit by a byte. */
static void write_for_ever(int tell)
{
    struct db *mine;
    if (db_open(folder_file(&dir, "a.db"), DB_SERVER, DB_OPEN, 1, &mine) != ERR_OK)
        _exit(1);
    while (add_pair(mine) == ERR_OK)
        if (write(tell, "x", 1) != 1)
            _exit(0);
    _exit(2);
}

static pid_t start_writer(int *told)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        write_for_ever(ends[1]);
    }
    close(ends[1]);
    *told = ends[0];
    return child;
}

static size_t read_told(int told, size_t least)
{
    char bytes[256];
    size_t total = 0;
    ssize_t n = 0;
    while (total < least && (n = read(told, bytes, sizeof bytes)) > 0)
        total += (size_t)n;
    return total;
}

static size_t drain_told(int told)
{
    return read_told(told, SIZE_MAX);
}

static void stop(pid_t child)
{
    int status;
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status)); /* it was writing to the end */
}

static void writers_go_on_meanwhile(void **state)
{
    (void)state;
    int told;
    struct db *db = made(20000); /* 20 MiB: twenty steps */
    db_close(db);
    pid_t child = start_writer(&told);
    read_told(told, 1);
    db = opened("a.db", DB_READ);
    int64_t before = number(db, "SELECT count(*) FROM t");
    assert_int_equal(db_backup(db, folder_file(&dir, "b.db")), ERR_OK);
    int64_t after = number(db, "SELECT count(*) FROM t");
    stop(child);
    close(told);
    db_close(db);
    assert_true(after > before + 1); /* they were let through */
    struct db *copy = opened("b.db", DB_OPEN);
    int64_t rows = number(copy, "SELECT count(*) FROM t");
    assert_true(rows >= before && rows <= after); /* one view between the two */
    assert_int_equal(rows, number(copy, "SELECT count(*) FROM u"));
    db_close(copy);
}

static void a_copy_never_overwrites(void **state)
{
    (void)state;
    struct db *db = made(1);
    assert_int_equal(db_backup(db, folder_file(&dir, "b.db")), ERR_OK);
    assert_int_equal(db_backup(db, folder_file(&dir, "b.db")), ERR_EXISTS);
    assert_int_equal(db_backup(db, folder_file(&dir, "none/b.db")), ERR_NOT_FOUND);
    assert_int_equal(db_begin(db), ERR_OK);
    assert_int_equal(db_backup(db, folder_file(&dir, "c.db")), ERR_BUG);
    db_rollback(db);
    assert_false(folder_has(&dir, "c.db"));
    db_close(db);
}

static void a_damaged_database_gives_no_copy(void **state)
{
    (void)state;
    struct db *db = made(12000); /* over the size that opening looks through */
    db_close(db);
    char noise[4096];
    memset(noise, 0xa5, sizeof noise);
    int fd = open(folder_file(&dir, "a.db"), O_WRONLY);
    assert_int_equal(pwrite(fd, noise, sizeof noise, 4096 * 900), sizeof noise);
    close(fd);
    db = opened("a.db", DB_OPEN);
    assert_int_equal(db_integrity(db), ERR_CORRUPT);
    assert_int_not_equal(db_detail(db)[0], 0);
    assert_int_equal(db_backup(db, folder_file(&dir, "b.db")), ERR_CORRUPT);
    db_close(db);
    assert_int_equal(folder_count(&dir), 1); /* nothing half done stays */
}

static int backup_without_room(void)
{
    struct db *db;
    if (db_open(folder_file(&dir, "a.db"), DB_SERVER, DB_OPEN, 1, &db) != ERR_OK)
        return 1;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){300000, 300000});
    enum err e = db_backup(db, folder_file(&dir, "b.db"));
    db_close(db);
    return e == ERR_DISK_FULL ? 0 : 2;
}

static void no_room_for_a_copy(void **state)
{
    (void)state;
    int status = -1;
    db_close(made(1000));
    pid_t child = fork();
    if (child == 0)
        _exit(backup_without_room());
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(folder_count(&dir), 1);
}

/* What was told as committed is there after a kill, again and again. */
static void a_kill_loses_nothing(void **state)
{
    (void)state;
    int64_t least = 1;
    db_close(made(1));
    for (int round = 0; round < 5; round++) {
        int told;
        pid_t child = start_writer(&told);
        least += (int64_t)read_told(told, 20u + 7u * (unsigned)round);
        stop(child);
        least += (int64_t)drain_told(told);
        close(told);
        struct db *db = opened("a.db", DB_OPEN);
        int64_t rows = number(db, "SELECT count(*) FROM t");
        assert_true(rows >= least && rows <= least + 1); /* one more may have been committed and not told */
        assert_int_equal(rows, number(db, "SELECT count(*) FROM u"));
        assert_int_equal(db_integrity(db), ERR_OK);
        least = rows;
        db_close(db);
    }
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(a_copy_is_whole),         T(writers_go_on_meanwhile),
        T(a_copy_never_overwrites), T(a_damaged_database_gives_no_copy),
        T(no_room_for_a_copy),      T(a_kill_loses_nothing),
        T(what_is_filled_in_is_in_the_one_file), T(a_look_touches_nothing),
    };
    return cmocka_run_group_tests_name("db_backup", tests, NULL, NULL);
}
