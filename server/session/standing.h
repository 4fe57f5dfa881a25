#pragma once
/* Where a client's last entry stands in an org's log (rules 25, 27, 35). */
#include "server/store/store.h"

/* A seat that says it knows more epochs than that beyond ours is wrong: it must not use them up. */
#define STANDING_EPOCHS_LOST 64u

enum standing {
    STANDS_HERE,      /* we have it, or it has none */
    STANDS_AHEAD,     /* in recovery: beyond what we have (rule 25) */
    STANDS_ELSEWHERE, /* on a path that a restore gave up: the lineage tells it (rule 27) */
    STANDS_NOWHERE    /* never given by this database: its file was rolled back without restore (rule 35) */
};

/* at: NULL, or of that org. arena is for what is looked at. ERR_MEMORY and the store's errors; a log that can't be read
 * says nothing about where anybody stands. */
enum err standing_find(struct store *store, const struct control *control, uint32_t org, const Wire__Position *at,
                       struct arena *arena, enum standing *out) MUST_CHECK;
