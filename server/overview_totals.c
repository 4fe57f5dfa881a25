/* Sums over a whole subtree. One org's measures are held at a time: those of a city's 2,000 branches would not fit into
 * the memory of one frame. */
#include "server/overview_parts.h"
#include "base/limits.h"

#include <string.h>

struct totals {
    const struct overview_view *view;
    struct sums *all;
    bool plans;         /* the reader may count plans */
    struct sums having; /* by "work_plan.PERIOD.": branches that owe plans and have one */
    int64_t owing;      /* branches that owe plans */
};

static void add_all(struct sums *to, const struct sums *own)
{
    for (size_t i = 0; i < own->count; i++)
        sums_add(to, own->list[i]->name, own->list[i]->value);
}

/* ---- branches without a plan ---- */

static const char plan_front[] = "work_plan.";

/* "work_plan.PERIOD." of the measure, if it is one of a period; plans without one ("none") belong to no period. */
static bool period_front(const char *name, char out[OVERVIEW_NAME_SIZE])
{
    size_t front = sizeof plan_front - 1;
    if (strncmp(name, plan_front, front) != 0 || strncmp(name + front, "none.", 5) == 0)
        return false;
    const char *dot = strchr(name + front, '.');
    size_t size = dot ? (size_t)(dot - name) + 1 : 0;
    if (size == 0 || size >= OVERVIEW_NAME_SIZE)
        return false;
    memcpy(out, name, size);
    out[size] = 0;
    return true;
}

/* A branch that was merged or dissolved owes no plan any more; those that are not branches never did. */
static bool owes_plans(const struct control_org *org)
{
    return org->leaf && strcmp(org->state, "merged") != 0 && strcmp(org->state, "dissolved") != 0;
}

/* Measures of one period are neighbours in the order of names. What is there in whatever org makes the period one that
 * others may lack. */
static void count_periods(struct totals *t, const struct sums *own, bool owes)
{
    char front[OVERVIEW_NAME_SIZE], last[OVERVIEW_NAME_SIZE] = "";
    for (size_t i = sums_from(own, plan_front); i < own->count; i++) {
        if (own->list[i]->value <= 0 || !period_front(own->list[i]->name, front) || strcmp(front, last) == 0)
            continue;
        memcpy(last, front, sizeof last);
        sums_add(&t->having, front, owes);
    }
    t->owing += owes;
}

static enum err add_missing(struct totals *t)
{
    for (size_t i = 0; i < t->having.count; i++) {
        char *name = arena_format(t->all->arena, "%smissing", t->having.list[i]->name);
        if (!name)
            return ERR_MEMORY;
        sums_add(t->all, name, t->owing - t->having.list[i]->value);
    }
    return t->having.failed != ERR_OK ? t->having.failed : t->all->failed;
}

/* ---- all orgs ---- */

static enum err add_one(struct totals *t, const struct control_org *org, struct arena *arena)
{
    struct sums own;
    sums_init(&own, arena);
    enum err e = overview_add_org(t->view, org->number, &own);
    if (e != ERR_OK)
        return e;
    add_all(t->all, &own);
    if (t->plans)
        count_periods(t, &own, owes_plans(org));
    return t->all->failed;
}

enum err overview_add_totals(const struct overview_view *v, uint32_t top, struct sums *to)
{
    struct totals t = {.view = v, .all = to};
    struct arena arena;
    const struct control_org *org;
    enum err e = ERR_OK;
    t.plans = !v->roles || kind_access(kind_by_name("work_plan"), NULL, v->roles) >= ACCESS_SUM;
    sums_init(&t.having, to->arena);
    arena_init(&arena, LIMIT_ARENA);
    for (size_t i = 0; e == ERR_OK && (org = control_org_at(v->control, i)); i++) {
        if (!control_in_subtree(v->control, top, org->number))
            continue;
        arena_reset(&arena);
        e = add_one(&t, org, &arena);
    }
    arena_finish(&arena);
    return e == ERR_OK ? add_missing(&t) : e;
}
