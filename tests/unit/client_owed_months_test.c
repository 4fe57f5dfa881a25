/* Months in arrears one after the other, counted by hand. */
#include "client/command/owed_months.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static size_t run_of(const char *const *periods)
{
    struct owed_months m = {.count = 0};
    for (; *periods; periods++)
        owed_months_note(&m, *periods);
    return owed_months_in_a_row(&m);
}

#define RUN(...) run_of((const char *const[]){__VA_ARGS__ __VA_OPT__(, ) NULL})

static void test_runs(void **state)
{
    (void)state;
    assert_int_equal(RUN(), 0);
    assert_int_equal(RUN("2026-10"), 1);
    assert_int_equal(RUN("2026-10", "2026-09", "2026-11"), 3);
    assert_int_equal(RUN("2026-12", "2027-01", "2027-02"), 3); /* over the year's end */
    assert_int_equal(RUN("2026-01", "2026-02", "2026-03", "2026-11"), 1); /* up to the newest */
    assert_int_equal(RUN("2026-09", "2026-09", "2026-10"), 2); /* noted twice */
    assert_int_equal(RUN("2026-1"), 5); /* September to January */
    assert_int_equal(RUN("2026-1", "2027-01", "2027-02"), 6);
    assert_int_equal(RUN("2026"), 12);
    assert_int_equal(RUN("spring"), 0);
}

static void test_no_more_than_there_is_room(void **state)
{
    (void)state;
    struct owed_months m = {.count = 0};
    for (int i = 0; i < 100; i++)
        owed_months_note(&m, "2026");
    assert_int_equal(m.count, OWED_MONTHS_MAX);
    assert_int_equal(owed_months_in_a_row(&m), 12);
    owed_months_note(&m, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_runs), cmocka_unit_test(test_no_more_than_there_is_room)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
