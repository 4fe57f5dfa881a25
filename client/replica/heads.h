#pragma once
/* What proves that the server gave the chain head at which an org's log stands here: its mac (PROTOCOL.md "The chain").
 * A server that lost entries believes by it what it is told and handed back (rules 25, 35). Kept entries bear theirs as
 * they came; beside them one an org is remembered, since the last entry may be let go, or never have come (a snapshot).
 * One that is stale proves nothing and does no harm. */
#include "client/replica/replica_inner.h"

/* mac of another size: none was given, nothing is kept. */
enum err heads_put(struct replica *r, uint32_t org, uint64_t seq, ProtobufCBinaryData mac) MUST_CHECK;
/* Empty: none is known. In the arena. */
enum err heads_get(struct replica *r, uint32_t org, uint64_t seq, struct arena *arena, struct slice *out) MUST_CHECK;
