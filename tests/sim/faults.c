/* See faults.h. */
#include "tests/sim/faults.h"
#include "tests/sim/schema.h"

#include <stdlib.h>
#include <string.h>

static const char *const names[] = {
#define X(name, weight, text) #name,
    FAULT_LIST(X)
#undef X
};
static const char *const texts[] = {
#define X(name, weight, text) text,
    FAULT_LIST(X)
#undef X
};

const char *fault_name(enum fault_type t)
{
    return names[t];
}

/* How often each comes beside the others. */
static const unsigned weights[] = {
#define X(name, weight, text) weight,
    FAULT_LIST(X)
#undef X
};

/* ---- drawing ---- */

static bool is_named(unsigned type, const char *only)
{
    size_t size = strlen(names[type]);
    for (const char *at = only; at && (at = strstr(at, names[type])); at += size)
        if ((at == only || at[-1] == ',') && (at[size] == ',' || at[size] == 0))
            return true;
    return !only;
}

static unsigned weight_of(unsigned type, const char *only)
{
    return is_named(type, only) ? weights[type] : 0;
}

/* Of every two runs one has faults of all types; the other has a few types, chosen by its seed, each as often as the next: what comes of
 * two restores in a row, or of clones that are cut, hardly happens where all happen a little. */
#define SWARM_MIN 3
#define SWARM_MAX 8
static void draw_swarm(struct dice *d, unsigned mix[FAULT_TYPES], const char *only)
{
    bool all = only || dice_below(d, 2);
    unsigned types = SWARM_MIN + dice_below(d, SWARM_MAX - SWARM_MIN + 1);
    for (unsigned i = 0; i < FAULT_TYPES; i++)
        mix[i] = all ? weight_of(i, only) : 0;
    for (unsigned i = 0; !all && i < types; i++)
        mix[dice_below(d, FAULT_ERASE)] = 1; /* from there on: drawn apart */
}

static enum fault_type draw_type(struct dice *d, const unsigned mix[FAULT_TYPES])
{
    unsigned total = 0, at;
    for (unsigned i = 0; i < FAULT_TYPES; i++)
        total += mix[i];
    at = dice_below(d, total);
    for (unsigned i = 0; i < FAULT_TYPES; i++) {
        unsigned weight = mix[i];
        if (at < weight)
            return i;
        at -= weight;
    }
    return FAULT_CUT;
}

static int compare(const void *a, const void *b)
{
    int64_t x = ((const struct fault *)a)->at_ms, y = ((const struct fault *)b)->at_ms;
    return (x > y) - (x < y);
}

/* By dice of their own: what a seed drew before there were any it draws still. */
static void draw_erasures(struct plan *p, uint64_t seed, const struct scale *scale, const char *only)
{
    struct dice d = dice_make(seed, "erasures", 0);
    unsigned most = is_named(FAULT_ERASE, only) ? 2 * scale->days : 0;
    for (unsigned left = most ? dice_below(&d, most + 1) : 0; left && p->count < FAULTS_MAX; left--)
        p->list[p->count++] = (struct fault){.at_ms = dice_between(&d, 0, scale->days * DAY_MS - 1), .type = FAULT_ERASE, .number = dice_below(&d, 1u << 20)};
}

static void draw_renewals(struct plan *p, uint64_t seed, const struct scale *scale, unsigned devices)
{
    struct dice d = dice_make(seed, "renewals", 0);
    for (unsigned left = schema_is_mixed() ? 6 * scale->days : 0; left && p->count < FAULTS_MAX; left--)
        p->list[p->count++] = (struct fault){.at_ms = dice_between(&d, 0, scale->days * DAY_MS - 1), .type = dice_below(&d, 8) ? FAULT_RENEW : FAULT_SERVER_RENEW,
                                             .device = dice_below(&d, devices), .number = dice_below(&d, 1u << 8)};
}

static void draw_newcomers(struct plan *p, uint64_t seed, const struct scale *scale, const char *only)
{
    struct dice d = dice_make(seed, "newcomers", 0);
    unsigned joins = is_named(FAULT_JOIN, only) && (only || dice_below(&d, 2)) ? 1 + dice_below(&d, 2 * scale->days) : 0;
    unsigned ages = is_named(FAULT_CERTIFICATE, only) ? dice_below(&d, joins + 1) : 0;
    for (unsigned i = 0; i < joins + ages && p->count < FAULTS_MAX; i++)
        p->list[p->count++] = (struct fault){.at_ms = dice_between(&d, 0, scale->days * DAY_MS - 1), .type = i < joins ? FAULT_JOIN : FAULT_CERTIFICATE,
                                             .device = dice_below(&d, 1u << 16), .lasts_ms = dice_between(&d, MINUTE_MS, DAY_MS),
                                             .number = 1 + dice_below(&d, 1u << dice_below(&d, 10))};
}

