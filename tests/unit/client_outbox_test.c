/* Nothing that was said to be saved gets lost: numbers that a copy of this database used, parts of a transaction that failed. */
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
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NOW 1795400000000
#define HOME 3

static struct folder folder;
static struct replica *r;
static struct arena arena;

static int setup(void **state)
{
    (void)state;
    struct replica_seat s = {.number = 7, .person = "林晓岚", .roles = "union_chair", .home = HOME, .home_code = "QH001",
                             .home_name = "第一幼儿园工会", .home_level = "branch", .district = "青禾区教育工会", .server = "127.0.0.1:7443"};
    folder_make(&folder);
    arena_init(&arena, LIMIT_ARENA);
    assert_int_equal(replica_create(folder.path, &s, NOW), ERR_OK);
    assert_int_equal(replica_open(folder.path, NOW, &r), ERR_OK);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    replica_close(r);
    arena_finish(&arena);
    folder_remove(&folder);
    return 0;
}

static uint64_t add(const char *name)
{
    struct replica_outcome o;
    const struct kind *member = kind_by_name("member");
    ProtobufCMessage *m = record_new(member->descriptor, &arena);
    record_put_name(m, "name", cell_text(name), &arena);
    struct replica_change c = {.op = OP_CREATE, .kind = member->number, .patch = m};
    assert_int_equal(replica_change(r, &c, NOW, &arena, &o), ERR_OK);
    assert_true(o.changed);
    return o.n;
}

static uint64_t queued(void)
{
    struct replica_status status;
    assert_int_equal(replica_status(r, &status), ERR_OK);
    return status.queued;
}

/* A copy went on as n 1 under the same incarnation; it was pulled here, and put back when the server was restored. */
static void a_number_that_a_copy_used_is_not_given_again(void **state)
{
    (void)state;
    struct incarnation i;
    struct outbox_entry copy;
    uint64_t n;
    assert_int_equal(add("王芳"), 1);
    assert_int_equal(outbox_current(r, &i, &n), ERR_OK);
    assert_int_equal(outbox_find(r, i, 1, &arena, &copy), ERR_OK);
    assert_int_equal(outbox_drop(r, copy.local), ERR_OK);
    assert_int_equal(replica_meta_put_integer(r, "next_n", 1), ERR_OK);
    struct entry entry = {.identity = {.seat = 7, .incarnation = i, .n = 1}, .verdict = VERDICT_APPLIED, .change = copy.bytes};
    assert_int_equal(outbox_put_back(r, &entry, HOME), ERR_OK);
    assert_int_equal(queued(), 1);
    assert_int_equal(add("李梅"), 2);
    assert_int_equal(queued(), 2);
}

static struct slice hash_of(const char *name)
{
    struct slice hash = {0};
    struct db_statement *s;
    bool row;
    assert_int_equal(sql_ask(r->db, &s, "SELECT hash FROM outbox WHERE instr(bytes, CAST(?1 AS BLOB)) > 0", "t", slice_text(name)), ERR_OK);
    assert_int_equal(db_step(s, &row), ERR_OK);
    if (row) {
        hash = arena_copy(&arena, db_blob(s, 0));
        db_reset(s);
    }
    return hash;
}

static struct incarnation incarnation_of(const char *name, uint64_t *n)
{
    struct incarnation i = {{0}};
    struct db_statement *s;
    bool row;
    assert_int_equal(sql_ask(r->db, &s, "SELECT incarnation, n FROM outbox WHERE hash = ?1", "b", hash_of(name)), ERR_OK);
    assert_int_equal(db_step(s, &row), ERR_OK);
    assert_true(row);
    memcpy(i.bytes, db_blob(s, 0).data, INCARNATION_SIZE);
    *n = (uint64_t)db_integer(s, 1);
    db_reset(s);
    return i;
}

