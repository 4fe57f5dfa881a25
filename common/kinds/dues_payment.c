/* dues_payment: money that came in for a member's period (FIN-02). Only added: a wrong one is taken back by another with reverses_id
 * and a reason, then entered anew. A year that the accountant closed takes nothing but such reversals.
 * "Own group" (rights.md): who is a group leader and keeps no accounts besides enters payments of the members of those groups alone that
 * name the seat as their leader's (union_group.leader_seat). Reading is not narrowed so: a leader's device is given the payments and
 * assessments of the whole branch. A copy is compared by one digest of a kind (PROTOCOL.md "Digests"), and a pulled entry is judged by
 * its own patch; whose group a member is in stands in another record, and when that changes all the member's payments would have to come
 * or go without an entry of theirs. That needs digests and snapshots by group, not a rule. */
#include "dues.pb-c.h"
#include "kinds/dues.h"
#include "kinds/refusal.h"
#include "kinds/rules.h"
#include <string.h>

static const Record__DuesPayment *payment(const ProtobufCMessage *m)
{
    return (const Record__DuesPayment *)m;
}

static struct id reversed_id(const Record__DuesPayment *m)
{
    return id_from(slice_of(m->reverses_id.data, m->reverses_id.len));
}

static bool same_field(const ProtobufCMessage *a, const ProtobufCMessage *b, const char *field)
{
    return cell_equal(record_get_name(a, field), record_get_name(b, field));
}

/* ---- reversals ---- */

struct search {
    struct id self;
    bool found;
};

static bool note_other(void *to, struct id id, const ProtobufCMessage *row)
{
    (void)row;
    struct search *s = to;
    s->found = !id_equal(id, s->self);
    return !s->found;
}

static const char *reversal_defect(const struct check_context *c, const Record__DuesPayment *m)
{
    const ProtobufCMessage *of = c->related ? c->related(c->related_to, KIND_DUES_PAYMENT, reversed_id(m)) : NULL;
    struct search other = {.self = c->id};
    if (of && payment(of)->has_reverses_id)
        return "dues_payment.reverses_reversal";
    if (of && (!same_field(of, c->after, "member_id") || !same_field(of, c->after, "period")))
        return "dues_payment.reversal_other";
    if (of && payment(of)->amount_fen != -m->amount_fen)
        return "dues_payment.reversal_amount";
    check_children(c, KIND_DUES_PAYMENT, "reverses_id", record_get_name(c->after, "reverses_id"), note_other, &other);
    return other.found ? "dues_payment.reversed_already" : NULL;
}

static void check_reversal(const struct check_context *c, const Record__DuesPayment *m, struct findings *out)
{
    const char *defect = reversal_defect(c, m);
    if (!m->reason && !check_erased(c, "reason"))
        findings_add(out, SEVERITY_BLOCK, "dues_payment.reversal_reason", "reason", NULL, NULL);
    if (defect)
        findings_add(out, SEVERITY_BLOCK, defect, "reverses_id", NULL, NULL);
}

/* ---- ordinary payments ---- */

/* How many of the same sum and day stand already. */
static size_t possible_doubles(const struct check_context *c, const struct dues_rows *rows)
{
    size_t count = 0;
    for (size_t i = 0; i < rows->count; i++) {
        const ProtobufCMessage *other = rows->list[i].payment;
        count += !id_equal(rows->list[i].id, c->id) && same_field(other, c->after, "amount_fen") &&
                 same_field(other, c->after, "paid_on") && !dues_is_cancelled(rows->list, rows->count, i);
    }
    return count;
}

/* What is still owed before this payment. */
static int64_t owed_before(const struct check_context *c, const ProtobufCMessage *assessment,
                           const struct dues_rows *rows)
{
    const Record__DuesAssessment *a = (const Record__DuesAssessment *)assessment;
    bool exempt = strcmp(kind_state_of(&kind_dues_assessment, assessment), "exempt") == 0;
    int64_t owed = exempt ? 0 : a->amount_due_fen;
    for (size_t i = 0; i < rows->count; i++)
        if (!id_equal(rows->list[i].id, c->id))
            owed -= payment(rows->list[i].payment)->amount_fen;
    return owed;
}

/* rights.md: the same twice is taken and flagged, since two people may have entered one payment apart, and the second must not be lost
 * for it; more than is owed needs a reason, and so does the same a third time. One rule at both doors. */
