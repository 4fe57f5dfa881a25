/* See overview.h. */
#include "server/overview.h"
#include "server/messages.h"

#include <stdio.h>
#include <string.h>

/* Sums by name; ordered and found by a sorted list: a board has some hundred names. */
struct sums {
    Wire__Measure **list;
    size_t count, capacity;
    struct arena *arena;
    enum err failed;
};

static size_t sums_place(const struct sums *s, const char *name, bool *found)
{
    size_t low = 0, high = s->count;
    while (low < high) {
        size_t mid = (low + high) / 2;
        int order = strcmp(s->list[mid]->name, name);
        if (order == 0) {
            *found = true;
            return mid;
        }
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    *found = false;
    return low;
}

static void sums_add(struct sums *s, const char *name, int64_t value)
{
    bool found;
    size_t at = sums_place(s, name, &found);
    if (found) {
        s->list[at]->value += value;
        return;
    }
    if (s->count == s->capacity) {
        size_t capacity = s->capacity ? s->capacity * 2 : 32;
        Wire__Measure **list = arena_alloc(s->arena, capacity * sizeof *list);
        if (!list) {
            s->failed = ERR_MEMORY;
            return;
        }
        if (s->count)
            memcpy(list, s->list, s->count * sizeof *list);
        s->list = list;
        s->capacity = capacity;
    }
    Wire__Measure *m = arena_alloc(s->arena, sizeof *m);
    char *text = arena_text(s->arena, slice_text(name));
    if (!m || !text) {
        s->failed = ERR_MEMORY;
        return;
    }
    wire__measure__init(m);
    m->name = text;
    m->has_value = 1;
    m->value = value;
    memmove(s->list + at + 1, s->list + at, (s->count - at) * sizeof *s->list);
    s->list[at] = m;
    s->count++;
}

/* The rule of a measure by its full name, "plan_item.due.2026-10-31". */
static const struct measure_rule *rule_of(const char *full, const struct kind **kind, const char **rest)
{
    const char *dot = strchr(full, '.');
    char name[64];
    if (!dot || (size_t)(dot - full) >= sizeof name)
        return NULL;
    memcpy(name, full, (size_t)(dot - full));
    name[dot - full] = 0;
    *kind = kind_by_name(name);
    *rest = dot + 1;
    for (size_t i = 0; *kind && i < (*kind)->measure_count; i++) {
        const struct measure_rule *m = &(*kind)->measures[i];
        size_t size = strlen(m->name);
        bool family = size > 0 && m->name[size - 1] == '.';
        if (family ? strncmp(*rest, m->name, size) == 0 : strcmp(*rest, m->name) == 0)
            return m;
    }
    return NULL;
}

static void add_measure(struct sums *to, const char *name, int64_t value, role_set roles, struct date today)
{
    const struct kind *k = NULL;
    const char *rest;
    struct date due;
    const struct measure_rule *rule = rule_of(name, &k, &rest);
    if (k && roles && kind_access(k, NULL, roles) < ACCESS_SUM)
        return;
    if (!rule || !rule->overdue) {
        sums_add(to, name, value);
        return;
    }
    char *shown = arena_format(to->arena, "%s.%s", k->name, rule->overdue);
    if (!shown)
        to->failed = ERR_MEMORY;
    else if (date_parse(rest + strlen(rule->name), &due) == ERR_OK)
        sums_add(to, shown, date_compare(due, today) < 0 ? value : 0);
}

/* Periods for which the branch has a plan, remembered in the branch's own sums as work_plan.PERIOD.STATE. */
static bool has_plan(const struct sums *s, struct slice period)
{
    char prefix[64];
    int size = snprintf(prefix, sizeof prefix, "work_plan.%.*s.", (int)period.size, (const char *)period.data);
    for (size_t i = 0; i < s->count; i++)
        if (strncmp(s->list[i]->name, prefix, (size_t)size) == 0 && s->list[i]->value > 0)
            return true;
    return false;
}

static bool period_of(const char *name, struct slice *period)
{
    static const char front[] = "work_plan.";
    if (strncmp(name, front, sizeof front - 1) != 0)
        return false;
    const char *start = name + sizeof front - 1, *dot = strchr(start, '.');
    if (!dot)
        return false;
    *period = slice_of(start, (size_t)(dot - start));
    return true;
}

/* How many of the branches have no plan of a period that somebody has one of. */
static void add_missing(struct sums *totals, const struct sums *branches, size_t count)
{
    size_t named = totals->count;
    char *periods[64];
    size_t period_count = 0;
    for (size_t i = 0; i < named; i++) {
        struct slice p;
        if (!period_of(totals->list[i]->name, &p) || period_count == 64)
            continue;
        char *text = arena_text(totals->arena, p);
        if (text && (period_count == 0 || strcmp(periods[period_count - 1], text) != 0))
            periods[period_count++] = text;
    }
    for (size_t i = 0; i < period_count; i++) {
        int64_t missing = 0;
        for (size_t b = 0; b < count; b++)
            missing += !has_plan(&branches[b], slice_text(periods[i]));
        char *name = arena_format(totals->arena, "work_plan.%s.missing", periods[i]);
        if (name)
            sums_add(totals, name, missing);
    }
}

static void add_contact(const struct control *control, uint32_t org, Wire__OverviewBranch *b)
{
    const struct control_seat *seat;
    for (size_t i = 0; (seat = control_seat_at(control, i)); i++) {
        if (seat->org != org || seat->state == SEAT_REVOKED)
            continue;
        if (seat->last_contact_ms > b->last_contact_ms)
            b->last_contact_ms = seat->last_contact_ms;
        b->report->queued += seat->queued;
        b->report->refused += seat->refused;
        if (seat->conflicts > b->report->conflicts)
            b->report->conflicts = seat->conflicts; /* all seats of a branch see the same ones */
        if (seat->queued && (!b->report->oldest_queued_ms || seat->oldest_queued_ms < b->report->oldest_queued_ms))
            b->report->oldest_queued_ms = seat->oldest_queued_ms;
    }
}

static Wire__OverviewBranch *branch_message(const struct control_org *org, struct arena *arena)
{
    Wire__OverviewBranch *b = arena_alloc(arena, sizeof *b);
    if (!b || !(b->report = arena_alloc(arena, sizeof *b->report)))
        return NULL;
    Wire__Report *report = b->report;
    wire__overview_branch__init(b);
    wire__report__init(report);
    b->report = report;
    b->has_last_contact_ms = 1;
    report->has_queued = report->has_oldest_queued_ms = report->has_refused = report->has_conflicts = 1;
    b->org = message_org(org, arena);
    return b->org ? b : NULL;
}

static enum err add_org(struct store *store, uint32_t org, role_set roles, struct date today, struct sums *branch, struct sums *totals)
{
    struct org_state *state;
    const char *name;
    int64_t value;
    enum err e = store_load_org(store, org, 1, &state);
    if (e != ERR_OK)
        return e;
    for (size_t i = 0; org_state_measure_at(state, i, &name, &value); i++) {
        if (branch)
            add_measure(branch, name, value, roles, today);
        add_measure(totals, name, value, roles, today);
    }
    org_state_destroy(state);
    return totals->failed != ERR_OK ? totals->failed : branch ? branch->failed : ERR_OK;
}

enum err overview_make(struct store *store, const struct control *control, uint32_t org, role_set roles, struct date today,
                       int64_t now_ms, struct arena *arena, Wire__Overview *out)
{
    const struct control_org *o;
    struct sums totals = {.arena = arena};
    size_t orgs = 0;
    while (control_org_at(control, orgs))
        orgs++;
    struct sums *branches = arena_alloc(arena, (orgs + 1) * sizeof *branches);
    out->branch = arena_alloc(arena, (orgs + 1) * sizeof *out->branch);
    if (!branches || !out->branch)
        return ERR_MEMORY;
    for (size_t i = 0; (o = control_org_at(control, i)); i++) {
        if (!control_in_subtree(control, org, o->number))
            continue;
        struct sums *own = NULL;
        if (o->leaf) {
            own = &branches[out->n_branch];
            own->arena = arena;
        }
        enum err e = add_org(store, o->number, roles, today, own, &totals);
        if (e != ERR_OK)
            return e;
        if (!own)
            continue;
        Wire__OverviewBranch *b = branch_message(o, arena);
        if (!b)
            return ERR_MEMORY;
        add_contact(control, o->number, b);
        b->n_measure = own->count;
        b->measure = own->list;
        out->branch[out->n_branch++] = b;
    }
    add_missing(&totals, branches, out->n_branch);
    out->has_as_of_ms = 1;
    out->as_of_ms = now_ms;
    out->org = message_org(control_org(control, org), arena);
    out->n_total = totals.count;
    out->total = totals.list;
    return out->org ? totals.failed : ERR_MEMORY;
}
