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
static void add_dated(const struct overview_view *v, struct sums *to, const struct kind *k,
                      const struct measure_rule *rule, const char *day, int64_t value)
{
    struct date due;
    char name[OVERVIEW_NAME_SIZE];
    int size = snprintf(name, sizeof name, "%s.%s", k->name, rule->overdue);
    if (size < (int)sizeof name && date_read(slice_text(day), &due))
        sums_add(to, name, date_compare(due, v->today) < 0 ? value : 0);
}

/* Where the measure goes. Who may read all the records may see their sums, however few. */
static struct sums *place_of(struct overview_told *to, struct sums *answers, const struct kind *k, const char *rest,
                             role_set roles)
{
    const char *behind;
    enum measure_few few = k ? measure_few(k, rest, &behind) : MEASURE_OPEN;
    if (few == MEASURE_OPEN || kind_access_all(k, roles) >= ACCESS_OPEN)
        return &to->shown;
    if (few == MEASURE_ANSWERS)
        return answers;
    return to->members < MEASURE_LEAST ? &to->withheld : &to->shown;
}

static void add_measure(const struct overview_view *v, struct overview_told *to, struct sums *answers, const char *full,
                        int64_t value)
{
    const char *rest = NULL;
    const struct kind *k = overview_kind_of(full, &rest);
    enum access access = k ? kind_access(k, NULL, v->roles) : ACCESS_NONE;
    const struct measure_rule *dated = k ? dated_rule(k, rest) : NULL;
    if (v->roles && access < ACCESS_SUM)
        return;
    struct sums *place = place_of(to, answers, k, rest, v->roles);
    if (dated)
        add_dated(v, place, k, dated, rest + strlen(dated->name), value);
    else
        sums_add(place, full, value);
}

enum err overview_org(const struct overview_view *v, uint32_t org, struct arena *arena, struct overview_told *out)
{
    struct org_state *state;
    struct sums answers;
    const char *name;
    int64_t value;
    enum err e = store_load_org(v->store, org, 1, &state);
    if (e != ERR_OK)
        return e;
    sums_init(&answers, arena);
    sums_init(&out->shown, arena);
    sums_init(&out->withheld, arena);
    out->members = org_state_measure(state, "member.state.active");
    for (size_t i = 0; org_state_measure_at(state, i, &name, &value); i++)
        add_measure(v, out, &answers, name, value);
    org_state_destroy(state);
    return answers.failed != ERR_OK ? answers.failed : few_release(out, &answers);
}