static void check_ordinary(const struct check_context *c, const Record__DuesPayment *m, struct findings *out)
{
    if (!c->children || !c->arena)
        return;
    struct dues_rows rows = dues_rows_of(c, KIND_DUES_PAYMENT, c->after, m->period);
    struct dues_rows assessed = dues_rows_of(c, KIND_DUES_ASSESSMENT, c->after, m->period);
    size_t doubles = possible_doubles(c, &rows);
    int64_t over = assessed.count ? m->amount_fen - owed_before(c, assessed.list[0].payment, &rows) : 0;
    if (over > 0 && !m->reason && !check_erased(c, "reason") && doubles != 1)
        findings_add(out, SEVERITY_BLOCK, "dues_payment.more_than_owed", "amount_fen", NULL, NULL);
    else if (doubles)
        findings_add(out, SEVERITY_WARN, "dues_payment.possible_double", "amount_fen", over > 0 ? dues_yuan(c, over) : NULL, NULL);
    if (!assessed.count)
        findings_add(out, SEVERITY_WARN, "dues_payment.no_assessment", "period", NULL, NULL);
}

/* ---- own group ---- */

static const ProtobufCMessage *look_up(const struct check_context *c, uint32_t kind, const ProtobufCMessage *from, const char *field)
{
    struct cell id = from ? record_get_name(from, field) : (struct cell){.type = CELL_ABSENT};
    return id.type == CELL_BYTES && id.bytes.size == ID_SIZE ? c->related(c->related_to, kind, id_from(id.bytes)) : NULL;
}

static void check_own_group(const struct check_context *c, struct findings *out)
{
    bool leads_alone = (c->roles & ROLES(group_leader)) && !(c->roles & ROLES(accountant));
    if (!leads_alone || c->seat == 0 || !c->related)
        return;
    const ProtobufCMessage *member = look_up(c, KIND_MEMBER, c->after, "member_id");
    const ProtobufCMessage *group = look_up(c, KIND_UNION_GROUP, member, "group_id");
    struct cell leader = group ? record_get_name(group, "leader_seat") : (struct cell){.type = CELL_ABSENT};
    if (member && !(leader.type == CELL_INTEGER && leader.integer == c->seat))
        check_right(c, "dues_payment.own_group", "member_id", out);
}

/* ---- what the members were told ---- */

static bool note_published(void *to, struct id id, const ProtobufCMessage *row)
{
    (void)id;
    bool *published = to;
    *published = strcmp(kind_state_of(&kind_dues_usage_report, row), "published") == 0;
    return !*published;
}

static void check_published(const struct check_context *c, int year, struct findings *out)
{
    char text[DUES_PERIOD_SIZE];
    bool published = false;
    dues_period_text((struct dues_period){DUES_YEAR, year, 0}, text);
    check_children(c, KIND_DUES_USAGE_REPORT, "period", cell_text(text), note_published, &published);
    if (published)
        findings_add(out, SEVERITY_WARN, "dues_payment.report_published", "paid_on", c->arena ? arena_text(c->arena, slice_text(text)) : NULL, NULL);
}

#define AHEAD_DAYS_MAX 92

/* A clock may be behind by some days, a payroll list dated to its payday; but nobody has received money of next year, and a payment is
 * never edited: it would settle its period on the day that is mistyped, in books that nobody closes. */
static void check_day(const struct check_context *c, struct date on, struct findings *out)
{
    if (!date_is_valid(on) || !date_is_valid(c->today) || date_compare(on, c->today) <= 0)
        return;
    if (date_days(on) - date_days(c->today) > AHEAD_DAYS_MAX)
        findings_add(out, SEVERITY_BLOCK, "dues_payment.far_future", "paid_on", NULL, NULL);
    else
        findings_add(out, SEVERITY_WARN, "dues_payment.future", "paid_on", NULL, NULL);
}

static void check(const struct check_context *c, struct findings *out)
{
    const Record__DuesPayment *m = payment(c->after);
    struct date on = check_date(c->after, "paid_on");
    bool reversal = m->has_reverses_id && m->reverses_id.len == ID_SIZE;
    check_day(c, on, out);
    if (!reversal && date_is_valid(on) && dues_year_is_closed(c, on.year))
        findings_add(out, SEVERITY_BLOCK, "dues_payment.year_closed", "paid_on", NULL, NULL);
    else if (date_is_valid(on))
        check_published(c, on.year, out);
    check_own_group(c, out);
    if (!m->has_amount_fen)
        return;
    if (m->amount_fen == 0)
        findings_add(out, SEVERITY_BLOCK, "dues_payment.zero", "amount_fen", NULL, NULL);
    else if (reversal)
        check_reversal(c, m, out);
    else if (m->amount_fen < 0)
        findings_add(out, SEVERITY_BLOCK, "dues_payment.negative", "amount_fen", NULL, NULL);
    else
        check_ordinary(c, m, out);
}

