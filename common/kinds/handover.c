/* handover: an office goes from one person to another (REQ-12): the list is drawn up, checked, signed, and the rights pass. The
 * record tells what was handed over; seats are revoked and invited by their own commands. */
#include "handover.pb-c.h"
#include "kinds/rules.h"
#include <stdio.h>
#include <string.h>

static bool is(const char *a, const char *b)
{
    return a && strcmp(a, b) == 0;
}

static void check_signed(const Record__Handover *m, struct findings *out)
{
    bool money = is(m->role, "accountant") || is(m->role, "district_finance");
    if (money && !m->balances_text)
        findings_add(out, SEVERITY_WARN, "handover.balances", "balances_text", NULL, NULL);
    if (money && !m->supervised_by)
        findings_add(out, SEVERITY_WARN, "handover.supervisor", "supervised_by", NULL, NULL);
}

static void check(const struct check_context *c, struct findings *out)
{
    const Record__Handover *m = (const Record__Handover *)c->after;
    bool seats = m->has_from_seat && m->has_to_seat && m->from_seat == m->to_seat;
    if (seats && (check_changed(c, "from_seat") || check_changed(c, "to_seat")))
        findings_add(out, SEVERITY_BLOCK, "handover.same_seat", "to_seat", NULL, NULL);
    if (is(c->action, "signed"))
        check_signed(m, out);
    else if (is(c->action, "transferred") && m->has_unsent_count && m->unsent_count > 0)
        findings_add(out, SEVERITY_WARN, "handover.unsent", "unsent_count",
                     c->arena ? arena_format(c->arena, "%lld", (long long)m->unsent_count) : NULL, NULL);
}

static const struct field_rule fields[] = {
    {.name = "role", .label = L("岗位", "office"), .type = FIELD_CODE, .flags = FIELD_REQUIRED, .codes = &codes_role,
     .columns = "岗位|职务"},
    {.name = "from_seat", .label = L("移交席位", "from seat"), .type = FIELD_INTEGER, .flags = FIELD_SEAT, .min = 1, .max = 4294967295},
    {.name = "to_seat", .label = L("接收席位", "to seat"), .type = FIELD_INTEGER, .flags = FIELD_SEAT, .min = 1, .max = 4294967295},
    {.name = "from_name", .label = L("移交人", "handed over by"), .type = FIELD_TEXT, .flags = FIELD_NAMES | FIELD_REQUIRED,
     .columns = "移交人"},
    {.name = "to_name", .label = L("接收人", "taken over by"), .type = FIELD_TEXT, .flags = FIELD_NAMES, .columns = "接收人|接交人"},
    {.name = "handed_on", .label = L("移交日期", "handed over on"), .type = FIELD_DATE, .columns = "移交日期|交接日期"},
    {.name = "items_text", .label = L("移交清单", "what is handed over"), .type = FIELD_LONG_TEXT, .columns = "移交清单|清单"},
    {.name = "balances_text", .label = L("账款余额", "balances"), .type = FIELD_LONG_TEXT, .columns = "账款余额|余额"},
    {.name = "open_text", .label = L("未了事项", "what is not finished"), .type = FIELD_LONG_TEXT, .columns = "未了事项|待办事项"},
    {.name = "unsent_count", .label = L("未上传的改动", "changes not sent"), .type = FIELD_INTEGER, .max = 1000000},
    {.name = "supervised_by", .label = L("监交人", "supervised by"), .type = FIELD_TEXT, .flags = FIELD_NAMES, .columns = "监交人"},
    {.name = "signed_on", .label = L("签字日期", "signed on"), .type = FIELD_DATE, .flags = FIELD_SIDE | FIELD_PAST, .columns = "签字日期"},
    {.name = "note", .label = L("备注", "note"), .type = FIELD_LONG_TEXT, .columns = "备注|说明"},
    {.name = "state", .label = L("状态", "state"), .type = FIELD_CODE, .codes = &codes_handover_state, .columns = "状态"},
};

