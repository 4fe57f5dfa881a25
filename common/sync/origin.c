/* See origin.h. Only the outermost fields of a change are looked at; all others are copied as they stand, those of a newer build too. */
#include "sync/origin.h"
#include "base/limits.h"
#include "wire/wire.h"
#include <string.h>

enum { TAG_N = 1, TAG_FOR_SEAT = 15, TAG_ORIGIN = 16 };

static void put_number(struct buf *out, uint32_t tag, uint64_t value)
{
    wire_put_varint(out, (uint64_t)tag << 3);
    wire_put_varint(out, value);
}

static void put_bytes(struct buf *out, uint32_t tag, struct slice value)
{
    wire_put_varint(out, (uint64_t)tag << 3 | 2);
    wire_put_varint(out, value.size);
    buf_append_slice(out, value);
}

/* The outermost fields that an origin is about; false where the bytes are no change. */
struct outer {
    uint64_t n;
    uint32_t for_seat;
    struct slice origin;
    bool has_origin;
};

static bool look(struct slice bytes, struct outer *out)
{
    struct wire_field f;
    size_t at = 0;
    *out = (struct outer){0};
    while (wire_next(bytes, &at, &f)) {
        if (f.tag == TAG_N && f.type == 0)
            out->n = f.varint;
        else if (f.tag == TAG_FOR_SEAT && f.type == 0 && f.varint <= UINT32_MAX)
            out->for_seat = (uint32_t)f.varint;
        else if (f.tag == TAG_ORIGIN && f.type == 2) {
            out->origin = f.data;
            out->has_origin = true;
        }
    }
    return at == bytes.size && out->n > 0;
}

static void copy(struct slice bytes, uint32_t from, uint32_t to, struct buf *out)
{
    struct wire_field f;
    for (size_t at = 0; wire_next(bytes, &at, &f);)
        if (f.tag >= from && f.tag <= to)
            buf_append_slice(out, f.raw);
}

/* The same fields with these three in place of their own; for_seat 0, no origin: left out. */
static enum err rewrite(struct slice bytes, const struct outer *with, struct arena *arena, struct slice *out)
{
    struct buf made = BUF_INIT;
    put_number(&made, TAG_N, with->n);
    copy(bytes, TAG_N + 1, TAG_FOR_SEAT - 1, &made);
    if (with->for_seat)
        put_number(&made, TAG_FOR_SEAT, with->for_seat);
    if (with->has_origin)
        put_bytes(&made, TAG_ORIGIN, with->origin);
    copy(bytes, TAG_ORIGIN + 1, UINT32_MAX, &made);
    enum err e = made.size > LIMIT_RECORD ? ERR_TOO_LONG : ERR_OK;
    struct slice kept = e == ERR_OK ? arena_copy(arena, buf_slice(&made)) : (struct slice){0};
    buf_finish(&made);
    if (e != ERR_OK || !kept.data)
        return e != ERR_OK ? e : ERR_MEMORY;
    *out = kept;
    return ERR_OK;
}

/* ---- the origin's own message ---- */

enum { ORIGIN_INCARNATION = 1, ORIGIN_N = 2, ORIGIN_SIGNATURE = 3, ORIGIN_FOR_SEAT = 4 };

static bool read_origin(struct slice bytes, struct change_origin *out)
{
    struct wire_field f;
    struct change_origin o = {.given = true};
    bool named = false;
    size_t at = 0;
    while (wire_next(bytes, &at, &f)) {
        if (f.tag == ORIGIN_INCARNATION && f.type == 2 && f.data.size == INCARNATION_SIZE) {
            memcpy(o.incarnation.bytes, f.data.data, INCARNATION_SIZE);
            named = true;
        } else if (f.tag == ORIGIN_N && f.type == 0 && f.varint <= INT64_MAX) {
            o.n = f.varint;
        } else if (f.tag == ORIGIN_SIGNATURE && f.type == 2) {
            o.signature = f.data;
        } else if (f.tag == ORIGIN_FOR_SEAT && f.type == 0 && f.varint <= UINT32_MAX) {
            o.for_seat = (uint32_t)f.varint;
        }
    }
    if (at != bytes.size || !named || o.n == 0 || o.signature.size == 0)
        return false;
    *out = o;
    return true;
}

static enum err find(struct slice bytes, struct change_origin *out)
{
    struct outer outer;
    if (!look(bytes, &outer))
        return ERR_WIRE;
    if (!outer.has_origin)
        return ERR_NOT_FOUND;
    return outer.for_seat && read_origin(outer.origin, out) ? ERR_OK : ERR_WIRE;
}

enum err origin_bytes(struct slice bytes, struct arena *arena, struct slice *out)
{
    struct change_origin o;
    if (find(bytes, &o) != ERR_OK)
        return ERR_WIRE;
    return rewrite(bytes, &(struct outer){.n = o.n, .for_seat = o.for_seat}, arena, out);
}

enum err origin_find(struct slice bytes, struct arena *arena, struct change_origin *out)
{
    struct change_origin o;
    struct slice made;
    enum err e = find(bytes, &o);
    if (e == ERR_OK)
        e = origin_bytes(bytes, arena, &made);
    if (e != ERR_OK)
        return e;
    change_hash(made, o.hash);
    *out = o;
    return ERR_OK;
}

enum err origin_hand_in(struct slice made, uint32_t seat, struct incarnation incarnation, struct slice signature, uint64_t n,
                        struct arena *arena, struct slice *out)
{
    struct outer outer;
    struct buf origin = BUF_INIT;
    if (!look(made, &outer))
        return ERR_WIRE;
    if (!outer.has_origin) {
        put_bytes(&origin, ORIGIN_INCARNATION, slice_of(incarnation.bytes, INCARNATION_SIZE));
        put_number(&origin, ORIGIN_N, outer.n);
        put_bytes(&origin, ORIGIN_SIGNATURE, signature);
        if (outer.for_seat)
            put_number(&origin, ORIGIN_FOR_SEAT, outer.for_seat);
        outer = (struct outer){.for_seat = seat, .has_origin = true, .origin = buf_slice(&origin)};
    }
    outer.n = n;
    enum err e = rewrite(made, &outer, arena, out);
    buf_finish(&origin);
    return e;
}

void origin_text(const uint8_t district[DISTRICT_SIZE], uint32_t seat, struct incarnation incarnation, uint64_t n,
                 const uint8_t hash[HASH_SIZE], struct buf *out)
{
    buf_text(out, "banyan handover");
    buf_append(out, district, DISTRICT_SIZE);
    for (int shift = 24; shift >= 0; shift -= 8)
        buf_byte(out, (uint8_t)(seat >> shift));
    buf_append(out, incarnation.bytes, INCARNATION_SIZE);
    for (int shift = 56; shift >= 0; shift -= 8)
        buf_byte(out, (uint8_t)(n >> shift));
    buf_append(out, hash, HASH_SIZE);
}