static const struct field_rule fields[] = {
    {.name = "member_id", .label = L("会员", "member"), .type = FIELD_REFERENCE, .flags = FIELD_PERSON | FIELD_REQUIRED | FIELD_LOOKUP | FIELD_PART,
     .reference = KIND_MEMBER, .columns = "会员|姓名"},
    {.name = "period", .label = L("期间", "period"), .type = FIELD_TEXT, .flags = FIELD_REQUIRED,
     .check = dues_check_period,
     .columns = "期间|月份|所属月份", .normalise = dues_period_normalise,
     .rule = L("如 2026-10（月）、2026-1（学期）、2026（全年）", "such as 2026-10 (month), 2026-1 (term), 2026 (year)")},
    {.name = "amount_fen", .label = L("实缴金额", "amount"), .type = FIELD_FEN, .flags = FIELD_REQUIRED, .min = -1000000000,
     .max = 1000000000,
     .columns = "实缴金额|实缴|缴费金额|金额|扣款金额", .rule = L("以元为单位，如 12.50；冲销时为负数", "yuan, like 12.50; negative in a reversal alone")},
    {.name = "paid_on", .label = L("缴费日期", "paid on"), .type = FIELD_DATE, .flags = FIELD_REQUIRED,
     .columns = "缴费日期|日期|扣款日期"},
    {.name = "method", .label = L("缴费方式", "method"), .type = FIELD_CODE, .codes = &codes_dues_method,
     .columns = "缴费方式|方式"},
    {.name = "receipt_no", .label = L("收据号", "receipt number"), .type = FIELD_TEXT, .flags = FIELD_SERVER,
     .columns = "收据号",
     .rule = L("由服务器编号", "given by the server")},
    {.name = "collector_id", .label = L("经收人", "collected by"), .type = FIELD_REFERENCE, .reference = KIND_MEMBER,
     .columns = "经收人"},
    {.name = "reverses_id", .label = L("冲销的缴费", "takes back"), .type = FIELD_REFERENCE, .flags = FIELD_LOOKUP,
     .reference = KIND_DUES_PAYMENT},
    {.name = "reason", .label = L("原因", "reason"), .type = FIELD_TEXT, .flags = FIELD_PERSONAL, .columns = "原因|备注|说明"},
};

static const struct right_rule rights[] = {
    {ROLES(accountant) | ROLES(group_leader), ACCESS_FULL, RIGHT_ADD, NULL},
    {ROLES(union_chair) | ROLES(committee_member) | ROLES(audit_member), ACCESS_FULL, 0, NULL},
    {ROLES_DISTRICT, ACCESS_SUM, 0, NULL},
};

static const struct measure_rule measures[] = {
    {"total", L("会费缴纳笔数", "payments of dues"), NULL},
    {"reversals", L("冲销笔数", "payments taken back"), NULL},
    {"unassessed_fen.", L("没有核定的已缴会费（分）", "dues paid without an assessment (fen)"), NULL},
    {"possible_doubles", L("可能重复的缴费", "possible double payments"), NULL},
};

/* A possible double is the district's to ask about, of however few. */
static const char *const few[] = {"total", "reversals", "unassessed_fen.", NULL};

/* The account counts the rest (dues_account.c). */
static void measure(const struct kind *k, const ProtobufCMessage *row, int64_t sign, measure_emit *emit, void *to)
{
    (void)k;
    emit(to, "total", sign);
    if (payment(row)->has_reverses_id)
        emit(to, "reversals", sign);
}

