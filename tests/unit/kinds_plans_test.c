/* What adoption and summing up of a plan ask for; summaries, meetings, handovers. */
#include "help_books.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

enum { P = 10, S = 20, H = 30 };

static struct books w;

static int set_up(void **state)
{
    (void)state;
    books_make(&w);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    books_finish(&w);
    return 0;
}

#define REF(n) books_ref(&w, n)
#define TRY(kind, n, action, ...) books_try(&w, kind, n, action, F(__VA_ARGS__))
#define DO(kind, n, action, ...) assert_string_equal(books_do(&w, kind, n, action, F(__VA_ARGS__)), "")

static void test_adoption_has_a_day_and_a_meeting(void **state)
{
    (void)state;
    books_put(&w, "work_plan", P, F("title", "计划", "period", "2026-1", "state", "discussed"));
    assert_string_equal(TRY("work_plan", P, "adopted", ), "WARN work_plan.adopted_when adopted_on;");
    assert_string_equal(TRY("work_plan", P, "adopted", "adopted_on", "2026-09-05"), "WARN work_plan.adopted_when adopted_by;");
    DO("work_plan", P, "adopted", "adopted_on", "2026-09-05", "adopted_by", "全体会员大会");
    books_put(&w, "work_plan", P, F("state", "returned")); /* what was adopted once stands */
    DO("work_plan", P, "adopted", );
}

/* One stored form of a period makes them comparable; a plan that is filed away is none of now. */
static void test_two_plans_of_a_period(void **state)
{
    (void)state;
    books_put(&w, "work_plan", P, F("title", "计划", "period", "2026-1", "state", "adopted"));
    assert_string_equal(TRY("work_plan", P + 1, NULL, "title", "又一份", "period", "2026-1"), "WARN work_plan.twice period;");
    assert_string_equal(TRY("work_plan", P + 1, NULL, "title", "又一份", "period", "2026"), "");
    assert_string_equal(TRY("work_plan", P + 1, NULL, "title", "又一份", "period", "2026-01"), "BLOCK work_plan.period period;");
    assert_string_equal(TRY("work_plan", P, "submitted", ), "");
    books_put(&w, "work_plan", P + 1, F("title", "又一份", "period", "2026-1"));
    assert_string_equal(TRY("work_plan", P, "submitted", ), "WARN work_plan.twice period;"); /* made apart: nobody saw it before */
    assert_string_equal(TRY("work_plan", P, NULL, "title", "计划二"), "");
    books_put(&w, "work_plan", P + 1, F("state", "archived"));
    assert_string_equal(TRY("work_plan", P, "submitted", ), "");
}

static void test_summing_up_needs_a_summary(void **state)
{
    (void)state;
    books_put(&w, "work_plan", P, F("title", "计划", "period", "2026-1", "state", "in_force"));
    assert_string_equal(TRY("work_plan", P, "summarised", ), "WARN work_plan.no_summary -;");
    DO("work_summary", S, NULL, "period", "2026-1", "plan_id", REF(P), "done_text", "按计划完成。");
    assert_string_equal(TRY("work_plan", P, "summarised", ), "WARN work_plan.no_summary -;");
    DO("work_summary", S, "approved", );
    assert_string_equal(TRY("work_plan", P, "summarised", ), "");
    w.blind = true;
    books_put(&w, "work_summary", S, F("state", "drafted"));
    assert_string_equal(TRY("work_plan", P, "summarised", ), "");
}

static void test_summary(void **state)
{
    (void)state;
    books_put(&w, "work_plan", P, F("title", "计划", "period", "2026-1"));
    assert_string_equal(TRY("work_summary", S, NULL, "period", "第一学期"), "BLOCK work_summary.period period;");
    assert_string_equal(TRY("work_summary", S, NULL, "period", "2026-1", "period_kind", "年度"), "BLOCK work_summary.period_kind period_kind;");
    assert_string_equal(TRY("work_summary", S, NULL, "period", "2026-2", "plan_id", REF(P)), "WARN work_summary.other_plan plan_id;");
    DO("work_summary", S, NULL, "period", "2026学年第一学期", "period_kind", "学期", "plan_id", REF(P));
    assert_string_equal(TRY("work_summary", S, "approved", ), "WARN work_summary.empty done_text;");
    DO("work_summary", S, NULL, "done_text", "按计划完成。");
    DO("work_summary", S, "approved", );
    assert_string_equal(TRY("work_summary", S, "submitted", "submitted_on", "2027-01-20"), "WARN FUTURE submitted_on;");
    w.today = (struct date){2027, 1, 20};
    DO("work_summary", S, "submitted", "submitted_on", "2027-01-20");
    assert_string_equal(TRY("work_summary", S, "returned", ), "BLOCK REQUIRED return_reason;");
    DO("work_summary", S, "returned", "return_reason", "请补充不足");
    DO("work_summary", S, "submitted", );
    assert_string_equal(TRY("work_summary", S, "returned", ), "BLOCK work_summary.return_reason return_reason;");
    DO("work_summary", S, "acknowledged", );
    DO("work_summary", S, "archived", );
    assert_string_equal(books_measures(&w, "work_summary"), "2026-1.archived=1;total=1;");
}

