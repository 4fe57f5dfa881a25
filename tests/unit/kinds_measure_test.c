/* What the kinds count, added up from row to row as a commit does: -1 on the row before, +1 on the row after. */
#include "help_kinds.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static struct arena arena;
static struct buf emitted;

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, 1 << 16);
    emitted = BUF_INIT;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_finish(&arena);
    buf_finish(&emitted);
    return 0;
}

static void on_measure(void *to, const char *name, int64_t delta)
{
    buf_format(to, "%s%+d ", name, (int)delta);
}

static const char *counted(const char *kind, int64_t sign, const char *const *values)
{
    const struct kind *k = kind_by_name(kind);
    buf_finish(&emitted);
    k->measure(k, help_record(k, &arena, values), sign, on_measure, &emitted);
    return buf_c_string(&emitted);
}

#define R(...) ((const char *const[]){__VA_ARGS__, NULL})

static void test_rows(void **state)
{
    (void)state;
    assert_string_equal(counted("member", 1, R("name", "石榴", "state", "active")), "total+1 state.active+1 completeness_sum+8 completeness_count+1 "); /* 1 of 12 */
    assert_string_equal(counted("member", -1, R("name", "石榴")), "total-1 state.applied-1 ");
    assert_string_equal(counted("union_group", 1, R("name", "一组")), "total+1 ");
    assert_string_equal(counted("work_plan", 1, R("period", "2026-1", "state", "submitted")),
                        "total+1 2026-1.submitted+1 ");
    assert_string_equal(counted("work_plan", 1, R("title", "计划")), "total+1 none.drafted+1 ");
    assert_string_equal(counted("policy_limit", 1, R("state", "in_force")), "state.in_force+1 ");
    assert_string_equal(counted("conflict", -1, R("state", "open")), "state.open-1 ");
}

/* With a plan in force; by itself an item only tells its state. */
static const char *counted_in_plan(int64_t sign, const char *const *values)
{
    const struct kind *item = kind_by_name("plan_item"), *plan = kind_by_name("work_plan");
    const ProtobufCMessage *rows[] = {help_record(item, &arena, values), help_record(plan, &arena, R("state", "in_force"))};
    buf_finish(&emitted);
    item->account->measure(&(struct account_rows){.list = rows, .count = 2}, sign, on_measure, &emitted);
    return buf_c_string(&emitted);
}

static void test_due_items(void **state)
{
    (void)state;
    static const char *const open[] = {"planned", "doing", "postponed"}, *const closed[] = {"done", "cancelled"};
    char wanted[128];
    for (size_t i = 0; i < 3; i++) {
        snprintf(wanted, sizeof wanted, "plan_item.2026-10.%s+1 plan_item.due.2026-10-31+1 ", open[i]);
        assert_string_equal(counted_in_plan(1, R("due_on", "2026-10-31", "state", open[i])), wanted);
    }
    for (size_t i = 0; i < 2; i++) {
        snprintf(wanted, sizeof wanted, "plan_item.2026-10.%s-1 ", closed[i]);
        assert_string_equal(counted_in_plan(-1, R("due_on", "2026-10-31", "state", closed[i])), wanted);
    }
    assert_string_equal(counted_in_plan(1, R("month", "10")), "");
    assert_string_equal(counted("plan_item", 1, R("due_on", "2026-10-31", "state", "doing")), "state.doing+1 ");
}

/* A row of a newer version never makes a name that is not bounded. */
static void test_unknown_state(void **state)
{
    (void)state;
    const struct kind *k = kind_by_name("member");
    ProtobufCMessage *m = record_new(k->descriptor, &arena);
    record_put_name(m, "name", cell_text("石榴"), &arena); /* one without was erased (rule 29) */
    record_put_name(m, "state", cell_text("hibernating"), &arena);
    k->measure(k, m, 1, on_measure, &emitted);
    assert_string_equal(buf_c_string(&emitted), "total+1 state.unknown+1 ");
}

static void check_named(const char *name, const char *zh, const char *en)
{
    for (enum language l = LANGUAGE_ZH; l <= LANGUAGE_EN; l++) {
        struct buf out = BUF_INIT;
        measure_text(name, l, &out);
        assert_string_equal(buf_c_string(&out), l == LANGUAGE_ZH ? zh : en);
        buf_finish(&out);
    }
}

static void test_names_for_people(void **state)
{
    (void)state;
    check_named("member.total", "会员总数", "members");
    check_named("member.state.active", "会员 · 在籍", "members · active");
    check_named("work_plan.2026-1.submitted", "工作计划 · 2026-1 已上报", "work plans · 2026-1 submitted");
    check_named("work_plan.total", "工作计划数", "work plans");
    check_named("plan_item.due.2026-10-31", "计划项应完成 · 2026-10-31", "plan items due · 2026-10-31");
    check_named("plan_item.2026-10.done", "计划项 · 2026-10 已完成", "plan items · 2026-10 done");
    check_named("plan_item.overdue", "计划项应完成 · 已逾期", "plan items due · overdue");
    check_named("proposal.state.filed", "提案 · 已立案", "proposals · filed");
    check_named("proposal.category.care_hours", "收到提案类别 · 工时与假期", "proposals received by category · hours and leave");
    check_named("proposal.received.2026", "收到提案 · 2026", "proposals received · 2026");
    check_named("dues_assessment.arrears", "会费未缴清（不计宽限天数） · 已逾期", "members owing dues (days of grace not counted) · overdue");
    check_named("dues_assessment.paid_fen.2026-10", "已缴会费（分） · 2026-10", "dues paid (fen) · 2026-10");
    check_named("dues_usage_report.2026.published", "会费使用情况公布 · 2026 已公布", "statements on the use of dues · 2026 published");
    check_named("suggestion.state.adopted", "suggestion.state.adopted", "suggestion.state.adopted");
    check_named("member", "member", "member");
    check_named("member.wage", "member.wage", "member.wage");
    check_named("", "", "");
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {T(test_rows), T(test_due_items), T(test_unknown_state),
                                       T(test_names_for_people)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
