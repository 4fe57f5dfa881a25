/* What is a change and what is not (rules 1, 2). Invariant: the bytes are made once; hash and storage take them as they
 * came, never a message packed again. */
#include "sync/change.h"
#include "base/limits.h"
#include "sync/fields.h"
#include "sync/origin.h"
#include "tls/tls.h"
#include "wire/wire.h"
#include <string.h>

bool incarnation_equal(struct incarnation a, struct incarnation b)
{
    return memcmp(a.bytes, b.bytes, INCARNATION_SIZE) == 0;
}

void change_hash(struct slice bytes, uint8_t out[HASH_SIZE])
{
    uint8_t whole[32];
    tls_sha256(bytes, whole);
    memcpy(out, whole, HASH_SIZE);
}

#define TAG_FOR_SEAT 15u

uint32_t change_for_seat(struct slice bytes)
{
    struct wire_field f;
    for (size_t at = 0; wire_next(bytes, &at, &f) && f.tag <= TAG_FOR_SEAT;)
        if (f.tag == TAG_FOR_SEAT && f.type == 0 && f.varint <= UINT32_MAX)
            return (uint32_t)f.varint;
    return 0;
}

struct incarnation change_fork(struct incarnation old, uint64_t n, const uint8_t hash[HASH_SIZE])
{
    uint8_t text[INCARNATION_SIZE + 8 + HASH_SIZE], whole[32];
    memcpy(text, old.bytes, INCARNATION_SIZE);
    for (int i = 0; i < 8; i++)
        text[INCARNATION_SIZE + i] = (uint8_t)(n >> (56 - 8 * i));
    memcpy(text + INCARNATION_SIZE + 8, hash, HASH_SIZE);
    tls_sha256(slice_of(text, sizeof text), whole);
    struct incarnation out;
    memcpy(out.bytes, whole, INCARNATION_SIZE);
    return out;
}

bool change_touches(const struct change *c, uint32_t tag)
{
    if (fields_present(c->patch, tag) || fields_hold(c->cleared, c->cleared_count, tag))
        return true;
    if (c->op != OP_ACT || !c->kind)
        return false;
    const ProtobufCFieldDescriptor *state = record_field(c->kind->descriptor, "state");
    return state && state->id == tag;
}

static bool take_fixed(protobuf_c_boolean has, ProtobufCBinaryData data, void *out, size_t size)
{
    if (!has || data.len != size)
        return false;
    memcpy(out, data.data, size);
    return true;
}

static bool open_head(const Wire__Change *in, struct change *out)
{
    if (!in->has_n || in->n == 0 || in->n > INT64_MAX || !in->org || !in->kind || in->base_seq > INT64_MAX)
        return false;
    if (!take_fixed(in->has_id, in->id, out->id.bytes, ID_SIZE) || id_is_zero(out->id))
        return false;
    if (!in->has_op || (int)in->op < OP_CREATE || (int)in->op > OP_ERASE)
        return false;
    if ((in->op == WIRE__OP__ACT) != (in->action != NULL && in->action[0] != 0))
        return false;
    out->n = in->n;
    out->org = in->org;
    out->kind_number = in->kind;
    out->base = in->base_seq;
    out->op = (enum op)in->op;
    out->action = in->op == WIRE__OP__ACT ? in->action : NULL;
    out->made_ms = in->made_ms;
    out->for_seat = in->for_seat;
    out->nonce = slice_of(in->nonce.data, in->nonce.len);
    return in->nonce.len == 0 || in->nonce.len == NONCE_SIZE;
}

/* Who has an origin is handed in for somebody, and it is whole. */
static enum err open_origin(const Wire__Change *in, struct slice bytes, struct arena *arena, struct change *out)
{
    enum err e = in->origin ? origin_find(bytes, arena, &out->origin) : ERR_OK;
    return e == ERR_NOT_FOUND ? ERR_WIRE : e;
}

static bool open_group(const Wire__Change *in, struct change *out)
{
    if (!in->has_group)
        return !in->has_group_position && !in->has_group_size;
    if (!take_fixed(in->has_group, in->group, out->group.bytes, ID_SIZE))
        return false;
    if (in->group_size == 0 || in->group_size > LIMIT_GROUP || in->group_position == 0 ||
        in->group_position > in->group_size)
        return false;
    out->grouped = true;
    out->group_position = in->group_position;
    out->group_size = in->group_size;
    return true;
}

