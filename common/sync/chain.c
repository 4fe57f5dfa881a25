/* The chain (rule 17): hashes of hashes, so that content can be erased or left out for a reader and the chain stays
 * whole. */
#include "sync/chain.h"
#include "tls/tls.h"
#include "wire/wire.h"
#include <string.h>

static void put_part(struct buf *b, struct slice s)
{
    CHECK(s.size <= UINT32_MAX);
    buf_u32(b, (uint32_t)s.size);
    buf_append_slice(b, s);
}

static void hash_entry(const struct entry *e, uint8_t out[32])
{
    uint8_t content[32];
    struct buf b = BUF_INIT;
    buf_reserve(&b, e->salt.size + e->change.size + e->effects.size + 256);
    put_part(&b, e->salt);
    put_part(&b, e->change);
    put_part(&b, e->effects);
    tls_sha256(buf_slice(&b), content);
    b.size = 0;
    buf_u64(&b, e->seq);
    buf_u32(&b, e->identity.seat);
    buf_append(&b, e->identity.incarnation.bytes, INCARNATION_SIZE);
    buf_u64(&b, e->identity.n);
    buf_append(&b, e->identity.hash, HASH_SIZE);
    buf_byte(&b, (uint8_t)e->verdict);
    put_part(&b, slice_text(e->code));
    buf_u64(&b, (uint64_t)e->received_ms);
    buf_append(&b, content, sizeof content);
    tls_sha256(buf_slice(&b), out);
    buf_finish(&b);
}

static void hash_link(const uint8_t before[CHAIN_SIZE], const uint8_t entry_hash[32], uint8_t out[CHAIN_SIZE])
{
    uint8_t both[CHAIN_SIZE + 32];
    memcpy(both, before, CHAIN_SIZE);
    memcpy(both + CHAIN_SIZE, entry_hash, 32);
    tls_sha256(slice_of(both, sizeof both), out);
}

void entry_seal(struct entry *e, const uint8_t before[CHAIN_SIZE])
{
    CHECK(!e->stripped);
    hash_entry(e, e->entry_hash);
    hash_link(before, e->entry_hash, e->chain);
}

bool entry_follows(const struct entry *e, const uint8_t before[CHAIN_SIZE])
{
    uint8_t hash[32], chain[CHAIN_SIZE];
    if (e->stripped)
        memcpy(hash, e->entry_hash, sizeof hash);
    else
        hash_entry(e, hash);
    hash_link(before, hash, chain);
    return memcmp(chain, e->chain, CHAIN_SIZE) == 0;
}

/* A field that may be left out where the entry is stripped; if it is there it has its size. */
static bool take_fixed(protobuf_c_boolean has, ProtobufCBinaryData data, bool optional, void *out, size_t size)
{
    if (!has)
        return optional;
    if (data.len != size)
        return false;
    memcpy(out, data.data, size);
    return true;
}

static struct slice take_bytes(protobuf_c_boolean has, ProtobufCBinaryData data)
{
    return has ? slice_of(data.data, data.len) : (struct slice){0};
}

static void take_refusal(const Wire__Refusal *r, struct entry *out)
{
    if (!r)
        return;
    out->code = r->code;
    out->field = r->field;
    for (size_t i = 0; i < r->n_argument && i < 3; i++)
        out->argument[i] = r->argument[i][0] ? r->argument[i] : NULL;
}

enum err entry_open(const Wire__Entry *in, struct arena *arena, struct entry *out)
{
    (void)arena; /* slices and texts stay those of the message, which lives in it */
    struct entry e = {.seq = in->seq, .received_ms = in->received_ms, .stripped = in->has_entry_hash};
    bool sparse = e.stripped; /* what a reader may not know was left out */
    if (in->seq == 0 || in->seq > INT64_MAX || (int)in->verdict < !sparse || (int)in->verdict > VERDICT_SAME)
        return ERR_WIRE;
    if (!take_fixed(in->has_chain, in->chain, false, e.chain, CHAIN_SIZE) ||
        !take_fixed(in->has_entry_hash, in->entry_hash, true, e.entry_hash, sizeof e.entry_hash) ||
        !take_fixed(in->has_incarnation, in->incarnation, sparse, e.identity.incarnation.bytes, INCARNATION_SIZE) ||
        !take_fixed(in->has_hash, in->hash, sparse, e.identity.hash, HASH_SIZE))
        return ERR_WIRE;
    e.verdict = (enum verdict)in->verdict;
    if (!sparse && (!in->n || (e.verdict == VERDICT_REFUSED && (!in->refusal || !in->refusal->code))))
        return ERR_WIRE;
    e.identity.seat = in->seat;
    e.identity.n = in->n;
    e.change = take_bytes(in->has_change, in->change);
    e.effects = take_bytes(in->has_effects, in->effects);
    e.salt = take_bytes(in->has_salt, in->salt);
    take_refusal(in->refusal, &e);
    if (!e.stripped)
        hash_entry(&e, e.entry_hash);
    *out = e;
    return ERR_OK;
}

static ProtobufCBinaryData give_bytes(const void *data, size_t size)
{
    return (ProtobufCBinaryData){.len = size, .data = (uint8_t *)data};
}

static void give_identity(const struct entry *e, Wire__Entry *out)
{
    if (e->identity.n == 0)
        return; /* a stripped entry of a record that the reader may not know of */
    out->has_seat = out->has_incarnation = out->has_n = out->has_hash = out->has_verdict = out->has_received_ms = 1;
    out->seat = e->identity.seat;
    out->incarnation = give_bytes(e->identity.incarnation.bytes, INCARNATION_SIZE);
    out->n = e->identity.n;
    out->hash = give_bytes(e->identity.hash, HASH_SIZE);
    out->verdict = (Wire__VerdictType)e->verdict;
    out->received_ms = e->received_ms;
}

Wire__Refusal *entry_refusal(const struct entry *e, struct arena *arena)
{
    Wire__Refusal *r = arena_alloc(arena, sizeof *r);
    char **arguments = arena_alloc(arena, 3 * sizeof *arguments);
    CHECK(r && arguments);
    wire__refusal__init(r);
    r->code = (char *)e->code;
    r->field = (char *)e->field;
    /* Places count: an argument that is not known is an empty one where another follows. */
    for (size_t i = 0; i < 3; i++) {
        arguments[i] = (char *)(e->argument[i] ? e->argument[i] : "");
        if (e->argument[i])
            r->n_argument = i + 1;
    }
    r->argument = r->n_argument ? arguments : NULL;
    return r;
}

Wire__Entry *entry_wire(const struct entry *e, struct arena *arena)
{
    Wire__Entry *out = arena_alloc(arena, sizeof *out);
    CHECK(out);
    wire__entry__init(out);
    out->has_seq = out->has_chain = 1;
    out->seq = e->seq;
    out->chain = give_bytes(e->chain, CHAIN_SIZE);
    give_identity(e, out);
    if (e->code)
        out->refusal = entry_refusal(e, arena);
    out->has_change = e->change.size > 0;
    out->change = give_bytes(e->change.data, e->change.size);
    out->has_effects = e->effects.size > 0;
    out->effects = give_bytes(e->effects.data, e->effects.size);
    out->has_salt = e->salt.size > 0;
    out->salt = give_bytes(e->salt.data, e->salt.size);
    out->has_entry_hash = e->stripped;
    out->entry_hash = give_bytes(e->entry_hash, sizeof e->entry_hash);
    return out;
}
