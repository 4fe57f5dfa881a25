#pragma once
/* Rule 4: is this n new, known, forked or too far ahead? What the server has of one incarnation is a set of runs of n. */
#include "sync/change.h"

struct intake_run { uint64_t n; uint64_t count; };
struct incarnation_runs {
    const struct intake_run *runs;  /* ascending, not touching */
    size_t count;
    uint64_t start;                 /* of a forked incarnation: n - 1; else 0 */
};
enum intake { INTAKE_DECIDE, INTAKE_PROCESSED, INTAKE_GAP };
/* PROCESSED: the caller compares hashes (same: stored verdict; other: FORKED). GAP: *first_missing is set. */
enum intake intake_of(const struct incarnation_runs *r, uint64_t n, uint64_t *first_missing);
/* The first n from there on, and behind start, that no run holds. */
uint64_t intake_hole(const struct incarnation_runs *r, uint64_t from);
