/* The list of merged records: once each, oldest first, bounded, gone when it was taken, there after a restart. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/limits.h"
#include "client/replica/replica_inner.h"
#include "help_folder.h"

#define NOW 1795400000000 /* 2026-11-22 */

static struct folder folder;
static struct replica *r;
static struct arena arena;

static int setup(void **state)
{
    (void)state;
    struct replica_seat s = {.number = 7, .person = "林晓岚", .roles = "union_chair", .home = 3, .home_code = "QH001", .home_name = "小苗圃工会",
                             .home_level = "branch", .district = "青禾区教育工会", .server = "127.0.0.1:7443"};
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

static struct id numbered(uint8_t number)
{
    return (struct id){{0x01, [15] = number}};
}

static void note(uint32_t kind, uint8_t number)
{
    assert_int_equal(inner_begin(r), ERR_OK);
    assert_int_equal(inner_end(r, replica_merged_note(r, kind, numbered(number), &arena)), ERR_OK);
}

static void test_a_record_stands_once_and_is_taken_once(void **state)
{
    (void)state;
    struct replica_merged list[MERGED_MAX];
    size_t count = 99;
    note(1, 5);
    note(0x01020304, 6);
    note(1, 5);
    replica_close(r);
    assert_int_equal(replica_open(folder.path, NOW, &r), ERR_OK);
    assert_int_equal(replica_take_merged(r, &arena, list, &count), ERR_OK);
    assert_int_equal(count, 2);
    assert_int_equal(list[0].kind, 1);
    assert_true(id_equal(list[0].id, numbered(5)));
    assert_int_equal(list[1].kind, 0x01020304);
    assert_true(id_equal(list[1].id, numbered(6)));
    assert_int_equal(replica_take_merged(r, &arena, list, &count), ERR_OK);
    assert_int_equal(count, 0);
}

static void test_the_newest_stay_where_there_are_too_many(void **state)
{
    (void)state;
    struct replica_merged list[MERGED_MAX];
    size_t count;
    for (uint8_t i = 1; i <= 40; i++)
        note(1, i);
    assert_int_equal(replica_take_merged(r, &arena, list, &count), ERR_OK);
    assert_int_equal(count, 32);
    assert_true(id_equal(list[0].id, numbered(9)));
    assert_true(id_equal(list[31].id, numbered(40)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_record_stands_once_and_is_taken_once, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_newest_stay_where_there_are_too_many, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
