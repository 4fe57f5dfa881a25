/* An org's state as one row: varints in the order of the struct, after a version. It is this program's own file, not a
 * peer's message, but a damaged one is found all the same: every length is checked and nothing may be left over. */
#include "sync/org_state_parts.h"
#include "base/text.h"
#include "wire/wire.h"
#include <stdlib.h>
#include <string.h>

#define PACK_VERSION 1u
#define NAME_MAX_SIZE 255u

static uint64_t zigzag(int64_t v)
{
    return (uint64_t)v << 1 ^ (v < 0 ? UINT64_MAX : 0);
}

static int64_t unzigzag(uint64_t v)
{
    return (int64_t)(v >> 1 ^ (v & 1 ? UINT64_MAX : 0));
}

static void pack_named(const struct named_values *v, struct buf *out)
{
    wire_put_varint(out, v->count);
    for (size_t i = 0; i < v->count; i++) {
        size_t size = strlen(v->list[i].name);
        CHECK(size <= NAME_MAX_SIZE);
        wire_put_varint(out, size);
        buf_append(out, v->list[i].name, size);
        wire_put_varint(out, zigzag(v->list[i].value));
    }
}

void org_state_pack(const struct org_state *s, struct buf *out)
{
    wire_put_varint(out, PACK_VERSION);
    wire_put_varint(out, s->epoch);
    wire_put_varint(out, s->seq);
    buf_append(out, s->chain, CHAIN_SIZE);
    wire_put_varint(out, s->entries);
    wire_put_varint(out, s->rows);
    wire_put_varint(out, s->digest_count);
    for (size_t i = 0; i < s->digest_count; i++) {
        uint8_t sum[16];
        digest_bytes(s->digests[i].sum, sum);
        wire_put_varint(out, s->digests[i].scope);
        wire_put_varint(out, s->digests[i].class);
        buf_append(out, sum, sizeof sum);
    }
    pack_named(&s->measures, out);
    pack_named(&s->numbers, out);
}

struct reader {
    struct slice in;
    size_t at;
    bool bad;
};

static const uint8_t *take_bytes(struct reader *r, size_t size)
{
    if (r->bad || r->in.size - r->at < size) {
        r->bad = true;
        return NULL;
    }
    r->at += size;
    return r->in.data + r->at - size;
}

static uint64_t take_varint(struct reader *r, uint64_t max)
{
    uint64_t v = 0;
    r->bad = r->bad || !wire_varint(r->in, &r->at, &v) || v > max;
    return r->bad ? 0 : v;
}

static void unpack_digests(struct reader *r, struct org_state *s)
{
    uint64_t count = take_varint(r, r->in.size);
    for (uint64_t i = 0; i < count && !r->bad; i++) {
        uint32_t scope = (uint32_t)take_varint(r, UINT32_MAX);
        uint64_t class = take_varint(r, CLASS_SENSITIVE);
        const uint8_t *sum = take_bytes(r, 16);
        if (!sum || class < CLASS_OPEN) {
            r->bad = true;
            return;
        }
        struct digest_sum *slot = org_state_digest_slot(s, scope, (enum field_class) class);
        for (int j = 0; j < 16; j++)
            slot->lane[j / 8] = slot->lane[j / 8] << 8 | sum[j];
    }
}

static void unpack_named(struct reader *r, struct named_values *v)
{
    char name[NAME_MAX_SIZE + 1];
    uint64_t count = take_varint(r, r->in.size);
    for (uint64_t i = 0; i < count && !r->bad; i++) {
        size_t size = (size_t)take_varint(r, NAME_MAX_SIZE);
        const uint8_t *bytes = take_bytes(r, size);
        int64_t value = unzigzag(take_varint(r, UINT64_MAX));
        if (r->bad || !text_is_clean(slice_of(bytes, size)) || value == 0) {
            r->bad = true;
            return;
        }
        memcpy(name, bytes, size);
        name[size] = 0;
        named_add(v, name, value);
        r->bad = v->count != i + 1;
    }
}

enum err org_state_unpack(uint32_t org, struct slice packed, struct org_state **out)
{
    struct reader r = {.in = packed};
    struct org_state *s = org_state_create(org, 0);
    if (take_varint(&r, UINT64_MAX) != PACK_VERSION)
        r.bad = true;
    s->epoch = (uint32_t)take_varint(&r, UINT32_MAX);
    s->seq = take_varint(&r, INT64_MAX);
    const uint8_t *chain = take_bytes(&r, CHAIN_SIZE);
    if (chain)
        memcpy(s->chain, chain, CHAIN_SIZE);
    s->entries = take_varint(&r, UINT64_MAX);
    s->rows = take_varint(&r, UINT64_MAX);
    unpack_digests(&r, s);
    unpack_named(&r, &s->measures);
    unpack_named(&r, &s->numbers);
    if (r.bad || r.at != packed.size) {
        org_state_destroy(s);
        return ERR_CORRUPT;
    }
    *out = s;
    return ERR_OK;
}

struct org_state *org_state_copy(const struct org_state *s)
{
    struct buf b = BUF_INIT;
    struct org_state *out = NULL;
    org_state_pack(s, &b);
    CHECK(org_state_unpack(s->org, buf_slice(&b), &out) == ERR_OK);
    buf_finish(&b);
    return out;
}

bool org_state_equal(const struct org_state *a, const struct org_state *b)
{
    if (a->org != b->org || a->epoch != b->epoch || a->seq != b->seq || memcmp(a->chain, b->chain, CHAIN_SIZE) != 0 ||
        a->entries != b->entries || a->rows != b->rows || a->digest_count != b->digest_count)
        return false;
    for (size_t i = 0; i < a->digest_count; i++)
        if (a->digests[i].scope != b->digests[i].scope || a->digests[i].class != b->digests[i].class ||
            !digest_equal(a->digests[i].sum, b->digests[i].sum))
            return false;
    return named_equal(&a->measures, &b->measures) && named_equal(&a->numbers, &b->numbers);
}
