#pragma once
/* Small numbers on the board (rules.md 8.2). Measures that could tell of single people are withheld from those who see sums alone:
 * of money where an org has fewer than MEASURE_LEAST active members, of answers where there are fewer (or such an org's).
 *
 * Nothing that is withheld can be found by subtracting either. What the orgs right below one parent withhold goes into the totals
 * together or not at all: together where they are at least two, with at least MEASURE_LEAST members (and answers) between them.
 * So everything that any question at any level brings is a sum of what is shown and of such pools, whole. What this does not hold
 * against is time: who kept an earlier board can compare. */
#include "server/overview_parts.h"

struct few_pool {
    struct sums values;                 /* by measure */
    struct sums orgs, members, answers; /* by what is judged together */
    struct arena *arena;
};

void few_pool_init(struct few_pool *p, struct arena *arena);
enum err few_pool_add(struct few_pool *p, const struct overview_told *org) MUST_CHECK;
/* Adds what may be told to totals (marked as pooled), the rest to kept. */
enum err few_pool_close(const struct few_pool *p, struct sums *totals, struct sums *kept) MUST_CHECK;

/* Of the answers that an org withholds at first, those that are enough go to what is shown. */
enum err few_release(struct overview_told *org, const struct sums *answers) MUST_CHECK;
/* The numbers of the kinds of these measures, each once. In arena. */
enum err few_kinds(const struct sums *withheld, struct arena *arena, uint32_t **out, size_t *count) MUST_CHECK;
