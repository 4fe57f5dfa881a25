/* dues_usage_report: the yearly statement of dues in and out that is published to the members (FIN-03): drafted by the accountant,
 * looked through by the audit member, published by the chair once it balances. One a year: its id follows from it. */
#include "dues.pb-c.h"
#include "kinds/dues.h"
#include "kinds/rules.h"
#include <string.h>

static bool year_of(const ProtobufCMessage *row, struct dues_period *out)
{
    return dues_period_read(((const Record__DuesUsageReport *)row)->period, out) && out->kind == DUES_YEAR;
}

static bool add_line(void *to, struct id id, const ProtobufCMessage *row)
{
    (void)id;
    *(int64_t *)to += ((const Record__DuesUsageLine *)row)->amount_fen;
    return true;
}

/* The audit says it; what does not balance is not published. */
static void check_balance(const struct check_context *c, const Record__DuesUsageReport *m, struct findings *out)
{
    enum severity severity = strcmp(c->action, "published") == 0 ? SEVERITY_BLOCK : SEVERITY_WARN;
    int64_t spent = 0;
    if (!c->children)
        return;
    check_children(c, KIND_DUES_USAGE_LINE, "report_id", cell_bytes(id_slice(&c->id)), add_line, &spent);
    int64_t off = m->opening_fen + m->received_fen - spent - m->closing_fen;
    if (off != 0)
        findings_add(out, severity, "dues_usage_report.balance", "closing_fen", dues_yuan(c, off), NULL);
}

static void check(const struct check_context *c, struct findings *out)
{
    const Record__DuesUsageReport *m = (const Record__DuesUsageReport *)c->after;
    struct dues_period p;
    if (m->period && check_changed(c, "period") && !year_of(c->after, &p))
        findings_add(out, SEVERITY_BLOCK, "dues_usage_report.period", "period", NULL, NULL);
    if (m->has_closing_fen && m->closing_fen < 0 && (c->action || check_changed(c, "closing_fen")))
        findings_add(out, SEVERITY_WARN, "dues_usage_report.negative", "closing_fen", dues_yuan(c, m->closing_fen), NULL);
    if (!c->action)
        return;
    bool whole = m->has_opening_fen && m->has_received_fen && m->has_closing_fen;
    if (strcmp(c->action, "drafted") != 0 && !whole)
        findings_add(out, SEVERITY_BLOCK, "dues_usage_report.sums",
                     !m->has_opening_fen    ? "opening_fen"
                     : !m->has_received_fen ? "received_fen"
                                            : "closing_fen",
                     NULL, NULL);
    else if (strcmp(c->action, "drafted") != 0)
        check_balance(c, m, out);
}

#define MONEY(field_name, zh_text, en_text, heads)                                                                     \
    {.name = field_name, .label = L(zh_text, en_text), .type = FIELD_FEN, .min = -1000000000000, .max = 1000000000000,  \
     .columns = heads}

static const struct field_rule fields[] = {
    {.name = "period", .label = L("年度", "year"), .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_IMMUTABLE | FIELD_LOOKUP,
     .columns = "年度|年份|期间",
     .normalise = dues_period_normalise, .rule = L("如 2026", "such as 2026")},
    MONEY("opening_fen", "期初结余", "opening balance", "期初结余|上年结余"),
    MONEY("received_fen", "本期收入", "received", "本期收入|会费收入"),
    MONEY("closing_fen", "期末结余", "closing balance", "期末结余|结余"),
    {.name = "published_on", .label = L("公布日期", "published on"), .type = FIELD_DATE, .flags = FIELD_SIDE | FIELD_PAST,
     .columns = "公布日期"},
    {.name = "session", .label = L("公布会议", "session"), .type = FIELD_TEXT, .columns = "公布会议|会议",
     .rule = L("如 五届四次教代会", "such as 五届四次教代会")},
    {.name = "state", .label = L("状态", "state"), .type = FIELD_CODE, .codes = &codes_dues_report_state,
     .columns = "状态"},
};