static const struct rule_text texts[] = {
    {REFUSAL_IMMUTABLE, L("缴费记录只能新增，不能修改或删除。", "A payment is only added, never changed or removed."),
     L("录错了就冲销，再按正确的重新登记：banyan add dues_payment member_id=会员 period=期间 amount_fen=负的金额 paid_on=日期 reverses_id=这笔缴费 reason=原因",
       "Take a wrong one back, then enter it as it should be: banyan add dues_payment member_id=MEMBER period=PERIOD amount_fen=-AMOUNT paid_on=DATE reverses_id=THIS_PAYMENT reason=WHY"),
     "sync 12; FIN-02"},
    {"dues_payment.zero", L("金额不能是零。", "The sum cannot be zero."),
     L("没有收到钱就不用登记。", "Nothing is entered where nothing was paid."), "FIN-02"},
    {"dues_payment.negative", L("负数金额只能用来冲销一笔缴费。", "A negative sum only takes back a payment."),
     L("请写明冲销的是哪一笔和原因。", "Name the payment that it takes back, and why."), "rights.md"},
    {"dues_payment.reversal_reason", L("冲销一笔缴费要写明原因。", "Taking back a payment needs a reason."),
     L("请填写“原因”。", "Fill in the reason."), "rights.md"},
    {"dues_payment.reverses_reversal",
     L("冲销的那一笔本身就是冲销，不能再冲销。", "The payment named is itself a reversal; it is not taken back."),
     L("冲销错了，请把原来的缴费重新登记一笔。", "Enter the original payment anew instead."), "rights.md"},
    {"dues_payment.reversal_other",
     L("冲销的会员和期间要与原来那一笔一致。", "A reversal is of the same member and period as the payment."),
     L("请照原来那一笔填写会员和期间。", "Take member and period from that payment."), "rights.md"},
    {"dues_payment.reversal_amount",
     L("冲销金额要正好是原来那一笔的负数。", "A reversal takes back the whole sum, no more and no less."),
     L("请先整笔冲销，再按对的金额登记一笔。", "Take back the whole payment, then enter the right sum."), "rights.md"},
    {"dues_payment.reversed_already", L("这一笔缴费已经冲销过了。", "This payment has been taken back already."),
     L("不用再办；请看看会员的缴费记录。", "Nothing to do; look at the member's payments."), "rights.md"},
    {"dues_payment.possible_double",
     L("同一会员同一期间，当天已有一笔相同金额的缴费，可能重复[；加上这一笔，比应缴的多 %1 元]。",
       "The same member paid the same sum for this period on this day already: it may be a double[; with it %1 yuan more are paid than are owed]."),
     L("已照收；请核对，确实重复就冲销一笔。多出应缴的部分不算进收缴率。",
       "It is taken; if it is a double, take one back. What is paid beyond what is owed does not count as collected."), "rights.md"},
    {"dues_payment.more_than_owed", L("实缴金额超过这一期还欠的会费。", "This is more than is still owed for the period."),
     L("请核对金额；确实多缴的，请写明原因。", "Check the sum; if it was really paid, give a reason."), "rights.md"},
    {"dues_payment.no_assessment", L("这位会员这一期还没有核定应缴会费。", "Nothing has been assessed for this member and period."),
     L("已照收；请会计补做这一期的核定。", "It is taken; have the accountant assess the period."), "FIN-01"},
    {"dues_payment.year_closed",
     L("缴费日期所在的年度已经结账，只能冲销，不能再登记缴费。", "The books of that year are closed; they take reversals alone."),
     L("请先核对缴费日期有没有写错；确实是那一年收的钱，按今天入账登记，并在“原因”里写明实际收款日期。",
       "See first whether the day is mistyped; money that was really received in that year is booked today, with the real day of receipt in the reason."), "SM-DUES"},
    {"dues_payment.report_published",
     L("%1 年的会费使用情况已经公布，这一笔不在公布的收入里；请告诉工会主席和经审委员，在下一年度的公布里说明。",
       "The statement on the use of dues of %1 is published, and this is not in what it says was received: tell the chair and the audit member, and "
       "explain it in the next statement."),
     L("不影响保存。", "It may be saved so."), "FIN-03"},
    {"dues_payment.own_group", L("小组长只登记本组会员的会费，这位会员不在您的小组。",
                                 "A group leader enters dues of the own group's members alone; this member is in no group that names your seat."),
     L("请会计登记；确是本组的，请主席在工会小组里填写“小组长席位”，在会员里填写小组。",
       "Let the accountant enter it; if it is your group, the chair names your seat in it (leader_seat), and the group in the member."), "rights.md"},
    {"dues_payment.far_future", L("缴费日期在三个多月以后。", "The day of payment is more than three months ahead."),
     L("请核对年份；也请看看这台电脑的日期对不对。", "Check the year, and the date of this computer."), "FIN-02"},
    {"dues_payment.future", L("缴费日期还没有到。", "The day of payment lies in the future."),
     L("不影响保存；请核对日期。", "It may be saved so; please check the date."), "FIN-02"},
};

static const char *const naming[] = {"receipt_no", NULL};
static const char *const columns[] = {"receipt_no", "member_id", "period", "amount_fen", "paid_on", "method", "reason", NULL};
static const char *const identity[] = {NULL};

const struct kind kind_dues_payment = {
    .number = KIND_DUES_PAYMENT, .name = "dues_payment", .label = L("会费缴纳", "payment of dues"),
    .descriptor = &record__dues_payment__descriptor, .owner = OWNER_BRANCH, .append_only = 1, .fields = fields,
    .field_count = COUNT(fields), .rights = rights, .right_count = COUNT(rights), .measures = measures,
    .measure_count = COUNT(measures), .measure = measure, .few = few, .account = &dues_account, .check = check, .texts = texts,
    .text_count = COUNT(texts), .naming = naming, .columns = columns, .identity = identity,
};
