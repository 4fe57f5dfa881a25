/* What moves with a plan's period when it is drawn up again. */
#include "client/reader/plan_shift.h"

#include <setjmp.h>
#include <stdint.h>
#include <stdarg.h>
#include <cmocka.h>
#include <string.h>

static const struct period first_term = {PERIOD_TERM, 2025, 1}, second_term = {PERIOD_TERM, 2025, 2}, year = {PERIOD_YEAR, 2025, 0};

static void check_title(const char *title, struct period was, int years, const char *want)
{
    struct buf out = BUF_INIT;
    plan_shift_title(slice_text(title), was, years, &out);
    assert_string_equal(buf_c_string(&out), want);
    buf_finish(&out);
}

static void moves_the_years_of_the_period(void **state)
{
    (void)state;
    check_title("2025学年第一学期工会工作计划", first_term, 1, "2026学年第一学期工会工作计划");
    check_title("2025-2026学年第一学期工会工作计划", first_term, 1, "2026-2027学年第一学期工会工作计划");
    check_title("2025—2026学年工会计划", first_term, 1, "2026—2027学年工会计划");
    check_title("2025-26学年工会计划", first_term, 1, "2026-27学年工会计划");
    check_title("工会计划（2025年9月至2026年1月）", first_term, 1, "工会计划（2026年9月至2027年1月）");
    check_title("2026年春季学期工会计划", second_term, 1, "2027年春季学期工会计划");
    check_title("2025年工会工作计划", year, 2, "2027年工会工作计划");
    check_title("２０２５年工会工作计划", year, 1, "２０２６年工会工作计划");
    check_title("二〇二五年工会工作计划", year, 1, "二〇二六年工会工作计划");
    check_title("二零二五学年工会工作计划", year, 5, "二零三零学年工会工作计划");
}

static void leaves_all_other_numbers(void **state)
{
    (void)state;
    check_title("工会工作计划", year, 1, "工会工作计划");
    check_title("落实2024年部署的2025年计划", year, 1, "落实2024年部署的2026年计划");
    check_title("12025号，20251，2025年", year, 1, "12025号，20251，2026年");
    check_title("2025年迎接2026年换届的计划", year, 1, "2026年迎接2026年换届的计划");
    check_title("2025-12号文件2025", year, 1, "2026-12号文件2026");
    check_title("2025学年（迎2026年换届）", first_term, 1, "2026学年（迎2026年换届）");
}

static void knows_a_text_that_names_the_year(void **state)
{
    (void)state;
    assert_true(plan_shift_is_dated(slice_text("围绕2025学年的重点"), first_term));
    assert_false(plan_shift_is_dated(slice_text("围绕2024学年的重点"), first_term));
    assert_false(plan_shift_is_dated(slice_text(""), first_term));
}

static void check_day(struct date day, int years, const char *want)
{
    char text[DATE_TEXT_SIZE];
    date_text(plan_shift_date(day, years), text);
    assert_string_equal(text, want);
}

static void moves_days_and_periods(void **state)
{
    (void)state;
    check_day((struct date){2028, 2, 29}, 1, "2029-02-28");
    check_day((struct date){2028, 2, 29}, 4, "2032-02-29");
    check_day((struct date){2027, 2, 28}, 1, "2028-02-29"); /* by the month's end */
    check_day((struct date){2027, 2, 27}, 1, "2028-02-27");
    check_day((struct date){2028, 2, 28}, 1, "2029-02-28");
    check_day((struct date){2025, 9, 30}, 1, "2026-09-30");
    check_day((struct date){2026, 1, 31}, 0, "2026-01-31");
    struct period p = plan_shift_period(second_term, 1);
    assert_int_equal(p.kind, PERIOD_TERM);
    assert_int_equal(p.year, 2026);
    assert_int_equal(p.part, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moves_the_years_of_the_period),
        cmocka_unit_test(leaves_all_other_numbers),
        cmocka_unit_test(knows_a_text_that_names_the_year),
        cmocka_unit_test(moves_days_and_periods),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
