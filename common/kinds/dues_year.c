/* dues_year: the books of a calendar year, open until the accountant closes them for good. One a year: its id follows from it. */
#include "dues.pb-c.h"
#include "kinds/dues.h"
#include "kinds/rules.h"
#include <string.h>

static bool year_of(const ProtobufCMessage *row, struct dues_period *out)
{
    return dues_period_read(((const Record__DuesYear *)row)->year, out) && out->kind == DUES_YEAR;
}

static void check(const struct check_context *c, struct findings *out)
{
    struct dues_period p = {0}; /* without a year nothing is early */
    struct date on = check_date(c->after, "closed_on");
    if (((const Record__DuesYear *)c->after)->year && !year_of(c->after, &p))
        findings_add(out, SEVERITY_BLOCK, "dues_year.year", "year", NULL, NULL);
    else if (c->action && date_is_valid(on) && on.year < p.year)
        findings_add(out, SEVERITY_BLOCK, "dues_year.early", "closed_on", NULL, NULL);
}

static const struct field_rule fields[] = {
    {.name = "year", .label = L("年度", "year"), .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_IMMUTABLE | FIELD_LOOKUP,
     .columns = "年度|年份", .normalise = dues_period_normalise, .rule = L("如 2026", "such as 2026")},
    {.name = "closed_on", .label = L("结账日期", "closed on"), .type = FIELD_DATE, .flags = FIELD_SIDE | FIELD_PAST, .columns = "结账日期"},
    {.name = "note", .label = L("备注", "note"), .type = FIELD_LONG_TEXT, .columns = "备注|说明"},
    {.name = "state", .label = L("状态", "state"), .type = FIELD_CODE, .codes = &codes_dues_year_state, .columns = "状态"},
};

static const struct state_rule states[] = {
    {"open", L("未结账", "open"), STATE_EDITABLE | STATE_ENTRY},
    {"closed", L("已结账", "closed"), STATE_END},
};

static const struct action_rule actions[] = {
    {"closed", L("结账", "close the books"), {"open"}, {"closed_on"}, {"closed_on", "note"}, NULL},
};

static const struct right_rule rights[] = {
    {ROLES(accountant), ACCESS_FULL, RIGHT_ADD | RIGHT_SET, rights_all_actions},
    {ROLES(union_chair) | ROLES(committee_member) | ROLES(group_leader) | ROLES(audit_member), ACCESS_FULL, 0, NULL},
    {ROLES_DISTRICT, ACCESS_SUM, 0, NULL},
};

static const struct measure_rule measures[] = {
    {"", L("会费年度", "years of dues"), NULL},
};

/* "2026.closed" */
static void measure(const struct kind *k, const ProtobufCMessage *row, int64_t sign, measure_emit *emit, void *to)
{
    struct dues_period p;
    char prefix[DUES_PERIOD_SIZE + 1] = "none.";
    if (year_of(row, &p)) {
        dues_period_text(p, prefix);
        strcat(prefix, ".");
    }
    measure_state(k, row, prefix, sign, emit, to);
}

static bool identity_key(const ProtobufCMessage *row, struct date *day, struct buf *key)
{
    struct dues_period p;
    if (!year_of(row, &p))
        return false;
    *day = dues_period_first(p);
    buf_text(key, ((const Record__DuesYear *)row)->year);
    return true;
}

static const struct rule_text texts[] = {
    {"dues_year.year",
     L("年度要写成四位数字。", "A year is four digits."), L("请照这个样子填：2026。", "Write it like this: 2026."), "FIN-02"},
    {"dues_year.early", L("结账日期早于这个年度。", "The books would be closed before the year began."),
     L("请核对结账日期和年度。", "Check the day and the year."), "FIN-02"},
};

static const char *const naming[] = {"year", NULL};
static const char *const columns[] = {"year", "closed_on", "note", "state", NULL};
static const char *const identity[] = {"year", NULL};

const struct kind kind_dues_year = {
    .number = KIND_DUES_YEAR, .name = "dues_year", .label = L("会费年度", "year of dues"),
    .descriptor = &record__dues_year__descriptor,
    .owner = OWNER_BRANCH, .fields = fields, .field_count = COUNT(fields), .states = states, .state_count = COUNT(states),
    .actions = actions, .action_count = COUNT(actions), .rights = rights, .right_count = COUNT(rights), .measures = measures,
    .measure_count = COUNT(measures), .measure = measure, .check = check, .identity_key = identity_key, .texts = texts,
    .text_count = COUNT(texts), .naming = naming, .columns = columns, .identity = identity,
};
