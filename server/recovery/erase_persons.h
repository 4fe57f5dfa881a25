#pragma once
/* Which records are one person's: a member's in all branches, as who was taken over has one in each. Backwards by what a record says of the
 * one before, forwards by the id that a branch would have made of it; by the log, which knows removed records too. */
#include "server/store/store.h"

/* Nobody's life has as many: a branch each, one more with each transfer. */
#define ERASE_PERSONS_MAX 64u

struct erase_person {
    uint32_t org; /* 0: no branch has such a row */
    struct id id;
};
struct erase_persons {
    struct store *store;
    struct arena *arena; /* of the page at hand */
    struct erase_person list[ERASE_PERSONS_MAX];
    size_t count;
    bool full; /* there are more than it holds */
    size_t at; /* of the one whose record before is looked for */
};
/* From one of them, of whatever org. store and arena are set. */
enum err erase_persons_find(struct erase_persons *p, struct id member) MUST_CHECK;
bool erase_persons_hold(const struct erase_persons *p, struct id id);
