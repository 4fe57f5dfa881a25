/* proposal: what the staff propose and what becomes of it (DEM-07 to DEM-14), on its way SM-PROPOSAL. Everybody may enter one;
 * the one who did looks after the text until it is handed in, the proposal group decides, a handler works, all are answered,
 * those merged, declined and converted too. Invariant: text that somebody signed does not change. */
#include "kinds/proposal.h"
#include "kinds/rules.h"
#include "proposals.pb-c.h"
#include <stdio.h>
#include <string.h>

#define CAN_MARK (ROLES(union_chair) | ROLES(committee_member) | ROLES(proposal_group))

static const struct field_rule fields[] = {
    {.name = "no", .label = L("提案编号", "number"), .type = FIELD_TEXT, .flags = FIELD_SERVER, .columns = "提案编号|编号",
     .rule = L("由服务器编号", "given by the server")},
    {.name = "title", .label = L("案名", "title"), .type = FIELD_TEXT, .flags = FIELD_REQUIRED,
     .columns = "案名|提案名称|提案标题|标题|名称"},
    {.name = "reason", .label = L("案由", "reason"), .type = FIELD_LONG_TEXT, .columns = "案由|理由|提案理由|提案案由"},
    {.name = "suggestion", .label = L("建议", "suggestion"), .type = FIELD_LONG_TEXT, .columns = "建议|建议措施|提案建议|具体建议"},
    {.name = "category", .label = L("类别", "category"), .type = FIELD_CODE, .codes = &codes_proposal_category,
     .columns = "类别|提案类别"},
    {.name = "is_temporary", .label = L("临时", "temporary"), .type = FIELD_BOOL, .columns = "临时|是否临时"},
    {.name = "proposer_id", .label = L("提案人", "proposer"), .type = FIELD_REFERENCE, .reference = KIND_MEMBER,
     .columns = "提案人|提案人姓名"},
    {.name = "entered_by", .label = L("录入席位", "entered by seat"), .type = FIELD_INTEGER, .flags = FIELD_AUTHOR},
    {.name = "call_id", .label = L("征集", "call"), .type = FIELD_REFERENCE, .reference = KIND_PROPOSAL_CALL,
     .columns = "征集|征集通知"},
    {.name = "submitted_on", .label = L("提交日期", "submitted on"), .type = FIELD_DATE, .flags = FIELD_SIDE | FIELD_PAST | FIELD_MENDED,
     .columns = "提交日期|提案日期"},
    {.name = "return_reason", .label = L("退回原因", "reason of return"), .type = FIELD_LONG_TEXT, .flags = FIELD_SIDE,
     .columns = "退回原因"},
    {.name = "merged_into", .label = L("并入提案", "merged into"), .type = FIELD_REFERENCE,
     .flags = FIELD_SIDE | FIELD_LOOKUP,
     .reference = KIND_PROPOSAL, .columns = "并入提案|主案"},
    {.name = "decision", .label = L("审议决定", "decision"), .type = FIELD_CODE, .flags = FIELD_SIDE,
     .codes = &codes_proposal_decision,
     .columns = "审议决定|决定", .rule = L("由立案、并案等步骤自动填写", "written by the step itself")},
    {.name = "decision_reason", .label = L("决定理由", "reason of the decision"), .type = FIELD_LONG_TEXT,
     .flags = FIELD_SIDE,
     .columns = "决定理由|不予立案理由"},
    {.name = "decided_on", .label = L("决定日期", "decided on"), .type = FIELD_DATE, .flags = FIELD_SIDE | FIELD_PAST | FIELD_MENDED,
     .columns = "决定日期|审议日期"},
    {.name = "filing_no", .label = L("立案号", "filing number"), .type = FIELD_TEXT, .flags = FIELD_SERVER,
     .given_at = "filed",
     .columns = "立案号|立案编号", .rule = L("立案时由服务器编号", "given by the server when it is filed")},
    {.name = "filed_on", .label = L("立案日期", "filed on"), .type = FIELD_DATE, .flags = FIELD_SIDE | FIELD_PAST | FIELD_MENDED, .columns = "立案日期"},
    {.name = "department", .label = L("承办部门", "department"), .type = FIELD_TEXT, .flags = FIELD_SIDE,
     .columns = "承办部门|办理部门"},
    {.name = "handler_id", .label = L("承办人", "handler"), .type = FIELD_REFERENCE, .flags = FIELD_SIDE,
     .reference = KIND_MEMBER,
     .columns = "承办人"},
    {.name = "supervisor_id", .label = L("督办委员", "supervisor"), .type = FIELD_REFERENCE, .flags = FIELD_SIDE,
     .reference = KIND_MEMBER,
     .columns = "督办委员|督办人"},
    {.name = "due_on", .label = L("办理期限", "due on"), .type = FIELD_DATE, .flags = FIELD_SIDE, .columns = "办理期限|答复期限"},
    {.name = "replied_on", .label = L("答复日期", "replied on"), .type = FIELD_DATE, .flags = FIELD_SIDE | FIELD_PAST | FIELD_MENDED,
     .columns = "答复日期"},
    {.name = "rating", .label = L("提案人反馈", "rating"), .type = FIELD_CODE, .flags = FIELD_SIDE,
     .codes = &codes_proposal_rating,
     .columns = "提案人反馈|反馈|满意度"},
    {.name = "rated_by", .label = L("反馈人", "rated by"), .type = FIELD_REFERENCE, .flags = FIELD_SIDE,
     .reference = KIND_MEMBER,
     .columns = "反馈人"},
    {.name = "rated_on", .label = L("反馈日期", "rated on"), .type = FIELD_DATE, .flags = FIELD_SIDE | FIELD_PAST | FIELD_MENDED, .columns = "反馈日期"},
    {.name = "reopened_on", .label = L("二次办理日期", "reopened on"), .type = FIELD_DATE, .flags = FIELD_SIDE | FIELD_PAST | FIELD_MENDED,
     .columns = "二次办理日期"},
    {.name = "result", .label = L("落实情况", "result"), .type = FIELD_CODE, .flags = FIELD_SIDE,
     .codes = &codes_proposal_result,
     .columns = "落实情况|落实结果"},
    {.name = "result_reason", .label = L("落实说明", "reason of the result"), .type = FIELD_LONG_TEXT, .flags = FIELD_SIDE,
     .columns = "落实说明|未能落实原因"},
    {.name = "award", .label = L("优秀提案", "award"), .type = FIELD_CODE, .flags = FIELD_ALWAYS, .who = CAN_MARK,
     .codes = &codes_proposal_award, .columns = "优秀提案|评选"},
    {.name = "awarded_on", .label = L("表彰日期", "awarded on"), .type = FIELD_DATE, .flags = FIELD_ALWAYS | FIELD_PAST, .who = CAN_MARK,
     .columns = "表彰日期"},
    {.name = "state", .label = L("状态", "state"), .type = FIELD_CODE, .codes = &codes_proposal_state,
     .columns = "状态|办理状态"},
};

