/* The board in pages: totals first, then branches, each made of one packed row; see overview.h. */
#include "server/overview.h"
#include "base/limits.h"
#include "server/control/messages.h"
#include "server/overview_few.h"
#include "server/store/store_twins.h"

#include <string.h>

struct board {
    struct overview_view view;
    const struct overview_ask *ask;
    struct arena *arena;
    size_t size;       /* of what stands in out */
    size_t *branch_of; /* by org number: 1 + index of its branch in out, 0: none */
    uint32_t number_max;
    Wire__Overview *out;
};

/* True where a part of that size goes into this page; one always does. */
static bool has_room(struct board *b, size_t part)
{
    size_t parts = b->out->n_total + b->out->n_branch, size = b->size + part;
    if (parts > 0 && b->ask->size_max && (size > b->ask->size_max || parts >= LIMIT_REPEATED))
        return false;
    b->size = size;
    return true;
}

#define PART_FRAME 6    /* tag and length around a part */
#define CONTACT_ROOM 48 /* the same, and what the seats' reports may add to a branch */

/* ---- totals ---- */

/* *all: the last of them stands in this page. */
static enum err add_totals(struct board *b, bool *all)
{
    struct sums totals, kept;
    sums_init(&totals, b->arena);
    sums_init(&kept, b->arena);
    enum err e = overview_add_totals(&b->view, b->ask->org, &totals, &kept);
    if (e == ERR_OK)
        e = few_kinds(&kept, b->arena, &b->out->withheld, &b->out->n_withheld);
    if (e != ERR_OK)
        return e;
    size_t i = 0;
    while (b->ask->after_total && i < totals.count && strcmp(totals.list[i]->name, b->ask->after_total) <= 0)
        i++;
    b->out->total = totals.list + i;
    while (i < totals.count && has_room(b, protobuf_c_message_get_packed_size(&totals.list[i]->base) + PART_FRAME)) {
        b->out->n_total++;
        i++;
    }
    *all = i == totals.count;
    return ERR_OK;
}

/* ---- branches ---- */

static Wire__OverviewBranch *branch_message(const struct control_org *org, struct arena *arena)
{
    Wire__OverviewBranch *m = arena_alloc(arena, sizeof *m);
    Wire__Report *report = arena_alloc(arena, sizeof *report);
    if (!m || !report)
        return NULL;
    wire__overview_branch__init(m);
    wire__report__init(report);
    report->has_queued = report->has_oldest_queued_ms = report->has_refused = report->has_conflicts =
        report->has_broken = report->has_rewritten = report->has_copies = 1;
    m->report = report;
    m->has_last_contact_ms = 1;
    m->org = message_org(org, arena);
    return m->org ? m : NULL;
}

/* *full: it does not go into this page any more. */
static enum err add_branch(struct board *b, const struct control_org *org, bool *full)
{
    struct overview_told own;
    Wire__OverviewBranch *m = branch_message(org, b->arena);
    if (!m)
        return ERR_MEMORY;
    enum err e = overview_org(&b->view, org->number, b->arena, &own);
    if (e == ERR_OK)
        e = few_kinds(&own.withheld, b->arena, &m->withheld, &m->n_withheld);
    if (e == ERR_OK)
        e = overview_recovery(&b->view, org->number, b->arena, &m->recovery);
    if (e != ERR_OK)
        return e;
    m->measure = own.shown.list;
    m->n_measure = own.shown.count;
    *full = !has_room(b, protobuf_c_message_get_packed_size(&m->base) + CONTACT_ROOM);
    if (*full)
        return ERR_OK;
    b->out->branch[b->out->n_branch++] = m;
    b->branch_of[org->number] = b->out->n_branch;
    return ERR_OK;
}

/* Where the branches of this page begin in the order of control_org_at. */
static size_t first_branch(const struct board *b)
{
    const struct control_org *org;
    if (!b->ask->after_branch)
        return 0;
    for (size_t i = 0; (org = control_org_at(b->view.control, i)); i++)
        if (org->number == b->ask->after_branch)
            return i + 1;
    return 0;
}

