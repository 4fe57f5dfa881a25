/* The figures themselves, one function each; how they are added up and shown is in figure_value.c.
 * Invariant: where a branch's denominator is not known its numerator does not count either, so that the sums fit together. */
#include "kinds/figure.h"
#include "kinds/dues.h"
#include "kinds/figure_period.h"
#include "kinds/rules.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The measure FRONT + period + BACK. */
static int64_t get(const struct figure_source *s, const char *front, const char *period, const char *back)
{
    char name[96];
    snprintf(name, sizeof name, "%s%s%s", front, period, back);
    return s->measure(s->of, name);
}

static int64_t over_months(const struct figure_source *s, const char *front, const char *period, const char *back)
{
    char months[FIGURE_MONTHS_MAX][FIGURE_PERIOD_SIZE];
    size_t count = figure_months(period, months);
    int64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += get(s, front, months[i], back);
    return sum;
}

/* ---- membership ---- */

/* A branch whose union is not registered here counts while it has active members: the record says more, but is not needed to work. */
static void unionised(const struct figure_source *s, const char *period, struct figure_value *out)
{
    static const char *const others[] = {"preparing", "approved", "merged", "dissolved"};
    int64_t registered = s->measure(s->of, "branch_union.state.active"), known = registered;
    (void)period;
    for (size_t i = 0; i < COUNT(others); i++)
        known += get(s, "branch_union.state.", others[i], "");
    out->numerator = s->counts && (known ? registered : s->measure(s->of, "member.state.active")) > 0;
    out->denominator = s->counts;
}

static void membership(const struct figure_source *s, const char *period, struct figure_value *out)
{
    (void)period;
    out->denominator = s->measure(s->of, "branch_union.staff");
    out->numerator = out->denominator > 0 ? s->measure(s->of, "member.state.active") : 0;
}

static void net_change(const struct figure_source *s, const char *period, struct figure_value *out)
{
    static const struct {
        const char *front;
        int sign;
    } parts[] = {{"member.joined.", 1}, {"member.in.", 1},        {"member.out.", -1},
                 {"member.left.", -1},  {"member.expelled.", -1}, {"member.deceased.", -1}};
    for (size_t i = 0; i < COUNT(parts); i++)
        out->numerator += parts[i].sign * over_months(s, parts[i].front, period, "");
}

static void completeness(const struct figure_source *s, const char *period, struct figure_value *out)
{
    (void)period;
    out->numerator = s->measure(s->of, "member.completeness_sum");
    out->denominator = 100 * s->measure(s->of, "member.completeness_count");
}

static void duplicates(const struct figure_source *s, const char *period, struct figure_value *out)
{
    (void)period;
    out->numerator = s->measure(s->of, "member.possible_duplicates");
}

/* ---- dues ---- */

/* The terms that begin in a calendar year: the second one of the academic year before, the first one of this. */
static int64_t over_terms(const struct figure_source *s, const char *front, const char *year)
{
    char term[FIGURE_PERIOD_SIZE + 8];
    int number = atoi(year);
    snprintf(term, sizeof term, "%d-2", number - 1);
    int64_t sum = get(s, front, term, "");
    snprintf(term, sizeof term, "%d-1", number);
    return sum + get(s, front, term, "");
}

/* Branches assess by month, term or year: of a longer period its months count as well, of a year its terms too. */
static int64_t over_period(const struct figure_source *s, const char *front, const char *period)
{
    char months[FIGURE_MONTHS_MAX][FIGURE_PERIOD_SIZE];
    bool is_month = figure_months(period, months) == 1;
    int64_t sum = get(s, front, period, "") + (is_month ? 0 : over_months(s, front, period, ""));
    return strlen(period) == 4 ? sum + over_terms(s, front, period) : sum;
}

/* Of each assessment as much as was owed: what one member paid too much, or twice, is not what others still owe. */
static void dues_collection(const struct figure_source *s, const char *period, struct figure_value *out)
{
    out->numerator = over_period(s, "dues_assessment.paid_fen.", period) - over_period(s, "dues_assessment.surplus_fen.", period);
    out->denominator = over_period(s, "dues_assessment.assessed_fen.", period);
}

static void dues_publication(const struct figure_source *s, const char *period, struct figure_value *out)
{
    out->numerator = s->counts && get(s, "dues_usage_report.", period, ".published") > 0;
    out->denominator = s->counts;
}

/* ---- proposals, by the year of submission ---- */

static void proposals(const struct figure_source *s, const char *period, struct figure_value *out)
{
    out->numerator = get(s, "proposal.received.", period, "");
}

