/* work_summary: what became of a period's work (PLN-07): drafted from the plan's items and the records, approved by the chair,
 * handed to the district, acknowledged or sent back, filed. */
#include "kinds/period.h"
#include "kinds/rules.h"
#include "plans.pb-c.h"
#include <string.h>

static void check_period(const struct check_context *c, const char *field, struct cell value, struct findings *out)
{
    struct period p;
    (void)c;
    if (!period_read(value.bytes, &p))
        findings_add(out, SEVERITY_BLOCK, "work_summary.period", field, NULL, NULL);
}

static const Record__WorkPlan *plan_of(const struct check_context *c, const Record__WorkSummary *m)
{
    bool named = c->related && m->has_plan_id && m->plan_id.len == ID_SIZE;
    return named ? (const Record__WorkPlan *)c->related(c->related_to, KIND_WORK_PLAN,
                                                        id_from(slice_of(m->plan_id.data, m->plan_id.len)))
                 : NULL;
}

static void check(const struct check_context *c, struct findings *out)
{
    const Record__WorkSummary *m = (const Record__WorkSummary *)c->after;
    struct period p;
    bool period_new = check_changed(c, "period") || check_changed(c, "period_kind");
    if (period_new && m->period_kind && m->period && period_read(slice_text(m->period), &p) &&
        strcmp(period_kind_name(p.kind), m->period_kind) != 0)
        findings_add(out, SEVERITY_BLOCK, "work_summary.period_kind", "period_kind", m->period, NULL);
    const Record__WorkPlan *plan = check_changed(c, "plan_id") || period_new ? plan_of(c, m) : NULL;
    if (plan && plan->period && m->period && strcmp(plan->period, m->period) != 0)
        findings_add(out, SEVERITY_WARN, "work_summary.other_plan", "plan_id", plan->period, NULL);
    if (c->action && strcmp(c->action, "approved") == 0 && !m->done_text)
        findings_add(out, SEVERITY_WARN, "work_summary.empty", "done_text", NULL, NULL);
    if (c->action && strcmp(c->action, "returned") == 0 && check_reason_is_old(c))
        findings_add(out, SEVERITY_BLOCK, "work_summary.return_reason", "return_reason", NULL, NULL);
}

static const struct field_rule fields[] = {
    {.name = "period_kind", .label = L("周期", "kind of period"), .type = FIELD_CODE, .codes = &codes_period_kind,
     .together = "period",
     .columns = "周期"},
    {.name = "period", .label = L("期间", "period"), .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .check = check_period,
     .together = "period",
     .columns = "期间|学期|年度", .normalise = period_normalise,
     .rule = L("如 2026-1（2026学年第一学期）、2026、2026-H1、2026-Q3",
               "such as 2026-1 (first term of the academic year from 2026), 2026, 2026-H1, 2026-Q3")},
    {.name = "plan_id", .label = L("对应计划", "plan"), .type = FIELD_REFERENCE, .flags = FIELD_LOOKUP,
     .reference = KIND_WORK_PLAN,
     .columns = "对应计划|工作计划"},
    {.name = "done_text", .label = L("计划完成情况", "what was done"), .type = FIELD_LONG_TEXT, .columns = "计划完成情况|完成情况"},
    {.name = "results_text", .label = L("工作成效", "results"), .type = FIELD_LONG_TEXT, .columns = "工作成效|成效"},
    {.name = "honours_text", .label = L("所获荣誉", "honours"), .type = FIELD_LONG_TEXT, .columns = "所获荣誉|荣誉"},
    {.name = "shortcomings_text", .label = L("不足", "shortcomings"), .type = FIELD_LONG_TEXT, .columns = "不足|存在问题"},
    {.name = "next_text", .label = L("下一步打算", "next steps"), .type = FIELD_LONG_TEXT, .columns = "下一步打算|努力方向"},
    {.name = "submitted_on", .label = L("上报日期", "submitted on"), .type = FIELD_DATE, .flags = FIELD_SIDE | FIELD_PAST | FIELD_MENDED,
     .columns = "上报日期"},
    {.name = "return_reason", .label = L("退改原因", "reason of return"), .type = FIELD_LONG_TEXT, .flags = FIELD_SIDE,
     .columns = "退改原因"},
    {.name = "state", .label = L("状态", "state"), .type = FIELD_CODE, .codes = &codes_summary_state, .columns = "状态"},
};

static const struct state_rule states[] = {
    {"drafted", L("起草", "drafted"), STATE_EDITABLE | STATE_ENTRY},
    {"approved", L("已审定", "approved"), 0},
    {"submitted", L("已上报", "submitted"), 0},
    {"acknowledged", L("上级已阅", "acknowledged"), 0},
    {"returned", L("退改", "returned"), STATE_EDITABLE},
    {"archived", L("已归档", "archived"), STATE_END},
};

