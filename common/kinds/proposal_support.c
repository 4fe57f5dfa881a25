/* proposal_support: who signed a proposal too (附议). Signed by members, entered by any seat; a signature holds the mark of the
 * text that was seen, and is void once the proposal was sent back. Nothing of it is ever changed but that. */
#include "kinds/proposal.h"
#include "kinds/refusal.h"
#include "kinds/rules.h"
#include "proposals.pb-c.h"
#include <string.h>

static struct id id_of(ProtobufCBinaryData data)
{
    return id_from(slice_of(data.data, data.len));
}

static const Record__Proposal *proposal_of(const struct check_context *c, const Record__ProposalSupport *m)
{
    bool named = c->related && m->has_proposal_id && m->proposal_id.len == ID_SIZE;
    return named ? (const Record__Proposal *)c->related(c->related_to, KIND_PROPOSAL, id_of(m->proposal_id)) : NULL;
}

struct search {
    struct id self, member;
    bool found;
};

static bool same_member(void *to, struct id id, const ProtobufCMessage *row)
{
    struct search *s = to;
    const Record__ProposalSupport *other = (const Record__ProposalSupport *)row;
    bool valid = !other->voided_on && other->has_member_id && other->member_id.len == ID_SIZE;
    s->found = valid && !id_equal(id, s->self) && id_equal(id_of(other->member_id), s->member);
    return !s->found;
}

static void check_new(const struct check_context *c, const Record__ProposalSupport *m, const Record__Proposal *p,
                      struct findings *out)
{
    char mark[PROPOSAL_MARK_SIZE];
    if (m->voided_on)
        findings_add(out, SEVERITY_BLOCK, "proposal_support.void_new", "voided_on", NULL, NULL);
    if (!p)
        return;
    proposal_text_mark(&p->base, mark);
    if (!proposal_takes_support(&p->base))
        findings_add(out, SEVERITY_BLOCK, "proposal_support.too_late", "proposal_id", NULL, NULL);
    else if (m->text_mark && strcmp(m->text_mark, mark) != 0)
        findings_add(out, SEVERITY_BLOCK, "proposal_support.text_changed", "text_mark", NULL, NULL);
    if (!m->has_member_id || m->member_id.len != ID_SIZE)
        return;
    struct search s = {.self = c->id, .member = id_of(m->member_id)};
    if (p->has_proposer_id && p->proposer_id.len == ID_SIZE && id_equal(id_of(p->proposer_id), s.member))
        findings_add(out, SEVERITY_BLOCK, "proposal_support.own", "member_id", NULL, NULL);
    check_children(c, KIND_PROPOSAL_SUPPORT, "proposal_id", record_get_name(c->after, "proposal_id"), same_member, &s);
    if (s.found)
        findings_add(out, SEVERITY_BLOCK, "proposal_support.twice", "member_id", NULL, NULL);
}

/* rights.md: the proposal's way back voids it: by the chair, the proposal group, or who entered the proposal. */
static void check_voided(const struct check_context *c, const Record__ProposalSupport *m, const Record__Proposal *p,
                         struct findings *out)
{
    int64_t author = p && p->has_entered_by ? p->entered_by : 0;
    bool by_author = c->seat == 0 || c->seat == author || (c->for_seat && c->for_seat == author);
    if (!m->voided_on)
        findings_add(out, SEVERITY_BLOCK, "proposal_support.stays_void", "voided_on", NULL, NULL);
    else if (p && !by_author && !(c->roles & (ROLES(union_chair) | ROLES(proposal_group))))
        check_right(c, "proposal_support.void_right", "voided_on", out);
}

static void check(const struct check_context *c, struct findings *out)
{
    const Record__ProposalSupport *m = (const Record__ProposalSupport *)c->after;
    if (!c->before)
        check_new(c, m, proposal_of(c, m), out);
    else if (check_changed(c, "voided_on"))
        check_voided(c, m, proposal_of(c, m), out);
}

/* Who signs here signs the text as it is shown here. */
static void complete(const struct check_context *c, ProtobufCMessage *row)
{
    const Record__ProposalSupport *m = (const Record__ProposalSupport *)row;
    const Record__Proposal *p = proposal_of(c, m);
    char mark[PROPOSAL_MARK_SIZE];
    if (m->text_mark || !p)
        return;
    proposal_text_mark(&p->base, mark);
    record_put_name(row, "text_mark", cell_text(mark), c->arena);
}

