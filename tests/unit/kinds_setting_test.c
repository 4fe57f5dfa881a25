/* Settings: what is shipped, and what orgs above set instead. */
#include "kinds/kind.h"
#include "settings.pb-c.h"
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#define IS assert_string_equal
#define MAX 8

/* The settings that there are, as a check_context gives them. */
struct limits {
    Record__PolicyLimit list[MAX];
    unsigned height[MAX];
    size_t count;
};

static struct limits limits;
static struct arena arena;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 1u << 20);
    limits.count = 0;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_finish(&arena);
    return 0;
}

static struct id id_of(size_t i)
{
    return (struct id){{1, (uint8_t)i}};
}

static void children(const void *to, uint32_t kind, const char *field, struct cell value, kind_each *each,
                     void *each_to)
{
    const struct limits *l = to;
    assert_int_equal(kind, 5);
    IS(field, "rule_code");
    for (size_t i = 0; i < l->count; i++)
        if (cell_equal(cell_text(l->list[i].rule_code), value) && !each(each_to, id_of(i), &l->list[i].base))
            return;
}

static unsigned height(const void *to, uint32_t kind, struct id id)
{
    assert_int_equal(kind, 5);
    return ((const struct limits *)to)->height[id.bytes[1]];
}

static void set_down(unsigned at_height, const char *code, const char *value, const char *from, const char *to,
                     const char *state)
{
    Record__PolicyLimit *l = &limits.list[limits.count];
    record__policy_limit__init(l);
    l->rule_code = (char *)code;
    l->value = (char *)value;
    l->effective_from = (char *)from;
    l->effective_to = (char *)to;
    l->state = (char *)state;
    limits.height[limits.count++] = at_height;
}

static struct check_context context(void)
{
    return (struct check_context){.children = children, .height = height, .related_to = &limits, .arena = &arena};
}

static const char *text_on(const char *code, int year, int month, int day)
{
    struct check_context c = context();
    const char *text = setting_text(&c, code, (struct date){(int16_t)year, (int8_t)month, (int8_t)day});
    return text ? text : "none";
}

static void what_is_shipped(void **state)
{
    (void)state;
    static const char *const expected[][2] = {{"dues.rate_permille", "5"},     {"dues.rounding_fen", "1000"},
                                              {"dues.grace_days", "0"},        {"proposal.reply_days", "30"},
                                              {"proposal.result_days", "90"},  {"proposal.seconders", "0"},
                                              {"membership.lapse_months", "6"}};
    size_t count;
    const struct setting_rule *all = setting_all(&count);
    struct check_context nothing_known = {.arena = &arena};
    assert_int_equal(count, 7);
    for (size_t i = 0; i < count; i++) {
        IS(text_on(expected[i][0], 2026, 10, 1), expected[i][1]);
        IS(setting_text(&nothing_known, expected[i][0], (struct date){2026, 10, 1}), expected[i][1]);
        IS(setting_find(all[i].code)->code, all[i].code);
        assert_true(all[i].label.zh && all[i].label.en && all[i].unit.zh && all[i].unit.en && all[i].basis.zh && all[i].basis.en);
    }
    IS(text_on("dues.rate", 2026, 10, 1), "none");
    assert_null(setting_find("dues.rate"));
}

static void one_that_is_in_effect_on_the_day(void **state)
{
    (void)state;
    set_down(1, "dues.rate_permille", "6", "2026-09-01", "2026-12-31", "in_force");
    set_down(1, "dues.rounding_fen", "1", "2026-01-01", NULL, "in_force");
    IS(text_on("dues.rate_permille", 2026, 8, 31), "5");
    IS(text_on("dues.rate_permille", 2026, 9, 1), "6");
    IS(text_on("dues.rate_permille", 2026, 12, 31), "6");
    IS(text_on("dues.rate_permille", 2027, 1, 1), "5");
    IS(text_on("dues.rate_permille", 0, 0, 0), "5"); /* no day: nothing is in effect */
    IS(text_on("dues.rounding_fen", 2036, 1, 1), "1");
}

static void drafts_and_repealed_ones_do_not_count(void **state)
{
    (void)state;
    set_down(1, "dues.grace_days", "3", "2026-01-01", NULL, "draft");
    set_down(1, "dues.grace_days", "4", "2026-01-01", NULL, "repealed");
    set_down(1, "dues.grace_days", "5", "2026-01-01", NULL, NULL); /* as a draft */
    IS(text_on("dues.grace_days", 2026, 10, 1), "0");
    set_down(1, "dues.grace_days", "6", "2026-01-01", NULL, "in_force");
    IS(text_on("dues.grace_days", 2026, 10, 1), "6");
}

static void the_nearest_org_then_the_newest(void **state)
{
    (void)state;
    set_down(2, "proposal.reply_days", "60", "2026-09-01", NULL, "in_force"); /* the city, newer than the district's */
    set_down(1, "proposal.reply_days", "20", "2026-01-01", NULL, "in_force");
    set_down(1, "proposal.reply_days", "21", "2026-03-01", NULL, "in_force");
    set_down(1, "proposal.reply_days", "22", "2026-02-01", NULL, "in_force");
    set_down(1, "proposal.reply_days", "23", "2027-01-01", NULL, "in_force");
    IS(text_on("proposal.reply_days", 2026, 10, 1), "21");
    IS(text_on("proposal.reply_days", 2026, 2, 15), "22");
    IS(text_on("proposal.reply_days", 2025, 12, 31), "30");
    set_down(1, "proposal.reply_days", "24", "2026-03-01", NULL, "in_force"); /* of the same day, made later */
    IS(text_on("proposal.reply_days", 2026, 10, 1), "24");
}

static void whole_numbers(void **state)
{
    (void)state;
    struct check_context c = context();
    struct date on = {2026, 10, 1};
    int64_t number = -7;
    set_down(1, "dues.rate_permille", "半", "2026-01-01", NULL, "in_force");
    set_down(1, "dues.grace_days", "12", "2026-01-01", NULL, "in_force");
    assert_int_equal(setting_integer(&c, "dues.rate_permille", on, 5), 5);
    assert_int_equal(setting_integer(&c, "dues.grace_days", on, 0), 12);
    assert_int_equal(setting_integer(&c, "membership.lapse_months", on, 1), 6);
    assert_int_equal(setting_integer(&c, "no.such", on, -1), -1);
    static const char *const bad[] = {"", " 5", "5 ", "-5", "+5", "0x5", "5.0", "1234567890123456"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(setting_number(bad[i], &number));
    assert_int_equal(number, -7);
    assert_true(setting_number("0", &number) && number == 0);
    assert_true(setting_number("123456789012345", &number) && number == 123456789012345);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(what_is_shipped),
        T(one_that_is_in_effect_on_the_day),
        T(drafts_and_repealed_ones_do_not_count),
        T(the_nearest_org_then_the_newest),
        T(whole_numbers),
    };
    return cmocka_run_group_tests_name("kinds_setting", tests, NULL, NULL);
}
