#pragma once
/* Fields of a kind's message by tag, those too that this build does not know: what a change touches, whether two messages
 * agree on a field, a message cut down to some fields. */
#include "base/arena.h"
#include "wire/record.h"

bool fields_present(const ProtobufCMessage *m, uint32_t tag); /* m may be NULL */
bool fields_equal(const ProtobufCMessage *a, const ProtobufCMessage *b, uint32_t tag); /* both absent: equal */
/* Is any field that is set or cleared one that this build does not know? */
bool fields_name_unknown(const ProtobufCMessage *patch, const uint32_t *cleared, size_t cleared_count);
bool fields_hold(const uint32_t *tags, size_t count, uint32_t tag);
/* Tags that are present in patch or cleared, ascending, once each; in arena. */
size_t fields_touched(const ProtobufCMessage *patch, const uint32_t *cleared, size_t cleared_count, struct arena *arena,
                      const uint32_t **tags);
/* A copy with those fields alone. */
ProtobufCMessage *fields_pick(const ProtobufCMessage *m, const uint32_t *tags, size_t count, struct arena *arena);
/* A message that shares nothing with packed, which was checked before; NULL over the arena's cap. */
ProtobufCMessage *fields_unpack(const ProtobufCMessageDescriptor *d, struct slice packed, struct arena *arena);
/* Packed in the canonical form, tags ascending (protobuf-c puts what it does not know behind the rest); empty for an empty message.
 * CHECKs the arena's cap. */
struct slice fields_pack(const ProtobufCMessage *m, struct arena *arena);
