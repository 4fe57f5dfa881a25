#include "kinds/period.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static void check_read(const char *text, enum period_kind kind, int year, int part)
{
    struct period p;
    assert_true(period_read(slice_text(text), &p));
    assert_int_equal(p.kind, kind);
    assert_int_equal(p.year, year);
    assert_int_equal(p.part, part);
}

static void test_read(void **state)
{
    (void)state;
    check_read("2026-1", PERIOD_TERM, 2026, 1);
    check_read("2026-2", PERIOD_TERM, 2026, 2);
    check_read("2026", PERIOD_YEAR, 2026, 0);
    check_read("2026-H2", PERIOD_HALF_YEAR, 2026, 2);
    check_read("2026-Q4", PERIOD_QUARTER, 2026, 4);
    static const char *const bad[] = {"",       "2",       "202",     "20266",   "2026-",   "2026-0",
                                      "2026-3", "2026-H0", "2026-H3", "2026-Q5", "2026-h1", "2026/1",
                                      "0026",   "9999",    "2026-1 ", "abcd",    "2026-Q"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct period p = {.year = 7};
        assert_false(period_read(slice_text(bad[i]), &p));
        assert_int_equal(p.year, 7);
    }
    assert_string_equal(period_kind_name(PERIOD_HALF_YEAR), "half_year");
}

static void check_normal(const char *written, const char *wanted)
{
    struct buf out = BUF_INIT;
    period_normalise(slice_text(written), &out);
    assert_string_equal(buf_c_string(&out), wanted);
    buf_finish(&out);
}

static void test_normalise(void **state)
{
    (void)state;
    check_normal("2026-1", "2026-1");
    check_normal(" ２０２６－１ ", "2026-1");
    check_normal("2026-h1", "2026-H1");
    check_normal("2026-q3", "2026-Q3");
    check_normal("2026学年第一学期", "2026-1");
    check_normal("2026学年第2学期", "2026-2");
    check_normal("2026-2027学年第二学期", "2026-2");
    check_normal("2026—2027学年度第一学期", "2026-1");
    check_normal("2026-2027-1", "2026-1");
    check_normal("2026年秋季学期", "2026-1");
    check_normal("2026年", "2026");
    check_normal("2026年度", "2026");
    check_normal("2026年上半年", "2026-H1");
    check_normal("2026年第三季度", "2026-Q3");
    /* Not to be guessed: read differently by region, or no such academic year. */
    check_normal("2024年上学期", "2024年上学期");
    check_normal("2026-01", "2026-01"); /* a month */
    check_normal("2026-2028-1", "2026-2028-1");
    check_normal("2026-2028学年第一学期", "2026-2028学年第一学期");
    check_normal("本学期", "本学期");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_read), cmocka_unit_test(test_normalise)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
