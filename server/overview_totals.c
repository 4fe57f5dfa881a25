/* Sums over a whole subtree. One org's measures are held at a time: those of a city's 2,000 branches would not fit into
 * the memory of one frame. */
#include "server/overview_few.h"
#include "base/limits.h"
#include "kinds/figure.h"

#include <stdlib.h>
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

/* Who was merged or dissolved does not any more (figure_counts); those that are not branches never did. */
static bool owes_plans(const struct control_org *org)
{
    return org->leaf && figure_counts(org->state);
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

static enum err add_one(struct totals *t, const struct control_org *org, struct few_pool *pool, struct arena *arena)
{
    struct overview_told own;
    enum err e = overview_org(t->view, org->number, arena, &own);
    if (e != ERR_OK)
        return e;
    add_all(t->all, &own.shown);
    if (t->plans)
        count_periods(t, &own.shown, owes_plans(org));
    return t->all->failed != ERR_OK ? t->all->failed : few_pool_add(pool, &own);
}

static int by_parent(const void *a, const void *b)
{
    const struct control_org *x = *(const struct control_org *const *)a, *y = *(const struct control_org *const *)b;
    return x->parent != y->parent ? (x->parent < y->parent ? -1 : 1) : (x->number > y->number) - (x->number < y->number);
}

/* From top down, those below one parent together. */
static enum err orgs_below(const struct totals *t, uint32_t top, const struct control_org ***out, size_t *count)
{
    const struct control *control = t->view->control;
    const struct control_org *org;
    size_t all = 0, found = 0;
    while (control_org_at(control, all))
        all++;
    const struct control_org **list = arena_alloc(t->all->arena, (all + 1) * sizeof *list);
    if (!list)
        return ERR_MEMORY;
    for (size_t i = 0; (org = control_org_at(control, i)); i++)
        if (control_in_subtree(control, top, org->number))
            list[found++] = org;
    if (found > 1)
        qsort(list, found, sizeof *list, by_parent);
    *out = list;
    *count = found;
    return ERR_OK;
}

/* One parent's: *at goes behind its last. */
static enum err add_siblings(struct totals *t, const struct control_org *const *list, size_t count, size_t *at,
                             struct sums *kept)
{
    uint32_t parent = list[*at]->parent;
    struct arena pooled, arena;
    struct few_pool pool;
    enum err e = ERR_OK;
    arena_init(&pooled, LIMIT_ARENA);
    arena_init(&arena, LIMIT_ARENA);
    few_pool_init(&pool, &pooled);
    for (; e == ERR_OK && *at < count && list[*at]->parent == parent; ++*at) {
        arena_reset(&arena);
        e = add_one(t, list[*at], &pool, &arena);
    }
    e = e == ERR_OK ? few_pool_close(&pool, t->all, kept) : e;
    arena_finish(&arena);
    arena_finish(&pooled);
    return e;
}

enum err overview_add_totals(const struct overview_view *v, uint32_t top, struct sums *to, struct sums *kept)
{
    struct totals t = {.view = v, .all = to};
    const struct control_org **list;
    size_t count = 0, at = 0;
    t.plans = !v->roles || kind_access(kind_by_name("work_plan"), NULL, v->roles) >= ACCESS_SUM;
    sums_init(&t.having, to->arena);
    enum err e = orgs_below(&t, top, &list, &count);
    while (e == ERR_OK && at < count)
        e = add_siblings(&t, list, count, &at, kept);
    return e == ERR_OK ? add_missing(&t) : e;
}
