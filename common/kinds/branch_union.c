/* branch_union: the branch's union as it is registered (ORG-01), on its way SM-BRANCH. One record a branch: its id follows from
 * that. The number of staff in it is what the joining rate is measured by. */
#include "kinds/credit_code.h"
#include "kinds/rules.h"
#include "membership.pb-c.h"
#include <string.h>

static void check_credit_code(const struct check_context *c, const char *field, struct cell value, struct findings *out)
{
    static const char *const codes[] = {[CREDIT_CODE_FORM] = "branch_union.credit_form",
                                        [CREDIT_CODE_CHECK] = "branch_union.credit_check",
                                        [CREDIT_CODE_NO_UNION] = "branch_union.credit_other"};
    enum credit_code_defect defect = credit_code_read(value.bytes);
    (void)c;
    if (defect != CREDIT_CODE_VALID)
        findings_add(out, SEVERITY_WARN, codes[defect], field, NULL, NULL);
}

/* The whole number has no business here (rules.md 8.2). */
static void check_bank_account(const struct check_context *c, const char *field, struct cell value,
                               struct findings *out)
{
    bool four = value.bytes.size == 4;
    (void)c;
    for (size_t i = 0; four && i < 4; i++)
        four = value.bytes.data[i] >= '0' && value.bytes.data[i] <= '9';
    if (!four)
        findings_add(out, SEVERITY_BLOCK, "branch_union.bank_account", field, NULL, NULL);
}

static void check_area_code(const struct check_context *c, const char *field, struct cell value, struct findings *out)
{
    bool six = value.bytes.size == 6;
    (void)c;
    for (size_t i = 0; six && i < 6; i++)
        six = value.bytes.data[i] >= '0' && value.bytes.data[i] <= '9';
    if (!six)
        findings_add(out, SEVERITY_WARN, "branch_union.area_code", field, NULL, NULL);
}

static const struct field_rule fields[] = {
    {.name = "name", .label = L("工会名称", "name"), .type = FIELD_TEXT, .flags = FIELD_REQUIRED,
     .columns = "工会名称|名称|工会全称"},
    {.name = "short_name", .label = L("简称", "short name"), .type = FIELD_TEXT, .columns = "简称"},
    {.name = "unified_credit_code", .label = L("统一社会信用代码", "unified social credit code"), .type = FIELD_TEXT,
     .check = check_credit_code, .columns = "统一社会信用代码|信用代码", .normalise = credit_code_normalise,
     .rule = L("18 位，工会以 81 开头", "18 characters; a union's begins with 81")},
    {.name = "kindergarten_name", .label = L("幼儿园名称", "kindergarten"), .type = FIELD_TEXT, .columns = "幼儿园名称|园名|单位名称"},
    {.name = "ownership", .label = L("办园性质", "ownership"), .type = FIELD_CODE, .codes = &codes_ownership,
     .columns = "办园性质|性质"},
    {.name = "area_code", .label = L("行政区划代码", "area code"), .type = FIELD_TEXT, .check = check_area_code,
     .columns = "行政区划代码|区划代码"},
    {.name = "address", .label = L("地址", "address"), .type = FIELD_TEXT, .columns = "地址|园址"},
    {.name = "established_on", .label = L("成立日期", "established on"), .type = FIELD_DATE, .flags = FIELD_PAST, .columns = "成立日期|成立时间|建会日期"},
    {.name = "approval_doc_no", .label = L("批复文号", "approval document"), .type = FIELD_TEXT, .columns = "批复文号|文号"},
    {.name = "union_type", .label = L("工会类型", "type of union"), .type = FIELD_CODE, .codes = &codes_union_type,
     .columns = "工会类型|类型"},
    {.name = "legal_person_cert", .label = L("法人资格证号", "certificate of legal person"), .type = FIELD_TEXT,
     .columns = "法人资格证号|法人证号"},
    {.name = "bank_account", .label = L("开户账号后四位", "last four digits of the account"), .type = FIELD_TEXT,
     .check = check_bank_account, .columns = "开户账号后四位", .rule = L("只填后四位", "the last four digits alone")},
    {.name = "stat_code", .label = L("统计代码", "statistical code"), .type = FIELD_TEXT, .columns = "统计代码"},
    {.name = "staff_count", .label = L("教职工人数", "staff"), .type = FIELD_INTEGER, .max = 100000,
     .columns = "教职工人数|职工人数|教职工数"},
    {.name = "state", .label = L("状态", "state"), .type = FIELD_CODE, .codes = &codes_branch_state, .columns = "状态"},
};

