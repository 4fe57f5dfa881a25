#pragma once
/* Stamps of a row: per field the seq of its last accepted writer (rule 8). Packed: varint seq of most fields, then (tag, seq)
 * pairs of the others, ascending. The writer's identity stands in the history entry of that seq. Fields that were never
 * written, or emptied by nobody, have the row's first seq. */
#include "base/arena.h"
#include "base/slice.h"

struct stamp_pair { uint32_t tag; uint64_t seq; };
/* Copies by stamps_copy alone: stamps_set writes into the pairs. */
struct stamps {
    uint64_t first;
    struct stamp_pair *pairs;
    size_t count;
};
enum err stamps_unpack(struct slice packed, struct arena *arena, struct stamps *out) MUST_CHECK; /* empty: all zero */
struct slice stamps_pack(const struct stamps *s, struct arena *arena);
uint64_t stamps_get(const struct stamps *s, uint32_t tag);
void stamps_set(struct stamps *s, uint32_t tag, uint64_t seq, struct arena *arena);
struct stamps stamps_copy(const struct stamps *s, struct arena *arena);
uint64_t stamps_newest(const struct stamps *s);
