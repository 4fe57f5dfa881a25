/* plan_when and plan_number: with what a line begins. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "client/reader/plan_number.h"
#include "client/reader/plan_when.h"
#include <string.h>

struct when_case {
    const char *line;
    int year, month, month_to, quarter, day, listed;
    const char *rest;
};

static void expect_rest(const char *line, struct slice rest, const char *expected)
{
    if (rest.size != strlen(expected) || memcmp(rest.data, expected, rest.size) != 0)
        fail_msg("%s: rest is “%.*s”, not “%s”", line, (int)rest.size, (const char *)rest.data, expected);
}

static void months(void **state)
{
    (void)state;
    static const struct when_case cases[] = {
        {"九月份", 0, 9, 0, 0, 0, 0, ""},
        {"十月份：", 0, 10, 0, 0, 0, 0, ""},
        {"3月", 0, 3, 0, 0, 0, 0, ""},
        {"１２月　举行教代会", 0, 12, 0, 0, 0, 0, "举行教代会"},
        {"09月：收缴会费", 0, 9, 0, 0, 0, 0, "收缴会费"},
        {"元月", 0, 1, 0, 0, 0, 0, ""},
        {"十二月", 0, 12, 0, 0, 0, 0, ""},
        {"四月举行运动会", 0, 4, 0, 0, 0, 0, "举行运动会"},
        {"2026年9月", 2026, 9, 0, 0, 0, 0, ""},
        {"二〇二六年十一月份，评比", 2026, 11, 0, 0, 0, 0, "评比"},
        {"次年1月：总结", 0, 1, 0, 0, 0, 0, "总结"},
        {"（九月）", 0, 9, 0, 0, 0, 0, ""},
        {"【10月】筹备", 0, 10, 0, 0, 0, 0, "筹备"},
        {"九月\t召开例会\t主席", 0, 9, 0, 0, 0, 0, "召开例会\t主席"},
        {"九 月 份 例会", 0, 9, 0, 0, 0, 0, "例会"},
        /* spans */
        {"七、八月份", 0, 7, 8, 0, 0, 7, ""},
        {"3-4月", 0, 3, 4, 0, 0, 0, ""},
        {"3—4月份：读书", 0, 3, 4, 0, 0, 0, "读书"},
        {"9月至10月", 0, 9, 10, 0, 0, 0, ""},
        {"9月、10月：", 0, 9, 10, 0, 0, 0, ""},
        {"三四月", 0, 3, 4, 0, 0, 0, ""},
        {"十一、十二月", 0, 11, 12, 0, 0, 11, ""},
        {"十二月至次年一月", 0, 12, 1, 0, 0, 0, ""},
        {"9、10、11月", 0, 9, 11, 0, 0, 9, ""},
        {"7—10月开展自查", 0, 7, 10, 0, 0, 0, "开展自查"},
        /* days and parts of a month */
        {"9月10日：表彰", 0, 9, 0, 0, 10, 0, "表彰"},
        {"9月1日—9月15日 报名", 0, 9, 0, 0, 15, 0, "报名"},
        {"9月25日至10月8日 走访", 0, 9, 10, 0, 8, 0, "走访"},
        {"9月1-5日：报名", 0, 9, 0, 0, 5, 0, "报名"},
        {"十月上旬：征集", 0, 10, 0, 0, 10, 0, "征集"},
        {"十月下旬", 0, 10, 0, 0, 31, 0, ""},
        {"9月底前完成体检", 0, 9, 0, 0, 31, 0, "9月底前完成体检"},
        {"11月起收缴会费", 0, 11, 0, 0, 0, 0, "11月起收缴会费"},
        /* quarters */
        {"第一季度", 0, 0, 0, 1, 0, 0, ""},
        {"第4季度：总结", 0, 0, 0, 4, 0, 0, "总结"},
        {"二季度", 0, 0, 0, 2, 0, 0, ""},
        {"第一、二季度", 0, 1, 6, 0, 0, 0, ""},
        {"三、四季度", 0, 7, 12, 0, 0, 3, ""},
        {"2026年第三季度", 2026, 0, 0, 3, 0, 0, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct when_case *c = &cases[i];
        struct plan_when w;
        struct slice rest;
        if (!plan_when_read(slice_text(c->line), &w, &rest))
            fail_msg("%s is no month", c->line);
        if (w.year != c->year || w.month != c->month || w.month_to != c->month_to || w.quarter != c->quarter ||
            w.day != c->day || w.listed != c->listed)
            fail_msg("%s: %d %d-%d q%d d%d l%d", c->line, w.year, w.month, w.month_to, w.quarter, w.day, w.listed);
        expect_rest(c->line, rest, c->rest);
    }
}

