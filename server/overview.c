/* The board: one packed row read for each org, added up; see overview.h. */
#include "server/overview.h"
#include "server/control/messages.h"
#include "server/overview_sums.h"

#include <stdio.h>
#include <string.h>

#define NAME_SIZE 96

struct board {
    struct store *store;
    const struct control *control;
    role_set roles; /* 0: all may be seen */
    struct date today;
    struct arena *arena;
    struct sums totals;
    struct sums *branches; /* beside out->branch */
    size_t *branch_of;     /* by org number: 1 + index of its branch, 0: none */
    uint32_t number_max;
    Wire__Overview *out;
};

/* ---- one measure ---- */

/* "plan_item.due.2026-10-31": its kind; *rest is what stands behind the first dot. NULL for a kind that this build does
 * not know. */
static const struct kind *kind_of(const char *full, const char **rest)
{
    const char *dot = strchr(full, '.');
    char name[NAME_SIZE];
    if (!dot || (size_t)(dot - full) >= sizeof name)
        return NULL;
    memcpy(name, full, (size_t)(dot - full));
    name[dot - full] = 0;
    *rest = dot + 1;
    return kind_by_name(name);
}

/* The dated family that the measure belongs to; NULL: it is none of such. */
static const struct measure_rule *dated_rule(const struct kind *k, const char *rest)
{
    for (size_t i = 0; i < k->measure_count; i++) {
        const struct measure_rule *m = &k->measures[i];
        if (m->overdue && strncmp(rest, m->name, strlen(m->name)) == 0)
            return m;
    }
    return NULL;
}

/* Of a dated family only what lies before today counts, and all of it as one. */
static void add_dated(const struct board *b, struct sums *to, const struct kind *k, const struct measure_rule *rule,
                      const char *day, int64_t value)
{
    struct date due;
    char name[NAME_SIZE];
    int size = snprintf(name, sizeof name, "%s.%s", k->name, rule->overdue);
    if (size < (int)sizeof name && date_parse(day, &due) == ERR_OK)
        sums_add(to, name, date_compare(due, b->today) < 0 ? value : 0);
}

static void add_measure(const struct board *b, struct sums *to, const char *full, int64_t value)
{
    const char *rest = NULL;
    const struct kind *k = kind_of(full, &rest);
    enum access access = k ? kind_access(k, NULL, b->roles) : ACCESS_NONE;
    const struct measure_rule *dated = k ? dated_rule(k, rest) : NULL;
    if (b->roles && access < ACCESS_SUM)
        return;
    if (dated)
        add_dated(b, to, k, dated, rest + strlen(dated->name), value);
    else
        sums_add(to, full, value);
}

static enum err add_org(struct board *b, uint32_t org, struct sums *own)
{
    struct org_state *state;
    const char *name;
    int64_t value;
    enum err e = store_load_org(b->store, org, 1, &state);
    if (e != ERR_OK)
        return e;
    for (size_t i = 0; org_state_measure_at(state, i, &name, &value); i++) {
        add_measure(b, &b->totals, name, value);
        if (own)
            add_measure(b, own, name, value);
    }
    org_state_destroy(state);
    return b->totals.failed != ERR_OK ? b->totals.failed : own ? own->failed : ERR_OK;
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
    report->has_queued = report->has_oldest_queued_ms = report->has_refused = report->has_conflicts = 1;
    m->report = report;
    m->has_last_contact_ms = 1;
    m->org = message_org(org, arena);
    return m->org ? m : NULL;
}

static enum err add_branch(struct board *b, const struct control_org *org)
{
    size_t index = b->out->n_branch;
    struct sums *own = &b->branches[index];
    Wire__OverviewBranch *m = branch_message(org, b->arena);
    if (!m)
        return ERR_MEMORY;
    sums_init(own, b->arena);
    enum err e = add_org(b, org->number, own);
    m->measure = own->list;
    m->n_measure = own->count;
    b->out->branch[index] = m;
    b->out->n_branch++;
    b->branch_of[org->number] = b->out->n_branch;
    return e;
}

static enum err add_orgs(struct board *b, uint32_t top)
{
    const struct control_org *org;
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && (org = control_org_at(b->control, i)); i++)
        if (control_in_subtree(b->control, top, org->number))
            e = org->leaf ? add_branch(b, org) : add_org(b, org->number, NULL);
    return e;
}

/* ---- contacts: what the branches' seats reported ---- */

static void add_contact(const struct control_seat *seat, Wire__OverviewBranch *m)
{
    Wire__Report *report = m->report;
    if (seat->last_contact_ms > m->last_contact_ms)
        m->last_contact_ms = seat->last_contact_ms;
    report->queued += seat->queued;
    report->refused += seat->refused;
    if (seat->conflicts > report->conflicts)
        report->conflicts = seat->conflicts; /* all seats of a branch see the same ones */
    if (seat->queued && (!report->oldest_queued_ms || seat->oldest_queued_ms < report->oldest_queued_ms))
        report->oldest_queued_ms = seat->oldest_queued_ms;
}

