#pragma once
/* Rule 6: changes of this device that the server misses and that are held here no longer. They are said with the next
 * push ("trimmed up to m"), and to the person, for good. */
#include "client/replica/replica_inner.h"

/* The n from first to last. What is noted already counts once. */
enum err broken_note(struct replica *r, struct incarnation i, uint64_t first, uint64_t last, int64_t now_ms) MUST_CHECK;
/* Is the one right before n such? */
enum err broken_ends_before(struct replica *r, struct incarnation i, uint64_t n, bool *out) MUST_CHECK;