/* ---- SM-PROPOSAL ---- */

static const struct state_rule states[] = {
    {"draft", L("草稿", "draft"), STATE_EDITABLE | STATE_ENTRY},
    {"submitted", L("已提交", "submitted"), 0},
    {"returned", L("退回补正", "returned"), STATE_EDITABLE},
    {"withdrawn", L("已撤回", "withdrawn"), STATE_END},
    {"collated", L("已归纳", "collated"), 0},
    {"merged", L("已并案", "merged"), 0},
    {"under_review", L("审议中", "under review"), 0},
    {"filed", L("已立案", "filed"), 0},
    {"converted", L("转意见建议", "taken as a suggestion"), 0},
    {"declined", L("不予立案", "declined"), 0},
    {"assigned", L("已交办", "assigned"), 0},
    {"in_progress", L("落实中", "in progress"), 0},
    {"replied", L("已答复", "replied"), 0},
    {"rated", L("已反馈", "rated"), 0},
    {"reopened", L("二次办理", "reopened"), 0},
    {"resulted", L("已有结果", "result known"), 0},
    {"closed", L("已办结", "closed"), 0},
    {"archived", L("已归档", "archived"), STATE_END},
    {"consulting", L("征求意见", "consulting"), 0},
    {"to_congress", L("已提交教代会", "before the congress"), 0},
    {"adopted", L("教代会通过", "adopted by the congress"), 0},
    {"not_adopted", L("教代会未通过", "not adopted"), 0},
    {"in_force", L("已实行", "in force"), 0},
};