static void no_months(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "一月一次例会",   "三月内完成", "9月以来的意见",  "每年11月召开", "上半年",
        "下半年：",       "第一周",     "13月",           "0月",          "九个月",
        "月份",           "二十月",     "拟在六月份召开", "一、指导思想", "5、要充分发挥",
        "十、一月份工作", "3-1月",      "第五季度",       "每季度",       "9人",
        "2026年",         "本月",       "（九月",         "九",           "一、第二季度",
        "十月革命",       "",
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct plan_when w;
        struct slice rest;
        if (plan_when_read(slice_text(lines[i]), &w, &rest))
            fail_msg("%s is taken for month %d-%d, quarter %d", lines[i], w.month, w.month_to, w.quarter);
    }
}

static void headings_and_reports(void **state)
{
    (void)state;
    static const char *const headings[] = {"", "工作安排", "重点工作：", "的主要工作及活动", "（师德建设月）", "★"};
    static const char *const entries[] = {"召开例会", "工作例会", "（暂定）召开例会", "总结"};
    for (size_t i = 0; i < 6; i++)
        assert_true(plan_when_is_heading(slice_text(headings[i])));
    for (size_t i = 0; i < 4; i++)
        assert_false(plan_when_is_heading(slice_text(entries[i])));
    assert_true(plan_when_is_past(slice_text("被评为区先进")));
    assert_true(plan_when_is_past(slice_text("我们开展了师德活动")));
    assert_false(plan_when_is_past(slice_text("开展师德活动，让大家了解制度")));
}

static void months_on_one_line(void **state)
{
    (void)state;
    const char *line = "九月：召开例会；收缴会费。十月份：筹备教代会；11月: 征集";
    size_t at = plan_when_next_within(slice_text(line), 0);
    assert_int_equal(at, strlen("九月：召开例会；收缴会费。"));
    at = plan_when_next_within(slice_text(line), at);
    assert_int_equal(at, strlen("九月：召开例会；收缴会费。十月份：筹备教代会；"));
    assert_int_equal(plan_when_next_within(slice_text(line), at), SIZE_MAX);
    line = "提案已经落实。1月，参加交流会。2月：总结"; /* a paragraph: it does not begin with a month */
    assert_int_equal(plan_when_next_within(slice_text(line), 0), SIZE_MAX);
    line = "九月：总结。1月，参加交流会。"; /* no colon behind the second */
    assert_int_equal(plan_when_next_within(slice_text(line), 0), SIZE_MAX);
}

/* ---- numbers ---- */

