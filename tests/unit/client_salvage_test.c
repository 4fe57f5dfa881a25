/* A damaged file among several processes: nobody's work goes to the file that was set aside, a salvage that was killed
 * at any step is taken up again, and what cannot take the damaged file's place does not. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/limits.h"
#include "client/replica/outbox.h"
#include "client/replica/replica_sync.h"
#include "help_folder.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOW 1795400000000 /* 2026-11-22 */

static struct folder folder;
static struct replica *r;
static struct arena arena;
static const struct kind *member;

static void open_it(void)
{
    r = NULL;
    assert_int_equal(replica_open(folder.path, NOW, &r), ERR_OK);
}

static void close_it(void)
{
    replica_close(r);
    r = NULL;
}

static int setup(void **state)
{
    struct replica_seat s = {.number = 7,
                             .person = "林晓岚",
                             .roles = "union_chair",
                             .home = 3,
                             .home_code = "QH001",
                             .home_name = "青禾区小苗圃幼儿园工会",
                             .home_level = "branch",
                             .district = "青禾区教育工会",
                             .server = "127.0.0.1:7443"};
    (void)state;
    folder_make(&folder);
    arena_init(&arena, LIMIT_ARENA);
    member = kind_by_name("member");
    assert_int_equal(replica_create(folder.path, &s, NOW), ERR_OK);
    open_it();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    close_it();
    arena_finish(&arena);
    folder_remove(&folder);
    return 0;
}

static enum err try_add(struct replica *at, const char *name)
{
    struct replica_outcome o;
    ProtobufCMessage *patch = record_new(member->descriptor, &arena);
    record_put_name(patch, "name", cell_text(name), &arena);
    struct replica_change c = {.op = OP_CREATE, .kind = member->number, .patch = patch};
    return replica_change(at, &c, NOW, &arena, &o);
}

static void add(const char *name)
{
    assert_int_equal(try_add(r, name), ERR_OK);
}

static uint64_t waiting(void)
{
    struct replica_status s;
    assert_int_equal(replica_status(r, &s), ERR_OK);
    return s.queued;
}

/* The first page of a table's tree becomes junk. By a child, whose closing drops no lock of ours. */
static void damage(const char *table)
{
    int64_t page = 0, frames, left;
    int status;
    char sql[100];
    snprintf(sql, sizeof sql, "SELECT rootpage FROM sqlite_schema WHERE name = '%s'", table);
    assert_int_equal(sql_integer(r->db, 0, &page, sql, ""), ERR_OK);
    assert_true(page > 1);
    assert_int_equal(db_checkpoint(r->db, &frames, &left), ERR_OK);
    assert_int_equal(left, 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        uint8_t junk[4096];
        memset(junk, 0xa5, sizeof junk);
        int fd = open(folder_file(&folder, "banyan.db"), O_WRONLY);
        _exit(pwrite(fd, junk, sizeof junk, (page - 1) * 4096) == sizeof junk ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

/* ---- what is carried over ---- */

/* Of people of other orgs the server tells with their entries alone, and those are not pulled again. */
static void who_others_are_is_carried_over(void **state)
{
    Wire__Author author = WIRE__AUTHOR__INIT;
    const Wire__Author *authors[] = {&author};
    (void)state;
    author.has_seat = 1;
    author.seat = 9;
    author.person = "陈晨";
    author.roles = "accountant";
    assert_int_equal(replica_meet(r, authors, 1), ERR_OK);
    damage("handled");
    close_it();
    open_it();
    assert_true(folder_has(&folder, "banyan.db.damaged-1"));
    assert_string_equal(replica_person(r, 9, &arena), "陈晨");
    assert_non_null(replica_seat_roles(r, 9, &arena));
}

/* No server tells them again: what it said its history was, and that it is another one now. */
static void the_servers_past_is_carried_over(void **state)
{
    int64_t seq, noted;
    (void)state;
    assert_int_equal(sql_run(r->db, "INSERT INTO seen_head(org, seq, chain, mac, at_ms, state) VALUES(3, 41, x'c1', x'a1', 1000, 2)", ""), ERR_OK);
    assert_int_equal(sql_run(r->db, "INSERT INTO seen_head(org, seq, chain, mac, at_ms, state) VALUES(3, 30, x'c2', x'a2', 900, 1)", ""), ERR_OK);
    assert_int_equal(sql_run(r->db, "INSERT INTO rewritten VALUES(3, 41, 1000, 40, 900, 2000, 77)", ""), ERR_OK);
    damage("handled");
    close_it();
    open_it();
    assert_true(folder_has(&folder, "banyan.db.damaged-1"));
    assert_int_equal(sql_integer(r->db, -1, &seq, "SELECT seq FROM seen_head WHERE chain = x'c1' AND mac = x'a1' AND state = 2", ""), ERR_OK);
    assert_int_equal(seq, 41);
    assert_int_equal(sql_integer(r->db, -1, &seq, "SELECT seq FROM seen_head WHERE chain = x'c2' AND state = 0", ""), ERR_OK);
    assert_int_equal(seq, 30); /* is asked about again: the log that it fitted is lost */
    assert_int_equal(sql_integer(r->db, -1, &noted, "SELECT noted_ms FROM rewritten WHERE org = 3 AND seq = 41 AND after = 40", ""), ERR_OK);
    assert_int_equal(noted, 77);
}

/* ---- several have it open ---- */

static void what_others_still_save_is_not_left_behind(void **state)
{
    struct replica *other = NULL;
    (void)state;
    add("李梅");
    damage("handled");
    assert_int_equal(replica_open(folder.path, NOW, &other), ERR_LOCKED); /* it would be set aside under our hands */
    assert_null(other);
    assert_false(folder_has(&folder, "banyan.db.damaged-1"));
    add("王芳");
    close_it();
    open_it();
    assert_true(folder_has(&folder, "banyan.db.damaged-1"));
    assert_int_equal(waiting(), 2);
    add("周文");
    close_it(); /* nor is anybody's closing in the way of the new file's WAL */
    open_it();
    assert_int_equal(waiting(), 3);
}

static void who_opens_waits_for_who_carries_over(void **state)
{
    int ready[2], status;
    char byte;
    (void)state;
    add("李梅");
    close_it();
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct db_lock *lock;
        if (hold_alone(folder.path, &lock) != ERR_OK || write(ready[1], "x", 1) != 1)
            _exit(1);
        usleep(200000); /* at work */
        _exit(0);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    open_it();
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(waiting(), 1);
    close(ready[0]);
    close(ready[1]);
}

/* A tool that knows nothing of our locks put another file in its place. */
static void nothing_is_saved_to_a_file_without_its_name(void **state)
{
    (void)state;
    add("李梅");
    assert_int_equal(rename(folder_file(&folder, "banyan.db"), folder_file(&folder, "elsewhere")), 0);
    assert_int_equal(try_add(r, "王芳"), ERR_IO);
    assert_non_null(strstr(replica_detail(r), "status"));
    assert_int_equal(rename(folder_file(&folder, "elsewhere"), folder_file(&folder, "banyan.db")), 0);
    assert_int_equal(waiting(), 1);
    add("周文");
}

/* ---- killed in between ---- */

static size_t damaged_files(void)
{
    size_t count = 0;
    char name[40];
    for (int i = 1; i < 20; i++) {
        snprintf(name, sizeof name, "banyan.db.damaged-%d", i);
        count += folder_has(&folder, name);
    }
    return count;
}

/* One process salvages and is killed after a time, the next one goes on; whenever it was, all that waits is there. */
static void killed_at_any_moment(void **state)
{
    (void)state;
    for (int n = 0; n < 40; n++)
        add("李梅");
    for (useconds_t after = 0; after < 100000; after += 7000) {
        damage("handled");
        close_it();
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            struct replica *mine;
            (void)!freopen("/dev/null", "w", stderr);
            _exit(replica_open(folder.path, NOW, &mine) == ERR_OK ? 0 : 1);
        }
        usleep(after);
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, NULL, 0), child);
        open_it();
        assert_int_equal(waiting(), 40);
        assert_true(damaged_files() > 0);
    }
}

