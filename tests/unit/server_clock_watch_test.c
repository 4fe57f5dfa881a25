/* Many devices against one server: who is believed. */
#include "server/clock_watch.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#define NOW INT64_C(1795305600000)
#define MINUTE INT64_C(60000)

static bool hello(struct clock_watch *w, uint32_t seat, int64_t minutes)
{
    return clock_watch_note(w, seat, NOW + minutes * MINUTE, NOW);
}

static void three_that_agree(void **state)
{
    (void)state;
    struct clock_watch w = {.next = 0};
    assert_false(hello(&w, 1, 180));
    assert_false(hello(&w, 1, 180)); /* one seat is one voice */
    assert_false(hello(&w, 2, 181));
    assert_int_equal(clock_watch_off(&w), 0);
    assert_true(hello(&w, 3, 179));
    assert_int_equal(clock_watch_off(&w), 180 * MINUTE);
    assert_false(hello(&w, 4, 0)); /* three of four */
    assert_int_equal(clock_watch_off(&w), 180 * MINUTE);
    assert_true(hello(&w, 5, 0)); /* three of five do not outvote two */
    assert_int_equal(clock_watch_off(&w), 0);
}

static void set_right(void **state)
{
    (void)state;
    struct clock_watch w = {.next = 0};
    for (uint32_t seat = 1; seat <= 3; seat++)
        hello(&w, seat, -6);
    assert_int_equal(clock_watch_off(&w), -6 * MINUTE);
    assert_true(hello(&w, 1, 0)); /* two are too few to go on saying it */
    assert_int_equal(clock_watch_off(&w), 0);
}

static void wrong_each_in_its_own_way(void **state)
{
    (void)state;
    struct clock_watch w = {.next = 0};
    for (uint32_t seat = 1; seat <= 8; seat++)
        assert_false(hello(&w, seat, (int64_t)seat * 60));
    assert_int_equal(clock_watch_off(&w), 0);
}

static void near_enough(void **state)
{
    (void)state;
    struct clock_watch w = {.next = 0};
    for (uint32_t seat = 1; seat <= 8; seat++)
        assert_false(hello(&w, seat, 4));
    assert_false(clock_watch_note(&w, 9, 0, NOW)); /* did not say */
    assert_false(clock_watch_note(&w, 9, INT64_MAX, -1));
}

static void the_last_sixteen(void **state)
{
    (void)state;
    struct clock_watch w = {.next = 0};
    for (uint32_t seat = 1; seat <= 16; seat++)
        hello(&w, seat, 0);
    for (uint32_t seat = 17; seat <= 26; seat++)
        assert_false(hello(&w, seat, 60)); /* ten of sixteen */
    assert_true(hello(&w, 27, 60));
    assert_int_equal(clock_watch_off(&w), 60 * MINUTE);
}

/* A hello says any time it likes: differences of differences stay within what a number holds. */
static void any_time_at_all(void **state)
{
    (void)state;
    struct clock_watch w = {0};
    (void)clock_watch_note(&w, 1, INT64_MAX, 1000);
    (void)clock_watch_note(&w, 2, 1, 5000);
    (void)clock_watch_note(&w, 3, 1, 5000);
    assert_true(clock_watch_off(&w) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_that_agree), cmocka_unit_test(set_right), cmocka_unit_test(wrong_each_in_its_own_way),
        cmocka_unit_test(near_enough), cmocka_unit_test(the_last_sixteen), cmocka_unit_test(any_time_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
