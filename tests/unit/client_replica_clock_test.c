/* The difference of the clocks is that of the clock as it was measured: set since, started again, slewed, held. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "client/replica/replica_inner.h"
#include "help_folder.h"

#include <string.h>

#define NOW 1795400000000
#define MINUTE 60000ll
#define DAY 86400000ll

static struct folder folder;
static struct replica *r;
static struct clock_base base;
static bool told;

static bool fake_base(struct clock_base *out)
{
    if (told)
        *out = base;
    return told;
}

static void given(int64_t ms, const char *boot)
{
    base.ms = ms;
    strcpy(base.boot, boot);
    replica_set_clock(r, fake_base);
}

static int setup(void **state)
{
    (void)state;
    struct replica_seat s = {.number = 7, .person = "林晓岚", .roles = "union_chair", .home = 3, .home_code = "QH001", .home_name = "第一幼儿园工会",
                             .home_level = "branch", .district = "青禾区教育工会", .server = "127.0.0.1:7443"};
    folder_make(&folder);
    assert_int_equal(replica_create(folder.path, &s, NOW), ERR_OK);
    assert_int_equal(replica_open(folder.path, NOW, &r), ERR_OK);
    told = true;
    given(50 * DAY, "one"); /* 40 days ahead of the server's clock */
    assert_int_equal(inner_clock_measured(r, -40 * DAY), ERR_OK);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    replica_close(r);
    folder_remove(&folder);
    return 0;
}

static void assert_facts(int64_t offset_ms, bool changed)
{
    struct replica_facts f;
    assert_int_equal(replica_facts(r, &f), ERR_OK);
    assert_true(f.clock_offset_ms == offset_ms);
    assert_true(f.clock_measured_ms == -40 * DAY);
    assert_int_equal(f.clock_changed, changed);
}

static void test_untouched_it_stands(void **state)
{
    (void)state;
    assert_facts(-40 * DAY, false);
    given(50 * DAY + 2 * MINUTE, "one"); /* slewed */
    assert_facts(-40 * DAY, false);
}

static void test_what_was_set_is_taken_off(void **state)
{
    (void)state;
    given(10 * DAY, "one");
    assert_facts(0, true);
    given(13 * DAY, "one");
    assert_facts(-3 * DAY, true);
    given(50 * DAY - 2 * MINUTE - 1, "one");
    assert_facts(-40 * DAY + 2 * MINUTE + 1, true);
}

static void test_a_machine_that_was_held_is_not_taken_for_one_that_was_set(void **state)
{
    (void)state;
    given(60 * DAY, "one");
    assert_facts(-40 * DAY, true);
}

static void test_another_boot_tells_nothing(void **state)
{
    (void)state;
    given(10 * DAY, "two");
    assert_facts(-40 * DAY, true);
    told = false;
    given(10 * DAY, "one");
    assert_facts(-40 * DAY, true);
}

static void test_a_measure_without_the_clock_forgets_the_older_one(void **state)
{
    (void)state;
    told = false;
    assert_int_equal(inner_clock_measured(r, -40 * DAY), ERR_OK);
    told = true;
    given(10 * DAY, "one");
    assert_facts(-40 * DAY, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_untouched_it_stands, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_was_set_is_taken_off, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_machine_that_was_held_is_not_taken_for_one_that_was_set, setup, teardown),
        cmocka_unit_test_setup_teardown(test_another_boot_tells_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_measure_without_the_clock_forgets_the_older_one, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
