#pragma once
/* Numbers that people quote (receipts, members, proposals) as this device saw them on a path that a restore gave up (rules 18, 27): the
 * record may come back under another number, and the first one stands on paper. Told through replica.h (replica_numbers).
 * Invariant: a number is noted before its row can be replaced, and forgotten only when the server's rows have come and bear it still. */
#include "client/replica/replica_inner.h"

/* Those of the org's rows behind `after`. at_ms: when the restore was found. */
enum err numbers_note(struct replica *r, uint32_t org, uint64_t after, int64_t at_ms) MUST_CHECK;
/* All rows of the org are the server's. */
enum err numbers_settle(struct replica *r, uint32_t org) MUST_CHECK;
/* Of which nobody has taken note. */
enum err numbers_waiting(struct replica *r, int64_t *out) MUST_CHECK;
