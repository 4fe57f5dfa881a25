/* The simulator: a whole district in one process, one thread, by a seed. See README.md.
 *   sim --seed N            one run, told in full, twice: the same trace hash
 *   sim --seeds A-B         these
 *   sim --seconds T         as many as fit, from --from N on (default: 1), in --jobs J processes at once
 *       --trace             everything that happens
 *       --faults N          the first N faults of the plan alone
 *       --versions          programs of several versions, renewed in mid-run
 *       --only A,B          faults of these types alone (a plan of its own)
 *       --branches N --seats N --records N --days N   in place of what the seed draws (seats: of a branch; records: in all, at first)
 *       --to N              with --seconds: the last seed
 *       --brief             of a run that fails only what it said
 * A run that fails prints its seed, its plan and the shortest part of the plan that still fails; the status is 1. */
#include "tests/sim/faults.h"
#include "tests/sim/oracle.h"
#include "tests/sim/people.h"
#include "tests/sim/schema.h"

#include "base/log.h"
#include "tests/sim/runs.h"

#include <getopt.h>
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
    t->branch_days = (uint64_t)d->scale.branches * d->scale.days;
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
    (void)world_run(BEGIN_MS + (int64_t)scale.days * DAY_MS, NULL, NULL);
    faults_end(d);
    oracle_heal(d);
    schema_finish(d);
    oracle_expect(d);
    add_totals(out, d, &plan);
    district_destroy(d);
    people_end(p);
    world_end();
    disk_end();
    schema_end();
}

unsigned run_plan(uint64_t seed, const struct run_options *o, FILE *to)
{
    struct plan plan;
    struct scale scale = scale_draw(seed, &o->wish);
    plan_draw(&plan, seed, &scale, o->only);
    scale_print(&scale);
    plan_print(&plan, to);
    return plan.count;
}

/* ---- options ---- */

static int usage(void)
{
    fprintf(stderr, "sim --seed N | --seeds A-B | --seconds T [--from N] [--jobs J] [--trace] [--faults N] [--only A,B]\n"
                    "    [--branches N (at most %d)] [--seats N] [--records N] [--days N]\n", BRANCHES_MAX);
    return 2;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"seed", 1, NULL, 's'}, {"seeds", 1, NULL, 'S'}, {"seconds", 1, NULL, 't'}, {"from", 1, NULL, 'f'},
                                            {"jobs", 1, NULL, 'j'}, {"trace", 0, NULL, 'v'}, {"faults", 1, NULL, 'F'}, {"only", 1, NULL, 'o'}, {"versions", 0, NULL, 'V'},
                                            {"branches", 1, NULL, 'B'}, {"seats", 1, NULL, 'T'}, {"records", 1, NULL, 'R'}, {"days", 1, NULL, 'D'}, {"to", 1, NULL, 'n'}, {"brief", 0, NULL, 'b'},
                                            {NULL, 0, NULL, 0}};
    struct run_options o = {.faults = FAULTS_MAX};
    struct seeds seeds = {.from = 1, .to = UINT64_MAX, .jobs = 1};
    bool one = false, any = false;
    struct rlimit files;
    for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        char *rest = NULL;
        switch (c) {
        case 's':
            seeds.from = seeds.to = strtoull(optarg, NULL, 10);
            one = any = true;
            break;
        case 'S':
            seeds.from = strtoull(optarg, &rest, 10);
            seeds.to = *rest == '-' ? strtoull(rest + 1, NULL, 10) : seeds.from;
            any = true;
            break;
        case 't':
            seeds.seconds = strtoull(optarg, NULL, 10);
            any = true;
            break;
        case 'f':
            seeds.from = strtoull(optarg, NULL, 10);
            break;
        case 'j':
            seeds.jobs = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 'v':
            o.trace = true;
            break;
        case 'F':
            o.faults = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 'V':
            schema_want();
            break;
        case 'o':
            o.only = optarg;
            break;
        case 'B':
            o.wish.branches = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 'T':
            o.wish.seats_a_branch = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 'R':
            o.wish.records = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 'D':
            o.wish.days = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 'n':
            seeds.to = strtoull(optarg, NULL, 10);
            break;
        case 'b':
            o.brief = true;
            break;
        default:
            return usage();
        }
    }
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
