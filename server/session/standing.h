#pragma once
/* Where a client's last entry stands in an org's log (rules 25, 27, 35). */
#include "server/store/store.h"

enum standing {
    STANDS_HERE,      /* we have it, or it has none */
    STANDS_AHEAD,     /* in recovery: beyond what we have (rule 25) */
    STANDS_ELSEWHERE, /* on a path that a restore gave up: the lineage tells it (rule 27) */
    STANDS_NOWHERE,   /* given by us, and not in this database: its file was rolled back without restore (rule 35) */
    STANDS_UNPROVEN   /* beyond what we have, on the seat's word alone: not believed */
};

/* at: NULL, or of that org. proven: its mac is right, so we gave it once. arena is for what is looked at. ERR_MEMORY and the store's errors; a log that can't be read
 * says nothing about where anybody stands. */
enum err standing_find(struct store *store, const struct control *control, uint32_t org, const Wire__Position *at,
                       bool proven, struct arena *arena, enum standing *out) MUST_CHECK;
