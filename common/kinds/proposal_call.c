/* proposal_call: the branch asks for proposals before a congress (DEM-06): drafted, open, closed. */
#include "kinds/rules.h"
#include "proposals.pb-c.h"

static void check(const struct check_context *c, struct findings *out)
{
    struct date from = check_date(c->after, "opened_on"), to = check_date(c->after, "closes_on");
    bool changed = check_changed(c, "opened_on") || check_changed(c, "closes_on");
    if (changed && date_is_valid(from) && date_is_valid(to) && date_compare(to, from) < 0)
        findings_add(out, SEVERITY_BLOCK, "proposal_call.dates", "closes_on", NULL, NULL);
}

static const struct field_rule fields[] = {
    {.name = "session", .label = L("届次", "session"), .type = FIELD_TEXT, .flags = FIELD_REQUIRED,
     .columns = "届次|会议|教代会届次",
     .rule = L("如 五届四次教代会", "such as 五届四次教代会")},
    {.name = "opened_on", .label = L("征集开始", "opened on"), .type = FIELD_DATE, .together = "dates",
     .columns = "征集开始|开始日期"},
    {.name = "closes_on", .label = L("征集截止", "closes on"), .type = FIELD_DATE, .together = "dates",
     .columns = "征集截止|截止日期"},
    {.name = "theme", .label = L("征集主题", "theme"), .type = FIELD_TEXT, .columns = "征集主题|主题"},
    {.name = "guide_text", .label = L("征集说明", "guidance"), .type = FIELD_LONG_TEXT, .columns = "征集说明|说明"},
    {.name = "eligible", .label = L("可提案人", "who may propose"), .type = FIELD_CODE, .codes = &codes_call_eligible,
     .columns = "可提案人|征集对象"},
    {.name = "state", .label = L("状态", "state"), .type = FIELD_CODE, .codes = &codes_call_state, .columns = "状态"},
};

static const struct state_rule states[] = {
    {"draft", L("草稿", "draft"), STATE_EDITABLE | STATE_ENTRY},
    {"open", L("征集中", "open"), STATE_EDITABLE | STATE_ENTRY},
    {"closed", L("已截止", "closed"), STATE_END},
};

static const struct action_rule actions[] = {
    {"open", L("发出征集", "open the call"), {"draft", "closed"}, {"opened_on", "closes_on"},
     {"opened_on", "closes_on"}, NULL},
    {"closed", L("截止", "close the call"), {"open"}, {NULL}, {"closes_on"}, NULL},
};

static const struct right_rule rights[] = {
    {ROLES(union_chair) | ROLES(proposal_group), ACCESS_FULL, RIGHT_ADD | RIGHT_SET | RIGHT_REMOVE, rights_all_actions},
    {ROLES(committee_member) | ROLES(group_leader) | ROLES(accountant) | ROLES(audit_member) | ROLES(handler) | ROLES(delegate) |
         ROLES(information_officer) | ROLES(district_officer),
     ACCESS_FULL, 0, NULL},
    {ROLES(district_finance) | ROLES(district_auditor), ACCESS_SUM, 0, NULL},
};

static const struct measure_rule measures[] = {
    {"state.", L("提案征集", "calls for proposals"), NULL},
};

static void measure(const struct kind *k, const ProtobufCMessage *row, int64_t sign, measure_emit *emit, void *to)
{
    measure_state(k, row, "state.", sign, emit, to);
}

static const struct rule_text texts[] = {
    {"proposal_call.dates", L("征集截止早于征集开始。", "The call would close before it opens."),
     L("请把截止日期改到开始日期当天或之后。", "Choose a last day on or after the first."), "DEM-06"},
};

static const char *const naming[] = {"session", NULL};
static const char *const columns[] = {"session", "theme", "opened_on", "closes_on", "eligible", "state", NULL};
static const char *const identity[] = {"session", NULL};

const struct kind kind_proposal_call = {
    .number = KIND_PROPOSAL_CALL, .name = "proposal_call", .label = L("提案征集", "call for proposals"),
    .descriptor = &record__proposal_call__descriptor, .owner = OWNER_BRANCH, .fields = fields, .field_count = COUNT(fields),
    .states = states, .state_count = COUNT(states), .actions = actions, .action_count = COUNT(actions), .rights = rights,
    .right_count = COUNT(rights), .measures = measures, .measure_count = COUNT(measures), .measure = measure, .check = check,
    .texts = texts, .text_count = COUNT(texts), .naming = naming, .columns = columns, .identity = identity,
};
