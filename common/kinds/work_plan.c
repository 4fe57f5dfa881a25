/* work_plan: a branch's plan for a term, year, half-year or quarter (PLN-01), on its way SM-PLAN: drafted, talked over,
 * adopted, handed to the district, acknowledged or sent back, carried out, summed up, filed. The branch never takes the
 * district's two steps, the district none of the branch's (rights.md). */
#include "kinds/period.h"
#include "kinds/rules.h"
#include "plans.pb-c.h"
#include <string.h>

static void check_period(const struct check_context *c, const char *field, struct cell value, struct findings *out)
{
    (void)c;
    struct period p;
    if (!period_read(value.bytes, &p))
        findings_add(out, SEVERITY_BLOCK, "work_plan.period", field, NULL, NULL);
}

static bool note_summary(void *to, struct id id, const ProtobufCMessage *row)
{
    (void)id;
    *(bool *)to = strcmp(kind_state_of(&kind_work_summary, row), "drafted") != 0;
    return !*(bool *)to;
}

/* A plan is summed up by a summary (PLN-07). */
static void check_summarised(const struct check_context *c, struct findings *out)
{
    bool found = false;
    check_children(c, KIND_WORK_SUMMARY, "plan_id", cell_bytes(id_slice(&c->id)), note_summary, &found);
    if (c->children && !found)
        findings_add(out, SEVERITY_WARN, "work_plan.no_summary", NULL, NULL, NULL);
}

/* ---- one plan a period (PLN-01) ---- */

struct beside {
    struct id self;
    const char *title; /* of another that is not filed away; NULL: there is none */
};

static bool note_beside(void *to, struct id id, const ProtobufCMessage *row)
{
    struct beside *b = to;
    if (!id_equal(id, b->self) && strcmp(kind_state_of(&kind_work_plan, row), "archived") != 0)
        b->title = ((const Record__WorkPlan *)row)->title;
    return b->title == NULL;
}

/* Some have a plan of the union and one of its women's committee: it is said, not forbidden. Handing a second one in is the last moment
 * at which the branch would see it; made apart by two seats, nobody saw it before. */
static void check_beside(const struct check_context *c, const Record__WorkPlan *m, struct findings *out)
{
    bool handed_in = c->action && strcmp(c->action, "submitted") == 0;
    struct beside b = {.self = c->id};
    if (!m->period || (!check_changed(c, "period") && !handed_in))
        return;
    check_children(c, KIND_WORK_PLAN, "period", cell_text(m->period), note_beside, &b);
    if (b.title)
        findings_add(out, SEVERITY_WARN, "work_plan.twice", "period", m->period, c->arena ? arena_text(c->arena, slice_text(b.title)) : NULL);
}

static void check_work_plan(const struct check_context *c, struct findings *out)
{
    const Record__WorkPlan *m = (const Record__WorkPlan *)c->after;
    struct period p;
    bool changed = check_changed(c, "period") || check_changed(c, "period_kind");
    if (changed && m->period_kind && m->period && period_read(slice_text(m->period), &p) &&
        strcmp(period_kind_name(p.kind), m->period_kind) != 0)
        findings_add(out, SEVERITY_BLOCK, "work_plan.period_kind", "period_kind", m->period, NULL);
    check_beside(c, m, out);
    if (c->action && strcmp(c->action, "returned") == 0 && check_reason_is_old(c))
        findings_add(out, SEVERITY_BLOCK, "work_plan.return_reason", "return_reason", NULL, NULL);
    if (c->action && strcmp(c->action, "summarised") == 0)
        check_summarised(c, out);
    if (c->action && strcmp(c->action, "adopted") == 0 && (!m->adopted_on || !m->adopted_by))
        findings_add(out, SEVERITY_WARN, "work_plan.adopted_when", m->adopted_on ? "adopted_by" : "adopted_on", NULL, NULL);
}

