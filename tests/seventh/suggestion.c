/* The rules file of a kind that the programs do not have (DEM-22): what it takes to add one. The last lines are what would be a
 * line in the registry. */
#include "kinds/kind.h"
#include "suggestion.pb-c.h"
#include <stdio.h>

#define L(zh_text, en_text) {zh_text, en_text}
#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static const struct code categories[] = {
    {"equipment", L("设备玩教具", "equipment"), "设备|玩教具"}, {"safety", L("安全", "safety"), NULL}, {"other", L("其他", "other"), NULL}};
static const struct code_list codes_category = {"suggestion_category", "product", categories, COUNT(categories)};
static const struct code state_codes[] = {{"submitted", L("已提交", "submitted"), NULL}, {"adopted", L("已采纳", "adopted"), NULL}, {"declined", L("未采纳", "declined"), NULL}};
static const struct code_list codes_state = {"suggestion_state", "product", state_codes, COUNT(state_codes)};

static const struct field_rule fields[] = {
    {.name = "no", .label = L("编号", "number"), .type = FIELD_TEXT, .flags = FIELD_SERVER},
    {.name = "title", .label = L("标题", "title"), .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .columns = "标题|建议名称"},
    {.name = "content", .label = L("内容", "content"), .type = FIELD_LONG_TEXT, .columns = "内容|建议内容"},
    {.name = "by_member_id", .label = L("建议人", "made by"), .type = FIELD_REFERENCE, .reference = 1, .columns = "建议人|姓名"},
    {.name = "received_on", .label = L("收到日期", "received on"), .type = FIELD_DATE, .columns = "日期|收到日期"},
    {.name = "saved_fen", .label = L("节约金额", "money saved"), .type = FIELD_FEN, .columns = "节约金额|金额"},
    {.name = "category", .label = L("类别", "category"), .type = FIELD_CODE, .codes = &codes_category, .columns = "类别"},
    {.name = "anonymous", .label = L("匿名", "anonymous"), .type = FIELD_BOOL, .columns = "匿名"},
    {.name = "decline_reason", .label = L("未采纳原因", "reason of declining"), .type = FIELD_TEXT, .flags = FIELD_SIDE},
    {.name = "contact", .label = L("联系方式", "contact"), .type = FIELD_TEXT, .flags = FIELD_SENSITIVE, .columns = "联系方式"},
    {.name = "state", .label = L("状态", "state"), .type = FIELD_CODE, .codes = &codes_state, .columns = "状态"},
};

static const struct state_rule states[] = {
    {"submitted", L("已提交", "submitted"), STATE_EDITABLE}, {"adopted", L("已采纳", "adopted"), STATE_END}, {"declined", L("未采纳", "declined"), STATE_END}};
static const struct action_rule actions[] = {
    {.name = "adopted", .label = L("采纳", "adopt"), .from = {"submitted"}},
    {.name = "declined", .label = L("不采纳", "decline"), .from = {"submitted"}, .required = {"decline_reason"}, .allowed = {"decline_reason"}},
};
static const char *const all_actions[] = {"*", NULL};
static const struct right_rule rights[] = {
    {ROLES(union_chair) | ROLES(committee_member), ACCESS_FULL, RIGHT_ADD | RIGHT_SET | RIGHT_REMOVE, all_actions},
    {ROLES(accountant) | ROLES(district_officer), ACCESS_OPEN, 0, NULL},
    {ROLES(district_finance), ACCESS_SUM, 0, NULL},
};

static const struct measure_rule measures[] = {{"state.", L("建议", "suggestions"), NULL}, {"saved_fen", L("节约金额", "money saved"), NULL}};

static void measure(const struct kind *k, const ProtobufCMessage *row, int64_t sign, measure_emit *emit, void *to)
{
    const Record__Suggestion *s = (const Record__Suggestion *)row;
    char name[64];
    (void)k;
    struct buf text = BUF_INIT;
    buf_format(&text, "state.%s", s->state ? s->state : "submitted");
    snprintf(name, sizeof name, "%s", buf_c_string(&text));
    buf_finish(&text);
    emit(to, name, sign);
    if (s->has_saved_fen)
        emit(to, "saved_fen", sign * s->saved_fen);
}

static void check(const struct check_context *c, struct findings *out)
{
    const Record__Suggestion *s = (const Record__Suggestion *)c->after;
    if (s->has_saved_fen && s->saved_fen < 0)
        findings_add(out, SEVERITY_BLOCK, "suggestion.saved", "saved_fen", NULL, NULL);
}
static const struct rule_text texts[] = {
    {"suggestion.saved", L("%f不能是负数。", "%f cannot be negative."), L("请填零或正数。", "Enter zero or more."), "DEM-22"}};

static const char *const naming[] = {"title", NULL};
static const char *const columns[] = {"no", "title", "saved_fen", "state", NULL};
static const char *const identity[] = {"title", NULL};

static const struct kind kind_suggestion = {
    .number = 77, .name = "suggestion", .label = L("合理化建议", "suggestion"), .descriptor = &record__suggestion__descriptor,
    .owner = OWNER_BRANCH, .fields = fields, .field_count = COUNT(fields), .states = states, .state_count = COUNT(states),
    .actions = actions, .action_count = COUNT(actions), .rights = rights, .right_count = COUNT(rights), .measures = measures,
    .measure_count = COUNT(measures), .measure = measure, .check = check, .texts = texts, .text_count = COUNT(texts),
    .naming = naming, .columns = columns, .identity = identity,
};

__attribute__((constructor)) static void list_it(void)
{
    kind_register_extra(&kind_suggestion);
}
