/* membership_change: the paper behind a change of membership (REQ-01): from what to what, from which day, who decided it, on
 * what evidence, from or to which branch. Only added. A member's step writes none by itself: the member's own row tells the state
 * and since when, and the figures count by that. A line here is entered where a decision is to be kept, and where the row can tell
 * the last move alone: who owes dues for a month long past is read from the lines, if there are any (kinds/dues.h). */
#include "kinds/dues.h"
#include "kinds/rules.h"
#include "membership.pb-c.h"
#include <string.h>

static const Record__MembershipChange *change(const ProtobufCMessage *m)
{
    return (const Record__MembershipChange *)m;
}

static bool is(const char *a, const char *b)
{
    return a && strcmp(a, b) == 0;
}

static bool is_move(const char *from, const char *to)
{
    const struct action_rule *a = kind_action(&kind_member, to);
    return a && kind_step_leads_from(a, from);
}

/* Who is new here has no state before. */
static bool is_sound(const Record__MembershipChange *m)
{
    static const char *const first[] = {"applied", "active", "retained"};
    if (m->from_state)
        return is_move(m->from_state, m->to_state);
    for (size_t i = 0; i < COUNT(first); i++)
        if (strcmp(m->to_state, first[i]) == 0)
            return true;
    return false;
}

/* What the member's record says now should be where the ledger ends. */
static void check_member(const struct check_context *c, const Record__MembershipChange *m, struct findings *out)
{
    struct cell id = record_get_name(c->after, "member_id");
    bool named = c->related && c->children && id.type == CELL_BYTES && id.bytes.size == ID_SIZE;
    const ProtobufCMessage *member = named ? c->related(c->related_to, KIND_MEMBER, id_from(id.bytes)) : NULL;
    struct date on = check_date(c->after, "effective_on");
    if (!member || !date_is_valid(on) || is(m->to_state, kind_state_of(&kind_member, member)))
        return;
    struct dues_rows all = dues_rows_of(c, KIND_MEMBERSHIP_CHANGE, c->after, NULL);
    for (size_t i = 0; i < all.count; i++) {
        struct date other = check_date(all.list[i].payment, "effective_on");
        if (date_is_valid(other) && date_compare(other, on) >= 0)
            return;
    }
    findings_add(out, SEVERITY_WARN, "membership_change.differs", "to_state", NULL, NULL);
}

static void check(const struct check_context *c, struct findings *out)
{
    const Record__MembershipChange *m = change(c->after);
    struct date on = check_date(c->after, "effective_on");
    if (!m->to_state)
        return;
    if (is(m->from_state, m->to_state))
        findings_add(out, SEVERITY_BLOCK, "membership_change.same", "to_state", NULL, NULL);
    else if (!is_sound(m))
        findings_add(out, SEVERITY_BLOCK, "membership_change.move", "to_state", NULL, NULL);
    if (date_is_valid(on) && date_is_valid(c->today) && date_compare(on, c->today) > 0)
        findings_add(out, SEVERITY_WARN, "membership_change.future", "effective_on", NULL, NULL);
    check_member(c, m, out);
}

static const struct field_rule fields[] = {
    {.name = "member_id", .label = L("会员", "member"), .type = FIELD_REFERENCE, .flags = FIELD_PERSON | FIELD_REQUIRED | FIELD_LOOKUP,
     .reference = KIND_MEMBER, .columns = "会员|姓名"},
    {.name = "from_state", .label = L("原会籍", "from"), .type = FIELD_CODE, .codes = &codes_membership,
     .columns = "原会籍|原状态",
     .rule = L("新进本会的不填", "empty for who is new here")},
    {.name = "to_state", .label = L("现会籍", "to"), .type = FIELD_CODE, .flags = FIELD_REQUIRED,
     .codes = &codes_membership,
     .columns = "现会籍|变动后状态"},
    {.name = "effective_on", .label = L("变动日期", "effective on"), .type = FIELD_DATE, .flags = FIELD_REQUIRED,
     .columns = "变动日期|生效日期"},
    {.name = "reason", .label = L("原因", "reason"), .type = FIELD_TEXT, .flags = FIELD_PERSONAL | FIELD_SENSITIVE, .columns = "原因|变动原因"},
    {.name = "from_branch", .label = L("转出单位", "from branch"), .type = FIELD_TEXT, .columns = "转出单位|原单位"},
    {.name = "to_branch", .label = L("转入单位", "to branch"), .type = FIELD_TEXT, .columns = "转入单位|新单位"},
    {.name = "decided_by", .label = L("决定机构", "decided by"), .type = FIELD_TEXT, .columns = "决定机构|批准机构"},
    {.name = "evidence", .label = L("依据材料", "evidence"), .type = FIELD_TEXT, .flags = FIELD_PERSONAL | FIELD_SENSITIVE,
     .columns = "依据材料|依据"},
};

