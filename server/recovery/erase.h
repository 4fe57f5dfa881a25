#pragma once
/* Erasing by law (rule 29), the server's side. Order: the erasure in the control journal, synced; then rows, history
 * and what was cut off in one commit with the mark that it is done; then the file is scrubbed (db_scrub), so that
 * nothing stays where nobody looks, or in the WAL. What died in between is gone on with by whoever comes to the folder next. */
#include "server/control/control.h"
#include "server/store/store.h"

/* Carries out what stands in control and was not: in the caller's transaction, which commits; control is of that
 * connection. *count: rows and entries that lost something. */
enum err erase_carry_out(struct store *store, struct control *control, size_t *count) MUST_CHECK;
bool erase_is_due(const struct control *control);
/* The same in a transaction of its own, and the file scrubbed where that is due. */
enum err erase_settle(struct store *store, struct control *control) MUST_CHECK;
/* Nothing of what was erased stays in the file, if an erasure was committed since; outside a transaction. ERR_BUSY: again
 * later. */
enum err erase_scrub(struct store *store) MUST_CHECK;
