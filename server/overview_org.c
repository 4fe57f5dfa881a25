/* What an org's packed measures are to a reader; see overview_parts.h. */
#include "server/overview_few.h"

#include <stdio.h>
#include <string.h>

/* "plan_item.due.2026-10-31": its kind; *rest is what stands behind the first dot. NULL for a kind that this build does
 * not know. */
const struct kind *overview_kind_of(const char *full, const char **rest)
{
    const char *dot = strchr(full, '.');
    char name[OVERVIEW_NAME_SIZE];
    if (!dot || (size_t)(dot - full) >= sizeof name)
        return NULL;
    memcpy(name, full, (size_t)(dot - full));
    name[dot - full] = 0;
    *rest = dot + 1;
    return kind_by_name(name);
}

/* An org's measures come in the order of names, so that what holds for a kind, and for a family in it, is found once. */
struct reading {
    const struct overview_view *view;
    const struct org_state *state;
    struct overview_told *to;
    struct arena *arena;
    struct sums open;        /* decided once all is read (few_release) */
    const struct kind *kind; /* of the last measure; NULL: none that this build knows */
    size_t front;            /* of its name, with the dot; 0: nothing is known yet */
    const char *last;        /* a measure of it */
    bool hidden, sums_alone;
    const char **full; /* its periods that enough people owe for, ascending */
    size_t full_count, full_capacity;
    size_t family; /* of its name, to the family's dot; without one all of it with its end */
    enum measure_few few;
    const struct measure_rule *dated; /* the dated family that it is; NULL: none of such */
    char dated_name[OVERVIEW_NAME_SIZE];
};

/* at: where the kind's measures begin. */
static enum err find_full(struct reading *r, size_t at)
{
    const char *people = r->kind->people, *name;
    size_t size = strlen(people);
    int64_t value;
    r->full_count = 0;
    for (; org_state_measure_at(r->state, at, &name, &value) && strncmp(name, r->last, r->front) == 0; at++) {
        if (value < MEASURE_LEAST || strncmp(name + r->front, people, size) != 0)
            continue;
        const char **list = arena_grow(r->arena, r->full, r->full_count, &r->full_capacity, sizeof *list);
        if (!list)
            return ERR_MEMORY;
        r->full = list;
        r->full[r->full_count++] = name + r->front + size;
    }
    return ERR_OK;
}

static bool is_full(const struct reading *r, const char *period)
{
    size_t low = 0, high = r->full_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(r->full[middle], period);
        if (order == 0)
            return true;
        low = order < 0 ? middle + 1 : low;
        high = order < 0 ? high : middle;
    }
    return false;
}

static enum err take_kind(struct reading *r, const char *name, size_t at)
{
    const char *rest = name;
    if (r->front && strncmp(name, r->last, r->front) == 0)
        return ERR_OK;
    r->kind = overview_kind_of(name, &rest);
    r->front = (size_t)(rest - name);
    r->last = name;
    r->hidden = r->view->roles && (!r->kind || kind_access(r->kind, NULL, r->view->roles) < ACCESS_SUM);
    r->sums_alone = r->kind && (r->kind->few || r->kind->answers) && kind_access_all(r->kind, r->view->roles) < ACCESS_OPEN;
    return r->sums_alone && r->kind->people && !r->hidden ? find_full(r, at) : ERR_OK;
}

static const struct measure_rule *dated_rule(const struct kind *k, const char *rest)
{
    for (size_t i = 0; i < k->measure_count; i++)
        if (k->measures[i].overdue && strncmp(rest, k->measures[i].name, strlen(k->measures[i].name)) == 0)
            return &k->measures[i];
    return NULL;
}

/* No family's name has a dot but at its end. */
static enum err take_family(struct reading *r, const char *name, size_t at)
{
    if (r->family && strncmp(name, r->last, r->family) == 0)
        return ERR_OK;
    enum err e = take_kind(r, name, at);
    const char *rest = name + r->front, *dot = strchr(rest, '.'), *behind;
    r->last = name;
    r->family = dot ? (size_t)(dot - name) + 1 : strlen(name) + 1;
    r->few = r->sums_alone ? measure_few(r->kind, rest, &behind) : MEASURE_OPEN;
    r->dated = r->kind ? dated_rule(r->kind, rest) : NULL;
    if (r->dated && snprintf(r->dated_name, sizeof r->dated_name, "%s.%s", r->kind->name, r->dated->overdue) >= (int)sizeof r->dated_name)
        r->dated_name[0] = '\0';
    return e;
}

/* Of a dated family only what lies before today counts, and all of it as one. */
static void add_dated(struct reading *r, struct sums *to, const char *day, int64_t value)
{
    struct date due;
    if (r->dated_name[0] && date_read(slice_text(day), &due))
        sums_add(to, r->dated_name, date_compare(due, r->view->today) < 0 ? value : 0);
}

/* Where the measure goes. Who may read all the records may see their sums, however few. */
static struct sums *place_of(struct reading *r, const char *period)
{
    if (r->few == MEASURE_OPEN)
        return &r->to->shown;
    if (r->few == MEASURE_ANSWERS)
        return &r->open;
    if (r->to->members < MEASURE_LEAST)
        return &r->to->withheld;
    if (r->few == MEASURE_EVER)
        return &r->open;
    return !r->kind->people || is_full(r, period) ? &r->to->shown : &r->to->withheld;
}

/* at: its place in the state. */
static enum err add_measure(struct reading *r, const char *name, int64_t value, size_t at)
{
    enum err e = take_family(r, name, at);
    if (e != ERR_OK || r->hidden)
        return e;
    struct sums *place = place_of(r, name + r->family);
    if (r->dated)
        add_dated(r, place, name + r->family, value);
    else
        sums_add(place, name, value);
    return ERR_OK;
}

enum err overview_org(const struct overview_view *v, uint32_t org, struct arena *arena, struct overview_told *out)
{
    struct org_state *state;
    struct reading r = {.view = v, .to = out, .arena = arena};
    const char *name;
    int64_t value;
    enum err e = store_load_org(v->store, org, 1, &state);
    if (e != ERR_OK)
        return e;
    r.state = state;
    sums_init(&r.open, arena);
    sums_init(&out->shown, arena);
    sums_init(&out->withheld, arena);
    out->members = org_state_measure(state, "member.state.active");
    for (size_t i = 0; e == ERR_OK && org_state_measure_at(state, i, &name, &value); i++)
        e = add_measure(&r, name, value, i);
    if (e == ERR_OK && org <= v->twins_max && v->twins[org] > 0) /* between branches, so in no branch's own sums */
        e = add_measure(&r, "member.possible_duplicates", v->twins[org], SIZE_MAX);
    org_state_destroy(state);
    if (e == ERR_OK)
        e = r.open.failed;
    return e == ERR_OK ? few_release(out, &r.open) : e;
}
