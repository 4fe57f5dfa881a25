/* dues_assessment: what a member owes for a period (FIN-01). Its id follows from member and period, so that two seats that run the
 * same month apart make one. What it stands at (paid, arrears ...) follows from the payments and is never set by hand. */
#include "dues.pb-c.h"
#include "kinds/dues.h"
#include "kinds/rules.h"
#include <string.h>

static const ProtobufCMessage *member_of(const struct check_context *c)
{
    struct cell member = record_get_name(c->after, "member_id");
    bool named = c->related && member.type == CELL_BYTES && member.bytes.size == ID_SIZE;
    return named ? c->related(c->related_to, KIND_MEMBER, id_from(member.bytes)) : NULL;
}

/* rights.md: a member owes a month in which the member was active on its first day. */
static void check_owed(const struct check_context *c, struct dues_period p, struct findings *out)
{
    const ProtobufCMessage *member = member_of(c);
    if (!member || !c->children || !c->arena)
        return;
    struct dues_rows changes = dues_rows_of(c, KIND_MEMBERSHIP_CHANGE, c->after, NULL);
    const ProtobufCMessage **list = arena_alloc(c->arena, (changes.count + 1) * sizeof(void *));
    for (size_t i = 0; list && i < changes.count; i++)
        list[i] = changes.list[i].payment;
    if (kind_member.gone(member) || (list && dues_months_owed(member, list, changes.count, p) == 0))
        findings_add(out, SEVERITY_BLOCK, "dues_assessment.not_owing", "period", NULL, NULL);
}

/* A month beside the term or the year that it lies in would be owed twice. */
static void check_overlap(const struct check_context *c, struct dues_period p, struct findings *out)
{
    struct dues_rows others = dues_rows_of(c, KIND_DUES_ASSESSMENT, c->after, NULL);
    for (size_t i = 0; i < others.count; i++) {
        const char *text = ((const Record__DuesAssessment *)others.list[i].payment)->period;
        struct dues_period other;
        if (id_equal(others.list[i].id, c->id) || !dues_period_read(text, &other) || !dues_periods_overlap(p, other))
            continue;
        findings_add(out, SEVERITY_WARN, "dues_assessment.overlap", "period", text, NULL);
        return;
    }
}

/* Who is exempt and has paid all the same: the money is owed back, and nobody would look for it. */
static void check_paid(const struct check_context *c, const Record__DuesAssessment *m, struct findings *out)
{
    struct dues_rows payments = dues_rows_of(c, KIND_DUES_PAYMENT, c->after, m->period);
    int64_t paid = dues_rows_sum(&payments);
    if (paid > 0)
        findings_add(out, SEVERITY_WARN, "dues_assessment.exempt_paid", NULL, dues_yuan(c, paid), NULL);
}

static void check(const struct check_context *c, struct findings *out)
{
    const Record__DuesAssessment *m = (const Record__DuesAssessment *)c->after;
    struct dues_period p;
    if (!dues_period_read(m->period, &p))
        return;
    if ((!c->before || check_changed(c, "amount_due_fen")) && dues_period_is_closed(c, p))
        findings_add(out, SEVERITY_BLOCK, "dues_assessment.year_closed", "period", NULL, NULL);
    if (c->action && strcmp(c->action, "exempt") == 0)
        check_paid(c, m, out);
    if (c->before)
        return;
    check_owed(c, p, out);
    check_overlap(c, p, out);
}

/* An assessment made in error goes, and the next run makes it anew. Not while money stands on it: that would be money for nothing. */
static void check_remove(const struct check_context *c, struct findings *out)
{
    const Record__DuesAssessment *m = (const Record__DuesAssessment *)c->before;
    struct dues_period p;
    if (!c->children || !dues_period_read(m->period, &p))
        return;
    struct dues_rows payments = dues_rows_of(c, KIND_DUES_PAYMENT, c->before, m->period);
    if (dues_period_is_closed(c, p))
        findings_add(out, SEVERITY_BLOCK, "dues_assessment.remove_closed", "period", NULL, NULL);
    else if (dues_rows_stand(&payments))
        findings_add(out, SEVERITY_BLOCK, "dues_assessment.remove_paid", "period", dues_yuan(c, dues_rows_sum(&payments)), NULL);
}