static const struct state_rule states[] = {
    {"drafted", L("列清单", "list drawn up"), STATE_EDITABLE | STATE_ENTRY},
    {"checked", L("已核对", "checked"), STATE_EDITABLE},
    {"signed", L("已签字", "signed"), 0},
    {"transferred", L("已移交", "handed over"), STATE_END},
};

static const struct action_rule actions[] = {
    {"drafted", L("改回列清单", "back to the list"), {"checked"}, {NULL}, {NULL}, NULL},
    {"checked", L("核对", "check"), {"drafted"}, {"items_text"},
     {"items_text", "balances_text", "open_text", "unsent_count"}, NULL},
    {"signed", L("签字", "sign"), {"checked"}, {"signed_on", "to_name"},
     {"signed_on", "to_name", "to_seat", "supervised_by", "handed_on"}, NULL},
    {"transferred", L("完成移交", "hand over"), {"signed"}, {"handed_on"},
     {"handed_on", "to_seat", "unsent_count", "note"}, NULL},
};

static const char *const checker_actions[] = {"checked", NULL};
static const struct right_rule rights[] = {
    {ROLES(union_chair), ACCESS_FULL, RIGHT_ADD | RIGHT_SET | RIGHT_REMOVE, rights_all_actions},
    {ROLES(committee_member) | ROLES(accountant), ACCESS_FULL, RIGHT_ADD | RIGHT_SET, checker_actions},
    {ROLES(audit_member), ACCESS_FULL, 0, checker_actions},
    {ROLES(group_leader) | ROLES(proposal_group) | ROLES(handler) | ROLES(delegate) | ROLES(information_officer) | ROLES_DISTRICT,
     ACCESS_FULL, 0, NULL},
};

static const struct measure_rule measures[] = {
    {"state.", L("岗位交接", "handovers"), NULL},
};

static void measure(const struct kind *k, const ProtobufCMessage *row, int64_t sign, measure_emit *emit, void *to)
{
    measure_state(k, row, "state.", sign, emit, to);
}

static const struct rule_text texts[] = {
    {"handover.same_seat", L("移交和接收不能是同一个席位。", "An office is not handed over to the same seat."),
     L("请填接收人自己的席位。", "Give the seat of who takes it over."), "REQ-12"},
    {"handover.balances", L("管钱的岗位交接，还没有写明账款余额。", "The office handles money, but no balances are written down."),
     L("可以先签字；请把现金、存款和未收会费的余额补上。", "It may be signed so; add cash, deposits and dues outstanding."), "REQ-12; 会计法 [K]"},
    {"handover.supervisor", L("会计交接还没有监交人。", "Nobody supervises this handover of the accounts."),
     L("可以先签字；按规定会计交接要有人监交，请补上。",
       "It may be signed so; such a handover is to be supervised: name who does."), "会计法 [K]"},
    {"handover.unsent", L("移交席位还有[ %1 条]改动没有上传。", "The seat still has [%1 ]changes that were not sent."),
     L("可以移交；请先同步，或把没有上传的改动导出交给接收人。",
       "It may be handed over; synchronise first, or give the file of its changes to the successor."), "REQ-12"},
};

static const char *const naming[] = {"role", "from_name", NULL};
static const char *const columns[] = {"role", "from_name", "to_name", "handed_on", "supervised_by", "state", NULL};
static const char *const identity[] = {NULL};

const struct kind kind_handover = {
    .number = KIND_HANDOVER, .name = "handover", .label = L("岗位交接", "handover"),
    .descriptor = &record__handover__descriptor,
    .owner = OWNER_BRANCH, .fields = fields, .field_count = COUNT(fields), .states = states, .state_count = COUNT(states),
    .actions = actions, .action_count = COUNT(actions), .rights = rights, .right_count = COUNT(rights), .measures = measures,
    .measure_count = COUNT(measures), .measure = measure, .check = check, .texts = texts, .text_count = COUNT(texts),
    .naming = naming, .columns = columns, .identity = identity,
};