static const struct state_rule states[] = {
    {"preparing", L("筹建", "preparing"), STATE_EDITABLE | STATE_ENTRY},
    {"approved", L("批准成立", "approved"), STATE_EDITABLE | STATE_ENTRY},
    {"active", L("在册", "active"), STATE_EDITABLE | STATE_ENTRY},
    {"merged", L("已合并", "merged"), STATE_END},
    {"dissolved", L("已撤销", "dissolved"), STATE_END},
};

/* Founding, merging and dissolving are for the upper union to approve (工会法 art. 12). */
static const struct action_rule actions[] = {
    {"approved", L("批准成立", "approve"), {"preparing"}, {"approval_doc_no"},
     {"approval_doc_no", "established_on"}, NULL},
    {"active", L("登记在册", "register"), {"approved"}, {NULL}, {"established_on"}, NULL},
    {"merged", L("合并", "merge"), {"approved", "active"}, {NULL}, {"approval_doc_no"}, NULL},
    {"dissolved", L("撤销", "dissolve"), {"approved", "active"}, {NULL}, {"approval_doc_no"}, NULL},
};

static const char *const chair_actions[] = {"active", NULL};
static const char *const officer_actions[] = {"approved", "merged", "dissolved", NULL};
static const struct right_rule rights[] = {
    {ROLES(union_chair), ACCESS_FULL, RIGHT_ADD | RIGHT_SET, chair_actions},
    {ROLES(district_officer), ACCESS_FULL, 0, officer_actions},
    {ROLES(committee_member) | ROLES(group_leader) | ROLES(accountant) | ROLES(audit_member) | ROLES(proposal_group) |
         ROLES(handler) |
         ROLES(delegate) | ROLES(information_officer) | ROLES(district_finance) | ROLES(district_auditor),
     ACCESS_FULL, 0, NULL},
};

static const struct measure_rule measures[] = {
    {"state.", L("基层工会", "unions"), NULL},
    {"staff", L("教职工人数", "staff"), NULL},
};

static void measure(const struct kind *k, const ProtobufCMessage *row, int64_t sign, measure_emit *emit, void *to)
{
    const Record__BranchUnion *m = (const Record__BranchUnion *)row;
    measure_state(k, row, "state.", sign, emit, to);
    if (m->has_staff_count && strcmp(kind_state_of(k, row), "active") == 0)
        emit(to, "staff", sign * m->staff_count);
}

static bool identity_key(const ProtobufCMessage *row, struct date *day, struct buf *key)
{
    (void)row;
    *day = (struct date){2000, 1, 1};
    buf_text(key, "the union of this branch");
    return true;
}

static const struct rule_text texts[] = {
    {"branch_union.credit_form",
     L("统一社会信用代码应当是 18 位数字和大写字母，不含 I、O、S、V、Z。",
       "A unified social credit code has 18 digits and capital letters, without I, O, S, V, Z."),
     L("不影响保存；请对照证书核对。", "It may be saved so; compare it with the certificate."), "GB 32100-2015 [K]"},
    {"branch_union.credit_check",
     L("统一社会信用代码的最后一位对不上，可能有一位抄错了。",
       "The last character of the unified social credit code does not fit: one may be miscopied."),
     L("不影响保存；请对照证书逐位核对。",
       "It may be saved so; compare it with the certificate, character by character."), "GB 32100-2015 [K]"},
    {"branch_union.credit_other",
     L("工会的统一社会信用代码一般以 81 开头，这一个不是。", "A union's unified social credit code begins with 81; this one does not."),
     L("不影响保存；请看看是不是填成了幼儿园的代码。", "It may be saved so; it may be the kindergarten's own."), "GB 32100-2015 [K]"},
    {"branch_union.bank_account", L("账号只填后四位数字。", "Of the account only the last four digits are kept."),
     L("请去掉前面的数字，只留后四位。", "Leave the rest out."), "rules.md 8.2 [V]"},
    {"branch_union.area_code", L("行政区划代码一般是 6 位数字。", "An area code has six digits."),
     L("不影响保存；请核对代码。", "It may be saved so; please check it."), "GB/T 2260"},
};

static const char *const naming[] = {"name", "short_name", NULL};
static const char *const columns[] = {"name", "union_type", "ownership", "staff_count", "established_on", "state", NULL};
static const char *const identity[] = {"name", NULL};

const struct kind kind_branch_union = {
    .number = KIND_BRANCH_UNION, .name = "branch_union", .label = L("工会组织", "union"),
    .descriptor = &record__branch_union__descriptor,
    .owner = OWNER_BRANCH, .fields = fields, .field_count = COUNT(fields), .states = states, .state_count = COUNT(states),
    .actions = actions, .action_count = COUNT(actions), .rights = rights, .right_count = COUNT(rights),
    .measures = measures,
    .measure_count = COUNT(measures), .measure = measure, .identity_key = identity_key, .texts = texts,
    .text_count = COUNT(texts),
    .naming = naming, .columns = columns, .identity = identity,
};
