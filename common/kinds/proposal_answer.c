/* Replies: a proposal counts as replied to once its proposer, and every proposer whose proposal was merged into it, has been told
 * in writing and face to face (DEM-12); after a second handling, anew. */
#include "kinds/proposal.h"
#include "kinds/rules.h"
#include "proposals.pb-c.h"
#include <string.h>

struct answers {
    struct date since; /* of the re-handling; invalid: none */
    bool written, face_to_face, again;
};

static bool note_reply(void *to, struct id id, const ProtobufCMessage *row)
{
    (void)id;
    struct answers *a = to;
    const char *mode = ((const Record__ProposalReply *)row)->mode;
    struct date on = check_date(row, "replied_on");
    a->written |= mode && strcmp(mode, "written") == 0;
    a->face_to_face |= mode && strcmp(mode, "face_to_face") == 0;
    a->again |= date_is_valid(a->since) && date_is_valid(on) && date_compare(on, a->since) >= 0;
    return true;
}

static struct answers answers_to(const struct check_context *c, const struct id *id, struct date since)
{
    struct answers a = {.since = since};
    check_children(c, KIND_PROPOSAL_REPLY, "proposal_id", cell_bytes(id_slice(id)), note_reply, &a);
    return a;
}

struct merged_list {
    struct arena *arena;
    struct merged {
        struct id id;
        const char *title;
        struct merged *next;
    } *first;
};

static bool note_merged(void *to, struct id id, const ProtobufCMessage *row)
{
    struct merged_list *list = to;
    struct merged *m = arena_alloc(list->arena, sizeof *m);
    if (!m)
        return false;
    m->id = id;
    m->title = arena_text(list->arena, slice_text(((const Record__Proposal *)row)->title));
    m->next = list->first;
    list->first = m;
    return true;
}

static void check_merged_replies(const struct check_context *c, struct findings *out)
{
    struct merged_list list = {.arena = c->arena};
    if (!c->arena)
        return;
    check_children(c, KIND_PROPOSAL, "merged_into", cell_bytes(id_slice(&c->id)), note_merged, &list);
    for (const struct merged *m = list.first; m; m = m->next) {
        struct answers a = answers_to(c, &m->id, (struct date){0});
        if (!a.written || !a.face_to_face)
            findings_add(out, SEVERITY_BLOCK, "proposal.reply_merged", "replied_on", m->title, NULL);
    }
}

/* What the second handling brings is newer than its beginning. */
static bool from_before(const struct check_context *c, const char *field)
{
    struct date since = check_date(c->after, "reopened_on"), on = check_date(c->after, field);
    return date_is_valid(since) && date_is_valid(on) && date_compare(on, since) < 0;
}

static void check_early(const struct check_context *c, const char *field, struct findings *out)
{
    const Record__Proposal *m = (const Record__Proposal *)c->after;
    struct date from = check_date(c->after, "submitted_on"), on = check_date(c->after, "replied_on");
    if (date_is_valid(from) && date_is_valid(on) && date_compare(on, from) < 0)
        findings_add(out, SEVERITY_BLOCK, "proposal.replied_early", field, m->submitted_on, m->replied_on);
}

void proposal_check_again(const struct check_context *c, const char *field, struct findings *out)
{
    if (from_before(c, field))
        findings_add(out, SEVERITY_BLOCK, "proposal.handled_again", field, ((const Record__Proposal *)c->after)->reopened_on, NULL);
}

/* A day that was right for the second handling stays within it; the first one's stays where it was. */
static bool was_of_second(const struct check_context *c, const char *field)
{
    struct date since = check_date(c->before, "reopened_on"), on = check_date(c->before, field);
    return date_is_valid(since) && date_is_valid(on) && date_compare(on, since) >= 0;
}

void proposal_check_days(const struct check_context *c, struct findings *out)
{
    static const char *const again[] = {"replied_on", "rated_on"};
    if (!c->before)
        return;
    if (check_changed(c, "replied_on") || check_changed(c, "submitted_on"))
        check_early(c, check_changed(c, "replied_on") ? "replied_on" : "submitted_on", out);
    for (size_t i = 0; i < COUNT(again); i++)
        if ((check_changed(c, again[i]) || check_changed(c, "reopened_on")) && was_of_second(c, again[i]))
            proposal_check_again(c, again[i], out);
}

void proposal_check_replied(const struct check_context *c, struct findings *out)
{
    check_early(c, "replied_on", out);
    proposal_check_again(c, "replied_on", out);
    if (!c->children)
        return;
    struct answers a = answers_to(c, &c->id, check_date(c->after, "reopened_on"));
    if (!a.written)
        findings_add(out, SEVERITY_BLOCK, "proposal.reply_written", "replied_on", NULL, NULL);
    if (!a.face_to_face)
        findings_add(out, SEVERITY_BLOCK, "proposal.reply_face", "replied_on", NULL, NULL);
    if (a.written && a.face_to_face && date_is_valid(a.since) && !a.again)
        findings_add(out, SEVERITY_BLOCK, "proposal.reply_again", "replied_on", NULL, NULL);
    check_merged_replies(c, out);
}