static const struct state_rule states[] = {
    {"drafted", L("编制", "drafted"), STATE_EDITABLE | STATE_ENTRY},
    {"audited", L("已经审", "audited"), 0},
    {"published", L("已公布", "published"), STATE_END},
};

static const struct action_rule actions[] = {
    {"drafted", L("退回修改", "send back"), {"audited"}, {NULL}, {NULL}, NULL},
    {"audited", L("经审通过", "pass the audit"), {"drafted"}, {NULL}, {NULL}, NULL},
    {"published", L("公布", "publish"), {"audited"}, {"published_on"}, {"published_on", "session"}, NULL},
};
static const char *const approvals[] = {"audited", "published", NULL};

static const char *const audit_actions[] = {"audited", "drafted", NULL};
static const char *const chair_actions[] = {"published", "drafted", NULL};
static const struct right_rule rights[] = {
    {ROLES(accountant), ACCESS_FULL, RIGHT_ADD | RIGHT_SET | RIGHT_REMOVE, NULL},
    {ROLES(audit_member), ACCESS_FULL, 0, audit_actions},
    {ROLES(union_chair), ACCESS_FULL, 0, chair_actions},
    {ROLES(committee_member) | ROLES(group_leader) | ROLES(proposal_group) | ROLES(handler) | ROLES(delegate) |
         ROLES(information_officer) | ROLES_DISTRICT,
     ACCESS_FULL, 0, NULL},
};

static const struct measure_rule measures[] = {
    {"", L("会费使用情况公布", "statements on the use of dues"), NULL},
};

/* "2026.published" */
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
    buf_text(key, ((const Record__DuesUsageReport *)row)->period);
    return true;
}

static const struct rule_text texts[] = {
    {"dues_usage_report.negative",
     L("期末结余是负数（%1 元）：支出比结余加收入还多，请核对各项支出和期初结余。",
       "The closing balance is below zero (%1 yuan): more was spent than there was. See whether the lines of spending and the opening balance are right."),
     L("不影响保存。", "It may be saved so."), "FIN-03"},
    {"dues_usage_report.period", L("会费使用情况按年度公布，年度要写成四位数字。", "Statements are by year, written in four digits."),
     L("请照这个样子填：2026。", "Write it like this: 2026."), "FIN-03"},
    {"dues_usage_report.sums",
     L("“%f”（%i）还没有填。",
       "“%f” (%i) is missing."), L("请会计补齐期初结余、本期收入和期末结余。", "Have the accountant fill in opening, received and closing."), "FIN-03"},
    {"dues_usage_report.balance",
     L("收支不平：期初结余加收入减各项支出，与期末结余[相差 %1 元|不相等]。",
       "It does not balance: opening plus received less what was spent [is off by %1 yuan|is not the closing balance]."),
     L("请退回会计，核对各项支出和结余后再公布。",
       "Send it back to the accountant and compare the lines before it is published."), "FIN-03; 工会法 art. 45 [V]"},
};

static const char *const naming[] = {"period", NULL};
static const char *const columns[] = {"period", "opening_fen", "received_fen", "closing_fen", "published_on", "state", NULL};
static const char *const identity[] = {"period", NULL};

const struct kind kind_dues_usage_report = {
    .number = KIND_DUES_USAGE_REPORT, .name = "dues_usage_report", .label = L("会费使用情况", "statement on the use of dues"),
    .descriptor = &record__dues_usage_report__descriptor, .owner = OWNER_BRANCH, .fields = fields, .field_count = COUNT(fields),
    .states = states, .state_count = COUNT(states), .actions = actions, .action_count = COUNT(actions), .approvals = approvals, .approved_with = KIND_DUES_USAGE_LINE, .rights = rights,
    .right_count = COUNT(rights), .measures = measures, .measure_count = COUNT(measures), .measure = measure, .check = check,
    .identity_key = identity_key, .texts = texts, .text_count = COUNT(texts), .naming = naming, .columns = columns,
    .identity = identity,
};
