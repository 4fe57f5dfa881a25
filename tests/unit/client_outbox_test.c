/* Nothing that was said to be saved gets lost: numbers that a copy of this database used, parts of a transaction that failed. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/limits.h"
#include "client/outbox.h"
#include "client/replica_sync.h"
#include "help_folder.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_number_that_a_copy_used_is_not_given_again, setup, teardown),
        cmocka_unit_test_setup_teardown(a_transaction_with_a_failure_within_is_not_said_to_be_saved, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