/* A copy of this copy forked at the same change, went on with others, and those were put back here after a restore: where this one
 * forks, too, nobody's change takes another's place. */
static void a_fork_takes_nobodys_place(void **state)
{
    (void)state;
    struct incarnation i, first, second, at;
    uint64_t n;
    add("jia-jia-jia");
    add("yi-yi-yi-yi");
    add("bing-bing-bing");
    assert_int_equal(outbox_current(r, &i, &n), ERR_OK);
    first = change_fork(i, 1, hash_of("jia-jia-jia").data);
    add("ding-ding-ding"); /* the copy's second one */
    assert_int_equal(sql_run(r->db, "UPDATE outbox SET incarnation = ?1, n = 2, local = 0 WHERE n = 4", "b",
                             slice_of(first.bytes, INCARNATION_SIZE)), ERR_OK);
    assert_int_equal(replica_meta_put_integer(r, "next_n", 4), ERR_OK);
    assert_int_equal(outbox_fork(r, i, 1), ERR_OK);
    assert_int_equal(queued(), 4);
    second = change_fork(first, 2, hash_of("yi-yi-yi-yi").data);
    at = incarnation_of("jia-jia-jia", &n);
    assert_true(incarnation_equal(at, first) && n == 1);
    at = incarnation_of("ding-ding-ding", &n);
    assert_true(incarnation_equal(at, first) && n == 2);
    at = incarnation_of("yi-yi-yi-yi", &n);
    assert_true(incarnation_equal(at, second) && n == 2);
    at = incarnation_of("bing-bing-bing", &n);
    assert_true(incarnation_equal(at, second) && n == 3);
    assert_int_equal(outbox_current(r, &at, &n), ERR_OK);
    assert_true(incarnation_equal(at, second) && n == 4);
    struct incarnation parent;
    uint64_t fork_n;
    bool forked;
    assert_int_equal(outbox_parent(r, second, &forked, &parent, &fork_n), ERR_OK);
    assert_true(forked && incarnation_equal(parent, first) && fork_n == 2);
}

/* The same change under the same name is the same change. */
static void a_fork_that_is_here_already(void **state)
{
    (void)state;
    struct incarnation i, first, at;
    uint64_t n;
    add("jia-jia-jia");
    assert_int_equal(outbox_current(r, &i, &n), ERR_OK);
    first = change_fork(i, 1, hash_of("jia-jia-jia").data);
    assert_int_equal(sql_run(r->db, "INSERT INTO outbox(local, incarnation, n, org, kind, id, made_ms, bytes, hash, state, seq) SELECT 0, ?1, n, org,"
                                    " kind, id, made_ms, bytes, hash, state, seq FROM outbox", "b", slice_of(first.bytes, INCARNATION_SIZE)), ERR_OK);
    assert_int_equal(outbox_fork(r, i, 1), ERR_OK);
    assert_int_equal(queued(), 1);
    at = incarnation_of("jia-jia-jia", &n);
    assert_true(incarnation_equal(at, first) && n == 1);
}

static void a_transaction_with_a_failure_within_is_not_said_to_be_saved(void **state)
{
    (void)state;
    assert_int_equal(inner_begin(r), ERR_OK);
    add("王芳");
    assert_int_equal(inner_begin(r), ERR_OK);
    assert_int_equal(inner_end(r, ERR_CHAIN), ERR_CHAIN);
    assert_int_equal(inner_end(r, ERR_OK), ERR_IO);
    assert_int_equal(queued(), 0);
}

/* ---- salvage ---- */

static void damage_page(int64_t page)
{
    uint8_t junk[4096];
    int fd = open(folder_file(&folder, "banyan.db"), O_WRONLY);
    memset(junk, 0xa5, sizeof junk);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, junk, sizeof junk, (page - 1) * 4096), sizeof junk);
    close(fd);
}

static int64_t rows(void)
{
    int64_t count;
    assert_int_equal(sql_integer(r->db, 0, &count, "SELECT count(*) FROM outbox", ""), ERR_OK);
    return count;
}

