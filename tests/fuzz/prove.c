/* See prove.h. All of it lies in the server's arena, or in the message that came. */
#include "tests/fuzz/prove.h"
#include "base/key_file.h"
#include "sync/chain.h"
#include "sync/erase.h"
#include "sync/origin.h"
#include "tls/tls.h"
#include "wire/wire.h"
#include <string.h>

static struct buf key, certificate;
static uint8_t district[32]; /* its first half counts */

void prove_prepare(struct stage *s)
{
    struct buf csr = BUF_INIT, ca = BUF_INIT, der = BUF_INIT;
    const char *refusal;
    CHECK(key_file_read(s->h.server.folder.path, "ca.pem", &ca) == ERR_OK &&
          tls_cert_to_der(buf_slice(&ca), &der) == ERR_OK);
    tls_sha256(buf_slice(&der), district);
    CHECK(tls_key_make(&key) == ERR_OK && tls_csr_make(buf_slice(&key), "seat", &csr) == ERR_OK);
    CHECK(authority_renew(s->h.serving.authority, s->h.server.control, s->seats[STAGE_SECOND], buf_slice(&csr), NOW_MS,
                          &certificate, &refusal) == ERR_OK);
    buf_finish(&csr);
    buf_finish(&ca);
    buf_finish(&der);
}

/* ---- heads ---- */

static void prove_head(struct stage *s, uint32_t org, uint64_t seq, ProtobufCBinaryData chain, protobuf_c_boolean *has,
                       ProtobufCBinaryData *mac)
{
    if (chain.len != CHAIN_SIZE)
        return;
    *has = 1;
    *mac = serving_mac(&s->h, org, seq, chain.data);
}

static void prove_hello(struct stage *s, Wire__Hello *hello)
{
    for (size_t i = 0; i < hello->n_position; i++)
        prove_head(s, hello->position[i]->org, hello->position[i]->seq, hello->position[i]->chain,
                   &hello->position[i]->has_head_mac, &hello->position[i]->head_mac);
}

/* One that is stripped keeps the hash that it came with. */
static bool chain_one(struct stage *s, Wire__Entry *m, uint8_t before[CHAIN_SIZE])
{
    struct arena *arena = &s->h.server.arena;
    struct entry e;
    uint8_t link[CHAIN_SIZE + 32];
    if (entry_open(m, arena, &e) != ERR_OK)
        return false;
    if (e.stripped) {
        memcpy(link, before, CHAIN_SIZE);
        memcpy(link + CHAIN_SIZE, e.entry_hash, 32);
        tls_sha256(slice_of(link, sizeof link), e.chain);
    } else {
        entry_seal(&e, before);
    }
    memcpy(before, e.chain, CHAIN_SIZE);
    struct slice chain = arena_copy(arena, slice_of(e.chain, CHAIN_SIZE));
    m->chain = (ProtobufCBinaryData){chain.size, (uint8_t *)chain.data};
    return chain.data;
}

/* No log of ours has a hole: of one that has, nobody could have a mac. */
static bool has_hole(struct stage *s, const Wire__HandBack *back)
{
    uint8_t chain[CHAIN_SIZE];
    for (size_t i = 1; i < back->n_entry; i++)
        if (back->entry[i]->seq != back->entry[i - 1]->seq + 1)
            return true;
    return back->n_entry && store_read_chain(s->h.serving.store, back->org, back->entry[0]->seq - 1, chain) != ERR_OK;
}

/* What comes before the first entry. Of a path that was given up the server may never have had it: as the frame says. */
static bool begins(struct stage *s, const Wire__HandBack *back, uint8_t before[CHAIN_SIZE])
{
    if (back->n_entry == 0)
        return false;
    if (back->late && back->chain_before.len == CHAIN_SIZE) {
        memcpy(before, back->chain_before.data, CHAIN_SIZE);
        return true;
    }
    return (back->late || !has_hole(s, back)) &&
           store_read_chain_before(s->h.serving.store, back->org, back->entry[0]->seq, before) == ERR_OK;
}

static void prove_hand_back(struct stage *s, Wire__HandBack *back)
{
    uint8_t before[CHAIN_SIZE];
    bool chained = begins(s, back, before);
    for (size_t i = 0; i < back->n_entry; i++) {
        chained = chained && chain_one(s, back->entry[i], before);
        prove_head(s, back->org, back->entry[i]->seq, back->entry[i]->chain, &back->entry[i]->has_head_mac,
                   &back->entry[i]->head_mac);
    }
}