static enum err open_patch(const Wire__Change *in, struct arena *arena, struct change *out)
{
    out->patch_bytes = in->has_patch ? slice_of(in->patch.data, in->patch.len) : (struct slice){0};
    out->kind = kind_by_number(in->kind);
    if (!out->kind)
        return ERR_OK;
    ProtobufCMessage *patch = NULL;
    if (out->patch_bytes.size > 0) {
        enum err e = wire_open(out->kind->descriptor, out->patch_bytes, arena, &patch);
        if (e != ERR_OK)
            return e;
    } else if (!(patch = record_new(out->kind->descriptor, arena))) {
        return ERR_MEMORY;
    }
    out->patch = patch;
    return ERR_OK;
}

static bool open_cleared(const Wire__Change *in, struct change *out)
{
    size_t unknown = out->patch ? out->patch->n_unknown_fields : 0;
    if (in->n_cleared + unknown > LIMIT_CHANGE_FIELDS)
        return false;
    for (size_t i = 0; i < in->n_cleared; i++) {
        if (in->cleared[i] == 0 || (i > 0 && in->cleared[i] <= in->cleared[i - 1]))
            return false;
        if (fields_present(out->patch, in->cleared[i]))
            return false;
    }
    out->cleared = in->cleared;
    out->cleared_count = in->n_cleared;
    return true;
}

enum err change_open(struct slice bytes, struct arena *arena, struct change *out)
{
    ProtobufCMessage *m;
    struct change c = {.bytes = bytes, .made = bytes};
    if (bytes.size > LIMIT_RECORD)
        return ERR_WIRE;
    enum err e = wire_open(&wire__change__descriptor, bytes, arena, &m);
    if (e != ERR_OK)
        return e;
    const Wire__Change *in = (const Wire__Change *)m;
    if (!open_head(in, &c) || !open_group(in, &c))
        return ERR_WIRE;
    if ((e = open_origin(in, bytes, arena, &c)) != ERR_OK || (e = open_patch(in, arena, &c)) != ERR_OK)
        return e;
    if (!open_cleared(in, &c))
        return ERR_WIRE;
    change_hash(bytes, c.hash);
    *out = c;
    return ERR_OK;
}

static void fill_wire(const struct change *c, Wire__Change *m)
{
    m->has_n = m->has_org = m->has_kind = m->has_id = m->has_op = 1;
    m->n = c->n;
    m->org = c->org;
    m->kind = c->kind_number;
    m->id = (ProtobufCBinaryData){.len = ID_SIZE, .data = (uint8_t *)c->id.bytes};
    m->has_base_seq = c->base != 0;
    m->base_seq = c->base;
    m->op = (Wire__Op)c->op;
    m->n_cleared = c->cleared_count;
    m->cleared = (uint32_t *)c->cleared;
    m->action = (char *)c->action;
    m->has_group = m->has_group_position = m->has_group_size = c->grouped;
    m->group = (ProtobufCBinaryData){.len = ID_SIZE, .data = (uint8_t *)c->group.bytes};
    m->group_position = c->group_position;
    m->group_size = c->group_size;
    m->has_made_ms = c->made_ms != 0;
    m->made_ms = c->made_ms;
    m->has_nonce = c->nonce.size > 0;
    m->nonce = (ProtobufCBinaryData){.len = c->nonce.size, .data = (uint8_t *)c->nonce.data};
    m->has_for_seat = c->for_seat != 0;
    m->for_seat = c->for_seat;
}

enum err change_pack(struct change *c, struct arena *arena)
{
    Wire__Change m = WIRE__CHANGE__INIT;
    fill_wire(c, &m);
    struct slice patch = c->patch ? fields_pack(c->patch, arena) : (struct slice){0};
    m.has_patch = patch.size > 0;
    m.patch = (ProtobufCBinaryData){.len = patch.size, .data = (uint8_t *)patch.data};
    if (protobuf_c_message_get_packed_size(&m.base) > LIMIT_RECORD)
        return ERR_TOO_LONG;
    struct slice bytes = wire_pack_arena(&m.base, arena);
    if (bytes.size == 0)
        return ERR_MEMORY;
    c->bytes = bytes;
    c->patch_bytes = patch;
    change_hash(bytes, c->hash);
    return ERR_OK;
}
