/* Code lists of plans, summaries, settings and conflicts: the product's own (rules.md 9.1, functions.md section 3). */
#include "kinds/rules.h"

static const struct code period_kinds[] = {
    {"term", L("学期", "term"), "semester|学期计划"},
    {"year", L("年度", "year"), "年|全年|年度计划|学年"},
    {"half_year", L("半年", "half year"), "half|半年度"},
    {"quarter", L("季度", "quarter"), "季"},
};
const struct code_list codes_period_kind = CODES("period_kind", "product", period_kinds);

static const struct code plan_states[] = {
    {"drafted", L("起草", "drafted"), "草稿|拟稿"},
    {"discussed", L("已商议", "discussed"), "例会商议|商议"},
    {"adopted", L("已通过", "adopted"), "通过"},
    {"submitted", L("已上报", "submitted"), "上报|报上级"},
    {"acknowledged", L("上级已阅", "acknowledged"), "已阅|上级阅"},
    {"returned", L("退改", "returned"), "退回|已退回|退回修改"},
    {"in_force", L("执行中", "in force"), "执行"},
    {"summarised", L("已总结", "summarised"), "总结"},
    {"archived", L("已归档", "archived"), "归档"},
};
const struct code_list codes_plan_state = CODES("plan_state", "product", plan_states);

static const struct code plan_item_states[] = {
    {"planned", L("未开始", "planned"), "计划中|待办"},
    {"doing", L("进行中", "doing"), "正在进行|开展中"},
    {"done", L("已完成", "done"), "完成"},
    {"postponed", L("已延期", "postponed"), "延期|推迟"},
    {"cancelled", L("已取消", "cancelled"), "取消"},
};
const struct code_list codes_plan_item_state = CODES("plan_item_state", "product", plan_item_states);

static const struct code summary_states[] = {
    {"drafted", L("起草", "drafted"), "草稿|拟稿"},
    {"approved", L("已审定", "approved"), "审定"},
    {"submitted", L("已上报", "submitted"), "上报|报送"},
    {"acknowledged", L("上级已阅", "acknowledged"), "已阅|上级阅"},
    {"returned", L("退改", "returned"), "退回|已退回|退回修改"},
    {"archived", L("已归档", "archived"), "归档"},
};
const struct code_list codes_summary_state = CODES("summary_state", "product", summary_states);

static const struct code policy_states[] = {
    {"draft", L("草稿", "draft"), "录入|拟定"},
    {"in_force", L("生效", "in force"), "已生效|有效"},
    {"repealed", L("停用", "repealed"), "已停用|废止"},
};
const struct code_list codes_policy_state = CODES("policy_state", "product", policy_states);

static const struct code conflict_states[] = {
    {"open", L("待处理", "open"), "未处理"},
    {"resolved", L("已处理", "resolved"), NULL},
};
const struct code_list codes_conflict_state = CODES("conflict_state", "product", conflict_states);