static void the_last_steps_are_taken_by_the_next(void **state)
{
    (void)state;
    add("李梅");
    close_it();
    assert_int_equal(rename(folder_file(&folder, "banyan.db"), folder_file(&folder, "banyan.db.salvaged")), 0);
    int fd = open(folder_file(&folder, "banyan.db-wal"), O_CREAT | O_WRONLY, 0600); /* of the file that was set aside */
    assert_int_equal(write(fd, "junk", 4), 4);
    close(fd);
    open_it();
    assert_int_equal(waiting(), 1);
    assert_true(folder_has(&folder, "banyan.db.damaged-1-wal"));
}

/* ---- what it needs ---- */

static void without_a_name_for_changes_it_goes_on_under_a_new_one(void **state)
{
    (void)state;
    add("李梅");
    assert_int_equal(sql_run(r->db, "DELETE FROM meta WHERE key = 'incarnation'", ""), ERR_OK);
    damage("handled");
    close_it();
    open_it();
    assert_int_equal(waiting(), 1);
    add("王芳");
    assert_int_equal(waiting(), 2);
}

static void without_facts_the_damaged_file_stays(void **state)
{
    struct stat before, after;
    (void)state;
    add("李梅");
    assert_int_equal(sql_run(r->db, "DELETE FROM meta WHERE key = 'seat'", ""), ERR_OK);
    damage("handled");
    close_it();
    assert_int_equal(stat(folder_file(&folder, "banyan.db"), &before), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(replica_open(folder.path, NOW, &r), ERR_CORRUPT);
    assert_int_equal(stat(folder_file(&folder, "banyan.db"), &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
    assert_int_equal(damaged_files(), 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(who_others_are_is_carried_over),
        T(the_servers_past_is_carried_over),
        T(what_others_still_save_is_not_left_behind),   T(who_opens_waits_for_who_carries_over),
        T(nothing_is_saved_to_a_file_without_its_name), T(killed_at_any_moment),
        T(the_last_steps_are_taken_by_the_next),        T(without_a_name_for_changes_it_goes_on_under_a_new_one),
        T(without_facts_the_damaged_file_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