static const struct field_rule fields[] = {
    {.name = "proposal_id", .label = L("提案", "proposal"), .type = FIELD_REFERENCE,
     .flags = FIELD_REQUIRED | FIELD_IMMUTABLE | FIELD_LOOKUP,
     .reference = KIND_PROPOSAL, .columns = "提案|案名"},
    {.name = "member_id", .label = L("附议人", "signed by"), .type = FIELD_REFERENCE,
     .flags = FIELD_REQUIRED | FIELD_IMMUTABLE,
     .reference = KIND_MEMBER, .columns = "附议人|姓名"},
    {.name = "signed_on", .label = L("附议日期", "signed on"), .type = FIELD_DATE, .flags = FIELD_IMMUTABLE | FIELD_PAST,
     .columns = "附议日期|日期"},
    {.name = "voided_on", .label = L("作废日期", "void since"), .type = FIELD_DATE, .flags = FIELD_PAST, .columns = "作废日期"},
    {.name = "text_mark", .label = L("内容标记", "mark of the text"), .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_IMMUTABLE,
     .rule = L("由程序按所附议的内容计算", "computed from the text that is signed")},
};

static const struct right_rule rights[] = {
    {ROLES_BRANCH, ACCESS_FULL, RIGHT_ADD | RIGHT_SET, NULL},
    {ROLES_DISTRICT, ACCESS_SUM, 0, NULL},
};

static const struct measure_rule measures[] = {
    {"valid", L("有效附议", "signatures that stand"), NULL},
    {"void", L("已作废的附议", "void signatures"), NULL},
};

static void measure(const struct kind *k, const ProtobufCMessage *row, int64_t sign, measure_emit *emit, void *to)
{
    (void)k;
    emit(to, ((const Record__ProposalSupport *)row)->voided_on ? "void" : "valid", sign);
}

static const struct rule_text texts[] = {
    {REFUSAL_IMMUTABLE_FIELD, L("附议里的[“%f”]不能改。", "The[ %f of the] signature cannot be changed."),
     L("填错了，请把这条附议作废，再重新附议：banyan set proposal_support 编号 voided_on=日期，然后 banyan add proposal_support …。",
       "If it is wrong, void the signature and sign anew: banyan set proposal_support ID voided_on=DATE, then banyan add proposal_support ..."),
     "rights.md"},
    {"proposal_support.void_new", L("新的附议不能一开始就是作废的。", "A new signature cannot be void from the start."),
     L("请去掉作废日期。", "Leave the day of voiding out."), "rights.md"},
    {"proposal_support.too_late", L("提案已经进入审议，不能再附议。", "The proposal is under review; it cannot be signed any more."),
     L("有意见请直接告诉提案工作小组。", "Tell the proposal group what you think instead."), "rights.md"},
    {"proposal_support.text_changed", L("提案内容在您附议前改过了。", "The text has changed since it was read for signing."),
     L("请看看现在的内容，同意再附议一次。", "Read it as it is now and sign again if you agree."), "rights.md"},
    {"proposal_support.own", L("提案人不用附议自己的提案。", "The proposer need not sign the own proposal."),
     L("请选其他会员。", "Choose another member."), "DEM-07"},
    {"proposal_support.twice", L("这位会员已经附议过这件提案。", "This member has signed the proposal already."),
     L("不用再办；每人附议一次就够。", "Nothing to do: one signature each."), "DEM-07"},
    {"proposal_support.void_right",
     L("附议只能由录入提案的人、提案工作小组或工会主席作废。",
       "Only who entered the proposal, the proposal group or the chair voids signatures."),
     L("请让他们把这条附议作废（banyan set proposal_support 编号 voided_on=日期），或退回提案，附议会一并作废。",
       "Ask them to void it (banyan set proposal_support ID voided_on=DATE), or to return the proposal, which voids its signatures."), "rights.md"},
    {"proposal_support.stays_void",
     L("作废的附议不能恢复，因为内容可能已经改过。", "A void signature stays void: the text may have changed."),
     L("仍要附议，请重新添加一条。", "Sign again as a new record."), "rights.md"},
};

static const char *const naming[] = {NULL};
static const char *const columns[] = {"proposal_id", "member_id", "signed_on", "voided_on", NULL};
static const char *const identity[] = {NULL};

const struct kind kind_proposal_support = {
    .number = KIND_PROPOSAL_SUPPORT, .name = "proposal_support", .label = L("提案附议", "co-signature"),
    .descriptor = &record__proposal_support__descriptor, .owner = OWNER_BRANCH, .fields = fields,
    .field_count = COUNT(fields),
    .rights = rights, .right_count = COUNT(rights), .measures = measures, .measure_count = COUNT(measures),
    .measure = measure,
    .check = check, .complete = complete, .texts = texts, .text_count = COUNT(texts), .naming = naming,
    .columns = columns, .identity = identity,
};