/* Assigned again: another handler or a later day. What the congress decided is assigned, or simply put in force. */
static const struct action_rule actions[] = {
    {"submitted", L("提交", "submit"), {"draft", "returned"}, {"submitted_on"}, {"submitted_on"}, NULL},
    {"returned", L("退回补正", "return"), {"submitted", "collated"}, {"return_reason"}, {"return_reason"}, NULL},
    {"withdrawn", L("撤回", "withdraw"), {"draft", "returned", "submitted", "collated"}, {NULL}, {NULL}, NULL},
    {"collated", L("归纳", "collate"), {"submitted"}, {NULL}, {NULL}, NULL},
    {"merged", L("并案", "merge"), {"collated", "under_review"}, {"merged_into"},
     {"merged_into", "decided_on", "decision_reason"}, "decision"},
    {"under_review", L("审议", "review"), {"collated"}, {NULL}, {NULL}, NULL},
    {"filed", L("立案", "file"), {"under_review"}, {"filed_on"},
     {"filed_on", "decided_on", "decision_reason", "supervisor_id", "due_on"}, "decision"},
    {"converted", L("转意见建议", "take as a suggestion"), {"under_review"}, {NULL},
     {"decision_reason", "decided_on"}, "decision"},
    {"declined", L("不予立案", "decline"), {"under_review"}, {"decision_reason"},
     {"decision_reason", "decided_on"}, "decision"},
    {"assigned", L("交办", "assign"), {"filed", "adopted", "assigned", "in_progress", "reopened"},
     {"department", "due_on"}, {"department", "due_on", "handler_id", "supervisor_id"}, NULL},
    {"in_progress", L("开始落实", "begin the work"), {"assigned", "reopened"}, {NULL}, {NULL}, NULL},
    {"replied", L("答复", "reply"), {"in_progress", "merged", "declined", "converted", "in_force", "not_adopted"},
     {"replied_on"}, {"replied_on"}, NULL},
    {"rated", L("反馈", "rate"), {"replied"}, {"rating", "rated_on"}, {"rating", "rated_on", "rated_by"}, NULL},
    {"reopened", L("二次办理", "reopen"), {"rated"}, {"reopened_on"}, {"reopened_on"}, NULL},
    {"resulted", L("登记结果", "record the result"), {"rated"}, {"result"}, {"result", "result_reason"}, NULL},
    {"closed", L("办结", "close"), {"resulted", "rated", "in_force", "not_adopted"}, {NULL}, {NULL}, NULL},
    {"archived", L("归档", "archive"), {"closed"}, {NULL}, {NULL}, NULL},
    {"consulting", L("征求意见", "consult"), {"filed"}, {NULL}, {NULL}, NULL},
    {"to_congress", L("提交教代会", "put to the congress"), {"consulting"}, {NULL}, {NULL}, NULL},
    {"adopted", L("教代会通过", "record adoption"), {"to_congress"}, {NULL}, {"decided_on"}, NULL},
    {"not_adopted", L("教代会未通过", "record rejection"), {"to_congress"}, {NULL},
     {"decided_on", "decision_reason"}, NULL},
    {"in_force", L("实行", "put in force"), {"adopted"}, {NULL}, {NULL}, NULL},
};