static void filing(const struct figure_source *s, const char *period, struct figure_value *out)
{
    out->numerator = get(s, "proposal.filed.", period, "");
    out->denominator = get(s, "proposal.received.", period, "") - get(s, "proposal.merged.", period, "");
}

static void replies(const struct figure_source *s, const char *period, struct figure_value *out)
{
    out->numerator = get(s, "proposal.replied.", period, "");
    out->denominator = get(s, "proposal.received.", period, "");
}

static void implementation(const struct figure_source *s, const char *period, struct figure_value *out)
{
    out->numerator = get(s, "proposal.implemented.", period, "");
    out->denominator = get(s, "proposal.filed.", period, "");
}

static void satisfaction(const struct figure_source *s, const char *period, struct figure_value *out)
{
    out->numerator = get(s, "proposal.satisfied.", period, "") + get(s, "proposal.basically.", period, "");
    out->denominator = out->numerator + get(s, "proposal.unsatisfied.", period, "");
}

static void reply_days(const struct figure_source *s, const char *period, struct figure_value *out)
{
    out->numerator = get(s, "proposal.reply_days.", period, "");
    out->denominator = get(s, "proposal.replied.", period, "");
}

/* ---- plans and summaries ---- */

static bool has_any(const struct figure_source *s, const char *front, const char *period, const char *const *states)
{
    for (; *states; states++)
        if (get(s, front, period, *states) > 0)
            return true;
    return false;
}

static void plan_submission(const struct figure_source *s, const char *period, struct figure_value *out)
{
    static const char *const handed_in[] = {".submitted",  ".acknowledged", ".in_force",
                                            ".summarised", ".archived",     NULL};
    out->numerator = s->counts && has_any(s, "work_plan.", period, handed_in);
    out->denominator = s->counts;
}

static void summaries(const struct figure_source *s, const char *period, struct figure_value *out)
{
    static const char *const handed_in[] = {".submitted", ".acknowledged", ".archived", NULL};
    out->numerator = s->counts && has_any(s, "work_summary.", period, handed_in);
    out->denominator = s->counts;
}

/* Items due in the months that have begun. */
static void plan_items(const struct figure_source *s, const char *period, struct figure_value *out)
{
    static const char *const due[] = {".planned", ".doing", ".postponed", ".done"};
    char months[FIGURE_MONTHS_MAX][FIGURE_PERIOD_SIZE], now[16];
    size_t count = figure_months(period, months);
    snprintf(now, sizeof now, "%04d-%02d", s->today.year, s->today.month);
    for (size_t i = 0; i < count; i++) {
        if (date_is_valid(s->today) && strcmp(months[i], now) > 0)
            continue;
        out->numerator += get(s, "plan_item.", months[i], ".done");
        for (size_t j = 0; j < COUNT(due); j++)
            out->denominator += get(s, "plan_item.", months[i], due[j]);
    }
}

static void sync_age(const struct figure_source *s, const char *period, struct figure_value *out)
{
    (void)period;
    if (!s->counts || s->last_contact_ms <= 0)
        return;
    out->numerator = s->now_ms > s->last_contact_ms ? s->now_ms - s->last_contact_ms : 0;
    out->denominator = INT64_C(86400000);
}