/* 6,000 changes and one leaf in the middle: at most what stood on that page is lost, some 30 rows of 130 bytes. */
static void a_damaged_page_costs_its_own_rows(void **state)
{
    (void)state;
    int64_t page;
    assert_int_equal(add("王芳"), 1);
    assert_int_equal(sql_run(r->db, "WITH RECURSIVE k(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM k WHERE i < 6000)"
                                    " INSERT INTO outbox(local, incarnation, n, org, kind, id, made_ms, bytes, hash, state, seq)"
                                    " SELECT i, incarnation, i, org, kind, id, made_ms, bytes, hash, 2, 0 FROM outbox, k WHERE local = 1", ""),
                     ERR_OK);
    assert_int_equal(rows(), 6000);
    assert_int_equal(sql_integer(r->db, 0, &page, "SELECT rootpage FROM sqlite_schema WHERE name = 'outbox'", ""), ERR_OK);
    replica_close(r);
    r = NULL;
    /* The root is an interior page (type 5): its tenth cell points to a leaf near the front. */
    uint8_t root[4096];
    int fd = open(folder_file(&folder, "banyan.db"), O_RDONLY);
    assert_int_equal(pread(fd, root, sizeof root, (page - 1) * 4096), sizeof root);
    close(fd);
    assert_int_equal(root[0], 5);
    const uint8_t *cell = root + (root[12 + 20] << 8 | root[12 + 21]);
    damage_page((int64_t)cell[0] << 24 | cell[1] << 16 | cell[2] << 8 | cell[3]);
    assert_int_equal(replica_open(folder.path, NOW + 2 * 86400000ll, &r), ERR_OK); /* the daily look finds it */
    assert_true(folder_has(&folder, "banyan.db.damaged-1"));
    assert_in_range(rows(), 5900, 5999);
    assert_int_equal(add("李梅"), 6001);
}

/* Killed after the damaged file was moved aside, before the new one had its name. */
static void a_salvage_cut_short_is_finished(void **state)
{
    (void)state;
    struct replica_seat other = {.number = 8, .person = "王芳", .roles = "union_chair", .home = HOME, .home_code = "QH001",
                                 .home_name = "第一幼儿园工会", .home_level = "branch", .district = "青禾区教育工会", .server = "127.0.0.1:7443"};
    char from[512];
    add("王芳");
    replica_close(r);
    r = NULL;
    snprintf(from, sizeof from, "%s", folder_file(&folder, "banyan.db"));
    assert_int_equal(rename(from, folder_file(&folder, "banyan.db.salvaged")), 0);
    snprintf(from, sizeof from, "%s", folder_file(&folder, "banyan.db-wal")); /* the damaged file's own */
    int fd = open(from, O_CREAT | O_WRONLY, 0600);
    assert_int_equal(write(fd, "junk", 4), 4);
    close(fd);
    assert_int_equal(replica_create(folder.path, &other, NOW), ERR_EXISTS); /* no new seat over what waits there */
    assert_int_equal(replica_open(folder.path, NOW, &r), ERR_OK);
    assert_int_equal(queued(), 1);
    assert_true(folder_has(&folder, "banyan.db.damaged-1-wal"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_number_that_a_copy_used_is_not_given_again, setup, teardown),
        cmocka_unit_test_setup_teardown(a_fork_takes_nobodys_place, setup, teardown),
        cmocka_unit_test_setup_teardown(a_fork_that_is_here_already, setup, teardown),
        cmocka_unit_test_setup_teardown(a_transaction_with_a_failure_within_is_not_said_to_be_saved, setup, teardown),
        cmocka_unit_test_setup_teardown(a_damaged_page_costs_its_own_rows, setup, teardown),
        cmocka_unit_test_setup_teardown(a_salvage_cut_short_is_finished, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