static const struct field_rule fields[] = {
    {.name = "title", .label = L("标题", "title"), .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .columns = "标题|计划名称|计划标题|名称"},
    {.name = "period_kind", .label = L("周期", "kind of period"), .type = FIELD_CODE, .codes = &codes_period_kind,
     .together = "period", .columns = "周期|计划周期"},
    {.name = "period", .label = L("期间", "period"), .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_LOOKUP, .check = check_period,
     .together = "period", .columns = "期间|学期|年度|学年学期", .normalise = period_normalise,
     .rule = L("如 2026-1（2026学年第一学期）、2026、2026-H1、2026-Q3",
               "such as 2026-1 (first term of the academic year from 2026), 2026, 2026-H1, 2026-Q3")},
    {.name = "guiding_text", .label = L("指导思想", "guiding ideas"), .type = FIELD_LONG_TEXT, .columns = "指导思想"},
    {.name = "goals_text", .label = L("工作目标", "goals"), .type = FIELD_LONG_TEXT, .columns = "工作目标|目标"},
    {.name = "measures_text", .label = L("工作措施", "measures"), .type = FIELD_LONG_TEXT, .columns = "工作措施|任务与措施|措施"},
    {.name = "other_text", .label = L("其他内容", "other text"), .type = FIELD_LONG_TEXT, .columns = "其他内容|其他"},
    {.name = "adopted_on", .label = L("通过日期", "adopted on"), .type = FIELD_DATE, .flags = FIELD_SIDE | FIELD_PAST | FIELD_MENDED, .columns = "通过日期"},
    {.name = "adopted_by", .label = L("通过会议", "adopted by"), .type = FIELD_TEXT, .flags = FIELD_SIDE, .columns = "通过会议"},
    {.name = "submitted_on", .label = L("上报日期", "submitted on"), .type = FIELD_DATE, .flags = FIELD_SIDE | FIELD_PAST | FIELD_MENDED, .columns = "上报日期"},
    {.name = "return_reason", .label = L("退改原因", "reason of return"), .type = FIELD_LONG_TEXT, .flags = FIELD_SIDE,
     .columns = "退改原因"},
    {.name = "source_name", .label = L("来源文件", "source"), .type = FIELD_TEXT, .columns = "来源文件|来源"},
    {.name = "state", .label = L("状态", "state"), .type = FIELD_CODE, .codes = &codes_plan_state, .columns = "状态"},
};

static const struct state_rule states[] = {
    {"drafted", L("起草", "drafted"), STATE_EDITABLE | STATE_ENTRY},
    {"discussed", L("已商议", "discussed"), STATE_EDITABLE},
    {"adopted", L("已通过", "adopted"), 0},
    {"submitted", L("已上报", "submitted"), 0},
    {"acknowledged", L("上级已阅", "acknowledged"), 0},
    {"returned", L("退改", "returned"), STATE_EDITABLE},
    {"in_force", L("执行中", "in force"), 0},
    {"summarised", L("已总结", "summarised"), 0},
    {"archived", L("已归档", "archived"), STATE_END},
};

/* What comes back from the district is worked over and handed in again without a second meeting, if the branch thinks so. */
static const struct action_rule actions[] = {
    {"discussed", L("商议", "discuss"), {"drafted", "adopted", "returned"}, {NULL}, {NULL}, NULL},
    {"adopted", L("通过", "adopt"), {"discussed", "returned"}, {NULL}, {"adopted_on", "adopted_by"}, NULL},
    {"submitted", L("上报", "submit"), {"adopted", "returned"}, {NULL}, {"submitted_on"}, NULL},
    {"acknowledged", L("阅", "acknowledge"), {"submitted"}, {NULL}, {NULL}, NULL},
    {"returned", L("退改", "return"), {"submitted", "acknowledged"}, {"return_reason"}, {"return_reason"}, NULL},
    {"in_force", L("执行", "carry out"), {"acknowledged"}, {NULL}, {NULL}, NULL},
    {"summarised", L("总结", "sum up"), {"in_force"}, {NULL}, {NULL}, NULL},
    {"archived", L("归档", "archive"), {"summarised"}, {NULL}, {NULL}, NULL},
};
static const char *const approvals[] = {"adopted", NULL};

