#pragma once
/* Messages: the check that every byte from outside passes before protobuf-c unpacks it, and packing.
 * Why: protobuf-c 1.4 takes invalid UTF-8, cuts strings at a zero byte, truncates varints, knows no depth and answers
 * 1 MiB of hostile input with 244 MiB of memory. What passes is canonical: tags ascending, no duplicates (but of repeated
 * fields), wire types as declared, varints in their shortest form, packed runs not empty, values in range, UTF-8 without
 * zero bytes, lengths exact, counts under LIMIT_REPEATED, nesting under LIMIT_DEPTH. */
#include "base/arena.h"
#include "base/slice.h"
#include <protobuf-c/protobuf-c.h>

/* Unknown fields (of a newer peer) are allowed if they are well formed. ERR_WIRE otherwise. */
enum err wire_check(const ProtobufCMessageDescriptor *descriptor, struct slice bytes) MUST_CHECK;
/* Check, then unpack into the arena (never to be freed by protobuf-c). ERR_WIRE; ERR_MEMORY over the arena's cap.
 * String and bytes fields are copies in the arena. *out untouched on failure. */
enum err wire_open(const ProtobufCMessageDescriptor *descriptor, struct slice bytes, struct arena *arena,
                   ProtobufCMessage **out) MUST_CHECK;
/* Appends the packed message. */
void wire_pack(const ProtobufCMessage *message, struct buf *out);
/* A copy that borrows nothing from the original; unknown fields too. ERR_MEMORY over the arena's cap. */
enum err wire_copy(const ProtobufCMessage *message, struct arena *arena, ProtobufCMessage **out) MUST_CHECK;
/* {NULL,0} over the arena's cap; an empty message gives an empty slice whose data is not NULL. */
struct slice wire_pack_arena(const ProtobufCMessage *message, struct arena *arena);
/* A ProtobufCAllocator over an arena, for callers that unpack by themselves. */
ProtobufCAllocator wire_allocator(struct arena *arena);

/* Walks packed fields without a descriptor: false at the end (*at == bytes.size), or where what follows is malformed. */
struct wire_field {
    uint32_t tag;
    unsigned type;      /* 0 varint, 1 64 bit, 2 length-delimited, 5 32 bit */
    uint64_t varint;
    struct slice data;  /* of types 1, 2, 5 */
    struct slice raw;   /* tag and value together */
};
bool wire_next(struct slice bytes, size_t *at, struct wire_field *out);
/* One varint in its shortest form from *at on, advancing it; false if there is none. */
bool wire_varint(struct slice bytes, size_t *at, uint64_t *out);
void wire_put_varint(struct buf *out, uint64_t v);
