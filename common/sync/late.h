#pragma once
/* Entries of a given up path (rule 27) go from hand to hand in portions: what both sides have to agree on. */
#include "sync/chain.h"

/* How many of them to take so that no group of changes is cut in two (rule 15), where more follow: at most count; 0:
 * all are of one group that goes on behind them. */
size_t late_whole(const struct entry *list, size_t count, struct arena *arena);

/* Where a second change with one n went, with all later n of its incarnation on that path (rules 5, 27). */
struct late_fork {
    struct incarnation incarnation;
    uint64_t n;
    uint8_t hash[HASH_SIZE]; /* of the change that is the second with that n */
};
#define LATE_FORKS_MAX 1000u /* of one path: the server knows no more incarnations of a seat */
/* ERR_PROTOCOL: not one. */
enum err late_fork_open(const Wire__LateFork *m, struct late_fork *out) MUST_CHECK;
/* In the arena; NULL: it is full. */
Wire__LateFork *late_fork_wire(const struct late_fork *fork, struct arena *arena);
