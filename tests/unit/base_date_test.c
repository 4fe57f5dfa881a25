#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/date.h"
#include <string.h>

static void all_forms_that_people_write(void **state)
{
    (void)state;
    static const char *const good[] = {"2026-09-01",   "2026-9-1",    "2026/9/1",          "2026/09/01",      "2026.9.1",
                                       "2026.09.01",   "20260901",    "2026年9月1日", "2026年9月1号", "2026年09月01日",  " 2026-9-1\t",
                                       "２０２６年９月１日", "２０２６－９－１", "２０２６／９／１", "　2026．9．1　", "２０２６０９０１"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct date d = {0};
        assert_int_equal(date_parse(good[i], &d), ERR_OK);
        assert_int_equal(d.year, 2026);
        assert_int_equal(d.month, 9);
        assert_int_equal(d.day, 1);
    }
}

static void all_else_is_refused_and_leaves_the_output(void **state)
{
    (void)state;
    static const char *const bad[] = {"",           "2026",        "2026-09",     "2026-13-01",   "2026-00-10", "2026-02-29",
                                      "2026-9/1",   "26-9-1",      "2026-9-1 x",  "2026-9-32",    "202609011",  "2026901",
                                      "2026年9月1", "2026年9月",   "2026-4-31",   "0000-01-01",   "+026-1-1",   "2026-09-001",
                                      "2026 9 1",   "2026--1-1",   "1900-2-29",   "12026-01-01",  "2026.9.1日", "-2026-9-1"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct date d = {1, 2, 3};
        assert_int_equal(date_parse(bad[i], &d), ERR_VALUE);
        assert_int_equal(d.year, 1);
        assert_int_equal(d.day, 3);
    }
}

static void a_day_that_there_is_not_is_written_like_one(void **state)
{
    (void)state;
    assert_true(date_is_written("2026-02-30") && date_is_written("2026年13月1日") && date_is_written("20260431"));
    assert_false(date_is_written("2026-9") || date_is_written("九月一日") || date_is_written(""));
}

static void leap_years(void **state)
{
    (void)state;
    assert_true(date_is_valid((struct date){2024, 2, 29}));
    assert_true(date_is_valid((struct date){2000, 2, 29}));
    assert_false(date_is_valid((struct date){1900, 2, 29}));
    assert_false(date_is_valid((struct date){2025, 2, 29}));
    assert_int_equal(date_month_end(2024, 2).day, 29);
    assert_int_equal(date_month_end(2025, 2).day, 28);
    assert_int_equal(date_month_end(2026, 9).day, 30);
    assert_int_equal(date_month_end(2026, 12).day, 31);
}

static void text_and_order(void **state)
{
    (void)state;
    char text[DATE_TEXT_SIZE];
    date_text((struct date){2026, 9, 1}, text);
    assert_string_equal(text, "2026-09-01");
    date_text((struct date){987, 12, 31}, text);
    assert_string_equal(text, "0987-12-31");
    assert_int_equal(date_compare((struct date){2026, 9, 1}, (struct date){2026, 9, 1}), 0);
    assert_int_equal(date_compare((struct date){2026, 1, 31}, (struct date){2026, 2, 1}), -1);
    assert_int_equal(date_compare((struct date){2027, 1, 1}, (struct date){2026, 12, 31}), 1);
}

/* What records hold: date_text's form and no other. */
static void stored_dates(void **state)
{
    (void)state;
    static const char *const bad[] = {"",           "2026-9-1",   "2026/09/01", "20260901",   "2026-02-29",  "2026-13-01", "2026-00-10",
                                      "2026-09-00", "0000-09-01", "2026-0a-01", "2026-09-1 ", "2026-09-01 ", "-026-09-01"};
    struct date d = {1, 2, 3};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(date_read(slice_text(bad[i]), &d));
    assert_int_equal(d.year, 1);
    assert_true(date_read(slice_text("2024-02-29"), &d));
    assert_int_equal(d.year, 2024);
    assert_int_equal(d.month, 2);
    assert_int_equal(d.day, 29);
    assert_true(date_read(slice_text("0001-01-01"), &d));
    assert_int_equal(d.year, 1);
}

