/* plan_period: which period a text names plainly, and when things are due in it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "client/reader/plan_period.h"
#include <string.h>

static void in_a_text(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum plan_period_find find;
        const char *period, *words;
    } cases[] = {
        {"幼儿园2026学年第一学期工会计划", PLAN_PERIOD_PLAIN, "2026-1", "2026学年第一学期"},
        {"2026学年度第2学期", PLAN_PERIOD_PLAIN, "2026-2", "2026学年度第2学期"},
        {"2026—2027学年第二学期", PLAN_PERIOD_PLAIN, "2026-2", "2026—2027学年第二学期"},
        {"２０２６-２０２７学年度（第一学期）", PLAN_PERIOD_PLAIN, "2026-1", "２０２６-２０２７学年度（第一学期"},
        {"2026-27学年下学期", PLAN_PERIOD_PLAIN, "2026-2", "2026-27学年下学期"},
        {"2026-2027学年上学期", PLAN_PERIOD_PLAIN, "2026-1", "2026-2027学年上学期"},
        {"二〇二六学年第一学期", PLAN_PERIOD_PLAIN, "2026-1", "二〇二六学年第一学期"},
        {"2026年秋季学期", PLAN_PERIOD_PLAIN, "2026-1", "2026年秋季学期"},
        {"2027年春季", PLAN_PERIOD_PLAIN, "2026-2", "2027年春季"},
        {"2026年上半年", PLAN_PERIOD_PLAIN, "2026-H1", "2026年上半年"},
        {"2026年度下半年", PLAN_PERIOD_PLAIN, "2026-H2", "2026年度下半年"},
        {"2026年第三季度", PLAN_PERIOD_PLAIN, "2026-Q3", "2026年第三季度"},
        {"制定2026年度计划", PLAN_PERIOD_PLAIN, "2026", "2026年度"},
        {"我们制定了2024年上学期的工会工作计划", PLAN_PERIOD_REGIONAL, NULL, "2024年上学期"},
        {"2024学年上学期", PLAN_PERIOD_REGIONAL, NULL, "2024学年上学期"},
        {"2024年第一学期", PLAN_PERIOD_REGIONAL, NULL, "2024年第一学期"},
        {"2026学年工会工作计划", PLAN_PERIOD_ACADEMIC_YEAR, NULL, "2026学年"},
        {"20xx年工会计划", PLAN_PERIOD_BLANKED, NULL, "20xx年"},
        {"xx年上半年", PLAN_PERIOD_BLANKED, NULL, "xx年"},
        {"20XX学年第一学期", PLAN_PERIOD_BLANKED, NULL, "20XX学年"},
        {"局工会2020年工作要点", PLAN_PERIOD_ABSENT, NULL, NULL}, /* a bare year: only a title's counts */
        {"2026-2028学年第一学期", PLAN_PERIOD_ABSENT, NULL, NULL},
        {"本学期", PLAN_PERIOD_ABSENT, NULL, NULL},
        {"12026学年第一学期", PLAN_PERIOD_ABSENT, NULL, NULL},
        {"2026年秋游", PLAN_PERIOD_ABSENT, NULL, NULL},
        {"", PLAN_PERIOD_ABSENT, NULL, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct period p;
        struct slice words;
        char text[PERIOD_TEXT_SIZE];
        enum plan_period_find find = plan_period_search(slice_text(cases[i].text), PLAN_YEAR_IGNORED, &p, &words);
        if (find != cases[i].find)
            fail_msg("%s: %d", cases[i].text, find);
        if (cases[i].words != NULL && !slice_equal(words, slice_text(cases[i].words)))
            fail_msg("%s: %.*s", cases[i].text, (int)words.size, (const char *)words.data);
        if (cases[i].period == NULL)
            continue;
        plan_period_text(p, text);
        assert_string_equal(text, cases[i].period);
    }
    struct period p;
    struct slice words;
    assert_int_equal(plan_period_search(slice_text("2026年工会计划"), PLAN_YEAR_COUNTS, &p, &words), PLAN_PERIOD_PLAIN);
    assert_int_equal(p.kind, PERIOD_YEAR);
    assert_int_equal(p.year, 2026);
}

/* Every text that is written here is one that the kinds' own reader takes. */
static void texts(void **state)
{
    (void)state;
    static const struct period periods[] = {
        {PERIOD_TERM, 2026, 1},      {PERIOD_TERM, 2026, 2},    {PERIOD_YEAR, 2026, 0},
        {PERIOD_HALF_YEAR, 2026, 2}, {PERIOD_QUARTER, 2026, 4},
    };
    for (size_t i = 0; i < 5; i++) {
        char text[PERIOD_TEXT_SIZE];
        struct period again;
        plan_period_text(periods[i], text);
        assert_true(period_read(slice_text(text), &again));
        assert_int_equal(again.kind, periods[i].kind);
        assert_int_equal(again.year, periods[i].year);
        assert_int_equal(again.part, periods[i].part);
    }
}

static void expect_due(const char *period, struct plan_when when, const char *expected)
{
    struct period p;
    struct date due;
    char text[DATE_TEXT_SIZE] = "";
    assert_true(period_read(slice_text(period), &p));
    if (plan_item_due(p, &when, &due))
        date_text(due, text);
    assert_string_equal(text, expected);
}

static void due(void **state)
{
    (void)state;
    static const char *const first[] = {"2027-01-31", "", "",           "",           "",           "",
                                        "",           "", "2026-09-30", "2026-10-31", "2026-11-30", "2026-12-31"};
    static const char *const second[] = {"",           "2027-02-28", "2027-03-31", "2027-04-30",
                                         "2027-05-31", "2027-06-30", "2027-07-31", "2027-08-31",
                                         "",           "",           "",           ""};
    for (int month = 1; month <= 12; month++) {
        expect_due("2026-1", (struct plan_when){.month = month}, first[month - 1]);
        expect_due("2026-2", (struct plan_when){.month = month}, second[month - 1]);
    }
    expect_due("2027-2", (struct plan_when){.month = 2}, "2028-02-29");
    expect_due("2026", (struct plan_when){.month = 1}, "2026-01-31");
    expect_due("2026-1", (struct plan_when){.month = 12, .month_to = 1}, "2027-01-31");
    expect_due("2026-1", (struct plan_when){.month = 9, .day = 10}, "2026-09-10");
    expect_due("2026-1", (struct plan_when){.month = 9, .day = 31}, "2026-09-30");
    expect_due("2026-1", (struct plan_when){.month = 9, .year = 2026}, "2026-09-30");
    expect_due("2026-1", (struct plan_when){.month = 9, .year = 2025}, "");
    expect_due("2026-1", (struct plan_when){0}, "");
    expect_due("2026", (struct plan_when){.quarter = 1}, "2026-03-31");
    expect_due("2026", (struct plan_when){.quarter = 4}, "2026-12-31");
    expect_due("2026-1", (struct plan_when){.quarter = 4}, "");
    expect_due("2026-H1", (struct plan_when){.quarter = 2}, "2026-06-30");
    expect_due("2026-H1", (struct plan_when){.month = 7}, "");
    expect_due("2026-H2", (struct plan_when){.month = 7, .month_to = 12}, "2026-12-31");
    expect_due("2026-Q3", (struct plan_when){.quarter = 3}, "2026-09-30");
    expect_due("2026-Q3", (struct plan_when){.month = 10}, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(in_a_text), cmocka_unit_test(texts), cmocka_unit_test(due)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