static const struct right_rule rights[] = {
    {ROLES(union_chair), ACCESS_FULL, RIGHT_ADD, NULL},
    {ROLES(committee_member), ACCESS_FULL, 0, NULL},
    {ROLES(group_leader) | ROLES(accountant) | ROLES(audit_member) | ROLES(proposal_group) | ROLES(handler) |
         ROLES(delegate) |
         ROLES(information_officer) | ROLES(district_officer),
     ACCESS_OPEN, 0, NULL},
    {ROLES(district_finance) | ROLES(district_auditor), ACCESS_SUM, 0, NULL},
};

static const struct measure_rule measures[] = {
    {"total", L("会籍变动", "changes of membership"), NULL},
};

static void measure(const struct kind *k, const ProtobufCMessage *row, int64_t sign, measure_emit *emit, void *to)
{
    (void)k;
    (void)row;
    emit(to, "total", sign);
}

static bool identity_key(const ProtobufCMessage *row, struct date *day, struct buf *key)
{
    const Record__MembershipChange *m = change(row);
    struct date on = check_date(row, "effective_on");
    if (!m->has_member_id || m->member_id.len != ID_SIZE || !m->to_state || !date_is_valid(on))
        return false;
    *day = on;
    buf_append(key, m->member_id.data, m->member_id.len);
    buf_text(key, m->to_state);
    buf_text(key, m->effective_on);
    return true;
}

static const struct rule_text texts[] = {
    {"membership_change.same", L("变动前后的会籍是一样的。", "It changes nothing: both states are the same."),
     L("请选变动后的会籍；没有变动就不用登记。", "Choose the state after the change, or leave it out."), "REQ-01"},
    {"membership_change.move", L("会籍不能这样变动。", "Membership does not move that way."),
     L("请核对原会籍和现会籍；如已故、除名后不能恢复在籍。",
       "Check both states: who died or was expelled does not become active again."), "SM-MEMBERSHIP"},
    {"membership_change.differs", L("会员名册上现在的会籍与这一条不同。", "The roster says another state than this."),
     L("不影响保存；请核对名册，或补登后来的变动。", "It may be saved so; compare the roster, or enter what came after."), "REQ-01"},
    {"membership_change.future", L("变动日期还没有到。", "The day of the change lies in the future."),
     L("不影响保存；请核对日期。", "It may be saved so; please check the date."), "REQ-01"},
};

static const char *const naming[] = {NULL};
static const char *const columns[] = {"member_id", "from_state", "to_state", "effective_on", "from_branch",
    "to_branch", "reason", NULL};
static const char *const identity[] = {NULL};

const struct kind kind_membership_change = {
    .number = KIND_MEMBERSHIP_CHANGE, .name = "membership_change", .label = L("会籍变动", "change of membership"),
    .descriptor = &record__membership_change__descriptor, .owner = OWNER_BRANCH, .append_only = 1, .fields = fields,
    .field_count = COUNT(fields), .rights = rights, .right_count = COUNT(rights), .measures = measures,
    .measure_count = COUNT(measures), .measure = measure, .check = check, .identity_key = identity_key, .texts = texts,
    .text_count = COUNT(texts), .naming = naming, .columns = columns, .identity = identity,
};
