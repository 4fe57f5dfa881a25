/* plan_item: one line of a plan's schedule (PLN-02) with a month, a span of months, a quarter or none, on its way
 * SM-PLANITEM. The plan that it belongs to never changes; what belongs to an archived plan stands still with it. */
#include "kinds/month.h"
#include "kinds/rules.h"
#include "plans.pb-c.h"
#include <string.h>

/* A span may run over the year's end, but not over the end of the academic year (September to August): 11-1 yes, 3-1 no. */
static bool span_is_sound(int64_t month, int64_t month_to)
{
    return month_to >= month || (month >= 8 && month_to <= 7);
}

static void check_when(const struct check_context *c, const Record__PlanItem *m, struct findings *out)
{
    if (!check_changed(c, "month") && !check_changed(c, "month_to") && !check_changed(c, "quarter"))
        return;
    if (m->has_quarter && (m->has_month || m->has_month_to))
        findings_add(out, SEVERITY_BLOCK, "plan_item.month_or_quarter", "quarter", NULL, NULL);
    else if (m->has_month_to && !m->has_month)
        findings_add(out, SEVERITY_BLOCK, "plan_item.month_missing", "month", NULL, NULL);
    else if (m->has_month_to && !span_is_sound(m->month, m->month_to))
        findings_add(out, SEVERITY_BLOCK, "plan_item.month_span", "month_to", NULL, NULL);
}

/* A postponement names a later day. The same postponement sent twice is none of a new one (rule 10). */
static void check_postponed(const struct check_context *c, struct findings *out)
{
    if (!c->action || strcmp(c->action, "postponed") != 0 || !c->before)
        return;
    struct date before = check_date(c->before, "due_on"), after = check_date(c->after, "due_on");
    bool again = strcmp(kind_state_of(c->kind, c->before), "postponed") == 0 && !check_changed(c, "due_on") && !check_changed(c, "reason");
    if (!again && date_is_valid(before) && date_is_valid(after) && date_compare(after, before) <= 0)
        findings_add(out, SEVERITY_BLOCK, "plan_item.later_date", "due_on", NULL, NULL);
}

static void check_plan(const struct check_context *c, const Record__PlanItem *m, struct findings *out)
{
    if (!c->related || !m->has_plan_id || m->plan_id.len != ID_SIZE)
        return;
    const ProtobufCMessage *plan = c->related(c->related_to, KIND_WORK_PLAN, id_from(slice_of(m->plan_id.data, m->plan_id.len)));
    if (plan && strcmp(kind_state_of(&kind_work_plan, plan), "archived") == 0)
        findings_add(out, SEVERITY_BLOCK, "plan_item.plan_archived", "plan_id", NULL, NULL);
}

static void check_plan_item(const struct check_context *c, struct findings *out)
{
    const Record__PlanItem *m = (const Record__PlanItem *)c->after;
    check_plan(c, m, out);
    check_when(c, m, out);
    check_postponed(c, out);
}

static void check_actual_on(const struct check_context *c, const char *field, struct cell value, struct findings *out)
{
    struct date date;
    if (check_date_cell(value, &date) && date_is_valid(c->today) && date_compare(date, c->today) > 0)
        findings_add(out, SEVERITY_WARN, "plan_item.actual_future", field, NULL, NULL);
}

static const struct field_rule fields[] = {
    {.name = "plan_id", .label = L("所属计划", "plan"), .type = FIELD_REFERENCE, .flags = FIELD_REQUIRED | FIELD_IMMUTABLE | FIELD_LOOKUP | FIELD_PART,
     .reference = KIND_WORK_PLAN, .columns = "所属计划|计划|工作计划"},
    {.name = "position", .label = L("序号", "position"), .type = FIELD_INTEGER, .min = 0, .max = 1000000, .columns = "序号|顺序"},
    {.name = "month", .label = L("月份", "month"), .type = FIELD_INTEGER, .min = 1, .max = 12, .together = "when",
     .columns = "月份|月", .normalise = month_normalise, .rule = L("1 到 12，也可写 9月、九月", "1 to 12; also 9月, 九月")},
    {.name = "month_to", .label = L("到几月", "to month"), .type = FIELD_INTEGER, .min = 1, .max = 12, .together = "when",
     .columns = "到几月|结束月份", .normalise = month_normalise,
     .rule = L("1 到 12，也可写 1月；跨年如 11 到 1", "1 to 12; also 1月; 11 to 1 runs over the year's end")},
    {.name = "quarter", .label = L("季度", "quarter"), .type = FIELD_INTEGER, .min = 1, .max = 4, .together = "when",
     .columns = "季度", .normalise = quarter_normalise, .rule = L("1 到 4，也可写 第三季度、Q3", "1 to 4; also 第三季度, Q3")},
    {.name = "due_on", .label = L("应完成日期", "due on"), .type = FIELD_DATE, .columns = "应完成日期|完成时限|截止日期|截止时间|完成期限"},
    {.name = "title", .label = L("工作内容", "work"), .type = FIELD_LONG_TEXT, .flags = FIELD_REQUIRED,
     .columns = "工作内容|内容|事项|工作安排|工作事项|标题"},
    {.name = "category", .label = L("类别", "category"), .type = FIELD_TEXT, .columns = "类别|分类|工作类别"},
    {.name = "owner_id", .label = L("负责人", "person in charge"), .type = FIELD_REFERENCE, .reference = KIND_MEMBER,
     .columns = "负责人|责任人|承办人"},
    {.name = "actual_on", .label = L("实际完成日期", "done on"), .type = FIELD_DATE, .check = check_actual_on,
     .columns = "实际完成日期|完成日期|完成时间"},
    {.name = "evidence", .label = L("完成依据", "evidence"), .type = FIELD_LONG_TEXT, .columns = "完成依据|完成情况|佐证|佐证材料",
     .rule = L("怎么知道做完了：纪要、照片、名单等", "how one knows that it is done: minutes, photos, lists")},
    {.name = "reason", .label = L("原因", "reason"), .type = FIELD_LONG_TEXT, .columns = "原因|延期原因|取消原因"},
    {.name = "source_line", .label = L("原文行号", "line in the source"), .type = FIELD_INTEGER, .min = 0, .max = 10000000,
     .columns = "原文行号"},
    {.name = "state", .label = L("状态", "state"), .type = FIELD_CODE, .codes = &codes_plan_item_state, .columns = "状态|完成状态"},
};