static enum err add_branches(struct board *b)
{
    const struct control_org *org;
    enum err e = ERR_OK;
    bool full = false;
    for (size_t i = first_branch(b); e == ERR_OK && !full && (org = control_org_at(b->view.control, i)); i++)
        if (org->leaf && control_in_subtree(b->view.control, b->ask->org, org->number))
            e = add_branch(b, org, &full);
    b->out->done = !full;
    return e;
}

/* ---- contacts: what the branches' seats reported ---- */

static void add_contact(const struct control_seat *seat, int64_t now_ms, Wire__OverviewBranch *m)
{
    Wire__Report *report = m->report;
    if (seat->last_contact_ms > m->last_contact_ms)
        m->last_contact_ms = seat->last_contact_ms;
    report->queued += seat->queued;
    report->refused += seat->refused;
    report->broken += seat->broken;
    report->rewritten += seat->rewritten > 0; /* devices that say so */
    report->copies += control_seat_is_copied(seat, now_ms);
    if (seat->conflicts > report->conflicts)
        report->conflicts = seat->conflicts; /* all seats of a branch see the same ones */
    if (seat->queued && (!report->oldest_queued_ms || seat->oldest_queued_ms < report->oldest_queued_ms))
        report->oldest_queued_ms = seat->oldest_queued_ms;
}

static void add_contacts(struct board *b)
{
    const struct control_seat *seat;
    for (size_t i = 0; (seat = control_seat_at(b->view.control, i)); i++)
        if (seat->state != SEAT_REVOKED && seat->org <= b->number_max && b->branch_of[seat->org])
            add_contact(seat, b->ask->now_ms, b->out->branch[b->branch_of[seat->org] - 1]);
}

/* ---- the board ---- */

static enum err make_room(struct board *b)
{
    const struct control_org *org;
    size_t orgs = 0;
    for (; (org = control_org_at(b->view.control, orgs)); orgs++)
        if (org->number > b->number_max)
            b->number_max = org->number;
    b->branch_of = arena_alloc(b->arena, (b->number_max + 1) * sizeof *b->branch_of);
    b->out->branch = arena_alloc(b->arena, (orgs + 1) * sizeof *b->out->branch);
    return b->branch_of && b->out->branch ? ERR_OK : ERR_MEMORY;
}

struct twins {
    int64_t *list; /* by org number */
    uint32_t max;
};

static void on_twins(void *to, uint32_t org, int64_t members)
{
    struct twins *t = to;
    if (org <= t->max)
        t->list[org] = members;
}

/* To a branch those within it alone: whoever may enter a member would else learn, by the number, who is one elsewhere. */
static enum err find_twins(struct board *b)
{
    bool above = !b->ask->roles || (b->ask->roles & ROLES_DISTRICT);
    struct twins t = {arena_alloc(b->arena, (b->number_max + 1) * sizeof *t.list), b->number_max};
    if (!t.list)
        return ERR_MEMORY;
    b->view.twins = t.list;
    b->view.twins_max = t.max;
    return store_count_twins(b->view.store, above ? TWINS_ANYWHERE : TWINS_WITHIN, on_twins, &t);
}

enum err overview_make(struct store *store, const struct control *control, const struct overview_ask *ask,
                       struct arena *arena, Wire__Overview *out)
{
    struct board b = {.view = {store, control, ask->roles, ask->today}, .ask = ask, .arena = arena, .out = out};
    bool all = true;
    out->n_branch = out->n_total = 0;
    out->has_done = out->has_as_of_ms = 1;
    out->done = 0;
    out->as_of_ms = ask->now_ms;
    enum err e = make_room(&b);
    if (e == ERR_OK)
        e = find_twins(&b);
    if (e == ERR_OK && !ask->after_branch)
        e = add_totals(&b, &all);
    if (e == ERR_OK && all)
        e = add_branches(&b);
    if (e != ERR_OK)
        return e;
    add_contacts(&b);
    const struct control_org *top = control_org(control, ask->org);
    out->org = message_org(top, arena);
    if (!out->org)
        return ERR_MEMORY;
    return top->leaf ? ERR_OK : overview_recovery(&b.view, ask->org, arena, &out->recovery);
}
