/* See overview_few.h. */
#include "server/overview_few.h"

#include <stdio.h>

/* What is judged together with the measure: the answers of a kind and period ("proposal.2026"), else all that tells of few people
 * (""). */
static bool group_of(const char *name, char out[OVERVIEW_NAME_SIZE])
{
    const char *rest, *behind;
    const struct kind *k = overview_kind_of(name, &rest);
    bool answers = k && measure_few(k, rest, &behind) == MEASURE_ANSWERS;
    out[0] = '\0';
    if (answers) /* shorter than the name itself */
        snprintf(out, OVERVIEW_NAME_SIZE, "%s.%s", k->name, behind);
    return answers;
}

static enum err failed_of(const struct sums *a, const struct sums *b)
{
    return a->failed != ERR_OK ? a->failed : b->failed;
}

/* ---- an org's own ---- */

enum err few_release(struct overview_told *org, const struct sums *answers)
{
    char group[OVERVIEW_NAME_SIZE];
    struct sums counts;
    sums_init(&counts, answers->arena);
    for (size_t i = 0; i < answers->count; i++) {
        (void)group_of(answers->list[i]->name, group);
        sums_add(&counts, group, answers->list[i]->value);
    }
    for (size_t i = 0; i < answers->count; i++) {
        (void)group_of(answers->list[i]->name, group);
        int64_t count = sums_value(&counts, group);
        bool enough = count == 0 || (count >= MEASURE_LEAST && org->members >= MEASURE_LEAST);
        sums_add(enough ? &org->shown : &org->withheld, answers->list[i]->name, answers->list[i]->value);
    }
    return counts.failed != ERR_OK ? counts.failed : failed_of(&org->shown, &org->withheld);
}

enum err few_kinds(const struct sums *withheld, struct arena *arena, uint32_t **out, size_t *count)
{
    const char *rest;
    uint32_t *list = arena_alloc(arena, (withheld->count + 1) * sizeof *list);
    *count = 0;
    if (!list)
        return ERR_MEMORY;
    for (size_t i = 0; i < withheld->count; i++) { /* in the order of names: a kind's are neighbours */
        uint32_t number = overview_kind_of(withheld->list[i]->name, &rest)->number;
        if (*count == 0 || list[*count - 1] != number)
            list[(*count)++] = number;
    }
    *out = list;
    return ERR_OK;
}

/* ---- what the orgs below one parent withhold ---- */

void few_pool_init(struct few_pool *p, struct arena *arena)
{
    p->arena = arena;
    sums_init(&p->values, arena);
    sums_init(&p->orgs, arena);
    sums_init(&p->members, arena);
    sums_init(&p->answers, arena);
}

enum err few_pool_add(struct few_pool *p, const struct overview_told *org)
{
    char group[OVERVIEW_NAME_SIZE];
    struct sums own; /* answers of this org by group: each is one org more there */
    sums_init(&own, p->arena);
    for (size_t i = 0; i < org->withheld.count; i++) {
        const Wire__Measure *m = org->withheld.list[i];
        bool answers = group_of(m->name, group);
        sums_add(&p->values, m->name, m->value);
        sums_add(&own, group, answers ? m->value : MEASURE_LEAST);
    }
    for (size_t i = 0; i < own.count; i++) {
        sums_add(&p->orgs, own.list[i]->name, 1);
        sums_add(&p->members, own.list[i]->name, org->members);
        sums_add(&p->answers, own.list[i]->name, own.list[i]->value);
    }
    enum err e = failed_of(&p->values, &own);
    e = e != ERR_OK ? e : failed_of(&p->orgs, &p->members);
    return e != ERR_OK ? e : p->answers.failed;
}

static bool may_tell(const struct few_pool *p, const char *measure)
{
    char group[OVERVIEW_NAME_SIZE];
    (void)group_of(measure, group);
    return sums_value(&p->orgs, group) >= 2 && sums_value(&p->members, group) >= MEASURE_LEAST &&
           sums_value(&p->answers, group) >= MEASURE_LEAST;
}

enum err few_pool_close(const struct few_pool *p, struct sums *totals, struct sums *kept)
{
    for (size_t i = 0; i < p->values.count; i++) {
        const Wire__Measure *m = p->values.list[i];
        if (may_tell(p, m->name))
            sums_add_pooled(totals, m->name, m->value);
        else
            sums_add(kept, m->name, m->value);
    }
    return failed_of(totals, kept);
}
