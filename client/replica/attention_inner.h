#pragma once
/* How a conflict record holds its values; shared by the list and by resolving. */
#include "client/replica/attention.h"
#include "conflict.pb-c.h"

/* One side's values, unpacked; NULL if there are none. */
const ProtobufCMessage *attention_side(const struct kind *k, bool has, ProtobufCBinaryData packed, struct arena *arena);
/* True if the list of names, separated by commas, has that one. */
bool attention_names(const char *list, const char *name);
/* True where the value that stands is this seat's own: then the other one is "theirs" to its person. */
bool attention_is_reversed(const Record__Conflict *c, uint32_t seat);
