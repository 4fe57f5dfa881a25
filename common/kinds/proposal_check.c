/* What the steps of a proposal ask for. Each rule looks at what the change touches alone; what needs other records (replies,
 * co-signatures, the one it is merged into) says nothing where they cannot be looked up. */
#include "kinds/proposal.h"
#include "kinds/refusal.h"
#include "kinds/rules.h"
#include "proposals.pb-c.h"
#include <stdio.h>
#include <string.h>

#define REPLY_DAYS 30  /* rules.md 2.3: where the setting is no number */
#define RESULT_DAYS 90

static bool is_one_of(const char *word, const char *const *list)
{
    for (; word && *list; list++)
        if (strcmp(word, *list) == 0)
            return true;
    return false;
}

static bool is(const char *a, const char *b)
{
    return a && strcmp(a, b) == 0;
}

static const char *state_of(const ProtobufCMessage *proposal)
{
    return kind_state_of(&kind_proposal, proposal);
}

/* ---- what others ask of it ---- */

static const char *const not_in[] = {"draft", "returned", "withdrawn", NULL};
static const char *const before_review[] = {"draft", "returned", "submitted", "collated", NULL};

bool proposal_is_received(const ProtobufCMessage *proposal)
{
    return !is_one_of(state_of(proposal), not_in);
}

bool proposal_takes_support(const ProtobufCMessage *proposal)
{
    return is_one_of(state_of(proposal), before_review);
}

static uint64_t mark_add(uint64_t mark, const char *text)
{
    for (const char *at = text ? text : ""; *at; at++)
        mark = (mark ^ (uint8_t)*at) * UINT64_C(0x100000001b3);
    return (mark ^ 0x1f) * UINT64_C(0x100000001b3);
}

void proposal_text_mark(const ProtobufCMessage *proposal, char out[PROPOSAL_MARK_SIZE])
{
    const Record__Proposal *m = (const Record__Proposal *)proposal;
    uint64_t mark = UINT64_C(0xcbf29ce484222325);
    mark = mark_add(mark, m->title);
    mark = mark_add(mark, m->reason);
    mark = mark_add(mark, m->suggestion);
    mark = mark_add(mark, m->category);
    mark = mark_add(mark, m->has_is_temporary && m->is_temporary ? "1" : "");
    snprintf(out, PROPOSAL_MARK_SIZE, "%016llx", (unsigned long long)mark);
}

static struct date days_after(struct date from, int64_t days)
{
    int64_t day = date_days(from) + days;
    bool sound = day > -700000 && day < 2900000; /* a setting may say anything */
    return sound ? date_of_ms(day * INT64_C(86400000), 0) : (struct date){0};
}

struct date proposal_due_by(const struct check_context *c, const ProtobufCMessage *proposal)
{
    static const char *const answered[] = {"replied", "rated", NULL};
    static const char *const owing[] = {"submitted", "collated",  "merged",      "under_review", "filed",
                                        "converted", "declined",  "assigned",    "in_progress",  "reopened",
                                        "consulting", "to_congress", "adopted",  "not_adopted",  "in_force", NULL};
    const Record__Proposal *m = (const Record__Proposal *)proposal;
    struct date from = check_date(proposal, "submitted_on"), due = check_date(proposal, "due_on");
    const char *state = state_of(proposal);
    if (is_one_of(state, owing) && date_is_valid(due))
        return due;
    if (!date_is_valid(from))
        return (struct date){0};
    if (is_one_of(state, owing))
        return days_after(from, setting_integer(c, "proposal.reply_days", from, REPLY_DAYS));
    if (is_one_of(state, answered) && is(m->decision, "filed"))
        return days_after(from, setting_integer(c, "proposal.result_days", from, RESULT_DAYS));
    return (struct date){0};
}

/* ---- the text ---- */

struct tally {
    size_t count;
};

static bool count_valid(void *to, struct id id, const ProtobufCMessage *row)
{
    (void)id;
    struct tally *t = to;
    t->count += ((const Record__ProposalSupport *)row)->voided_on == NULL;
    return true;
}

static size_t valid_supports(const struct check_context *c)
{
    struct tally t = {0};
    check_children(c, KIND_PROPOSAL_SUPPORT, "proposal_id", cell_bytes(id_slice(&c->id)), count_valid, &t);
    return t.count;
}

