#pragma once
/* How a conflict record holds its values, and who wrote what stands; shared by the list and by resolving. */
#include "client/replica/attention.h"
#include "conflict.pb-c.h"

/* One side's values, unpacked; NULL if there are none. */
const ProtobufCMessage *attention_side(const struct kind *k, bool has, ProtobufCBinaryData packed, struct arena *arena);
/* True if the list of names, separated by commas, has that one. */
bool attention_names(const char *list, const char *name);
/* ---- attention_stands.c ---- */
/* Of each field of a conflict's entry, whose "theirs" are what stands: who wrote that, and when. shown: the record as it is now; NULL:
 * it is not there. The conflict says who wrote what stood when it arose; what came since is in the log that this device holds. */
enum err attention_stands(struct replica *r, const Record__Conflict *c, const ProtobufCMessage *shown, uint64_t confirmed_seq,
                          struct attention_entry *a) MUST_CHECK;
