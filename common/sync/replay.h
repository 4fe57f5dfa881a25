#pragma once
/* The client's side, pure: shown row = confirmed version + pending changes in order (rule 19), and bases (rule 2). */
#include "sync/effect.h"

/* Lays one pending change over a shown message (NULL: not there). Follows what decide would do where nobody else interferes:
 * create of a known id like set, set on nothing: nothing, remove: NULL. State of a new record is the kind's first unless set. */
ProtobufCMessage *replay_over(const struct change *c, const ProtobufCMessage *shown, struct arena *arena);
/* The base for a new change: confirmed seq of the record, but of fields that a pending change of this client touches that
 * change's base (the lowest of several); remove looks at all pending ones. */
uint64_t replay_base(uint64_t confirmed, const struct change *pending, size_t pending_count, enum op op,
                     const ProtobufCMessage *patch, const uint32_t *cleared, size_t cleared_count);
