/* proposal_reply: what the proposer was told, in writing and face to face (DEM-12). Invariant: what the step `replied` counted on
 * does not change afterwards; a later word is a new reply. */
#include "kinds/rules.h"
#include "proposals.pb-c.h"
#include <string.h>

static void check(const struct check_context *c, struct findings *out)
{
    const Record__ProposalReply *m = (const Record__ProposalReply *)c->after;
    struct date on = check_date(c->after, "replied_on");
    if (check_changed(c, "replied_on") && date_is_valid(on) && date_is_valid(c->today) &&
        date_compare(on, c->today) > 0)
        findings_add(out, SEVERITY_WARN, "proposal_reply.future", "replied_on", NULL, NULL);
    if (!m->has_proposal_id || m->proposal_id.len != ID_SIZE || !c->related)
        return;
    const ProtobufCMessage *p =
        c->related(c->related_to, KIND_PROPOSAL, id_from(slice_of(m->proposal_id.data, m->proposal_id.len)));
    if (!p)
        return;
    struct date from = check_date(p, "submitted_on");
    if (c->before && ((const Record__Proposal *)p)->replied_on)
        findings_add(out, SEVERITY_BLOCK, "proposal_reply.after_replied", NULL, NULL, NULL);
    if (check_changed(c, "replied_on") && date_is_valid(on) && date_is_valid(from) && date_compare(on, from) < 0)
        findings_add(out, SEVERITY_BLOCK, "proposal_reply.early", "replied_on", ((const Record__Proposal *)p)->submitted_on, NULL);
    if (!c->before && strcmp(kind_state_of(&kind_proposal, p), "draft") == 0)
        findings_add(out, SEVERITY_BLOCK, "proposal_reply.draft", "proposal_id", NULL, NULL);
}

static const struct field_rule fields[] = {
    {.name = "proposal_id", .label = L("提案", "proposal"), .type = FIELD_REFERENCE,
     .flags = FIELD_REQUIRED | FIELD_IMMUTABLE | FIELD_LOOKUP,
     .reference = KIND_PROPOSAL, .columns = "提案|案名"},
    {.name = "mode", .label = L("答复方式", "mode"), .type = FIELD_CODE, .flags = FIELD_REQUIRED,
     .codes = &codes_reply_mode,
     .columns = "答复方式|方式"},
    {.name = "replied_by", .label = L("答复人", "replied by"), .type = FIELD_TEXT, .flags = FIELD_NAMES, .columns = "答复人"},
    {.name = "replied_on", .label = L("答复日期", "replied on"), .type = FIELD_DATE, .flags = FIELD_REQUIRED,
     .columns = "答复日期|日期"},
    {.name = "text", .label = L("答复内容", "reply"), .type = FIELD_LONG_TEXT, .columns = "答复内容|内容|答复"},
};

static const struct right_rule rights[] = {
    {ROLES(union_chair) | ROLES(proposal_group) | ROLES(handler), ACCESS_FULL, RIGHT_ADD | RIGHT_SET, NULL},
    {ROLES(committee_member) | ROLES(group_leader) | ROLES(accountant) | ROLES(audit_member) | ROLES(delegate) |
         ROLES(information_officer),
     ACCESS_FULL, 0, NULL},
    {ROLES_DISTRICT, ACCESS_SUM, 0, NULL},
};

static const struct measure_rule measures[] = {
    {"mode.", L("提案答复", "replies to proposals"), NULL},
};

static void measure(const struct kind *k, const ProtobufCMessage *row, int64_t sign, measure_emit *emit, void *to)
{
    (void)k;
    const char *mode = ((const Record__ProposalReply *)row)->mode;
    emit(to, mode && strcmp(mode, "face_to_face") == 0 ? "mode.face_to_face" : "mode.written", sign);
}

static const struct rule_text texts[] = {
    {"proposal_reply.after_replied",
     L("提案已经答复，原来的答复不能再改。", "The proposal has been replied to; the reply stands as it was given."),
     L("要补充，请新添一条答复。", "Add another reply instead."), "DEM-12; rights.md"},
    {"proposal_reply.early", L("答复日期早于提案提交的日期[（%1）]。", "The reply would be earlier than the proposal's submission[ (%1)]."),
     L("请核对这两个日期；提交日期写错了，可以改：banyan set proposal 编号 submitted_on=日期。",
       "Compare both days; a wrong day of submission is set right: banyan set proposal ID submitted_on=DATE."), "DEM-12"},
    {"proposal_reply.draft", L("提案还是草稿，没有提交，不能答复。", "The proposal is a draft; there is nothing to reply to yet."),
     L("请等提案提交以后再答复。", "Reply once it has been submitted."), "SM-PROPOSAL"},
    {"proposal_reply.future", L("答复日期还没有到。", "The day of the reply lies in the future."),
     L("不影响保存；请核对日期。", "It may be saved so; please check the date."), "DEM-12"},
};

static const char *const naming[] = {NULL};
static const char *const columns[] = {"proposal_id", "mode", "replied_by", "replied_on", "text", NULL};
static const char *const identity[] = {NULL};

const struct kind kind_proposal_reply = {
    .number = KIND_PROPOSAL_REPLY, .name = "proposal_reply", .label = L("提案答复", "reply"),
    .descriptor = &record__proposal_reply__descriptor, .owner = OWNER_BRANCH, .fields = fields, .field_count = COUNT(fields),
    .rights = rights, .right_count = COUNT(rights), .measures = measures, .measure_count = COUNT(measures), .measure = measure,
    .check = check, .texts = texts, .text_count = COUNT(texts), .naming = naming, .columns = columns, .identity = identity,
};