static const char *text_changed(const struct check_context *c)
{
    static const char *const text[] = {"title", "reason", "suggestion", "category", "is_temporary", "proposer_id"};
    for (size_t i = 0; i < COUNT(text); i++)
        if (check_changed(c, text[i]))
            return text[i];
    return NULL;
}

/* rights.md: who entered a draft sets its text, or the chair; frozen from the first co-signature on. */
static void check_text(const struct check_context *c, const Record__Proposal *before, struct findings *out)
{
    const char *field = before && !c->action ? text_changed(c) : NULL;
    if (!field)
        return;
    int64_t author = before->has_entered_by ? before->entered_by : 0;
    bool by_author = c->seat == 0 || c->seat == author || (c->for_seat && c->for_seat == author);
    bool may = by_author || (c->roles & ROLES(union_chair));
    if (!may)
        check_right(c, "proposal.text_author", field, out);
    if ((may || c->late) && valid_supports(c) > 0)
        findings_add(out, SEVERITY_BLOCK, "proposal.text_frozen", field, NULL, NULL);
}

/* ---- handing in and sending back ---- */

static void check_call(const struct check_context *c, const Record__Proposal *m, struct findings *out)
{
    if (!c->related || !m->has_call_id || m->call_id.len != ID_SIZE)
        return;
    const ProtobufCMessage *call =
        c->related(c->related_to, KIND_PROPOSAL_CALL, id_from(slice_of(m->call_id.data, m->call_id.len)));
    if (call && !is(kind_state_of(&kind_proposal_call, call), "open"))
        findings_add(out, SEVERITY_WARN, "proposal.call_closed", "call_id", NULL, NULL);
}

static void check_submitted(const struct check_context *c, const Record__Proposal *m, struct findings *out)
{
    if (!m->has_proposer_id)
        findings_add(out, SEVERITY_BLOCK, "proposal.no_proposer", "proposer_id", NULL, NULL);
    if (!m->reason)
        findings_add(out, SEVERITY_WARN, "proposal.no_reason", "reason", NULL, NULL);
    if (!m->suggestion)
        findings_add(out, SEVERITY_WARN, "proposal.no_suggestion", "suggestion", NULL, NULL);
    check_call(c, m, out);
    int64_t wanted = setting_integer(c, "proposal.seconders", check_date(c->after, "submitted_on"), 0);
    if (c->children && wanted > 0 && (int64_t)valid_supports(c) < wanted)
        findings_add(out, SEVERITY_WARN, "proposal.few_supporters", NULL,
                     c->arena ? arena_format(c->arena, "%lld", (long long)wanted) : NULL, NULL);
}

/* A reason given for an earlier return does not do for this one. */
static void check_returned(const struct check_context *c, const Record__Proposal *m, struct findings *out)
{
    if (c->before && m->return_reason && !check_changed(c, "return_reason"))
        findings_add(out, SEVERITY_BLOCK, "proposal.return_reason", "return_reason", NULL, NULL);
}

/* ---- merging ---- */

static bool stop_at_first(void *to, struct id id, const ProtobufCMessage *row)
{
    (void)id;
    ((struct tally *)to)->count += is(state_of(row), "withdrawn") ? 0 : 1;
    return ((struct tally *)to)->count == 0;
}

static void check_merged(const struct check_context *c, const Record__Proposal *m, struct findings *out)
{
    if (!m->has_merged_into || m->merged_into.len != ID_SIZE)
        return;
    struct id into = id_from(slice_of(m->merged_into.data, m->merged_into.len));
    struct tally own = {0};
    check_children(c, KIND_PROPOSAL, "merged_into", cell_bytes(id_slice(&c->id)), stop_at_first, &own);
    const Record__Proposal *parent =
        c->related ? (const Record__Proposal *)c->related(c->related_to, KIND_PROPOSAL, into) : NULL;
    const char *code = NULL;
    if (id_equal(into, c->id))
        code = "proposal.merge_self";
    else if (parent && (parent->has_merged_into || is(state_of(&parent->base), "merged")))
        code = "proposal.merge_merged";
    else if (parent && !proposal_is_received(&parent->base))
        code = "proposal.merge_state";
    else if (own.count > 0)
        code = "proposal.merge_parent";
    if (code)
        findings_add(out, SEVERITY_BLOCK, code, "merged_into", NULL, NULL);
}

