/* The district's figures from measures written down by hand, of a branch and of three. */
#include "kinds/figure.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define NOW INT64_C(1795312800000) /* 2026-11-22 10:00 in China */
#define DAY INT64_C(86400000)

/* "name=value;..." */
static int64_t measure(const void *of, const char *name)
{
    size_t size = strlen(name);
    for (const char *at = of; at && *at; at = strchr(at, ';') + 1)
        if (strncmp(at, name, size) == 0 && at[size] == '=')
            return atoll(at + size + 1);
    return 0;
}

static struct figure_source source(const char *measures)
{
    return (struct figure_source){.measure = measure, .of = measures, .counts = true, .now_ms = NOW, .last_contact_ms = NOW - 3 * DAY / 2,
                                  .today = {2026, 11, 22}};
}

static void shows(const char *name, const char *measures, const char *period, const char *wanted)
{
    const struct figure *f = figure_find(name);
    struct figure_source s = source(measures);
    struct buf out = BUF_INIT;
    assert_non_null(f);
    assert_true(figure_takes(f, period));
    figure_text(f, figure_of_branch(f, &s, period), LANGUAGE_EN, &out);
    if (strcmp(buf_c_string(&out), wanted) != 0)
        fail_msg("%s of %s: %s, not %s", name, period, buf_c_string(&out), wanted);
    buf_finish(&out);
}

/* Three branches: two as given, one that was dissolved. */
static void totals(const char *name, const char *a, const char *b, const char *period, const char *wanted)
{
    const struct figure *f = figure_find(name);
    struct figure_value total = {0};
    struct buf out = BUF_INIT;
    struct figure_source list[] = {source(a), source(b), source(a)};
    list[1].last_contact_ms = NOW - 5 * DAY / 2;
    list[2].counts = false;
    list[2].of = "";
    for (size_t i = 0; i < 3; i++)
        figure_add(&total, figure_of_branch(f, &list[i], period));
    figure_close(f, &total);
    figure_text(f, total, LANGUAGE_EN, &out);
    if (strcmp(buf_c_string(&out), wanted) != 0)
        fail_msg("total of %s: %s, not %s", name, buf_c_string(&out), wanted);
    buf_finish(&out);
}

static void test_who_counts(void **state)
{
    (void)state;
    assert_true(figure_counts(NULL) && figure_counts("active") && figure_counts("preparing"));
    assert_false(figure_counts("merged") || figure_counts("dissolved"));
}

static void test_membership(void **state)
{
    (void)state;
    shows("unionised_rate", "branch_union.state.active=1;", "", "100.0 %");
    shows("unionised_rate", "branch_union.state.preparing=1;", "", "0.0 %");
    totals("unionised_rate", "branch_union.state.active=1;", "", "", "50.0 %");
    shows("unionised_rate", "member.state.active=45;", "", "100.0 %"); /* no union registered: it works all the same */
    shows("unionised_rate", "member.state.active=45;branch_union.state.dissolved=1;", "", "0.0 %");
    shows("unionised_rate", "member.state.retained=2;", "", "0.0 %");
    shows("membership_rate", "member.state.active=45;branch_union.staff=52;", "", "86.5 %"); /* 0.86538 */
    shows("membership_rate", "member.state.active=45;", "", "—");
    totals("membership_rate", "member.state.active=45;branch_union.staff=50;", "member.state.active=30;", "", "90.0 %");
    shows("member_completeness", "member.completeness_sum=250;member.completeness_count=3;", "", "83.3 %");
    totals("member_completeness", "member.completeness_sum=250;member.completeness_count=3;", "member.completeness_sum=50;member.completeness_count=1;", "",
           "75.0 %");
}

static void test_net_change(void **state)
{
    (void)state;
    static const char changes[] = "member.joined.2026-09=3;member.in.2026-10=2;member.out.2026-10=1;member.left.2026-11=4;"
                                  "member.expelled.2026-11=1;member.deceased.2027-01=1;member.state.retained=9;";
    shows("member_net_change", changes, "2026-09", "3");
    shows("member_net_change", changes, "2026-10", "1");
    shows("member_net_change", changes, "2026-11", "-5");
    shows("member_net_change", changes, "2026-1", "-2");
    shows("member_net_change", changes, "2026", "-1");
    totals("member_net_change", changes, changes, "2026-10", "2");
}