static void numbers(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        enum plan_style style;
        int value;
        const char *rest;
    } cases[] = {
        {"一、引言", PLAN_STYLE_TOP, 1, "引言"},
        {" 十二、其他", PLAN_STYLE_TOP, 12, "其他"},
        {"第一部分 指导思想", PLAN_STYLE_DIVISION, 1, "指导思想"},
        {"(一)健全制度", PLAN_STYLE_SECOND, 1, "健全制度"},
        {"（二）、增强", PLAN_STYLE_SECOND, 2, "增强"},
        {"1.以提高", PLAN_STYLE_DOT, 1, "以提高"},
        {"2、在教代会", PLAN_STYLE_DOT, 2, "在教代会"},
        {"３．完善", PLAN_STYLE_DOT, 3, "完善"},
        {"4）开展", PLAN_STYLE_DOT, 4, "开展"},
        {"5\t九月", PLAN_STYLE_DOT, 5, "九月"},
        {"3.3月慰问", PLAN_STYLE_DOT, 3, "3月慰问"},
        {"/7、关心", PLAN_STYLE_DOT, 7, "关心"},
        {"（1）组织", PLAN_STYLE_PAREN, 1, "组织"},
        {"(12)组织", PLAN_STYLE_PAREN, 12, "组织"},
        {"1.2 组织", PLAN_STYLE_PAREN, 2, "组织"},
        {"①收缴", PLAN_STYLE_CIRCLE, 1, "收缴"},
        {"⑵举行", PLAN_STYLE_PAREN, 2, "举行"},
        {"⒊举行", PLAN_STYLE_DOT, 3, "举行"},
        {"• 组织", PLAN_STYLE_BULLET, 0, "组织"},
        {"- 组织", PLAN_STYLE_BULLET, 0, "组织"},
    };
    static const char *const none[] = {"2026年", "1.5万元",  "9.10",  "5项实事",  "一支队伍", "——引自",
                                       "-5",     "（九月）", "100、", "十全十美", "1",        ""};
    struct plan_number n;
    struct slice rest;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (!plan_number_read(slice_text(cases[i].line), &n, &rest) || n.style != cases[i].style ||
            n.value != cases[i].value)
            fail_msg("%s: style %d, value %d", cases[i].line, n.style, n.value);
        expect_rest(cases[i].line, rest, cases[i].rest);
    }
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        if (plan_number_read(slice_text(none[i]), &n, &rest))
            fail_msg("%s is taken for number %d of style %d", none[i], n.value, n.style);
}

static void chapters(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        int value;
        const char *title;
    } cases[] = {
        {"篇1：幼儿园工会工作计划", 1, "幼儿园工会工作计划"},
        {"2023年幼儿园工会工作总结 篇12", 12, "2023年幼儿园工会工作总结"},
        {"【篇三】", 3, ""},
        {"第二篇 工会计划", 2, "工会计划"},
        {"工会工作计划（篇4）", 4, "工会工作计划"},
        {"工会工作计划篇5", 5, "工会工作计划"},
        {"每位员工写一篇念书笔录", 0, NULL},
        {"每人读书十篇", 0, NULL},
        {"报送信息篇1000字", 0, NULL},
        {"见范文篇1。", 0, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct slice title = {0};
        if (plan_chapter_read(slice_text(cases[i].line), &title) != cases[i].value)
            fail_msg("%s", cases[i].line);
        if (cases[i].title != NULL)
            expect_rest(cases[i].line, title, cases[i].title);
    }
}

static size_t pieces(const char *line)
{
    struct plan_number chain = {0};
    size_t n = 1;
    for (size_t at = 0; (at = plan_number_next_within(slice_text(line), at, &chain)) != SIZE_MAX;)
        n++;
    return n;
}

static void numbering_within_a_line(void **state)
{
    (void)state;
    assert_int_equal(pieces("6、加强建设。/7、关心教职工"), 2);
    assert_int_equal(pieces("4、开展教育。争做教师。5、要充分发挥"), 2);
    assert_int_equal(pieces("十月：1.筹备教代会；2.发出通知；3.读书"), 4);
    assert_int_equal(pieces("十一月 （1）审议；（2）培训"), 3);
    assert_int_equal(pieces("1.例会 2.会费 3.读书"), 3);
    assert_int_equal(pieces("1.落实2项实事。3、补助"), 1);       /* not the next number */
    assert_int_equal(pieces("1.慰问2.5万元；组织2.0版活动"), 1); /* digits behind the point */
    assert_int_equal(pieces("第 1 页 共 2 页"), 1);
    assert_int_equal(pieces("做到事前、事中、事后1、2、3"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(months),
        cmocka_unit_test(no_months),
        cmocka_unit_test(headings_and_reports),
        cmocka_unit_test(months_on_one_line),
        cmocka_unit_test(numbers),
        cmocka_unit_test(chapters),
        cmocka_unit_test(numbering_within_a_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
