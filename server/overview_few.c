/* See overview_few.h. */
#include "server/overview_few.h"

#include <string.h>

/* What of a measure is judged, and together with which others. */
struct judged {
    enum measure_few few;
    const struct kind *kind;
    const char *rest;              /* the measure's name in its kind */
    char group[OVERVIEW_NAME_SIZE]; /* kind and period ("proposal.2026"); over all periods the kind alone ("dues_assessment.") */
};

static struct judged judged_of(const char *name)
{
    struct judged j = {.few = MEASURE_OPEN};
    const char *behind = "";
    j.kind = overview_kind_of(name, &j.rest);
    if (!j.kind)
        return j;
    j.few = measure_few(j.kind, j.rest, &behind);
    size_t front = (size_t)(j.rest - name), size = strnlen(behind, sizeof j.group - 1 - front); /* a kind's name is shorter than that */
    memcpy(j.group, name, front);
    memcpy(j.group + front, behind, size);
    j.group[front + size] = '\0';
    return j;
}

static enum err failed_of(const struct sums *a, const struct sums *b)
{
    return a->failed != ERR_OK ? a->failed : b->failed;
}

static bool begins(const char *text, const char *front)
{
    return strncmp(text, front, strlen(front)) == 0;
}

/* ---- an org's own ---- */

static bool withholds_any(const struct overview_told *org, const char *front)
{
    size_t at = sums_from(&org->withheld, front);
    return at < org->withheld.count && begins(org->withheld.list[at]->name, front);
}

static bool is_shown(const struct overview_told *org, const struct judged *j, const struct sums *answers)
{
    if (j->few != MEASURE_ANSWERS)
        return !withholds_any(org, j->group);
    int64_t count = sums_value(answers, j->group);
    return count == 0 || (count >= MEASURE_LEAST && org->members >= MEASURE_LEAST);
}

enum err few_release(struct overview_told *org, const struct sums *open)
{
    struct judged *judged = arena_alloc(open->arena, (open->count + 1) * sizeof *judged);
    struct sums answers; /* by group */
    if (!judged)
        return ERR_MEMORY;
    sums_init(&answers, open->arena);
    for (size_t i = 0; i < open->count; i++) {
        judged[i] = judged_of(open->list[i]->name);
        if (judged[i].few == MEASURE_ANSWERS)
            sums_add(&answers, judged[i].group, open->list[i]->value);
    }
    for (size_t i = 0; i < open->count; i++)
        sums_add(is_shown(org, &judged[i], &answers) ? &org->shown : &org->withheld, open->list[i]->name, open->list[i]->value);
    return answers.failed != ERR_OK ? answers.failed : failed_of(&org->shown, &org->withheld);
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
    sums_init(&p->weights, arena);
}

/* What the measure adds to the weight of its org in the group, which holds `before` by now. Where nothing counts a period's people
 * an org stands for one at least. */
static int64_t weight_of(const struct judged *j, const struct overview_told *org, int64_t value, int64_t before)
{
    bool counts = j->few == MEASURE_ANSWERS || (j->kind->people && begins(j->rest, j->kind->people));
    if (counts)
        return value;
    if ((j->few == MEASURE_FEW && j->kind->people) || value == 0 || before > 0)
        return 0;
    return j->few == MEASURE_EVER ? org->members : 1;
}

enum err few_pool_add(struct few_pool *p, const struct overview_told *org)
{
    struct sums own; /* this org's weights by group */
    sums_init(&own, p->arena);
    for (size_t i = 0; i < org->withheld.count; i++) {
        const Wire__Measure *m = org->withheld.list[i];
        struct judged j = judged_of(m->name);
        sums_add(&p->values, m->name, m->value);
        sums_add(&own, j.group, weight_of(&j, org, m->value, sums_value(&own, j.group)));
    }
    for (size_t i = 0; i < own.count; i++) {
        bool counts = own.list[i]->value > 0; /* who adds nothing to the sums hides nobody in them */
        sums_add(&p->orgs, own.list[i]->name, counts);
        sums_add(&p->members, own.list[i]->name, counts ? org->members : 0);
        sums_add(&p->weights, own.list[i]->name, own.list[i]->value);
    }
    enum err e = failed_of(&p->values, &own);
    e = e != ERR_OK ? e : failed_of(&p->orgs, &p->members);
    return e != ERR_OK ? e : p->weights.failed;
}

static bool is_enough(const struct few_pool *p, const char *group)
{
    return sums_value(&p->orgs, group) >= 2 && sums_value(&p->members, group) >= MEASURE_LEAST &&
           sums_value(&p->weights, group) >= MEASURE_LEAST;
}

/* What is over all periods, less what is told of single ones, is a sum of the rest: so there may be no rest. */
static bool may_tell(const struct few_pool *p, const struct judged *j)
{
    bool enough = is_enough(p, j->group);
    for (size_t i = sums_from(&p->orgs, j->group); j->few == MEASURE_EVER && enough && i < p->orgs.count; i++) {
        if (!begins(p->orgs.list[i]->name, j->group))
            break;
        enough = is_enough(p, p->orgs.list[i]->name);
    }
    return enough;
}

enum err few_pool_close(const struct few_pool *p, struct sums *totals, struct sums *kept)
{
    for (size_t i = 0; i < p->values.count; i++) {
        const Wire__Measure *m = p->values.list[i];
        struct judged j = judged_of(m->name);
        if (may_tell(p, &j))
            sums_add_pooled(totals, m->name, m->value);
        else
            sums_add(kept, m->name, m->value);
    }
    return failed_of(totals, kept);
}
