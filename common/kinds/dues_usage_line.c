/* dues_usage_line: one category of spending in a statement on the use of dues (FIN-03). Belongs to a drafted statement alone, and
 * to a year that is not closed. */
#include "dues.pb-c.h"
#include "kinds/dues.h"
#include "kinds/rules.h"
#include <string.h>

static void check(const struct check_context *c, struct findings *out)
{
    struct cell report_id = record_get_name(c->after, "report_id");
    bool named = c->related && report_id.type == CELL_BYTES && report_id.bytes.size == ID_SIZE;
    const ProtobufCMessage *report =
        named ? c->related(c->related_to, KIND_DUES_USAGE_REPORT, id_from(report_id.bytes)) : NULL;
    struct dues_period p;
    if (!report)
        return;
    if (strcmp(kind_state_of(&kind_dues_usage_report, report), "drafted") != 0)
        findings_add(out, SEVERITY_BLOCK, "dues_usage_line.report_done", "report_id", NULL, NULL);
    else if (dues_period_read(((const Record__DuesUsageReport *)report)->period, &p) && dues_period_is_closed(c, p))
        findings_add(out, SEVERITY_BLOCK, "dues_usage_line.year_closed", "report_id", NULL, NULL);
}

static const struct field_rule fields[] = {
    {.name = "report_id", .label = L("所属公布表", "statement"), .type = FIELD_REFERENCE,
     .flags = FIELD_REQUIRED | FIELD_IMMUTABLE | FIELD_LOOKUP,
     .reference = KIND_DUES_USAGE_REPORT, .columns = "所属公布表|年度"},
    {.name = "category", .label = L("支出类别", "category"), .type = FIELD_CODE, .flags = FIELD_REQUIRED,
     .codes = &codes_expense_category,
     .columns = "支出类别|类别|科目"},
    {.name = "amount_fen", .label = L("金额", "amount"), .type = FIELD_FEN, .flags = FIELD_REQUIRED, .max = 1000000000000,
     .columns = "金额|支出金额",
     .rule = L("以元为单位，如 12.50；不用的一项改成 0", "yuan, like 12.50; a line that is not needed is set to 0")},
    {.name = "note", .label = L("说明", "note"), .type = FIELD_LONG_TEXT, .columns = "说明|备注"},
};

/* Nobody removes a line: a statement that was published keeps what it added up. */
static const struct right_rule rights[] = {
    {ROLES(accountant), ACCESS_FULL, RIGHT_ADD | RIGHT_SET, NULL},
    {ROLES(union_chair) | ROLES(audit_member) | ROLES(committee_member) | ROLES(group_leader) | ROLES(proposal_group) |
         ROLES(handler) |
         ROLES(delegate) | ROLES(information_officer) | ROLES_DISTRICT,
     ACCESS_FULL, 0, NULL},
};

static const struct measure_rule measures[] = {
    {"total", L("会费支出项目", "lines of spending"), NULL},
};

static void measure(const struct kind *k, const ProtobufCMessage *row, int64_t sign, measure_emit *emit, void *to)
{
    (void)k;
    (void)row;
    emit(to, "total", sign);
}

static const struct rule_text texts[] = {
    {"dues_usage_line.report_done",
     L("这份公布表已经送审或公布，不能再改支出。", "The statement has been audited or published; its lines stand."),
     L("要改，请经审委员或工会主席先退回修改。", "Have the audit member or the chair send it back first."), "FIN-03"},
    {"dues_usage_line.year_closed", L("这个年度已经结账，不能再改支出。", "The books of that year are closed; its lines stand."),
     L("请把更正放到下一年度的公布表里。", "Put the correction into the statement of the next year."), "FIN-03"},
};

static const char *const naming[] = {NULL};
static const char *const columns[] = {"report_id", "category", "amount_fen", "note", NULL};
static const char *const identity[] = {NULL};

const struct kind kind_dues_usage_line = {
    .number = KIND_DUES_USAGE_LINE, .name = "dues_usage_line", .label = L("会费支出项目", "line of spending"),
    .descriptor = &record__dues_usage_line__descriptor, .owner = OWNER_BRANCH, .fields = fields,
    .field_count = COUNT(fields),
    .rights = rights, .right_count = COUNT(rights), .measures = measures, .measure_count = COUNT(measures),
    .measure = measure,
    .check = check, .texts = texts, .text_count = COUNT(texts), .naming = naming, .columns = columns, .identity = identity,
};
