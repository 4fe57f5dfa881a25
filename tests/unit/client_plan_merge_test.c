/* plan_merge: which items of an edited plan are which of the old ones. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "client/reader/plan_merge.h"

#include <string.h>

#define NONE PLAN_MERGE_NONE
#define MAX 16

static struct plan_item item(uint32_t position, int month, const char *title)
{
    return (struct plan_item){.position = position, .when = {.month = month}, .title = title, .source_line = position};
}

static struct plan_known_item known(uint32_t position, int month, const char *title)
{
    return (struct plan_known_item){.title = title, .position = position, .month = month};
}

static void expect(const struct plan_item *items, size_t count, const struct plan_known_item *was, size_t was_count, const size_t *wanted)
{
    struct arena arena;
    size_t match[MAX];
    arena_init(&arena, 4096);
    assert_int_equal(plan_merge(items, count, was, was_count, &arena, match), ERR_OK);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(match[i], wanted[i]);
    arena_finish(&arena);
}

static const struct plan_known_item *old(void)
{
    static struct plan_known_item was[4];
    was[0] = known(1, 9, "庆祝教师节");
    was[1] = known(2, 9, "制定工会工作计划");
    was[2] = known(3, 10, "趣味运动会");
    was[3] = known(4, 11, "消防安全培训");
    return was;
}

static void unchanged_moved_and_inserted(void **state)
{
    (void)state;
    struct plan_item same[] = {item(1, 9, "庆祝教师节"), item(2, 9, "制定工会工作计划"), item(3, 10, "趣味运动会"), item(4, 11, "消防安全培训")};
    expect(same, 4, old(), 4, (size_t[]){0, 1, 2, 3});
    struct plan_item inserted[] = {item(1, 9, "新教师座谈会"), item(2, 9, "庆祝教师节"), item(3, 9, "制定工会工作计划"), item(4, 10, "趣味运动会"),
                                   item(5, 11, "消防安全培训")};
    expect(inserted, 5, old(), 4, (size_t[]){NONE, 0, 1, 2, 3});
    struct plan_item turned[] = {item(1, 11, "消防安全培训"), item(2, 10, "趣味运动会"), item(3, 9, "制定工会工作计划"), item(4, 9, "庆祝教师节")};
    expect(turned, 4, old(), 4, (size_t[]){3, 2, 1, 0});
    struct plan_item fewer[] = {item(1, 10, "趣味运动会")};
    expect(fewer, 1, old(), 4, (size_t[]){2});
    expect(same, 4, old(), 0, (size_t[]){NONE, NONE, NONE, NONE});
    expect(same, 0, old(), 4, (size_t[]){0});
}

/* 制定工会工作计划 and 拟定工会工作计划: 6 of 7 pairs each are shared, 85 %. */
static void reworded(void **state)
{
    (void)state;
    struct plan_item like[] = {item(1, 9, "新教师座谈会"), item(2, 9, "庆祝第四十二个教师节"), item(3, 9, "拟定工会工作计划"), item(4, 12, "趣味运动会")};
    expect(like, 4, old(), 4, (size_t[]){NONE, 0, 1, 2}); /* 庆祝…教师节: 3 pairs of 4 and 9, 46 % */
    struct plan_item other[] = {item(7, 9, "教师节慰问退休老教师")};
    expect(other, 1, old(), 4, (size_t[]){NONE}); /* 2 pairs of 9 and 4, 30 %: other work */
    struct plan_item altogether[] = {item(1, 9, "庆祝教师节"), item(2, 9, "讨论章程"), item(3, 10, "趣味运动会"), item(4, 12, "读书会")};
    expect(altogether, 4, old(), 4, (size_t[]){0, 1, 2, NONE}); /* the same place and month; 12 is not 11 */
}

/* The same title every month is the same work of its own month. */
static void one_title_in_many_months(void **state)
{
    (void)state;
    struct plan_known_item was[] = {known(1, 9, "召开例会"), known(2, 10, "召开例会"), known(3, 11, "召开例会")};
    struct plan_item now[] = {item(1, 10, "召开例会"), item(2, 11, "召开例会"), item(3, 12, "召开例会")};
    expect(now, 3, was, 3, (size_t[]){1, 2, 0});
}

/* What was done keeps its name: neither likeness nor place gives its record to other work. */
static void worked_on(void **state)
{
    (void)state;
    struct plan_known_item was[] = {known(1, 9, "制定工会工作计划"), known(2, 9, "庆祝教师节")};
    was[0].worked_on = was[1].worked_on = true;
    struct plan_item now[] = {item(1, 9, "拟定工会工作计划"), item(2, 9, "庆祝教师节")};
    expect(now, 2, was, 2, (size_t[]){NONE, 1});
}

/* The more alike first, whatever comes first. 趣味运动会: 4 pairs; 趣味运动会（室内） shares 4 of 4 + 8, 66 %; 秋季趣味运动会 4 of 4 + 6, 80 %. */
static void the_most_alike(void **state)
{
    (void)state;
    struct plan_known_item was[] = {known(1, 9, "趣味运动会")};
    struct plan_item now[] = {item(1, 9, "趣味运动会（室内）"), item(2, 10, "秋季趣味运动会")};
    expect(now, 2, was, 1, (size_t[]){NONE, 0});
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(unchanged_moved_and_inserted), cmocka_unit_test(reworded),
                                       cmocka_unit_test(one_title_in_many_months), cmocka_unit_test(worked_on), cmocka_unit_test(the_most_alike)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