static void assert_date(int64_t ms, int offset, int year, int month, int day)
{
    struct date d = date_of_ms(ms, offset);
    assert_int_equal(d.year, year);
    assert_int_equal(d.month, month);
    assert_int_equal(d.day, day);
}

/* Milliseconds worked out with date -u -d ... +%s. */
static void dates_of_times(void **state)
{
    (void)state;
    assert_date(0, 0, 1970, 1, 1);
    assert_date(-1, 0, 1969, 12, 31);
    assert_date(951782400000, 0, 2000, 2, 29);   /* 2000-02-29T00:00:00Z */
    assert_date(951868799999, 0, 2000, 2, 29);
    assert_date(951868800000, 0, 2000, 3, 1);
    assert_date(1788220800000 - 1, 0, 2026, 8, 31); /* 2026-09-01T00:00:00Z */
    assert_date(1788220800000, 0, 2026, 9, 1);
    assert_date(1788220800000 - 8 * 3600000, 480, 2026, 9, 1); /* midnight in Beijing */
    assert_date(1788220800000 - 8 * 3600000 - 1, 480, 2026, 8, 31);
    assert_date(1788220800000, -60, 2026, 8, 31);
    assert_date(INT64_MAX, 480, 9999, 12, 31); /* a peer's clock may say anything */
    assert_date(INT64_MIN, -480, 1, 1, 1);
}

static void times_as_machines_write_them(void **state)
{
    (void)state;
    char text[TIME_TEXT_SIZE];
    time_text(0, text);
    assert_string_equal(text, "1970-01-01T00:00:00Z");
    time_text(1795309323000, text);
    assert_string_equal(text, "2026-11-22T01:02:03Z");
    time_text(1795309323045, text);
    assert_string_equal(text, "2026-11-22T01:02:03.045Z");
    time_text(-1, text);
    assert_string_equal(text, "1969-12-31T23:59:59.999Z");
    time_text(INT64_MAX, text);
    assert_string_equal(text, "292278994-08-17T07:12:55.807Z");
    time_text(INT64_MIN, text);
    assert_true(strlen(text) < TIME_TEXT_SIZE);
}

static void clocks_go_and_chance_is_not_constant(void **state)
{
    (void)state;
    int64_t before = clock_monotonic_ms();
    assert_true(clock_monotonic_ms() >= before);
    assert_true(clock_now_ms() > 1700000000000);
    uint8_t a[64] = {0}, b[64] = {0};
    random_fill(a, sizeof a);
    random_fill(b, sizeof b);
    assert_memory_not_equal(a, b, sizeof a);
    random_fill(a, 0);
}

static void days_between_dates(void **state)
{
    (void)state;
    assert_int_equal(date_days((struct date){1970, 1, 1}), 0);
    assert_int_equal(date_days((struct date){1969, 12, 31}), -1);
    assert_int_equal(date_days((struct date){2000, 3, 1}) - date_days((struct date){2000, 2, 28}), 2);
    assert_int_equal(date_days((struct date){2027, 1, 1}) - date_days((struct date){2026, 1, 1}), 365);
    assert_int_equal(date_days((struct date){2026, 11, 22}), 20779);
    assert_int_equal(date_days((struct date){1, 1, 1}), -719162);
    assert_int_equal(date_days((struct date){9999, 12, 31}), 2932896);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_forms_that_people_write),
        cmocka_unit_test(all_else_is_refused_and_leaves_the_output),
        cmocka_unit_test(a_day_that_there_is_not_is_written_like_one),
        cmocka_unit_test(leap_years),
        cmocka_unit_test(text_and_order),
        cmocka_unit_test(stored_dates),
        cmocka_unit_test(days_between_dates),
        cmocka_unit_test(dates_of_times),
        cmocka_unit_test(times_as_machines_write_them),
        cmocka_unit_test(clocks_go_and_chance_is_not_constant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
