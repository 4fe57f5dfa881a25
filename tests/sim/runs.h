#pragma once
/* Many runs: each in a process of its own, so that one that crashes is one seed that failed. */
#include "district.h"
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define JOBS_MAX 64

struct run_options {
    bool trace;
    struct scale_wish wish;
    const char *only; /* types of faults, with commas; NULL: all */
    unsigned faults; /* the first so many of the plan */
    const char *plant; /* numbers of faults (22-29,37-60): a run with so many fails, whatever it does; NULL: none */
    bool spread;     /* of many runs the first are large (runs.c) */
    bool brief;      /* of a run that fails no plan is shown, and no shorter one looked for */
};

/* What a run did. */
struct totals {
    uint64_t runs, branch_days, changes, refused, lost, events, faults, restores, deaths, torn, hash;
    uint64_t branches_most, devices_most, records_most; /* of one run; last in here */
};

struct seeds {
    uint64_t from, to, seconds;
    unsigned jobs;
};

/* sim.c: a run, in this process; what fails ends the process. */
void run_seed(uint64_t seed, const struct run_options *o, struct totals *out);
/* Prints what a seed is, and the first so many of its faults; gives the number of all. */
unsigned run_plan(uint64_t seed, const struct run_options *o, unsigned first, FILE *to);

/* Status for main. */
int runs_one(uint64_t seed, const struct run_options *o);
int runs_many(const struct seeds *seeds, const struct run_options *o);
