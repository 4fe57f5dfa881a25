/* dues_standard: what a member pays by month or period from a day on (FIN-01, rights.md). The wage that it was computed from is
 * neither stored nor sent. Of several the newest by a period's first day counts. */
#include "dues.pb-c.h"
#include "kinds/dues.h"
#include "kinds/rules.h"
#include <string.h>

static void check(const struct check_context *c, struct findings *out)
{
    if (!check_changed(c, "effective_from") && !check_changed(c, "member_id"))
        return;
    struct dues_rows rows = dues_rows_of(c, KIND_DUES_STANDARD, c->after, NULL);
    for (size_t i = 0; i < rows.count; i++)
        if (!id_equal(rows.list[i].id, c->id) && cell_equal(record_get_name(rows.list[i].payment, "effective_from"),
                                                            record_get_name(c->after, "effective_from"))) {
            findings_add(out, SEVERITY_WARN, "dues_standard.same_day", "effective_from", NULL, NULL);
            return;
        }
}

static const struct field_rule fields[] = {
    {.name = "member_id", .label = L("会员", "member"), .type = FIELD_REFERENCE,
     .flags = FIELD_PERSON | FIELD_REQUIRED | FIELD_IMMUTABLE | FIELD_LOOKUP,
     .reference = KIND_MEMBER, .columns = "会员|姓名"},
    {.name = "mode", .label = L("计费方式", "mode"), .type = FIELD_CODE, .flags = FIELD_REQUIRED, .codes = &codes_dues_mode,
     .together = "amount", .columns = "计费方式|方式"},
    {.name = "amount_fen", .label = L("应缴标准", "amount"), .type = FIELD_FEN, .flags = FIELD_REQUIRED | FIELD_SENSITIVE,
     .max = 100000000,
     .together = "amount", .columns = "应缴标准|标准|月缴金额|金额",
     .rule = L("每月金额；定额为每期金额", "of a month; of a flat sum: of the period")},
    {.name = "effective_from", .label = L("起算日期", "in effect from"), .type = FIELD_DATE, .flags = FIELD_REQUIRED,
     .columns = "起算日期|生效日期"},
    {.name = "basis", .label = L("依据", "basis"), .type = FIELD_TEXT, .flags = FIELD_PERSONAL, .columns = "依据"},
};

static const struct right_rule rights[] = {
    {ROLES(accountant), ACCESS_FULL, RIGHT_ADD | RIGHT_SET | RIGHT_REMOVE, NULL},
    {ROLES(union_chair) | ROLES(audit_member), ACCESS_FULL, 0, NULL},
    {ROLES(committee_member) | ROLES(group_leader), ACCESS_OPEN, 0, NULL},
    {ROLES_DISTRICT, ACCESS_SUM, 0, NULL},
};

static const struct measure_rule measures[] = {
    {"mode.", L("会费标准", "standards of dues"), NULL},
};

static void measure(const struct kind *k, const ProtobufCMessage *row, int64_t sign, measure_emit *emit, void *to)
{
    (void)k;
    const char *mode = ((const Record__DuesStandard *)row)->mode;
    const struct code *code = mode ? code_find(&codes_dues_mode, mode) : NULL;
    emit(to, !code                            ? "mode.other"
             : strcmp(code->name, "rate") == 0 ? "mode.rate"
             : strcmp(code->name, "flat") == 0 ? "mode.flat"
                                               : "mode.delivered",
         sign);
}

static const struct rule_text texts[] = {
    {"dues_standard.same_day", L("这位会员同一天起算的标准已经有一条。", "This member has a standard from that day already."),
     L("不影响保存；请核对，留下对的一条，删去另一条。", "It may be saved so; compare them and remove the wrong one."), "FIN-01"},
};

static const char *const naming[] = {NULL};
static const char *const columns[] = {"member_id", "mode", "amount_fen", "effective_from", "basis", NULL};
static const char *const identity[] = {NULL};

const struct kind kind_dues_standard = {
    .number = KIND_DUES_STANDARD, .name = "dues_standard", .label = L("会费标准", "standard of dues"),
    .descriptor = &record__dues_standard__descriptor, .owner = OWNER_BRANCH, .fields = fields, .field_count = COUNT(fields),
    .rights = rights, .right_count = COUNT(rights), .measures = measures, .measure_count = COUNT(measures), .measure = measure,
    .check = check, .texts = texts, .text_count = COUNT(texts), .naming = naming, .columns = columns, .identity = identity,
};
