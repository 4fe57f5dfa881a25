/* policy_limit: dated settings that an org issues for all below it (REQ-11): rates, days, limits, each with its basis. Text is
 * free while it is a draft; once in force it stands as it was, and a new number is a new record. */
#include "kinds/rules.h"
#include "settings.pb-c.h"

static bool is_code_character(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* Words of lower-case letters, digits and _, joined by single dots: dues.rate_permille */
static bool is_rule_code(struct slice text)
{
    bool in_word = false;
    size_t dots = 0, at = 0;
    for (; at < text.size; at++) {
        uint8_t character = text.data[at];
        if (character == '.' && in_word)
            in_word = false, dots++;
        else if (is_code_character(character))
            in_word = true;
        else
            break;
    }
    return at == text.size && in_word && dots > 0;
}

static void check_rule_code(const struct check_context *c, const char *field, struct cell value, struct findings *out)
{
    (void)c;
    if (!is_rule_code(value.bytes))
        findings_add(out, SEVERITY_BLOCK, "policy_limit.rule_code", field, NULL, NULL);
}

/* What rules read is a number; a code that none of them reads may be a slip of the pen. */
static void check_setting(const struct check_context *c, struct findings *out)
{
    const Record__PolicyLimit *limit = (const Record__PolicyLimit *)c->after;
    bool changed = check_changed(c, "rule_code") || check_changed(c, "value");
    int64_t number;
    if (!changed || !limit->rule_code || !limit->value)
        return;
    const struct setting_rule *rule = setting_find(limit->rule_code);
    if (!rule && is_rule_code(slice_text(limit->rule_code)))
        findings_add(out, SEVERITY_WARN, "policy_limit.unknown", "rule_code", limit->rule_code, NULL);
    else if (rule && !setting_number(limit->value, &number))
        findings_add(out, SEVERITY_BLOCK, "policy_limit.number", "value", limit->value, NULL);
}

static void check_policy_limit(const struct check_context *c, struct findings *out)
{
    struct date from = check_date(c->after, "effective_from"), to = check_date(c->after, "effective_to");
    bool changed = check_changed(c, "effective_from") || check_changed(c, "effective_to");
    if (changed && date_is_valid(from) && date_is_valid(to) && date_compare(to, from) < 0)
        findings_add(out, SEVERITY_BLOCK, "policy_limit.dates", "effective_to", NULL, NULL);
    check_setting(c, out);
}

static const struct field_rule fields[] = {
    {.name = "rule_code", .label = L("规则代码", "rule"), .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_LOOKUP, .check = check_rule_code,
     .columns = "规则代码|规则|代码", .rule = L("如 dues.rate_permille", "such as dues.rate_permille")},
    {.name = "value", .label = L("取值", "value"), .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .together = "value",
     .columns = "取值|值|标准|限额"},
    {.name = "unit", .label = L("单位", "unit"), .type = FIELD_TEXT, .together = "value", .columns = "单位|计量单位"},
    {.name = "basis", .label = L("依据", "basis"), .type = FIELD_TEXT, .columns = "依据|文件依据"},
    {.name = "effective_from", .label = L("生效日期", "in effect from"), .type = FIELD_DATE, .flags = FIELD_REQUIRED,
     .together = "effective", .columns = "生效日期|生效时间|起始日期"},
    {.name = "effective_to", .label = L("失效日期", "in effect to"), .type = FIELD_DATE, .together = "effective",
     .columns = "失效日期|失效时间|截止日期"},
    {.name = "state", .label = L("状态", "state"), .type = FIELD_CODE, .codes = &codes_policy_state, .columns = "状态"},
};

static const struct state_rule states[] = {
    {"draft", L("草稿", "draft"), STATE_EDITABLE | STATE_ENTRY},
    {"in_force", L("生效", "in force"), 0},
    {"repealed", L("停用", "repealed"), STATE_END},
};

static const struct action_rule actions[] = {
    {"in_force", L("发布生效", "put in force"), {"draft"}, {NULL}, {"effective_from", "effective_to"}, NULL},
    {"repealed", L("停用", "repeal"), {"draft", "in_force"}, {NULL}, {"effective_to"}, NULL},
};
static const char *const approvals[] = {"in_force", NULL};

static const char *const officer_actions[] = {"in_force", "repealed", NULL};
static const struct right_rule rights[] = {
    {ROLES(district_officer), ACCESS_FULL, RIGHT_ADD | RIGHT_SET | RIGHT_REMOVE, officer_actions},
    {ROLES_BRANCH | ROLES(district_finance) | ROLES(district_auditor), ACCESS_FULL, 0, NULL},
};

static const struct measure_rule measures[] = {
    {"state.", L("规则", "settings"), NULL},
};

static void measure(const struct kind *k, const ProtobufCMessage *row, int64_t sign, measure_emit *emit, void *to)
{
    measure_state(k, row, "state.", sign, emit, to);
}

static const struct rule_text texts[] = {
    {"policy_limit.rule_code", L("规则代码要写成用点隔开的小写英文词。", "A rule is written as lower-case words joined by dots."),
     L("请照这个样子填：dues.rate_permille。", "Write it like this: dues.rate_permille."), "REQ-11"},
    {"policy_limit.number", L("这条规则的取值要写成整数，不能是“%1”。", "This setting is a whole number, not “%1”."),
     L("请只写数字，如 5。", "Write digits alone, such as 5."), "REQ-11"},
    {"policy_limit.unknown", L("本版本没有用到规则“%1”，请核对代码有没有写错。", "No rule of this version reads “%1”; look whether the code is right."),
     L("可用 banyan describe policy_limit 查看会用到哪些规则。", "banyan describe policy_limit lists the settings that are read."), "REQ-11"},
    {"policy_limit.dates", L("失效日期早于生效日期。", "The setting would end before it begins."),
     L("请把失效日期改到生效日期当天或之后，或者先空着。", "Choose an end on or after the first day, or leave it empty."), "REQ-11"},
};

static const char *const naming[] = {"rule_code", NULL};
static const char *const columns[] = {"rule_code", "value", "unit", "effective_from", "effective_to", "state", NULL};
static const char *const identity[] = {NULL};

const struct kind kind_policy_limit = {
    .number = KIND_POLICY_LIMIT, .name = "policy_limit", .label = L("规则设置", "setting"),
    .descriptor = &record__policy_limit__descriptor, .owner = OWNER_ABOVE, .fields = fields, .field_count = COUNT(fields),
    .states = states, .state_count = COUNT(states), .actions = actions, .action_count = COUNT(actions), .approvals = approvals, .rights = rights,
    .right_count = COUNT(rights), .measures = measures, .measure_count = COUNT(measures), .measure = measure,
    .check = check_policy_limit, .texts = texts, .text_count = COUNT(texts), .naming = naming, .columns = columns,
    .identity = identity,
};