/* ---- verdict, re-handling, result, end ---- */

static void check_reopened(const struct check_context *c, const Record__Proposal *m, struct findings *out)
{
    if (!is(m->rating, "unsatisfied"))
        findings_add(out, SEVERITY_BLOCK, "proposal.reopen_satisfied", NULL, NULL, NULL);
    else if (c->before && record_get_name(c->before, "reopened_on").type != CELL_ABSENT)
        findings_add(out, SEVERITY_BLOCK, "proposal.reopen_once", NULL, NULL, NULL);
}

static void check_resulted(const Record__Proposal *m, struct findings *out)
{
    if ((is(m->result, "not_feasible") || is(m->result, "partly")) && !m->result_reason)
        findings_add(out, SEVERITY_BLOCK, "proposal.result_reason", "result_reason", NULL, NULL);
    if (is(m->rating, "unsatisfied") && !m->reopened_on)
        findings_add(out, SEVERITY_WARN, "proposal.reopen_first", NULL, NULL, NULL);
}

/* Only what was not filed ends with the verdict. */
static void check_closed(const struct check_context *c, const Record__Proposal *m, struct findings *out)
{
    if (c->before && is(state_of(c->before), "rated") && is(m->decision, "filed"))
        findings_add(out, SEVERITY_BLOCK, "proposal.result_first", NULL, NULL, NULL);
    if (!m->replied_on)
        findings_add(out, SEVERITY_WARN, "proposal.unreplied", NULL, NULL, NULL);
}

static void check_assigned(const struct check_context *c, const Record__Proposal *m, struct findings *out)
{
    struct date due = check_date(c->after, "due_on");
    if (!m->has_handler_id)
        findings_add(out, SEVERITY_WARN, "proposal.no_handler", "handler_id", NULL, NULL);
    if (date_is_valid(due) && date_is_valid(c->today) && date_compare(due, c->today) < 0)
        findings_add(out, SEVERITY_WARN, "proposal.due_past", "due_on", NULL, NULL);
}

/* ---- the mark of excellence (DEM-14) ---- */

static int award_step(const char *award)
{
    static const char *const steps[] = {"none", "nominated", "awarded", "sent"};
    for (int i = 0; award && i < (int)COUNT(steps); i++)
        if (strcmp(award, steps[i]) == 0)
            return i;
    return 0;
}

/* One step at a time, a slip one step back; what the district has read is not taken back. */
static void check_award(const struct check_context *c, const Record__Proposal *before, const Record__Proposal *m,
                        struct findings *out)
{
    if (!check_changed(c, "award") && !check_changed(c, "awarded_on"))
        return;
    const char *state = state_of(c->after);
    int was = before ? award_step(before->award) : 0, is_now = award_step(m->award);
    if (!is(state, "closed") && !is(state, "archived") && (is_now > 0 || m->awarded_on))
        findings_add(out, SEVERITY_BLOCK, "proposal.award_state", "award", NULL, NULL);
    else if (is_now != was && (is_now > was + 1 || is_now < was - 1 || was == 3))
        findings_add(out, SEVERITY_BLOCK, "proposal.award_step", "award", NULL, NULL);
}

void proposal_check(const struct check_context *c, struct findings *out)
{
    const Record__Proposal *before = (const Record__Proposal *)c->before, *m = (const Record__Proposal *)c->after;
    check_text(c, before, out);
    check_award(c, before, m, out);
    if (!c->action)
        proposal_check_days(c, out);
    else if (is(c->action, "submitted"))
        check_submitted(c, m, out);
    else if (is(c->action, "returned"))
        check_returned(c, m, out);
    else if (is(c->action, "merged"))
        check_merged(c, m, out);
    else if (is(c->action, "assigned"))
        check_assigned(c, m, out);
    else if (is(c->action, "replied"))
        proposal_check_replied(c, out);
    else if (is(c->action, "rated"))
        proposal_check_again(c, "rated_on", out);
    else if (is(c->action, "reopened"))
        check_reopened(c, m, out);
    else if (is(c->action, "resulted"))
        check_resulted(m, out);
    else if (is(c->action, "closed"))
        check_closed(c, m, out);
}
