#pragma once
/* Erasing by law (rule 29; PROTOCOL.md "Erasing"), inside of the replica: what is erased, and taking it out of all that
 * is held here. */
#include "client/replica/replica_inner.h"
#include "sync/erase.h"

/* What this replica knows, read as it is asked; lives as long as the arena. failed: the first error of reading it. What
 * could not be read counts as not erased, so whoever asked looks at it before anything of that is kept. */
struct erase_book {
    struct replica *r;
    struct arena *arena;
    bool any;
    enum err failed;
};
enum err erase_open(struct replica *r, struct arena *arena, struct erase_book *out) MUST_CHECK;
struct erasures erase_known(const struct erase_book *b);
/* Rows, shadows, what was seen, the kept log, what waits, what is in attention; answers kept to be shown go. In the
 * caller's transaction. */
enum err erase_all_held(struct replica *r) MUST_CHECK;