/* ---- rights.md ---- */

static const char *const committee_actions[] = {"submitted", "withdrawn", NULL};
static const char *const handler_actions[] = {"in_progress", "replied", "resulted", NULL};
static const char *const own_actions[] = {"submitted", "withdrawn", "rated", NULL};
static const struct right_rule rights[] = {
    {ROLES(union_chair) | ROLES(proposal_group), ACCESS_FULL, RIGHT_ADD | RIGHT_SET | RIGHT_REMOVE, rights_all_actions},
    {ROLES(committee_member), ACCESS_FULL, RIGHT_ADD | RIGHT_SET | RIGHT_REMOVE, committee_actions},
    {ROLES(handler), ACCESS_FULL, RIGHT_ADD, handler_actions},
    {ROLES(group_leader) | ROLES(accountant) | ROLES(audit_member) | ROLES(delegate) | ROLES(information_officer),
         ACCESS_FULL,
     RIGHT_ADD, NULL},
    {ROLES_DISTRICT, ACCESS_SUM, 0, NULL},
};
static const struct right_rule own_rights[] = {
    {ROLES_BRANCH, ACCESS_FULL, RIGHT_SET | RIGHT_REMOVE, own_actions},
};

/* The district's officers read what was sent to them, whole; of the rest they see sums. */
static enum access row_access(const ProtobufCMessage *row, role_set roles, enum access by_table)
{
    const char *award = row ? ((const Record__Proposal *)row)->award : "sent";
    bool sent = award && strcmp(award, "sent") == 0;
    return (roles & ROLES(district_officer)) && sent ? ACCESS_FULL : by_table;
}

/* ---- measures: by the calendar year of submission, and as things stand ---- */

static const struct measure_rule measures[] = {
    {"state.", L("提案", "proposals"), NULL},
    {"category.", L("收到提案类别", "proposals received by category"), NULL},
    {"due.", L("提案应办理", "proposals due"), "overdue"},
    {"received.", L("收到提案", "proposals received"), NULL},
    {"merged.", L("并案", "proposals merged"), NULL},
    {"filed.", L("立案", "proposals filed"), NULL},
    {"converted.", L("转意见建议", "proposals taken as suggestions"), NULL},
    {"declined.", L("不予立案", "proposals declined"), NULL},
    {"replied.", L("已答复", "proposals replied to"), NULL},
    {"reply_days.", L("答复天数合计", "days of reply, added up"), NULL},
    {"implemented.", L("立案后已落实", "filed proposals implemented"), NULL},
    {"satisfied.", L("反馈满意", "rated satisfied"), NULL},
    {"basically.", L("反馈基本满意", "rated basically satisfied"), NULL},
    {"unsatisfied.", L("反馈不满意", "rated not satisfied"), NULL},
    {"sent.", L("报送区里的优秀提案", "excellent proposals sent to the district"), NULL},
};

static const char *const answers[] = {"satisfied.", "basically.", "unsatisfied.", NULL};

struct counting {
    const char *year; /* of submission, or "none" */
    int64_t sign;
    measure_emit *emit;
    void *to;
};

static void count(const struct counting *c, const char *family, int64_t amount)
{
    char name[64];
    snprintf(name, sizeof name, "%s.%s", family, c->year);
    c->emit(c->to, name, c->sign * amount);
}

/* A word of a coded field that this build knows: the names of measures are bounded. */
static bool known(const struct code_list *list, const char *word)
{
    return word && code_find(list, word);
}

static void count_reply(const struct counting *c, const ProtobufCMessage *row)
{
    struct date from = check_date(row, "submitted_on"), to = check_date(row, "replied_on");
    if (!date_is_valid(to))
        return;
    count(c, "replied", 1);
    if (date_is_valid(from) && date_compare(to, from) > 0)
        count(c, "reply_days", date_days(to) - date_days(from));
}

