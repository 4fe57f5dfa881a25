#pragma once
/* A backup may carry rows that somebody changed by hand: it was taken after it. What their history says is worked out anew, so that a
 * restore mends them, and nobody has to go back to a backup from before, which devices no longer hold the rest of. */
#include "server/control/control.h"
#include "server/store/store.h"

/* All rows and counts of each org of which verify says that they differ and the history is whole. *orgs: how many. Of a database that
 * nobody else uses, outside a transaction; takes the time of a verify. */
enum err restore_rows(struct store *store, struct control *control, size_t *orgs) MUST_CHECK;