static const struct state_rule states[] = {
    {"planned", L("未开始", "planned"), STATE_EDITABLE | STATE_ENTRY},
    {"doing", L("进行中", "doing"), STATE_EDITABLE},
    {"done", L("已完成", "done"), STATE_EDITABLE | STATE_END},
    {"postponed", L("已延期", "postponed"), STATE_EDITABLE},
    {"cancelled", L("已取消", "cancelled"), STATE_EDITABLE | STATE_END},
};

/* The ways back (doing after done, planned after cancelled) are for slips of the hand. */
static const struct action_rule actions[] = {
    {"planned", L("改回未开始", "back to planned"), {"doing", "postponed", "cancelled"}, {NULL}, {"due_on"}, NULL},
    {"doing", L("开始", "begin"), {"planned", "postponed", "done"}, {NULL}, {"due_on"}, NULL},
    {"done", L("完成", "finish"), {"planned", "doing", "postponed"}, {"evidence"}, {"evidence", "actual_on"}, NULL},
    {"postponed", L("延期", "postpone"), {"planned", "doing", "postponed"}, {"due_on", "reason"}, {"due_on", "reason"}, NULL},
    {"cancelled", L("取消", "cancel"), {"planned", "doing", "postponed"}, {"reason"}, {"reason"}, NULL},
};

static const char *const handler_actions[] = {"doing", "done", "postponed", NULL};
static const struct right_rule rights[] = {
    {ROLES(union_chair) | ROLES(committee_member), ACCESS_FULL, RIGHT_ADD | RIGHT_SET | RIGHT_REMOVE, rights_all_actions},
    {ROLES(handler), ACCESS_FULL, 0, handler_actions},
    {ROLES(group_leader) | ROLES(accountant) | ROLES(audit_member) | ROLES(proposal_group) | ROLES(delegate) |
         ROLES(information_officer) | ROLES_DISTRICT,
     ACCESS_FULL, 0, NULL},
};

static const struct measure_rule measures[] = {
    {"state.", L("计划项", "plan items"), NULL},
    {"due.", L("计划项应完成", "plan items due"), "overdue"},
    {"", L("计划项", "plan items"), NULL},
};

/* What is due follows from the plan, too (plan_account.c). */
static void measure(const struct kind *k, const ProtobufCMessage *row, int64_t sign, measure_emit *emit, void *to)
{
    measure_state(k, row, "state.", sign, emit, to);
}

static const struct rule_text texts[] = {
    {"plan_item.month_or_quarter", L("月份和季度只能填一个。", "An item has a month or a quarter, not both."),
     L("请留下其中一个，清空另一个。", "Keep one and clear the other."), "PLN-02"},
    {"plan_item.month_missing", L("填了“到几月”，还缺开始的月份。", "The span has an end but no first month."),
     L("请补上“月份”，或清空“到几月”。", "Add the month, or clear the end of the span."), "PLN-02"},
    {"plan_item.month_span", L("结束的月份在开始的月份之前。", "The span ends before it begins."),
     L("请对调两个月份；跨年的写法如 11 到 1。", "Swap the two months; a span over the year's end is written 11 to 1."), "PLN-02"},
    {"plan_item.later_date", L("延期后的日期要晚于原来的日期。", "The new date must be later than the old one."),
     L("请填一个更晚的“应完成日期”。", "Give a later due date."), "SM-PLANITEM"},
    {"plan_item.plan_archived", L("所属计划已经归档，里面的内容不能再改。", "The plan is archived; what belongs to it stands."),
     L("需要补充时，请加到新一期的计划里。", "Add it to the plan of the next period."), "SM-PLAN"},
    {"plan_item.actual_future", L("实际完成日期还没有到。", "The day on which it was done lies in the future."),
     L("不影响保存；请核对日期。", "It may be saved so; please check the date."), "PLN-02"},
};

static const char *const naming[] = {"title", NULL};
static const char *const columns[] = {"position", "month", "quarter", "title", "owner_id", "due_on", "state", NULL};
static const char *const identity[] = {NULL};

const struct kind kind_plan_item = {
    .number = KIND_PLAN_ITEM, .name = "plan_item", .label = L("计划项", "plan item"),
    .descriptor = &record__plan_item__descriptor, .owner = OWNER_BRANCH, .fields = fields, .field_count = COUNT(fields),
    .states = states, .state_count = COUNT(states), .actions = actions, .action_count = COUNT(actions), .rights = rights,
    .right_count = COUNT(rights), .measures = measures, .measure_count = COUNT(measures), .measure = measure, .account = &plan_account,
    .check = check_plan_item, .texts = texts, .text_count = COUNT(texts), .naming = naming, .columns = columns,
    .identity = identity,
};