static const struct field_rule fields[] = {
    {.name = "member_id", .label = L("会员", "member"), .type = FIELD_REFERENCE,
     .flags = FIELD_PERSON | FIELD_REQUIRED | FIELD_IMMUTABLE | FIELD_LOOKUP,
     .reference = KIND_MEMBER, .columns = "会员|姓名"},
    {.name = "period", .label = L("期间", "period"), .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_IMMUTABLE,
     .check = dues_check_period,
     .columns = "期间|月份|所属月份", .normalise = dues_period_normalise,
     .rule = L("如 2026-10（月）、2026-1（学期）、2026（全年）", "such as 2026-10 (month), 2026-1 (term), 2026 (year)")},
    {.name = "amount_due_fen", .label = L("应缴金额", "amount due"), .type = FIELD_FEN, .flags = FIELD_REQUIRED,
     .max = 1000000000,
     .columns = "应缴金额|应缴|应缴会费"},
    {.name = "exempt_reason", .label = L("免缴原因", "reason of exemption"), .type = FIELD_TEXT, .flags = FIELD_PERSONAL | FIELD_SIDE,
     .columns = "免缴原因"},
    {.name = "reminded_on", .label = L("催缴日期", "reminded on"), .type = FIELD_DATE, .flags = FIELD_SIDE | FIELD_PAST,
     .columns = "催缴日期"},
    {.name = "due_on", .label = L("缴费期限", "due on"), .type = FIELD_DATE, .columns = "缴费期限|截止日期",
     .rule = L("不填按期间的最后一天", "empty: the last day of the period")},
    {.name = "state", .label = L("状态", "state"), .type = FIELD_CODE, .codes = &codes_dues_assessment_state,
     .columns = "状态"},
};

static const struct state_rule states[] = {
    {"due", L("待缴", "due"), STATE_EDITABLE | STATE_ENTRY},
    {"exempt", L("免缴", "exempt"), 0},
    {"reminded", L("已催缴", "reminded"), 0},
};

/* due again: an exemption that was a slip, or a sum that was wrong. */
static const struct action_rule actions[] = {
    {"due", L("改回待缴", "due again"), {"due", "exempt", "reminded"}, {NULL}, {"amount_due_fen", "due_on", "exempt_reason"}, NULL},
    {"exempt", L("免缴", "exempt"), {"due", "reminded"}, {"exempt_reason"}, {"exempt_reason"}, NULL},
    {"reminded", L("催缴", "remind"), {"due", "reminded"}, {"reminded_on"}, {"reminded_on"}, NULL},
};

static const struct right_rule rights[] = {
    {ROLES(accountant), ACCESS_FULL, RIGHT_ADD | RIGHT_REMOVE, rights_all_actions},
    {ROLES(union_chair) | ROLES(committee_member) | ROLES(group_leader) | ROLES(audit_member), ACCESS_FULL, 0, NULL},
    {ROLES_DISTRICT, ACCESS_SUM, 0, NULL},
};

static const struct measure_rule measures[] = {
    {"state.", L("会费应缴", "assessments of dues"), NULL},
    {"members.", L("应缴人数", "members assessed"), NULL},
    {"exempt.", L("免缴人数", "members exempt"), NULL},
    {"paid_up.", L("缴清人数", "members who paid in full"), NULL},
    {"assessed_fen.", L("应缴会费（分）", "dues assessed (fen)"), NULL},
    {"paid_fen.", L("已缴会费（分）", "dues paid (fen)"), NULL},
    {"surplus_fen.", L("已缴会费里多缴的（分）", "of it paid beyond what was owed (fen)"), NULL},
    {"owing.", L("会费未缴清（不计宽限天数）", "members owing dues (days of grace not counted)"), "arrears"},
    {"owing_fen.", L("会费未缴金额（分，不计宽限天数）", "dues owed (fen, days of grace not counted)"), "arrears_fen"},
};

static const char *const few[] = {"members.", "exempt.", "paid_up.", "assessed_fen.", "paid_fen.", "surplus_fen.", "", NULL};

/* The account counts the rest (dues_account.c). */
static void measure(const struct kind *k, const ProtobufCMessage *row, int64_t sign, measure_emit *emit, void *to)
{
    measure_state(k, row, "state.", sign, emit, to);
}

static const struct derived_rule derived[] = {
    {"state", L("缴费状态", "state"), FIELD_CODE, &codes_dues_standing, 0},
    {"paid_fen", L("已缴金额", "paid"), FIELD_FEN, NULL, 0},
    {"balance_fen", L("尚欠金额", "still owed"), FIELD_FEN, NULL, 0},
    {"due_by", L("最迟缴费日", "to be paid by"), FIELD_DATE, NULL, 0},
};

/* Erased, or removed: known to be there no more. */
static bool is_member_gone(const struct check_context *c)
{
    const ProtobufCMessage *member = member_of(c);
    struct cell id = record_get_name(c->after, "member_id");
    if (member)
        return kind_member.gone(member);
    return c->removed && id.type == CELL_BYTES && id.bytes.size == ID_SIZE && c->removed(c->related_to, KIND_MEMBER, id_from(id.bytes));
}

