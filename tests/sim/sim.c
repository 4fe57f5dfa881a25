/* The simulator: a whole district in one process, one thread, by a seed. See README.md.
 *   sim --seed N            one run, told in full, twice: the same trace hash
 *   sim --seeds A-B         these
 *   sim --seconds T         as many as fit, from --from N on (default: 1), in --jobs J processes at once
 *       --trace             everything that happens
 *       --faults N          the first N faults of the plan alone
 *       --versions          programs of several versions, renewed in mid-run
 *       --only A,B          faults of these types alone (a plan of its own)
 *       --branches N --seats N --records N --days N   in place of what the seed draws (seats: of a branch; records: in
 * all, at first)
 *       --to N              with --seconds: the last seed
 *       --spread            of many runs the first two are large, one by its branches and one by its records
 *       --brief             of a run that fails only what it said
 *       --plant A-B,C-D     a run with so many faults fails (for tests of what is printed then)
 * A run that fails prints its seed, its plan, the shortest beginning of it that fails and a command that shows it; the status is 1. */
#include "tests/sim/faults.h"
#include "tests/sim/oracle.h"
#include "tests/sim/oracle_late.h"
#include "tests/sim/people.h"
#include "tests/sim/schema.h"

#include "base/log.h"
#include "base/text.h"
#include "tests/sim/runs.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* ---- one run, in a process of its own ---- */

static void add_totals(struct totals *t, struct district *d, const struct plan *plan)
{
    struct server_counts c = server_counts(d->server);
    struct disk_counts k = disk_counts();
    t->runs = 1;
    t->changes = d->changes;
    t->refused = d->refused;
    t->lost = d->ledger.lost;
    t->events = world_events();
    t->restores = c.restores;
    t->deaths = c.deaths + k.kills;
    t->torn = k.undone + k.torn + k.names_undone;
    for (unsigned i = 0; i < FAULT_TYPES; i++)
        t->faults += plan->done[i];
    t->hash = world_hash();
    t->branches_most = d->scale.branches + d->lost_count;
    t->devices_most = d->device_count;
    t->records_most = d->scale.stock + d->scale.records;
}

/* For tests of what is printed of a failure. */
static void plant(const char *numbers, unsigned faults)
{
    while (numbers && *numbers) {
        unsigned first = 0, last = 0;
        int read = sscanf(numbers, "%u-%u", &first, &last);
        if (read == 2 && first <= faults && faults <= last)
            world_fail("a failure that was planted at %u faults", faults);
        numbers += strcspn(numbers, ",");
        numbers += *numbers == ',';
    }
}

void run_seed(uint64_t seed, const struct run_options *o, struct totals *out)
{
    struct plan plan;
    struct scale scale = scale_draw(seed, &o->wish);
    plan_draw(&plan, seed, &scale, o->only);
    world_begin(seed, o->trace);
    disk_begin(seed);
    struct district *d = district_create(&scale);
    struct people *p = people_begin(d);
    people_found(p, scale.records);
    plan_begin(&plan, d, o->faults);
    oracle_begin(d);
    plant(o->plant, plan.count < o->faults ? plan.count : o->faults);
    (void)world_run(BEGIN_MS + (int64_t)scale.days * DAY_MS, NULL, NULL);
    faults_end(d);
    oracle_heal(d);
    schema_finish(d);
    oracle_expect(d);
    add_totals(out, d, &plan);
    out->branch_days = (uint64_t)scale.branches * scale.days;
    district_destroy(d);
    people_end(p);
    oracle_late_finish();
    world_end();
    disk_end();
    schema_end();
}

unsigned run_plan(uint64_t seed, const struct run_options *o, unsigned first, FILE *to)
{
    struct plan plan;
    struct scale scale = scale_draw(seed, &o->wish);
    plan_draw(&plan, seed, &scale, o->only);
    scale_print(&scale);
    plan_print(&plan, first, to);
    return plan.count;
}

/* ---- options ---- */

static int usage(void)
{
    fprintf(stderr,
            "sim --seed N | --seeds A-B | --seconds T [--from N] [--jobs J] [--trace] [--faults N] [--only A,B]\n"
            "    [--branches N (at most %d)] [--seats N] [--records N] [--days N]\n",
            BRANCHES_MAX);
    return 2;
}

/* All of the text is one number, or nothing runs: what is not what was meant must not look well. */
static bool is_number(const char *text, uint64_t *out)
{
    char *rest = NULL;
    errno = 0;
    uint64_t value = strtoull(text, &rest, 10);
    if (*text < '0' || *text > '9' || *rest || errno) {
        fprintf(stderr, "sim: %s is no number\n", text);
        return false;
    }
    *out = value;
    return true;
}

