/* What the board tells of the branches' sums (rules.md 8.2): to who sees sums alone nothing of dues where fewer than five people hide
 * each other, not by subtracting either; all else as it is. */
#include "tests/sim/oracle_board.h"

#include "server/overview.h"

#include <stdlib.h>
#include <string.h>

#define LEAST 5

/* ---- what may be told of one branch ---- */

static bool is_dues(const char *name)
{
    return strncmp(name, "dues_assessment.", 16) == 0 || (strncmp(name, "dues_payment.", 13) == 0 && strcmp(name, "dues_payment.possible_doubles") != 0);
}

/* The month that it is of; "": of all. */
static const char *period_of(const char *name)
{
    const char *last = strrchr(name, '.');
    return strncmp(name, "dues_assessment.", 16) == 0 && last && last[1] == '2' ? last + 1 : "";
}

static bool is_few(const struct tally *rows, const char *name)
{
    const char *period = period_of(name);
    if (!is_dues(name))
        return false;
    return tally_members(rows) < LEAST || (*period && tally_owing(rows, period) < LEAST);
}

/* What is of all months is told where each month is. */
static bool is_of_all_months(const char *name)
{
    return strncmp(name, "dues_assessment.", 16) == 0 && !*period_of(name);
}

static const Wire__Measure *find(Wire__Measure *const *list, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i]->name, name) == 0)
            return list[i];
    return NULL;
}

static void expect_branch(const Wire__OverviewBranch *b, const struct tally *rows, const char *who)
{
    for (size_t i = 0; i < b->n_measure; i++) {
        const Wire__Measure *m = b->measure[i];
        if (is_few(rows, m->name) && m->value)
            world_fail("the board tells %s of branch %u, of too few people: %s is %lld", who, b->org->number, m->name, (long long)m->value);
        if (tally_knows(m->name) && m->value != tally_value(rows, m->name))
            world_fail("the board tells %s that %s of branch %u is %lld; by the rows it is %lld", who, m->name, b->org->number, (long long)m->value,
                       (long long)tally_value(rows, m->name));
    }
    for (size_t i = 0; i < rows->count; i++) {
        const char *name = rows->list[i].name;
        bool told = find(b->measure, b->n_measure, name) != NULL, may = !is_few(rows, name) && !is_of_all_months(name);
        if (rows->list[i].value && may && !told && strncmp(name, "policy_limit", 12) != 0)
            world_fail("the board does not tell %s of branch %u: %s", who, b->org->number, name);
    }
}

/* ---- sums ---- */

struct hidden {
    int64_t value, orgs, members, people;
};

/* Has the branch anything at all in what the name is told together with? Who has none of it hides nobody; who paid nothing of what he owes does. */
static bool takes_part(const struct tally *rows, const char *name)
{
    const char *period = period_of(name);
    if (*period)
        return tally_owing(rows, period) > 0;
    return strncmp(name, "dues_payment.", 13) == 0 ? tally_value(rows, "dues_payment.total") > 0 : tally_value(rows, name) > 0;
}

/* What the branches' own lines do not tell of that name. */
static struct hidden hidden_of(const struct district *d, const Wire__Overview *o, const struct tally *of_branches, const char *name)
{
    struct hidden h = {0, 0, 0, 0};
    for (unsigned i = 0; i < d->scale.branches; i++) {
        const Wire__OverviewBranch *b = o->branch[i];
        int64_t value = tally_value(&of_branches[i], name);
        if ((!value && !takes_part(&of_branches[i], name)) || find(b->measure, b->n_measure, name))
            continue;
        h.value += value;
        h.orgs++;
        h.members += tally_members(&of_branches[i]);
        h.people += *period_of(name) ? tally_owing(&of_branches[i], period_of(name)) : tally_members(&of_branches[i]);
    }
    return h;
}

static void expect_total(const struct district *d, const Wire__Overview *o, const struct tally *of_branches, const struct tally *of_district,
                         const Wire__Measure *m, const char *who)
{
    struct hidden h = hidden_of(d, o, of_branches, m->name);
    int64_t all = tally_value(of_district, m->name);
    for (unsigned i = 0; i < d->scale.branches; i++)
        all += tally_value(&of_branches[i], m->name);
    if (m->value != all && m->value != all - h.value)
        world_fail("the board tells %s that %s is %lld in all; by the rows it is %lld, of which %lld may be kept back", who, m->name,
                   (long long)m->value, (long long)all, (long long)h.value);
    bool tells_hidden = h.value && m->value == all;
    if (tells_hidden && is_dues(m->name) && (h.orgs < 2 || h.members < LEAST || h.people < LEAST))
        world_fail("the board tells %s, by subtracting, that %s is %lld of %lld branches with %lld members, %lld of whom it is about", who, m->name,
                   (long long)h.value, (long long)h.orgs, (long long)h.members, (long long)h.people);
}

/* Branches that have no plan of the term. */
static void expect_missing(const struct district *d, const Wire__Overview *o, const struct tally *of_branches, const char *who)
{
    static const char front[] = "work_plan.2026-1.";
    const Wire__Measure *told = find(o->total, o->n_total, "work_plan.2026-1.missing");
    int64_t missing = 0, any = 0;
    for (unsigned i = 0; i < d->scale.branches; i++) {
        int64_t plans = 0;
        for (size_t j = 0; j < of_branches[i].count; j++)
            plans += strncmp(of_branches[i].list[j].name, front, sizeof front - 1) == 0 ? of_branches[i].list[j].value : 0;
        missing += plans == 0;
        any += plans;
    }
    if (any && (!told || told->value != missing))
        world_fail("the board tells %s that %lld branches have no plan; by the rows there are %lld", who, told ? (long long)told->value : -1LL,
                   (long long)missing);
}

static void expect_view(struct district *d, const struct tally *of_branches, const struct tally *of_district, role_set roles, const char *who)
{
    struct arena arena;
    Wire__Overview o = WIRE__OVERVIEW__INIT;
    struct overview_ask ask = {.org = 1, .roles = roles, .today = {2026, 11, 22}, .now_ms = world_now_ms()};
    arena_init(&arena, 256u << 20);
    CHECK(overview_make(server_store(d->server), server_control(d->server), &ask, &arena, &o) == ERR_OK);
    CHECK(o.n_branch == d->scale.branches);
    for (unsigned i = 0; i < d->scale.branches; i++) {
        CHECK(o.branch[i]->org->number == d->branches[i]);
        expect_branch(o.branch[i], &of_branches[i], who);
    }
    for (size_t i = 0; i < o.n_total; i++)
        if (tally_knows(o.total[i]->name))
            expect_total(d, &o, of_branches, of_district, o.total[i], who);
    expect_missing(d, &o, of_branches, who);
    arena_finish(&arena);
}

void oracle_expect_told(struct district *d, const struct tally *of_branches, const struct tally *of_district)
{
    expect_view(d, of_branches, of_district, 0, "the server's operator");
    expect_view(d, of_branches, of_district, ROLES(district_officer), "a district officer");
    expect_view(d, of_branches, of_district, ROLES(district_finance), "the district's finance");
}
