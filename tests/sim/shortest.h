#pragma once
/* What is printed of a run that failed: its plan, the shortest beginning of it that still fails, and the command that shows it again. */
#include "runs.h"

/* True: the run with the first so many faults of its plan ends well. */
typedef bool shortest_passes(void *to, unsigned faults);

/* The least number at which passes says no; high: one at which it did. enough, if not NULL, hears of the first number that is known to
 * fail besides high, long before it is proven that no smaller one does. */
unsigned shortest_prefix(unsigned high, shortest_passes *passes, void (*enough)(void *to, unsigned faults), void *to);

/* The words that make this run again, as it stands, with the first so many faults. */
void shortest_command(FILE *out, uint64_t seed, const struct run_options *o, unsigned faults);