static void test_dues(void **state)
{
    (void)state;
    static const char year[] = "member.state.active=40;dues_assessment.assessed_fen.2026-10=100000;dues_assessment.paid_fen.2026-10=98500;"
                               "dues_assessment.assessed_fen.2026-11=100000;dues_assessment.paid_fen.2026-11=50000;";
    shows("dues_collection_rate", year, "2026-10", "98.5 %");
    shows("dues_collection_rate", year, "2026-1", "74.3 %"); /* 148,500 of 200,000: 74.25 */
    shows("dues_collection_rate", year, "2026", "74.3 %");
    shows("dues_collection_rate", year, "2026-12", "—");
    /* 43.25 owed by each of ten, 40.00 paid twice by five of them: 216.25 of 432.50, not 400.00 */
    shows("dues_collection_rate", "member.state.active=10;dues_assessment.assessed_fen.2026-10=43250;dues_assessment.paid_fen.2026-10=40000;"
                                  "dues_assessment.surplus_fen.2026-10=18375;", "2026-10", "50.0 %");
    shows("dues_collection_rate", "member.state.active=9;dues_assessment.assessed_fen.2026-1=600;dues_assessment.paid_fen.2026-1=600;", "2026-1", "100.0 %");
    shows("dues_collection_rate", "member.state.active=4;dues_assessment.assessed_fen.2026-10=100;dues_assessment.paid_fen.2026-10=100;", "2026-10",
          "fewer than 5, not shown");
    totals("dues_collection_rate", year, "member.state.active=4;dues_assessment.assessed_fen.2026-10=100000;dues_assessment.paid_fen.2026-10=100000;",
           "2026-10", "99.3 %"); /* 99.25 */
    shows("dues_publication_rate", "dues_usage_report.2026.published=1;", "2026", "100.0 %");
    totals("dues_publication_rate", "dues_usage_report.2026.published=1;", "dues_usage_report.2026.audited=1;", "2026", "50.0 %");
}

/* Eight proposals: two merged, one declined, five filed; all replied to. */
static void test_proposals(void **state)
{
    (void)state;
    static const char eight[] = "member.state.active=45;proposal.received.2026=8;proposal.merged.2026=2;proposal.declined.2026=1;proposal.filed.2026=5;"
                                "proposal.replied.2026=8;proposal.reply_days.2026=100;proposal.implemented.2026=3;proposal.satisfied.2026=5;"
                                "proposal.basically.2026=2;proposal.unsatisfied.2026=1;";
    shows("proposal_count", eight, "2026", "8");
    shows("proposal_filing_rate", eight, "2026", "83.3 %");
    shows("proposal_reply_rate", eight, "2026", "100.0 %");
    shows("proposal_implementation_rate", eight, "2026", "60.0 %");
    shows("proposal_satisfaction_rate", eight, "2026", "87.5 %");
    shows("proposal_reply_days", eight, "2026", "12.5");
    shows("proposal_count", eight, "2025", "0");
    shows("proposal_reply_rate", eight, "2025", "—");
}

static void test_few_answers_are_not_shown(void **state)
{
    (void)state;
    static const char four[] = "member.state.active=45;proposal.satisfied.2026=3;proposal.unsatisfied.2026=1;";
    static const char five[] = "member.state.active=45;proposal.satisfied.2026=4;proposal.unsatisfied.2026=1;";
    static const char small[] = "member.state.active=4;proposal.satisfied.2026=4;proposal.unsatisfied.2026=1;";
    shows("proposal_satisfaction_rate", four, "2026", "fewer than 5, not shown");
    shows("proposal_satisfaction_rate", five, "2026", "80.0 %");
    shows("proposal_satisfaction_rate", small, "2026", "fewer than 5, not shown");
    shows("proposal_satisfaction_rate", "", "2026", "—");
    totals("proposal_satisfaction_rate", four, four, "2026", "75.0 %"); /* eight answers together */
    totals("proposal_satisfaction_rate", four, "", "2026", "fewer than 5, not shown");
}

