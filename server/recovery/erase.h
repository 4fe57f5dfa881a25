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
/* Nothing of what was erased stays in the file, if an erasure was committed since; outside a transaction, waits as db_scrub. ERR_BUSY:
 * again later. */
enum err erase_scrub(struct store *store) MUST_CHECK;
/* One turn of it (db_scrub_turn); s: {0} at first. *more: there are further ones. After a failure the same s may be used again. */
struct erase_scrub {
    struct db_scrub walk;
    int64_t carried_out; /* the erasures whose bytes this walk takes out; the caller has nothing to do with it */
};
enum err erase_scrub_turn(struct store *store, struct erase_scrub *s, int64_t pages, bool *more) MUST_CHECK;
/* For the board: something that was erased may still stand where nobody looks. */
enum err erase_scrub_is_due(struct store *store, bool *due) MUST_CHECK;
