#pragma once
/* The plan of a run: every fault with its time, drawn from the seed before the run begins, so that it can be printed, and cut short to
 * find the shortest one that still fails. */
#include "district.h"
#include <stdio.h>

#define FAULT_LIST(X)                                                                                                  \
    X(CUT, "the line is cut")                                                                                          \
    X(HALF_OPEN, "the line dies and one side is not told")                                                             \
    X(OFFLINE, "no network for a while")                                                                               \
    X(STORM, "a bad line for a while: delays, small pieces, cuts")                                                     \
    X(SLOW, "a slow peer for a while")                                                                                 \
    X(ALL_CUT, "all lines are cut at once")

enum fault_type {
#define X(name, text) FAULT_##name,
    FAULT_LIST(X)
#undef X
        FAULT_TYPES
};
const char *fault_name(enum fault_type t);

struct fault {
    int64_t at_ms; /* since the beginning */
    enum fault_type type;
    unsigned device;
    int64_t lasts_ms;
    uint64_t number; /* writes until death, which backup ... */
};

#define FAULTS_MAX 512
struct plan {
    struct fault list[FAULTS_MAX];
    unsigned count;
    unsigned done[FAULT_TYPES];
};
void plan_draw(struct plan *p, uint64_t seed, const struct scale *scale);
void plan_print(const struct plan *p, FILE *to);
/* The first so many of them happen when their time comes. */
void plan_begin(struct plan *p, struct district *d, unsigned first);