static void add_contacts(struct board *b)
{
    const struct control_seat *seat;
    for (size_t i = 0; (seat = control_seat_at(b->control, i)); i++)
        if (seat->state != SEAT_REVOKED && seat->org <= b->number_max && b->branch_of[seat->org])
            add_contact(seat, b->out->branch[b->branch_of[seat->org] - 1]);
}

/* ---- branches without a plan ---- */

static const char plan_front[] = "work_plan.";

/* "work_plan.PERIOD." of the measure, if it is one of a period; plans without one ("none") belong to no period. */
static bool period_front(const char *name, char out[NAME_SIZE])
{
    size_t front = sizeof plan_front - 1;
    if (strncmp(name, plan_front, front) != 0 || strncmp(name + front, "none.", 5) == 0)
        return false;
    const char *dot = strchr(name + front, '.');
    size_t size = dot ? (size_t)(dot - name) + 1 : 0;
    if (size == 0 || size >= NAME_SIZE)
        return false;
    memcpy(out, name, size);
    out[size] = 0;
    return true;
}

static bool has_any(const struct sums *s, const char *front)
{
    size_t size = strlen(front);
    for (size_t i = sums_from(s, front); i < s->count && strncmp(s->list[i]->name, front, size) == 0; i++)
        if (s->list[i]->value > 0)
            return true;
    return false;
}

/* A branch that was merged or dissolved owes no plan any more. */
static bool owes_plans(const Wire__OverviewBranch *m)
{
    return strcmp(m->org->state, "merged") != 0 && strcmp(m->org->state, "dissolved") != 0;
}

static int64_t count_missing(const struct board *b, const char *front)
{
    int64_t missing = 0;
    for (size_t i = 0; i < b->out->n_branch; i++)
        missing += owes_plans(b->out->branch[i]) && !has_any(&b->branches[i], front);
    return missing;
}

/* Periods are neighbours in the order of names; what is added ("PERIOD.missing") lies among those that were looked at.
 */
static enum err add_missing(struct board *b)
{
    char front[NAME_SIZE], last[NAME_SIZE] = "";
    struct sums found;
    sums_init(&found, b->arena);
    for (size_t i = 0; i < b->totals.count; i++) {
        if (!period_front(b->totals.list[i]->name, front) || strcmp(front, last) == 0 || !has_any(&b->totals, front))
            continue;
        memcpy(last, front, sizeof last);
        char *name = arena_format(b->arena, "%smissing", front);
        if (!name)
            return ERR_MEMORY;
        sums_add(&found, name, count_missing(b, front));
    }
    for (size_t i = 0; i < found.count; i++)
        sums_add(&b->totals, found.list[i]->name, found.list[i]->value);
    return found.failed != ERR_OK ? found.failed : b->totals.failed;
}

/* ---- the board ---- */

static enum err make_room(struct board *b)
{
    const struct control_org *org;
    size_t orgs = 0;
    for (; (org = control_org_at(b->control, orgs)); orgs++)
        if (org->number > b->number_max)
            b->number_max = org->number;
    b->branches = arena_alloc(b->arena, (orgs + 1) * sizeof *b->branches);
    b->branch_of = arena_alloc(b->arena, (b->number_max + 1) * sizeof *b->branch_of);
    b->out->branch = arena_alloc(b->arena, (orgs + 1) * sizeof *b->out->branch);
    return b->branches && b->branch_of && b->out->branch ? ERR_OK : ERR_MEMORY;
}

enum err overview_make(struct store *store, const struct control *control, uint32_t org, role_set roles,
                       struct date today, int64_t now_ms, struct arena *arena, Wire__Overview *out)
{
    struct board b = {.store = store, .control = control, .roles = roles, .today = today, .arena = arena, .out = out};
    sums_init(&b.totals, arena);
    out->n_branch = 0;
    enum err e = make_room(&b);
    if (e == ERR_OK)
        e = add_orgs(&b, org);
    if (e != ERR_OK)
        return e;
    add_contacts(&b);
    if (!roles || kind_access(kind_by_name("work_plan"), NULL, roles) >= ACCESS_SUM)
        e = add_missing(&b);
    if (e != ERR_OK)
        return e;
    out->has_as_of_ms = 1;
    out->as_of_ms = now_ms;
    out->org = message_org(control_org(control, org), arena);
    out->n_total = b.totals.count;
    out->total = b.totals.list;
    return out->org ? ERR_OK : ERR_MEMORY;
}
