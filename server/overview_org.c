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

/* An org's measures come in the order of names, so that what holds for a kind is found once, and so is a family's name. */
struct reading {
    const struct overview_view *view;
    struct overview_told *to;
    struct sums answers;
    const struct kind *kind; /* of the last measure; NULL: none that this build knows */
    size_t front;            /* of its name, with the dot; 0: nothing is known yet */
    const char *last;        /* a measure of it */
    bool hidden, sums_alone;
    const struct measure_rule *dated;
    char dated_name[OVERVIEW_NAME_SIZE];
};

static void take_kind(struct reading *r, const char *full)
{
    const char *rest = full;
    if (r->front && strncmp(full, r->last, r->front) == 0)
        return;
    r->kind = overview_kind_of(full, &rest);
    r->front = (size_t)(rest - full);
    r->last = full;
    r->dated = NULL;
    r->hidden = r->view->roles && (!r->kind || kind_access(r->kind, NULL, r->view->roles) < ACCESS_SUM);
    r->sums_alone = r->kind && (r->kind->few || r->kind->answers) && kind_access_all(r->kind, r->view->roles) < ACCESS_OPEN;
}

/* The dated family that the measure belongs to; NULL: it is none of such. */
static const struct measure_rule *dated_rule(struct reading *r, const char *rest)
{
    if (r->dated && strncmp(rest, r->dated->name, strlen(r->dated->name)) == 0)
        return r->dated;
    r->dated = NULL;
    for (size_t i = 0; i < r->kind->measure_count && !r->dated; i++) {
        const struct measure_rule *m = &r->kind->measures[i];
        if (m->overdue && strncmp(rest, m->name, strlen(m->name)) == 0)
            r->dated = m;
    }
    if (r->dated && snprintf(r->dated_name, sizeof r->dated_name, "%s.%s", r->kind->name, r->dated->overdue) >= (int)sizeof r->dated_name)
        r->dated_name[0] = '\0';
    return r->dated;
}

/* Of a dated family only what lies before today counts, and all of it as one. */
static void add_dated(struct reading *r, struct sums *to, const char *day, int64_t value)
{
    struct date due;
    if (r->dated_name[0] && date_read(slice_text(day), &due))
        sums_add(to, r->dated_name, date_compare(due, r->view->today) < 0 ? value : 0);
}

/* Where the measure goes. Who may read all the records may see their sums, however few. */
static struct sums *place_of(struct reading *r, const char *rest)
{
    const char *behind;
    enum measure_few few = r->sums_alone ? measure_few(r->kind, rest, &behind) : MEASURE_OPEN;
    if (few == MEASURE_ANSWERS)
        return &r->answers;
    return few == MEASURE_FEW && r->to->members < MEASURE_LEAST ? &r->to->withheld : &r->to->shown;
}

static void add_measure(struct reading *r, const char *full, int64_t value)
{
    take_kind(r, full);
    if (r->hidden)
        return;
    const char *rest = full + r->front;
    const struct measure_rule *dated = r->kind ? dated_rule(r, rest) : NULL;
    struct sums *place = r->kind ? place_of(r, rest) : &r->to->shown;
    if (dated)
        add_dated(r, place, rest + strlen(dated->name), value);
    else
        sums_add(place, full, value);
}

enum err overview_org(const struct overview_view *v, uint32_t org, struct arena *arena, struct overview_told *out)
{
    struct org_state *state;
    struct reading r = {.view = v, .to = out};
    const char *name;
    int64_t value;
    enum err e = store_load_org(v->store, org, 1, &state);
    if (e != ERR_OK)
        return e;
    sums_init(&r.answers, arena);
    sums_init(&out->shown, arena);
    sums_init(&out->withheld, arena);
    out->members = org_state_measure(state, "member.state.active");
    for (size_t i = 0; org_state_measure_at(state, i, &name, &value); i++)
        add_measure(&r, name, value);
    if (org <= v->twins_max && v->twins[org] > 0) /* between branches, so in no branch's own sums */
        add_measure(&r, "member.possible_duplicates", v->twins[org]);
    org_state_destroy(state);
    return r.answers.failed != ERR_OK ? r.answers.failed : few_release(out, &r.answers);
}