static bool is_count(const char *text, unsigned *out)
{
    uint64_t value;
    if (!is_number(text, &value) || value > UINT_MAX)
        return false;
    *out = (unsigned)value;
    return true;
}

static bool is_range(const char *text, struct seeds *out)
{
    char from[32];
    size_t size = strcspn(text, "-");
    snprintf(from, sizeof from, "%.*s", (int)size, text);
    return is_number(from, &out->from) && is_number(text[size] ? text + size + 1 : from, &out->to);
}

static bool is_fault(const char *word)
{
    const char *names[FAULT_TYPES + 1] = {0};
    for (unsigned t = 0; t < FAULT_TYPES; t++) {
        names[t] = fault_name(t);
        if (strcmp(names[t], word) == 0)
            return true;
    }
    const char *near = text_nearest(word, names);
    fprintf(stderr, "sim: there is no fault \"%s\"", word);
    if (near)
        fprintf(stderr, "; did you mean %s?", near);
    fprintf(stderr, "\nfaults:");
    for (unsigned t = 0; t < FAULT_TYPES; t++)
        fprintf(stderr, " %s", names[t]);
    fputc('\n', stderr);
    return false;
}

static bool are_faults(const char *only)
{
    for (const char *at = only;; at++) {
        char word[64];
        size_t size = strcspn(at, ",");
        snprintf(word, sizeof word, "%.*s", (int)size, at);
        if (!is_fault(word))
            return false;
        at += size;
        if (!*at)
            return true;
    }
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"seed", 1, NULL, 's'},     {"seeds", 1, NULL, 'S'},    {"seconds", 1, NULL, 't'}, {"from", 1, NULL, 'f'},
        {"jobs", 1, NULL, 'j'},     {"trace", 0, NULL, 'v'},    {"faults", 1, NULL, 'F'},  {"only", 1, NULL, 'o'},
        {"versions", 0, NULL, 'V'}, {"branches", 1, NULL, 'B'}, {"seats", 1, NULL, 'T'},   {"records", 1, NULL, 'R'},
        {"days", 1, NULL, 'D'},     {"to", 1, NULL, 'n'},       {"brief", 0, NULL, 'b'},   {"plant", 1, NULL, 'p'},   {"spread", 0, NULL, 'w'},  {NULL, 0, NULL, 0}};
    struct run_options o = {.faults = FAULTS_MAX};
    struct seeds seeds = {.from = 1, .to = UINT64_MAX, .jobs = 1};
    bool one = false, any = false;
    struct rlimit files;
    for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        bool fits = true;
        switch (c) {
        case 's':
            fits = is_number(optarg, &seeds.from);
            seeds.to = seeds.from;
            one = any = true;
            break;
        case 'S':
            fits = is_range(optarg, &seeds);
            any = true;
            break;
        case 't':
            fits = is_number(optarg, &seeds.seconds);
            any = true;
            break;
        case 'f':
            fits = is_number(optarg, &seeds.from);
            break;
        case 'j':
            fits = is_count(optarg, &seeds.jobs);
            break;
        case 'v':
            o.trace = true;
            break;
        case 'F':
            fits = is_count(optarg, &o.faults);
            break;
        case 'V':
            schema_want();
            break;
        case 'o':
            fits = are_faults(optarg);
            o.only = optarg;
            break;
        case 'B':
            fits = is_count(optarg, &o.wish.branches);
            break;
        case 'T':
            fits = is_count(optarg, &o.wish.seats_a_branch);
            break;
        case 'R':
            fits = is_count(optarg, &o.wish.records);
            break;
        case 'D':
            fits = is_count(optarg, &o.wish.days);
            break;
        case 'n':
            fits = is_number(optarg, &seeds.to);
            break;
        case 'b':
            o.brief = true;
            break;
        case 'w':
            o.spread = true;
            break;
        case 'p':
            o.plant = optarg;
            break;
        default:
            return usage();
        }
        if (!fits)
            return 2;
    }
    if (optind < argc)
        return usage();
    if (!any || seeds.jobs == 0 || seeds.jobs > JOBS_MAX || o.wish.branches > BRANCHES_MAX ||
        (o.wish.branches ? o.wish.branches : BRANCHES_MAX) * o.wish.seats_a_branch >= DEVICES_MAX / 2)
        return usage();
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
    log_set_level(LOG_WARN);
    return one ? runs_one(seeds.from, &o) : runs_many(&seeds, &o);
}
