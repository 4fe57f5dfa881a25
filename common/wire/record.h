#pragma once
/* A record of any kind, walked by its descriptor: one flat message whose fields are string, bytes, int64 or bool.
 * A cell is one field's value, borrowed from the message; an absent cell is an empty field. */
#include "base/arena.h"
#include "base/slice.h"
#include <protobuf-c/protobuf-c.h>

enum cell_type { CELL_ABSENT, CELL_TEXT, CELL_BYTES, CELL_INTEGER, CELL_BOOL };

struct cell {
    enum cell_type type;
    struct slice bytes;  /* text (without zero) and bytes */
    int64_t integer;     /* integer and bool */
};

bool cell_equal(struct cell a, struct cell b);
struct cell cell_text(const char *text);       /* NULL: absent */
struct cell cell_bytes(struct slice bytes);
struct cell cell_integer(int64_t v);

typedef ProtobufCMessage record_message;       /* of a kind's descriptor */

/* An empty message of the kind in the arena; NULL over its cap. */
ProtobufCMessage *record_new(const ProtobufCMessageDescriptor *d, struct arena *arena);
/* A copy whose cells borrow from the original's; unknown fields too. */
ProtobufCMessage *record_copy(const ProtobufCMessage *m, struct arena *arena);
struct cell record_get(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *field);
struct cell record_get_name(const ProtobufCMessage *m, const char *field); /* absent if there is no such field */
/* Sets or, with an absent cell, empties. Text is copied into the arena (C strings need their zero); bytes are borrowed.
 * A value that is not of the field's type, or an arena without room, is a bug (CHECKed). */
void record_put(ProtobufCMessage *m, const ProtobufCFieldDescriptor *field, struct cell value, struct arena *arena);
void record_put_name(ProtobufCMessage *m, const char *field, struct cell value, struct arena *arena); /* CHECKs the name */
const ProtobufCFieldDescriptor *record_field(const ProtobufCMessageDescriptor *d, const char *name);
const ProtobufCFieldDescriptor *record_field_tag(const ProtobufCMessageDescriptor *d, uint32_t tag);
/* Lays patch over m: fields present in patch replace, tags in cleared are emptied; unknown fields of patch replace those of
 * m with the same tag. Cells borrow from patch, which must live as long as m; the arena needs room
 * for the unknown fields of both (CHECKed). */
void record_overlay(ProtobufCMessage *m, const ProtobufCMessage *patch, const uint32_t *cleared, size_t cleared_count,
                    struct arena *arena);
bool record_is_empty(const ProtobufCMessage *m); /* no field present, none unknown */
