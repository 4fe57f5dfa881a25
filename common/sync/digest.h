#pragma once
/* Digest of an org's rows, per scope and class of fields (rule 30): 128-bit sum (two 64-bit lanes, wrapping) of the first 16
 * bytes of SHA-256(id | seq u64 BE | packed values of that class, known fields by ascending tag) over living rows, and of
 * SHA-256(id | seq | 0xff) over tombstones (open class alone). Scope: the kind's number; of conflict records
 * (KIND_CONFLICT << 16) | number of the record's kind, so that hidden kinds stay out.
 * Packed values: text and bytes as tag u32 BE, size u32 BE, bytes; integers and bools as tag u32 BE, value u64 BE.
 * A kind without sensitive fields has no sensitive digest (its rows count zero there). */
#include "kinds/kind.h"

enum field_class { CLASS_OPEN = 1, CLASS_SENSITIVE = 2 };
struct digest_sum { uint64_t lane[2]; };
uint32_t digest_scope(const struct kind *k, const ProtobufCMessage *row); /* row may be NULL for tombstones of kinds but conflict */
struct digest_sum digest_row(const struct kind *k, struct id id, uint64_t seq, const ProtobufCMessage *row, enum field_class class);
void digest_add(struct digest_sum *sum, struct digest_sum row);
void digest_subtract(struct digest_sum *sum, struct digest_sum row);
bool digest_equal(struct digest_sum a, struct digest_sum b);
/* As it travels: both lanes big-endian. */
void digest_bytes(struct digest_sum sum, uint8_t out[16]);