static void test_plans(void **state)
{
    (void)state;
    static const char plan[] = "work_plan.2026-1.in_force=1;plan_item.2026-09.done=4;plan_item.2026-10.done=3;plan_item.2026-10.postponed=1;"
                               "plan_item.2026-11.planned=2;plan_item.2026-12.planned=5;plan_item.2026-12.done=1;plan_item.2026-10.cancelled=2;";
    shows("plan_submission_rate", plan, "2026-1", "100.0 %");
    shows("plan_submission_rate", "work_plan.2026-1.returned=1;", "2026-1", "0.0 %");
    shows("plan_submission_rate", "work_plan.2026-1.adopted=1;", "2026-1", "0.0 %");
    totals("plan_submission_rate", plan, "", "2026-1", "50.0 %");
    shows("plan_item_completion_rate", plan, "2026-1", "70.0 %"); /* 7 of 10: December has not begun */
    shows("plan_item_completion_rate", plan, "2026-Q3", "100.0 %");
    shows("plan_item_completion_rate", plan, "2026-H1", "—");
    shows("summary_rate", "work_summary.2026-1.submitted=1;", "2026-1", "100.0 %");
    totals("summary_rate", "work_summary.2026-1.acknowledged=1;", "work_summary.2026-1.drafted=1;", "2026-1", "50.0 %");
}

static void test_sync_age(void **state)
{
    (void)state;
    const struct figure *f = figure_find("sync_age");
    struct figure_source never = source("");
    never.last_contact_ms = 0;
    shows("sync_age", "", "", "1.5");
    totals("sync_age", "", "", "", "2.0"); /* 1.5 and 2.5 */
    assert_false(figure_is_known(f, figure_of_branch(f, &never, "")));
}

static void test_periods(void **state)
{
    (void)state;
    static const struct {
        const char *figure, *takes, *refuses, *in_january, *in_november;
    } cases[] = {{"sync_age", "", "2026", "", ""},
                 {"proposal_count", "2026", "2026-1", "2027", "2026"},
                 {"dues_collection_rate", "2026-10", "2026-Q1", "2027-01", "2026-11"},
                 {"summary_rate", "2026-H1", "2026-10", "2026-1", "2026-1"},
                 {"plan_submission_rate", "2026-2", "", "2026-1", "2026-1"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct figure *f = figure_find(cases[i].figure);
        char period[FIGURE_PERIOD_SIZE];
        assert_true(figure_takes(f, cases[i].takes));
        assert_false(figure_takes(f, cases[i].refuses));
        figure_period_of(f, (struct date){2027, 1, 20}, period);
        assert_string_equal(period, cases[i].in_january);
        figure_period_of(f, (struct date){2026, 11, 22}, period);
        assert_string_equal(period, cases[i].in_november);
        assert_true(figure_takes(f, period));
    }
    char period[FIGURE_PERIOD_SIZE];
    figure_period_of(figure_find("summary_rate"), (struct date){2027, 6, 1}, period);
    assert_string_equal(period, "2026-2");
}

/* What figures ask for is what kinds count: a name that none declares has no words for people. */
static int64_t declared(const void *of, const char *name)
{
    struct buf text = BUF_INIT;
    (void)of;
    measure_text(name, LANGUAGE_EN, &text);
    if (strcmp(buf_c_string(&text), name) == 0)
        fail_msg("no kind counts %s", name);
    buf_finish(&text);
    return 1;
}

/* Each has its words in both languages and kinds that there are; nothing is divided by zero. */
static void test_all_are_whole(void **state)
{
    (void)state;
    size_t count;
    const struct figure *all = figure_all(&count);
    assert_int_equal(count, 17);
    for (size_t i = 0; i < count; i++) {
        struct figure_source s = source("");
        char period[FIGURE_PERIOD_SIZE];
        struct buf out = BUF_INIT;
        assert_ptr_equal(figure_find(all[i].name), &all[i]);
        assert_true(*all[i].label.zh && *all[i].label.en && *all[i].definition.zh && *all[i].definition.en);
        for (size_t k = 0; k < 3 && all[i].kinds[k]; k++)
            assert_non_null(kind_by_number(all[i].kinds[k]));
        figure_period_of(&all[i], s.today, period);
        figure_text(&all[i], figure_of_branch(&all[i], &s, period), LANGUAGE_ZH, &out);
        assert_true(out.size > 0);
        s.measure = declared;
        (void)figure_of_branch(&all[i], &s, period);
        buf_finish(&out);
    }
    assert_null(figure_find("card_rate"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_counts),
        cmocka_unit_test(test_membership),
        cmocka_unit_test(test_net_change),
        cmocka_unit_test(test_dues),
        cmocka_unit_test(test_proposals),
        cmocka_unit_test(test_few_answers_are_not_shown),
        cmocka_unit_test(test_plans),
        cmocka_unit_test(test_sync_age),
        cmocka_unit_test(test_periods),
        cmocka_unit_test(test_all_are_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
