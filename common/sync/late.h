#pragma once
/* Entries of a given up path (rule 27) go from hand to hand in portions: what both sides have to agree on. */
#include "sync/chain.h"

/* How many of them to take so that no group of changes is cut in two (rule 15), where more follow: at most count; 0: all are of one group
 * that goes on behind them. */
size_t late_whole(const struct entry *list, size_t count, struct arena *arena);