static void test_meeting(void **state)
{
    (void)state;
    assert_string_equal(TRY("committee_meeting", S, NULL, "agenda", "商议计划"), "BLOCK REQUIRED held_on;");
    DO("committee_meeting", S, NULL, "held_on", "2026-09-03", "agenda", "商议计划");
    assert_string_equal(books_measures(&w, "committee_meeting"), "held.2026-09=1;total=1;");
}

static void test_handover(void **state)
{
    (void)state;
    assert_string_equal(TRY("handover", H, NULL, "role", "会计", "from_name", "王芳", "from_seat", "3", "to_seat", "3"), "BLOCK handover.same_seat to_seat;");
    DO("handover", H, NULL, "role", "会计", "from_name", "王芳", "from_seat", "3");
    assert_string_equal(TRY("handover", H, "checked", ), "BLOCK REQUIRED items_text;");
    DO("handover", H, "checked", "items_text", "账簿、票据");
    assert_string_equal(TRY("handover", H, "signed", ),
                        "BLOCK REQUIRED signed_on;BLOCK REQUIRED to_name;WARN handover.balances balances_text;WARN handover.supervisor supervised_by;");
    DO("handover", H, NULL, "balances_text", "存款 1,200.50 元");
    w.today = (struct date){2027, 1, 15};
    DO("handover", H, "signed", "signed_on", "2027-01-15", "to_name", "石榴", "supervised_by", "林晓岚");
    assert_string_equal(TRY("handover", H, "transferred", "handed_on", "2027-01-15", "unsent_count", "3"), "WARN handover.unsent unsent_count;");
    DO("handover", H, "transferred", "handed_on", "2027-01-15", "unsent_count", "0");
    assert_string_equal(books_measures(&w, "handover"), "state.transferred=1;");
    books_put(&w, "handover", H + 1, F("role", "information_officer", "from_name", "王芳", "state", "checked"));
    assert_string_equal(TRY("handover", H + 1, "signed", "signed_on", "2027-01-15", "to_name", "石榴"), "");
}

static const char *items_in(const char *plan_state)
{
    const char *plan = books_ref(&w, P);
    books_put(&w, "work_plan", P, F("title", "计划", "period", "2026-1", "state", plan_state));
    books_put(&w, "plan_item", P, F("plan_id", plan, "title", "收缴会费", "due_on", "2026-10-31", "state", "done"));
    books_put(&w, "plan_item", P + 1, F("plan_id", plan, "title", "读书", "due_on", "2026-10-15"));
    books_put(&w, "plan_item", P + 2, F("plan_id", plan, "title", "总结"));
    const char *counted = books_measures(&w, "plan_item");
    w.count = 0;
    return counted;
}

/* From the plan's adoption on: what is still talked over, or was sent back, is due from nobody, and what is filed is over. */
static void test_items_by_the_month_they_are_due(void **state)
{
    (void)state;
    static const char *const before[] = {"drafted", "discussed", "returned", "archived"};
    static const char *const binding[] = {"adopted", "submitted", "acknowledged", "in_force"};
    for (size_t i = 0; i < sizeof before / sizeof *before; i++)
        assert_string_equal(items_in(before[i]), "state.done=1;state.planned=2;");
    for (size_t i = 0; i < sizeof binding / sizeof *binding; i++)
        assert_string_equal(items_in(binding[i]), "plan_item.2026-10.done=1;plan_item.2026-10.planned=1;plan_item.due.2026-10-15=1;"
                                                  "state.done=1;state.planned=2;");
    /* Summed up: what was done stays told, nothing is awaited any more. */
    assert_string_equal(items_in("summarised"), "plan_item.2026-10.done=1;plan_item.2026-10.planned=1;state.done=1;state.planned=2;");
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(test_adoption_has_a_day_and_a_meeting),
        T(test_two_plans_of_a_period),
        T(test_summing_up_needs_a_summary),
        T(test_summary),
        T(test_meeting),
        T(test_handover),
        T(test_items_by_the_month_they_are_due),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