static void draw_foundings(struct plan *p, uint64_t seed, const struct scale *scale, const char *only)
{
    struct dice d = dice_make(seed, "foundings", 0);
    bool any = is_named(FAULT_BRANCH, only) && (only || dice_below(&d, 3) == 0);
    for (unsigned left = any ? 1 + dice_below(&d, 2) : 0; left && p->count < FAULTS_MAX; left--)
        p->list[p->count++] = (struct fault){.at_ms = dice_between(&d, 0, scale->days * DAY_MS - 1), .type = FAULT_BRANCH, .device = dice_below(&d, 1u << 16),
                                             .lasts_ms = dice_between(&d, MINUTE_MS, DAY_MS), .number = 1 + dice_below(&d, 1u << dice_below(&d, 10))};
}

static void draw_operator_deaths(struct plan *p, uint64_t seed, const struct scale *scale, const char *only)
{
    struct dice d = dice_make(seed, "operator's deaths", 0);
    bool any = is_named(FAULT_OPERATOR_KILL, only) && (only || dice_below(&d, 3) == 0);
    for (unsigned left = any ? 1 + dice_below(&d, 3 * scale->days) : 0; left && p->count < FAULTS_MAX; left--)
        p->list[p->count++] = (struct fault){.at_ms = dice_between(&d, 0, scale->days * DAY_MS - 1), .type = FAULT_OPERATOR_KILL, .device = dice_below(&d, 4),
                                             .number = 1 + dice_below(&d, 1u << dice_below(&d, 6))};
}

void plan_draw(struct plan *p, uint64_t seed, const struct scale *scale, const char *only)
{
    static const unsigned a_day[] = {0, 2, 6, 15, 40}; /* of the whole run */
    struct dice d = dice_make(seed, "faults", 0);
    unsigned mix[FAULT_TYPES], devices = scale->branches * scale->seats_a_branch + 1;
    *p = (struct plan){.count = scale->days * a_day[scale->trouble]};
    unsigned drawn = 0;
    for (unsigned i = 0; i < FAULT_TYPES; i++)
        drawn += weight_of(i, only);
    p->count = drawn == 0 ? 0 : p->count < FAULTS_MAX ? p->count : FAULTS_MAX;
    draw_swarm(&d, mix, only);
    for (unsigned i = 0; i < p->count; i++)
        p->list[i] = (struct fault){.at_ms = dice_between(&d, 0, scale->days * DAY_MS - 1), .type = draw_type(&d, mix), .device = dice_below(&d, devices),
                                    .lasts_ms = dice_between(&d, MINUTE_MS, dice_below(&d, 10) ? 6 * HOUR_MS : 3 * DAY_MS),
                                    .number = 1 + dice_below(&d, 1u << dice_below(&d, 8))};
    draw_erasures(p, seed, scale, only);
    draw_renewals(p, seed, scale, devices);
    draw_newcomers(p, seed, scale, only);
    draw_foundings(p, seed, scale, only);
    draw_operator_deaths(p, seed, scale, only);
    qsort(p->list, p->count, sizeof *p->list, compare);
}

void plan_print(const struct plan *p, unsigned first, FILE *to)
{
    for (unsigned i = 0; i < p->count && i < first; i++) {
        const struct fault *f = &p->list[i];
        fprintf(to, "  %3u day %lld %02lld:%02lld %s (%s), device %u, %lld min, number %llu\n", i + 1, (long long)(f->at_ms / DAY_MS),
                (long long)(f->at_ms / HOUR_MS % 24), (long long)(f->at_ms / MINUTE_MS % 60), names[f->type], texts[f->type], f->device,
                (long long)(f->lasts_ms / MINUTE_MS), (unsigned long long)f->number);
    }
}

/* ---- happening ---- */

struct happening {
    struct plan *plan;
    struct district *district;
    const struct fault *fault;
};

static void on_fault(void *to, uint64_t arg)
{
    struct happening *h = to;
    (void)arg;
    if (!h->district->quiet) {
        world_tell("fault: %s, device %u", names[h->fault->type], h->fault->device);
        h->plan->done[h->fault->type]++;
        fault_happens(h->district, h->fault);
    }
    free(h);
}

void plan_begin(struct plan *p, struct district *d, unsigned first)
{
    for (unsigned i = 0; i < p->count && i < first; i++) {
        struct happening *h = malloc(sizeof *h);
        CHECK(h);
        *h = (struct happening){p, d, &p->list[i]};
        world_after(p->list[i].at_ms, on_fault, h, 0);
    }
}