static const struct action_rule actions[] = {
    {"drafted", L("改回起草", "back to drafting"), {"approved"}, {NULL}, {NULL}, NULL},
    {"approved", L("审定", "approve"), {"drafted", "returned"}, {NULL}, {NULL}, NULL},
    {"submitted", L("上报", "submit"), {"approved", "returned"}, {NULL}, {"submitted_on"}, NULL},
    {"acknowledged", L("阅", "acknowledge"), {"submitted"}, {NULL}, {NULL}, NULL},
    {"returned", L("退改", "return"), {"submitted", "acknowledged"}, {"return_reason"}, {"return_reason"}, NULL},
    {"archived", L("归档", "archive"), {"acknowledged"}, {NULL}, {NULL}, NULL},
};
static const char *const approvals[] = {"approved", NULL};

static const char *const chair_actions[] = {"drafted", "approved", "submitted", "archived", NULL};
static const char *const officer_actions[] = {"acknowledged", "returned", NULL};
static const struct right_rule rights[] = {
    {ROLES(union_chair), ACCESS_FULL, RIGHT_ADD | RIGHT_SET | RIGHT_REMOVE, chair_actions},
    {ROLES(committee_member), ACCESS_FULL, RIGHT_ADD | RIGHT_SET | RIGHT_REMOVE, NULL},
    {ROLES(district_officer), ACCESS_FULL, 0, officer_actions},
    {ROLES(group_leader) | ROLES(accountant) | ROLES(audit_member) | ROLES(proposal_group) | ROLES(handler) | ROLES(delegate) |
         ROLES(information_officer) | ROLES(district_finance) | ROLES(district_auditor),
     ACCESS_FULL, 0, NULL},
};

static const struct measure_rule measures[] = {
    {"total", L("工作总结数", "work summaries"), NULL},
    {"", L("工作总结", "work summaries"), NULL},
};

/* "2026-1.submitted", as plans are counted. */
static void measure(const struct kind *k, const ProtobufCMessage *row, int64_t sign, measure_emit *emit, void *to)
{
    emit(to, "total", sign);
    measure_period_state(k, row, ((const Record__WorkSummary *)row)->period, sign, emit, to);
}

static const struct rule_text texts[] = {
    {"work_summary.period", L("看不懂这个期间。", "This period is not understood."),
     L("学期写 2026-1 或 2026-2，全年写 2026，半年写 2026-H1，季度写 2026-Q3。",
       "Write a term as 2026-1 or 2026-2, a year as 2026, a half-year as 2026-H1, a quarter as 2026-Q3."), "PLN-07"},
    {"work_summary.period_kind", L("周期和期间[“%1”]对不上。", "The kind of period does not fit the period[ “%1”]."),
     L("周期可以空着，会按期间来认。", "Leave the kind of period empty: the period tells it."), "PLN-07"},
    {"work_summary.other_plan", L("所选的计划是另一期的[（%1）]。", "The plan chosen is of another period[ (%1)]."),
     L("不影响保存；请核对期间和计划。", "It may be saved so; compare period and plan."), "PLN-07"},
    {"work_summary.empty", L("总结里还没有写计划完成情况。", "The summary does not say what was done."),
     L("可以先审定；最好由计划项和台帐汇出初稿再补充。", "It may be approved so; better draft it from the plan's items first."), "PLN-07"},
    {"work_summary.return_reason", L("请写明这一次为什么退改。", "Say why the summary goes back this time."),
     L("请在退改时重新填写“退改原因”。", "Give a new reason with the return."), "PLN-07"},
};

static const char *const naming[] = {"period", NULL};
static const char *const columns[] = {"period", "plan_id", "submitted_on", "state", NULL};
static const char *const identity[] = {NULL};

const struct kind kind_work_summary = {
    .number = KIND_WORK_SUMMARY, .name = "work_summary", .label = L("工作总结", "work summary"),
    .descriptor = &record__work_summary__descriptor, .owner = OWNER_BRANCH, .fields = fields, .field_count = COUNT(fields),
    .states = states, .state_count = COUNT(states), .actions = actions, .action_count = COUNT(actions), .approvals = approvals, .rights = rights,
    .right_count = COUNT(rights), .measures = measures, .measure_count = COUNT(measures), .measure = measure, .check = check,
    .texts = texts, .text_count = COUNT(texts), .naming = naming, .columns = columns, .identity = identity,
};
