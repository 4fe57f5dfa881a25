#pragma once
/* What an accepted change did to one record: the only way in which rows change, on the server and in every copy. */
#include "sync/change.h"

enum life { LIFE_KEEP, LIFE_TOMBSTONE, LIFE_REVIVE };
struct effect {
    uint32_t kind_number;
    const struct kind *kind;          /* NULL: unknown to this build */
    struct id id;
    const ProtobufCMessage *patch;    /* NULL if kind is */
    struct slice patch_bytes;
    const uint32_t *cleared;
    size_t cleared_count;
    enum life life;
};
#define EFFECTS_MAX 32
struct effects {
    struct effect list[EFFECTS_MAX];
    size_t count;
};
struct slice effects_pack(const struct effects *e, struct arena *arena); /* empty for none */
enum err effects_open(struct slice packed, struct arena *arena, struct effects *out) MUST_CHECK;
/* Lays an effect over a row: message may be NULL (new, or a tombstone that is revived). Gives the new message, NULL for a
 * tombstone. Cells borrow from the effect. */
ProtobufCMessage *effect_over(const struct effect *e, const ProtobufCMessage *message, struct arena *arena);
