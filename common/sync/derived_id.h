#pragma once
/* Ids that follow from what a record is about (kind.identity_key), so that seats that make it apart make one record:
 *   48 bits of the day's milliseconds since 1970 (UTC), then
 *   the first ten bytes of SHA-256("banyan record" | kind u32 BE | org u32 BE | key),
 *   with version 8 and the variant of RFC 9562 (PROTOCOL.md "Derived ids"). */
#include "kinds/kind.h"

/* False: the kind makes its ids new, or a field that it needs is missing. */
bool derived_id(const struct kind *k, uint32_t org, const ProtobufCMessage *row, struct id *out);
