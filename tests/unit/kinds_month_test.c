/* Months and quarters as people write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "kinds/kind.h"
#include "kinds/month.h"

static void expect(void (*normalise)(struct slice, struct buf *), const char *written, const char *wanted)
{
    struct buf out = BUF_INIT;
    normalise(slice_text(written), &out);
    assert_string_equal(buf_c_string(&out), wanted);
    buf_finish(&out);
}

static void months(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"9", "9"},     {"09", "9"},   {"9月", "9"},      {" ９月份 ", "9"}, {"九月", "9"},        {"十月份", "10"}, {"十一月", "11"},
        {"十二", "十二"}, {"元月", "1"}, {"一月份", "1"},   {"13月", "13"},    {"2026年9月", "2026年9月"}, {"月", "月"},   {"九", "九"}, {"元", "元"},
        {"", ""},       {"0", "0"},    {"123", "123"},    {"-1", "-1"},      {"廿月", "廿月"},     {"九月初", "九月初"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        expect(month_normalise, pairs[i][0], pairs[i][1]);
}

static void quarters(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"3", "3"},         {"第三季度", "3"}, {"三季度", "3"},     {"3季度", "3"}, {"第4季度", "4"}, {"Q2", "2"},
        {"ｑ１", "1"},      {"一季", "1"},     {"第三", "第三"}, {"三", "三"}, {"Q三", "Q三"},    {"五季度", "5"}, {"季度", "季度"}, {"2026年三季度", "2026年三季度"},
        {"Q", "Q"},         {"第季度", "第季度"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        expect(quarter_normalise, pairs[i][0], pairs[i][1]);
}

/* In the fields themselves: what is stored is a number. */
static void values(void **state)
{
    (void)state;
    struct arena arena;
    struct cell value;
    const struct kind *item = kind_by_name("plan_item");
    arena_init(&arena, 4096);
    assert_int_equal(value_parse(kind_field(item, "month"), "九月", &arena, &value), ERR_OK);
    assert_true(value.type == CELL_INTEGER && value.integer == 9);
    assert_int_equal(value_parse(kind_field(item, "month_to"), "1月份", &arena, &value), ERR_OK);
    assert_true(value.type == CELL_INTEGER && value.integer == 1);
    assert_int_equal(value_parse(kind_field(item, "quarter"), "第三季度", &arena, &value), ERR_OK);
    assert_true(value.type == CELL_INTEGER && value.integer == 3);
    assert_int_equal(value_parse(kind_field(item, "month"), "2026年9月", &arena, &value), ERR_VALUE);
    assert_int_equal(value_parse(kind_field(item, "position"), "九", &arena, &value), ERR_VALUE);
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(months), cmocka_unit_test(quarters), cmocka_unit_test(values)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