static void count_received(const struct counting *c, const ProtobufCMessage *row)
{
    const Record__Proposal *m = (const Record__Proposal *)row;
    char category[64];
    bool filed = m->decision && strcmp(m->decision, "filed") == 0;
    snprintf(category, sizeof category, "category.%s",
             known(&codes_proposal_category, m->category) ? m->category : "other");
    c->emit(c->to, category, c->sign);
    count(c, "received", 1);
    if (known(&codes_proposal_decision, m->decision))
        count(c, m->decision, 1);
    count_reply(c, row);
    if (filed && m->result && strcmp(m->result, "done") == 0)
        count(c, "implemented", 1);
    if (known(&codes_proposal_rating, m->rating))
        count(c, m->rating, 1);
    if (m->award && strcmp(m->award, "sent") == 0)
        count(c, "sent", 1);
}

/* Work that is owed by a day of its own. */
static bool is_open(const char *state)
{
    static const char *const open[] = {"filed",      "assigned",    "in_progress", "reopened",
                                       "consulting", "to_congress", "adopted"};
    for (size_t i = 0; i < COUNT(open); i++)
        if (strcmp(state, open[i]) == 0)
            return true;
    return false;
}

static void measure(const struct kind *k, const ProtobufCMessage *row, int64_t sign, measure_emit *emit, void *to)
{
    struct date due = check_date(row, "due_on"), on = check_date(row, "submitted_on");
    char name[sizeof "due." + DATE_TEXT_SIZE] = "due.", year[DATE_TEXT_SIZE] = "none";
    measure_state(k, row, "state.", sign, emit, to);
    if (date_is_valid(on)) {
        date_text(on, year);
        year[4] = '\0';
    }
    if (proposal_is_received(row))
        count_received(&(struct counting){year, sign, emit, to}, row);
    if (date_is_valid(due) && is_open(kind_state_of(k, row))) {
        date_text(due, name + 4);
        emit(to, name, sign);
    }
}

/* ---- derived ---- */

static const struct derived_rule derived[] = {
    {"due_by", L("应答复日期", "answer owed by"), FIELD_DATE, NULL, 0},
    {"overdue", L("已逾期", "overdue"), FIELD_BOOL, NULL, 0},
};

static void derive(const struct check_context *c, derived_emit *emit, void *to)
{
    struct date due = proposal_due_by(c, c->after);
    char text[DATE_TEXT_SIZE];
    if (!date_is_valid(due))
        return;
    date_text(due, text);
    emit(to, "due_by", cell_text(text));
    emit(to, "overdue",
         (struct cell){.type = CELL_BOOL, .integer = date_is_valid(c->today) && date_compare(due, c->today) < 0});
}

static const char *const naming[] = {"title", "no", "filing_no", NULL};
static const char *const columns[] = {"no", "title", "category", "proposer_id", "submitted_on", "department",
    "due_on", "state", NULL};
static const char *const identity[] = {"no", NULL};

const struct kind kind_proposal = {
    .number = KIND_PROPOSAL, .name = "proposal", .label = L("提案", "proposal"),
    .descriptor = &record__proposal__descriptor,
    .owner = OWNER_BRANCH, .fields = fields, .field_count = COUNT(fields), .states = states, .state_count = COUNT(states),
    .actions = actions, .action_count = COUNT(actions), .rights = rights, .right_count = COUNT(rights),
    .own_rights = own_rights, .own_right_count = COUNT(own_rights), .measures = measures, .measure_count = COUNT(measures),
    .measure = measure, .answers = answers, .check = proposal_check, .derived = derived, .derived_count = COUNT(derived), .derive = derive,
    .row_access = row_access, .similar = "title", .texts = proposal_texts, .text_count = PROPOSAL_TEXTS, .naming = naming,
    .columns = columns, .identity = identity,
};
