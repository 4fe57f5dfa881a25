#pragma once
/* Small numbers on the board (rules.md 8.2). Measures that could tell of single people are withheld from those who see sums alone:
 * all of money where an org has fewer than MEASURE_LEAST active members, of a period where fewer owe there; of answers where there
 * are fewer (or such an org's). Sums over all periods (arrears) are withheld with any period of theirs.
 *
 * Nothing that is withheld can be found by subtracting either. What the orgs right below one parent withhold goes into the totals
 * together or not at all, judged by kind and period: together where at least two of them add to it, with at least MEASURE_LEAST
 * members and, between them, so many who owe for that period, or answers; money that nobody was assessed for, where nothing says how
 * many paid it, of so many orgs; what is over all periods where each period of it is told. So everything that any question at any
 * level brings is a sum of what is shown and of such pools, whole. What this does not hold against is time: who kept an earlier
 * board can compare, and one month with the next. */
#include "server/overview_parts.h"

struct few_pool {
    struct sums values;                 /* by measure */
    struct sums orgs, members, weights; /* by kind and period; weights: people, or answers */
    struct arena *arena;
};

void few_pool_init(struct few_pool *p, struct arena *arena);
enum err few_pool_add(struct few_pool *p, const struct overview_told *org) MUST_CHECK;
/* Adds what may be told to totals (marked as pooled), the rest to kept. */
enum err few_pool_close(const struct few_pool *p, struct sums *totals, struct sums *kept) MUST_CHECK;

/* Of what is open until all of the org is read (answers, and what is over all periods) that which is enough goes to what is shown, the
 * rest to what is withheld. */
enum err few_release(struct overview_told *org, const struct sums *open) MUST_CHECK;
/* The numbers of the kinds of these measures, each once. In arena. */
enum err few_kinds(const struct sums *withheld, struct arena *arena, uint32_t **out, size_t *count) MUST_CHECK;