static const struct figure figures[] = {
    {"unionised_rate", L("建会率", "unionised rate"),
     L("工会组织在册的基层单位（没有登记工会组织的，看有没有在籍会员）÷ 全区名单里的单位",
       "branches whose union is registered as active (of those that registered none: with active members) ÷ branches in the district's list"),
     FIGURE_PERCENT, FIGURE_NOW, 0, {KIND_BRANCH_UNION, KIND_MEMBER, 0}, unionised},
    {"membership_rate", L("入会率", "membership rate"),
     L("在籍会员 ÷ 教职工人数（没有填教职工人数的单位不计）", "active members ÷ staff (without branches that did not say how many)"),
     FIGURE_PERCENT, FIGURE_NOW, 0, {KIND_MEMBER, KIND_BRANCH_UNION, 0}, membership},
    {"member_net_change", L("会员净增", "net change of members"),
     L("期内新入会 + 转入 − 转出 − 退会 − 除名 − 去世，按名册上的日期",
       "joined + in − out − left − expelled − deceased in the period, by the days on the roster"),
     FIGURE_COUNT, FIGURE_MONTHS, 0, {KIND_MEMBER, 0, 0}, net_change},
    {"member_completeness", L("会员资料完整度", "completeness of members' data"),
     L("在籍和保留会籍会员实名信息 12 项的填写比例，取平均",
       "share of the 12 real-name fields filled in, mean over active and retained members"),
     FIGURE_PERCENT, FIGURE_NOW, 0, {KIND_MEMBER, 0, 0}, completeness},
    {"possible_duplicates", L("可能重复登记的会员", "possible duplicates"),
     L("在籍和保留会籍的会员里，证件号码与另一条记录（本单位或别的单位）相同的", "active and retained members whose ID number another record has, of the same or another branch"),
     FIGURE_COUNT, FIGURE_NOW, 0, {KIND_MEMBER, 0, 0}, duplicates},
    {"dues_collection_rate", L("会费收缴率", "dues collection rate"),
     L("期内核定的会费里已缴 ÷ 应缴（免缴不计，多缴、重复缴的部分不计）",
       "paid ÷ assessed, of what was assessed for the period (without exempt members, and without what was paid beyond what was owed)"),
     FIGURE_PERCENT, FIGURE_MONTHS, FIGURE_SMALL, {KIND_DUES_ASSESSMENT, 0, 0}, dues_collection},
    {"dues_publication_rate", L("会费使用公布率", "publication rate of the use of dues"),
     L("已公布本年度会费使用情况的单位 ÷ 全部单位", "branches that published the year's statement ÷ branches"),
     FIGURE_PERCENT, FIGURE_YEAR, 0, {KIND_DUES_USAGE_REPORT, 0, 0}, dues_publication},
    {"proposal_count", L("提案数", "proposals"),
     L("本年度提交的提案（撤回、退回的不计）", "proposals submitted in the year (without those withdrawn or sent back)"),
     FIGURE_COUNT, FIGURE_YEAR, 0, {KIND_PROPOSAL, 0, 0}, proposals},
    {"proposal_filing_rate", L("提案立案率", "filing rate"),
     L("立案 ÷ 并案后的提案数", "filed ÷ received after merging"),
     FIGURE_PERCENT, FIGURE_YEAR, 0, {KIND_PROPOSAL, 0, 0}, filing},
    {"proposal_reply_rate", L("提案答复率", "reply rate"),
     L("已答复（书面和面对面）÷ 收到的提案", "replied to (in writing and face to face) ÷ received"),
     FIGURE_PERCENT, FIGURE_YEAR, 0, {KIND_PROPOSAL, 0, 0}, replies},
    {"proposal_implementation_rate", L("提案落实率", "implementation rate"),
     L("立案的提案里已落实 ÷ 立案", "of filed proposals: done ÷ filed"),
     FIGURE_PERCENT, FIGURE_YEAR, 0, {KIND_PROPOSAL, 0, 0}, implementation},
    {"proposal_satisfaction_rate", L("提案满意率", "satisfaction rate"),
     L("满意和基本满意 ÷ 有反馈的提案（不足 5 件的不公布）", "satisfied and basically satisfied ÷ rated (not shown of fewer than 5)"),
     FIGURE_PERCENT, FIGURE_YEAR, FIGURE_ANSWERS | FIGURE_SMALL, {KIND_PROPOSAL, 0, 0}, satisfaction},
    {"proposal_reply_days", L("平均答复天数", "mean days of reply"),
     L("从提交到答复的天数，取平均", "days from submission to reply, mean over those replied to"),
     FIGURE_DAYS, FIGURE_YEAR, 0, {KIND_PROPOSAL, 0, 0}, reply_days},
    {"plan_submission_rate", L("计划报送率", "plan submission rate"),
     L("已上报这一期计划的单位 ÷ 全部单位（退改未再报的不计）",
       "branches that handed in the period's plan ÷ branches (without those sent back)"),
     FIGURE_PERCENT, FIGURE_PLAN, 0, {KIND_WORK_PLAN, 0, 0}, plan_submission},
    {"plan_item_completion_rate", L("计划项完成率", "plan item completion rate"),
     L("已完成 ÷ 已通过的计划里应完成日期在期内、所在月份已到、未取消的计划项",
       "done ÷ items of adopted plans due in the months of the period that have begun, without cancelled ones"),
     FIGURE_PERCENT, FIGURE_PLAN, 0, {KIND_PLAN_ITEM, 0, 0}, plan_items},
    {"summary_rate", L("总结报送率", "summary rate"),
     L("已上报这一期总结的单位 ÷ 全部单位", "branches that handed in the period's summary ÷ branches"),
     FIGURE_PERCENT, FIGURE_PLAN, 0, {KIND_WORK_SUMMARY, 0, 0}, summaries},
    {"sync_age", L("同步时效（天）", "days since the last upload"),
     L("现在距最近一次成功上传的天数；合计取平均，从未上传的不计",
       "now − last successful upload; the total is the mean, without those that never did"),
     FIGURE_DAYS, FIGURE_NOW, 0, {0, 0, 0}, sync_age},
};

const struct figure *figure_all(size_t *count)
{
    *count = COUNT(figures);
    return figures;
}