static void derive(const struct check_context *c, derived_emit *emit, void *to)
{
    const Record__DuesAssessment *m = (const Record__DuesAssessment *)c->after;
    char text[DATE_TEXT_SIZE];
    struct dues_period p;
    if (!c->children || !dues_period_read(m->period, &p))
        return;
    int64_t grace = m->due_on ? 0 : setting_integer(c, "dues.grace_days", dues_period_first(p), 0);
    struct date due_by = dues_due_by(c->after, grace);
    struct dues_rows payments = dues_rows_of(c, KIND_DUES_PAYMENT, c->after, m->period);
    struct dues_standing s = dues_standing_of(c->after, payments.list, payments.count, due_by, c->today);
    if (s.balance_fen > 0 && is_member_gone(c)) { /* as the account counts it */
        s.state = "dropped";
        s.balance_fen = 0;
    }
    emit(to, "state", cell_text(s.state));
    emit(to, "paid_fen", cell_integer(s.paid_fen));
    emit(to, "balance_fen", cell_integer(s.balance_fen));
    if (date_is_valid(due_by)) {
        date_text(due_by, text);
        emit(to, "due_by", cell_text(text));
    }
}

/* Near the first day of the period; the text of the id makes the same record of the same words wherever it is made. */
static bool identity_key(const ProtobufCMessage *row, struct date *day, struct buf *key)
{
    const Record__DuesAssessment *m = (const Record__DuesAssessment *)row;
    struct dues_period p;
    if (!m->has_member_id || m->member_id.len != ID_SIZE || !dues_period_read(m->period, &p))
        return false;
    *day = dues_period_first(p);
    buf_append(key, m->member_id.data, m->member_id.len);
    buf_text(key, m->period);
    return true;
}

static const struct rule_text texts[] = {
    {"dues_assessment.not_owing",
     L("这位会员在这一期每月 1 日都不在籍，不用缴这一期会费。",
       "The member was not active on the first day of any month of this period and owes nothing for it."),
     L("请不要为其核定；会籍日期有误时，先请工会主席更正。",
       "Leave the member out; if the dates of membership are wrong, ask the chair to put them right."),
     "rights.md; rules.md 3"},
    {"dues_assessment.overlap",
     L("这位会员已经核定过重叠的期间[：%1]。", "A period that overlaps with it has been assessed for this member[: %1]."),
     L("不影响保存；请核对是否重复计收。", "It may be saved so; see that nothing is charged twice."), "FIN-01"},
    {"dues_assessment.year_closed",
     L("这一期所在的年度已经结账，不能再核定。", "The books of that year are closed; nothing is assessed in it any more."),
     L("漏收的请放到下一年度的期间里核定。", "Assess what was missed in a period of the next year."), "SM-DUES"},
    {"dues_assessment.remove_closed",
     L("这一期所在的年度已经结账，核定不能再删除。", "The books of that year are closed; its assessments stay."),
     L("不该收的请改为免缴，并写明原因。", "What should not be charged is made exempt, with the reason."), "SM-DUES"},
    {"dues_assessment.remove_paid",
     L("这一期已经有缴费[（合计 %1 元）]，核定不能删除。", "Something has been paid for this period[ (%1 yuan in all)]; the assessment stays."),
     L("请先把这一期的缴费逐笔冲销（banyan add dues_payment … reverses_id=…），再删除核定、重新核定；确实收了钱、只是多收的，不用删除。",
       "Take the payments back one by one first (banyan add dues_payment ... reverses_id=...), then remove the assessment and assess anew; "
       "money that was really received needs no removal."), "FIN-01"},
    {"dues_assessment.exempt_paid",
     L("这位会员这一期已经缴了 %1 元；免缴以后，这笔钱算作多缴。", "The member has paid %1 yuan for this period; once exempt, it counts as paid too much."),
     L("要退钱的，请把缴费冲销并写明原因。", "If it is given back, take the payment back with the reason."), "FIN-01"},
};

static const char *const naming[] = {"period", NULL};
static const char *const columns[] = {"member_id", "period", "amount_due_fen", "paid_fen", "balance_fen", "exempt_reason", "reminded_on", "state", NULL};
static const char *const identity[] = {NULL};

const struct kind kind_dues_assessment = {
    .number = KIND_DUES_ASSESSMENT, .name = "dues_assessment", .label = L("会费应缴", "assessment of dues"),
    .descriptor = &record__dues_assessment__descriptor, .owner = OWNER_BRANCH, .fields = fields, .field_count = COUNT(fields),
    .states = states, .state_count = COUNT(states), .actions = actions, .action_count = COUNT(actions), .rights = rights,
    .right_count = COUNT(rights), .measures = measures, .measure_count = COUNT(measures), .measure = measure, .few = few,
    .people = "members.", .account = &dues_account, .check = check, .check_remove = check_remove, .derived = derived, .derived_count = COUNT(derived),
    .derive = derive,
    .identity_key = identity_key, .texts = texts, .text_count = COUNT(texts), .naming = naming, .columns = columns,
    .identity = identity,
};