/* One that is malformed, or names another org's records, the server never made. */
static bool may_be_ours(struct stage *s, struct slice packed)
{
    const Wire__Erasure *made;
    bool ours = erasure_open(packed, &s->h.server.arena, &made) == ERR_OK;
    for (size_t i = 0; ours && i < made->n_erased; i++) {
        struct row row;
        const Wire__Erased *one = made->erased[i];
        enum err e = store_read_row(s->h.serving.store, one->kind, id_from(slice_of(one->id.data, one->id.len)),
                                    &s->h.server.arena, &row);
        ours = e == ERR_NOT_FOUND || (e == ERR_OK && row.org == made->org);
    }
    return ours;
}

static void prove_erasures(struct stage *s, Wire__ErasuresAsk *ask)
{
    for (size_t i = 0; i < ask->n_known; i++) {
        ProtobufCBinaryData packed = ask->known[i]->erasure;
        uint8_t *mac = arena_alloc(&s->h.server.arena, HEAD_MAC_SIZE);
        if (!mac)
            return;
        if (!may_be_ours(s, slice_of(packed.data, packed.len)))
            continue;
        authority_erasure_mac(s->h.serving.authority, slice_of(packed.data, packed.len), mac);
        ask->known[i]->has_mac = 1;
        ask->known[i]->mac = (ProtobufCBinaryData){HEAD_MAC_SIZE, mac};
    }
}

/* ---- pushes ---- */

static bool sign(struct stage *s, struct slice change, struct slice *out)
{
    struct arena *arena = &s->h.server.arena;
    struct buf text = BUF_INIT, signature = BUF_INIT;
    struct change_origin origin;
    struct slice made;
    uint32_t maker = s->seats[STAGE_SECOND];
    struct wire_field n;
    size_t at = 0;
    if (origin_find(change, arena, &origin) != ERR_OK || origin_bytes(change, arena, &made) != ERR_OK ||
        !wire_next(change, &at, &n))
        return false;
    origin_text(district, maker, origin.incarnation, origin.n, origin.hash, &text);
    CHECK(tls_sign(buf_slice(&key), buf_slice(&text), &signature) == ERR_OK);
    bool done = origin_hand_in(made, maker, origin.incarnation, buf_slice(&signature), n.varint, arena, out) == ERR_OK;
    buf_finish(&text);
    buf_finish(&signature);
    return done;
}

static struct id open_conflict(struct stage *s)
{
    struct row *rows;
    size_t count;
    bool more;
    struct id found = {{0}};
    if (store_read_rows(s->h.serving.store, s->h.server.branch, KIND_CONFLICT, NULL, KIND_CONFLICT, 1u << 16,
                        &s->h.server.arena, &rows, &count, &more) == ERR_OK)
        for (size_t i = 0; i < count; i++)
            if (rows[i].message)
                found = rows[i].id;
    return found;
}

/* The id stands in the bytes as it is. */
static void name_conflict(struct stage *s, ProtobufCBinaryData change)
{
    uint8_t wanted[ID_SIZE];
    memset(wanted, PROVE_CONFLICT, sizeof wanted);
    uint8_t *at = change.len == 0 ? NULL : memmem(change.data, change.len, wanted, sizeof wanted);
    if (at)
        memcpy(at, open_conflict(s).bytes, ID_SIZE);
}

static void prove_push(struct stage *s, Wire__Push *push)
{
    struct slice proven;
    ProtobufCBinaryData *list = arena_alloc(&s->h.server.arena, sizeof *list);
    for (size_t i = 0; i < push->n_sent; i++) {
        ProtobufCBinaryData *change = &push->sent[i]->change;
        name_conflict(s, *change);
        if (list && sign(s, slice_of(change->data, change->len), &proven)) {
            *change = (ProtobufCBinaryData){proven.size, (uint8_t *)proven.data};
            *list = (ProtobufCBinaryData){certificate.size, certificate.data};
            push->certificate = list;
            push->n_certificate = 1;
        }
    }
}

void prove_all(struct stage *s, enum frame_type type, ProtobufCMessage *m)
{
    if (type == FRAME_HELLO)
        prove_hello(s, (Wire__Hello *)m);
    if (type == FRAME_HAND_BACK)
        prove_hand_back(s, (Wire__HandBack *)m);
    if (type == FRAME_ERASURES_ASK)
        prove_erasures(s, (Wire__ErasuresAsk *)m);
    if (type == FRAME_PUSH)
        prove_push(s, (Wire__Push *)m);
}