static const char *const chair_actions[] = {"discussed", "adopted", "submitted", "in_force", "summarised", "archived", NULL};
static const char *const committee_actions[] = {"discussed", NULL};
static const char *const officer_actions[] = {"acknowledged", "returned", NULL};
static const struct right_rule rights[] = {
    {ROLES(union_chair), ACCESS_FULL, RIGHT_ADD | RIGHT_SET | RIGHT_REMOVE, chair_actions},
    {ROLES(committee_member), ACCESS_FULL, RIGHT_ADD | RIGHT_SET | RIGHT_REMOVE, committee_actions},
    {ROLES(group_leader) | ROLES(accountant) | ROLES(audit_member) | ROLES(proposal_group) | ROLES(handler) | ROLES(delegate) |
         ROLES(information_officer) | ROLES(district_finance) | ROLES(district_auditor),
     ACCESS_FULL, 0, NULL},
    {ROLES(district_officer), ACCESS_FULL, 0, officer_actions},
};

static const struct measure_rule measures[] = {
    {"total", L("工作计划数", "work plans"), NULL},
    {"", L("工作计划", "work plans"), NULL},
};

/* "2026-1.submitted": plans by period and state. */
static void measure(const struct kind *k, const ProtobufCMessage *row, int64_t sign, measure_emit *emit, void *to)
{
    emit(to, "total", sign);
    measure_period_state(k, row, ((const Record__WorkPlan *)row)->period, sign, emit, to);
}

static const struct rule_text texts[] = {
    {"work_plan.period", L("看不懂这个期间。", "This period is not understood."),
     L("学期写 2026-1（2026 年 9 月起）或 2026-2（次年 2 月起），全年写 2026，半年写 2026-H1，季度写 2026-Q3；2026-01 是一月，不是学期。",
       "Write a term as 2026-1 (from September 2026) or 2026-2 (from February after it), a year as 2026, a half-year as 2026-H1, a quarter as "
       "2026-Q3; 2026-01 is January, no term."), "PLN-01"},
    {"work_plan.period_kind", L("周期和期间[“%1”]对不上。", "The kind of period does not fit the period[ “%1”]."),
     L("周期可以空着，会按期间来认。", "Leave the kind of period empty: the period tells it."), "PLN-01"},
    {"work_plan.twice", L("%1 已经有一份工作计划[：%2]。", "There is a work plan of %1 already[: %2]."),
     L("已保存；重复的请删除一份（banyan remove work_plan 编号），确是两份不同的计划可以都留着。",
       "It is saved; if one is a double, remove it (banyan remove work_plan ID); two different plans may both stay."), "PLN-01"},
    {"work_plan.adopted_when", L("还没有写明通过的日期和会议。", "The day and the meeting of the adoption are not given."),
     L("不影响保存；请补上“通过日期”和“通过的会议”，例如 adopted_on=2026-09-05 adopted_by=全体会员大会。",
       "It may be saved so; please add them: adopted_on=2026-09-05 adopted_by=MEETING."), "PLN-01"},
    {"work_plan.return_reason", L("请写明这一次为什么退改。", "Say why the plan goes back this time."),
     L("请在退改时重新填写“退改原因”。", "Give a new reason with the return."), "SM-PLAN"},
    {"work_plan.no_summary", L("这份计划还没有审定的工作总结。", "No approved summary belongs to this plan."),
     L("可以先标为已总结；请用 banyan add work_summary --from 计划编号 起草总结。",
       "It may be marked so; banyan add work_summary --from PLAN drafts one."), "PLN-07"},
};

static const char *const naming[] = {"title", NULL};
static const char *const columns[] = {"period", "title", "adopted_on", "submitted_on", "state", NULL};
static const char *const identity[] = {NULL};

const struct kind kind_work_plan = {
    .number = KIND_WORK_PLAN, .name = "work_plan", .label = L("工作计划", "work plan"),
    .descriptor = &record__work_plan__descriptor, .owner = OWNER_BRANCH, .fields = fields, .field_count = COUNT(fields),
    .states = states, .state_count = COUNT(states), .actions = actions, .action_count = COUNT(actions), .approvals = approvals, .rights = rights,
    .right_count = COUNT(rights), .measures = measures, .measure_count = COUNT(measures), .measure = measure, .account = &plan_account,
    .check = check_work_plan, .texts = texts, .text_count = COUNT(texts), .naming = naming, .columns = columns,
    .identity = identity,
};
