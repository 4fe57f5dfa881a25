/* Who wrote which field when (rule 8), small: most rows are written once, so that a seq and no pairs is all.
 * Packed: varint first, then for each pair varint tag and varint (seq - first); a field is never older than its row. */
#include "sync/stamps.h"
#include "wire/wire.h"
#include <string.h>

/* Pairs have room for the next power of two, so that adding one is cheap however many there are. */
static size_t room_for(size_t count)
{
    size_t room = 4;
    while (room < count)
        room *= 2;
    return room;
}

static struct stamp_pair *pairs_alloc(struct arena *arena, size_t count)
{
    return arena_alloc(arena, room_for(count) * sizeof(struct stamp_pair));
}

enum err stamps_unpack(struct slice packed, struct arena *arena, struct stamps *out)
{
    struct stamps s = {0};
    size_t at = 0;
    if (packed.size == 0) {
        *out = s;
        return ERR_OK;
    }
    if (!wire_varint(packed, &at, &s.first))
        return ERR_CORRUPT;
    if (at < packed.size && !(s.pairs = pairs_alloc(arena, (packed.size - at) / 2)))
        return ERR_MEMORY;
    size_t room = s.pairs ? room_for((packed.size - at) / 2) : 0;
    while (at < packed.size) {
        uint64_t tag, later;
        if (!wire_varint(packed, &at, &tag) || !wire_varint(packed, &at, &later) || tag == 0 || tag > UINT32_MAX ||
            later > UINT64_MAX - s.first || s.count == room || (s.count > 0 && tag <= s.pairs[s.count - 1].tag))
            return ERR_CORRUPT;
        s.pairs[s.count++] = (struct stamp_pair){.tag = (uint32_t)tag, .seq = s.first + later};
    }
    *out = s;
    return ERR_OK;
}

struct slice stamps_pack(const struct stamps *s, struct arena *arena)
{
    struct buf b = BUF_INIT;
    wire_put_varint(&b, s->first);
    for (size_t i = 0; i < s->count; i++) {
        CHECK(s->pairs[i].seq >= s->first);
        wire_put_varint(&b, s->pairs[i].tag);
        wire_put_varint(&b, s->pairs[i].seq - s->first);
    }
    struct slice out = arena_copy(arena, buf_slice(&b));
    buf_finish(&b);
    return out;
}

uint64_t stamps_get(const struct stamps *s, uint32_t tag)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->pairs[i].tag == tag)
            return s->pairs[i].seq;
    return s->first;
}

void stamps_set(struct stamps *s, uint32_t tag, uint64_t seq, struct arena *arena)
{
    size_t at = 0;
    while (at < s->count && s->pairs[at].tag < tag)
        at++;
    if (at < s->count && s->pairs[at].tag == tag) {
        s->pairs[at].seq = seq;
        return;
    }
    struct stamp_pair *pairs = s->pairs;
    if (s->count == 0 || s->count == room_for(s->count)) {
        pairs = pairs_alloc(arena, s->count + 1);
        CHECK(pairs);
        if (s->count)
            memcpy(pairs, s->pairs, at * sizeof *pairs);
    }
    for (size_t i = s->count; i > at; i--)
        pairs[i] = s->pairs[i - 1];
    pairs[at] = (struct stamp_pair){.tag = tag, .seq = seq};
    s->pairs = pairs;
    s->count++;
}

uint64_t stamps_newest(const struct stamps *s)
{
    uint64_t newest = s->first;
    for (size_t i = 0; i < s->count; i++)
        if (s->pairs[i].seq > newest)
            newest = s->pairs[i].seq;
    return newest;
}

struct stamps stamps_copy(const struct stamps *s, struct arena *arena)
{
    struct stamps out = *s;
    if (s->count == 0)
        return out;
    out.pairs = pairs_alloc(arena, s->count);
    CHECK(out.pairs);
    memcpy(out.pairs, s->pairs, s->count * sizeof *s->pairs);
    return out;
}
