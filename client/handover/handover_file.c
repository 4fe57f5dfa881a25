/* See handover_file.h. Order of reading: sizes, then each part by the wire check, then who signed it; the seal's signature first of all
 * signatures, so that a file that was changed costs one check and not twenty thousand. */
#include "client/handover/handover_file.h"
#include "base/limits.h"
#include "tls/tls.h"
#include "wire/wire.h"

#include <string.h>

#define MAGIC "BANYAN HANDOVER\n"
#define MAGIC_SIZE (sizeof MAGIC - 1)

enum err handover_district(struct slice ca, uint8_t out[DISTRICT_SIZE])
{
    struct buf der = BUF_INIT;
    uint8_t whole[32];
    enum err e = tls_cert_to_der(ca, &der);
    if (e == ERR_OK) {
        tls_sha256(buf_slice(&der), whole);
        memcpy(out, whole, DISTRICT_SIZE);
    }
    buf_finish(&der);
    return e;
}

/* ---- writing ---- */

static void put_part(const ProtobufCMessage *m, struct buf *out)
{
    size_t size = protobuf_c_message_get_packed_size(m);
    for (int shift = 24; shift >= 0; shift -= 8)
        buf_byte(out, (uint8_t)(size >> shift));
    wire_pack(m, out);
}

/* The incarnation says where the maker's numbers count; an origin that a change has already says all of that by itself. */
static enum err put_entry(const struct handover_keys *keys, const Wire__HandoverHead *head, const struct handover_change *c, struct buf *out)
{
    Wire__HandoverEntry m = WIRE__HANDOVER_ENTRY__INIT;
    struct buf text = BUF_INIT, signature = BUF_INIT;
    enum err e = ERR_OK;
    if (!c->has_origin) {
        origin_text(head->district.data, head->seat, c->incarnation, c->n, c->hash, &text);
        e = tls_sign(keys->key, buf_slice(&text), &signature);
    }
    m.has_incarnation = m.has_change = 1;
    m.incarnation = (ProtobufCBinaryData){INCARNATION_SIZE, (uint8_t *)c->incarnation.bytes};
    m.change = (ProtobufCBinaryData){c->bytes.size, (uint8_t *)c->bytes.data};
    m.has_signature = !c->has_origin;
    m.signature = (ProtobufCBinaryData){signature.size, signature.data};
    if (e == ERR_OK)
        put_part(&m.base, out);
    buf_finish(&text);
    buf_finish(&signature);
    return e;
}

static enum err put_seal(struct slice key, size_t from, struct buf *out)
{
    Wire__HandoverSeal m = WIRE__HANDOVER_SEAL__INIT;
    struct buf signature = BUF_INIT;
    enum err e = tls_sign(key, slice_of(out->data + from, out->size - from), &signature);
    m.has_signature = 1;
    m.signature = (ProtobufCBinaryData){signature.size, signature.data};
    if (e == ERR_OK)
        put_part(&m.base, out);
    buf_finish(&signature);
    return e;
}

enum err handover_file_write(const struct handover_keys *keys, Wire__HandoverHead *head, const struct handover_change *list, size_t count,
                             struct buf *out)
{
    uint8_t district[DISTRICT_SIZE];
    size_t from = out->size;
    if (count > HANDOVER_ENTRIES_MAX)
        return ERR_FULL;
    enum err e = handover_district(keys->ca, district);
    head->has_version = head->has_district = head->has_entries = 1;
    head->version = HANDOVER_VERSION;
    head->district = (ProtobufCBinaryData){DISTRICT_SIZE, district};
    head->entries = (uint32_t)count;
    buf_append(out, MAGIC, MAGIC_SIZE);
    put_part(&head->base, out);
    for (size_t i = 0; e == ERR_OK && i < count; i++)
        e = out->size - from <= HANDOVER_FILE_MAX - 2 * LIMIT_RECORD ? put_entry(keys, head, &list[i], out) : ERR_FULL;
    if (e == ERR_OK)
        e = put_seal(keys->key, from, out);
    head->district = (ProtobufCBinaryData){0};
    if (e != ERR_OK)
        out->size = from;
    return e;
}

/* ---- reading ---- */

struct reading {
    struct slice bytes;
    size_t at;
    struct arena *arena;
    enum handover_fault fault;
};

static enum err faulty(struct reading *r, enum handover_fault fault)
{
    r->fault = fault;
    return ERR_REFUSED;
}

static enum err read_part(struct reading *r, const ProtobufCMessageDescriptor *d, ProtobufCMessage **out)
{
    const uint8_t *at = r->bytes.data + r->at;
    size_t left = r->bytes.size - r->at, size = 0;
    if (left < 4)
        return faulty(r, HANDOVER_CUT);
    for (int i = 0; i < 4; i++)
        size = size << 8 | at[i];
    if (size > 2 * LIMIT_RECORD)
        return faulty(r, HANDOVER_CHANGED);
    if (size > left - 4)
        return faulty(r, HANDOVER_CUT);
    enum err e = wire_open(d, slice_of(at + 4, size), r->arena, out);
    r->at += 4 + size;
    return e == ERR_WIRE ? faulty(r, HANDOVER_CHANGED) : e;
}

static enum err read_head(struct reading *r, Wire__HandoverHead **out)
{
    ProtobufCMessage *m;
    size_t known = r->bytes.size < MAGIC_SIZE ? r->bytes.size : MAGIC_SIZE;
    if (known == 0 || memcmp(r->bytes.data, MAGIC, known) != 0)
        return faulty(r, HANDOVER_NOT_ONE);
    if (known < MAGIC_SIZE)
        return faulty(r, HANDOVER_CUT);
    r->at = MAGIC_SIZE;
    enum err e = read_part(r, &wire__handover_head__descriptor, &m);
    if (e != ERR_OK)
        return e;
    Wire__HandoverHead *head = (Wire__HandoverHead *)m;
    if (head->version > HANDOVER_VERSION)
        return faulty(r, HANDOVER_NEWER);
    bool whole = head->version && head->district.len == DISTRICT_SIZE && head->org && head->org->number && head->seat && head->n_certificate &&
                 head->n_certificate <= LIMIT_MAKERS_PUSH && head->entries <= HANDOVER_ENTRIES_MAX;
    *out = head;
    return whole ? ERR_OK : faulty(r, HANDOVER_CHANGED);
}

static enum err read_entry(struct reading *r, const Wire__HandoverHead *head, struct handover_given *out)
{
    ProtobufCMessage *m;
    struct change c;
    enum err e = read_part(r, &wire__handover_entry__descriptor, &m);
    if (e != ERR_OK)
        return e;
    const Wire__HandoverEntry *in = (const Wire__HandoverEntry *)m;
    struct slice bytes = slice_of(in->change.data, in->change.len);
    e = in->incarnation.len == INCARNATION_SIZE ? change_open(bytes, r->arena, &c) : ERR_WIRE;
    if (e != ERR_OK)
        return e == ERR_WIRE ? faulty(r, HANDOVER_CHANGED) : e;
    *out = (struct handover_given){.seat = c.origin.given ? c.for_seat : head->seat, .bytes = bytes,
                                   .signature = slice_of(in->signature.data, in->signature.len)};
    memcpy(out->incarnation.bytes, in->incarnation.data, INCARNATION_SIZE);
    out->n = c.n;
    memcpy(out->hash, c.hash, HASH_SIZE);
    if (c.origin.given) {
        out->incarnation = c.origin.incarnation;
        out->n = c.origin.n;
        out->signature = c.origin.signature;
        memcpy(out->hash, c.origin.hash, HASH_SIZE);
    }
    return out->signature.size ? ERR_OK : faulty(r, HANDOVER_CHANGED);
}

/* ---- whose it is ---- */

static enum err check_seal(struct reading *r, const Wire__HandoverHead *head, struct tls_seat_keys *keys)
{
    struct slice all = slice_of(r->bytes.data, r->at);
    ProtobufCMessage *m;
    enum err e = read_part(r, &wire__handover_seal__descriptor, &m);
    if (e != ERR_OK)
        return e;
    const Wire__HandoverSeal *seal = (const Wire__HandoverSeal *)m;
    bool good = r->at == r->bytes.size && tls_seat_keys_signed(keys, head->seat, all, slice_of(seal->signature.data, seal->signature.len));
    return good ? ERR_OK : faulty(r, HANDOVER_CHANGED);
}

static enum err check_entry(struct reading *r, const Wire__HandoverHead *head, struct tls_seat_keys *keys, struct handover_given *given)
{
    struct buf text = BUF_INIT;
    origin_text(head->district.data, given->seat, given->incarnation, given->n, given->hash, &text);
    bool good = tls_seat_keys_find(keys, given->seat, &given->certificate) &&
                tls_seat_keys_signed(keys, given->seat, buf_slice(&text), given->signature);
    buf_finish(&text);
    return good ? ERR_OK : faulty(r, HANDOVER_CHANGED);
}

/* Each certificate is looked at once, however many entries it speaks for. */
static enum err check_all(struct reading *r, const Wire__HandoverHead *head, struct slice ca, struct handover_given *list)
{
    struct tls_seat_keys *keys = tls_seat_keys_open(ca);
    for (size_t i = 0; i < head->n_certificate; i++)
        tls_seat_keys_add(keys, slice_of(head->certificate[i].data, head->certificate[i].len));
    enum err e = check_seal(r, head, keys);
    for (size_t i = 0; e == ERR_OK && i < head->entries; i++)
        e = check_entry(r, head, keys, &list[i]);
    tls_seat_keys_close(keys);
    return e;
}

static enum err read_all(struct reading *r, struct slice ca, struct handover_file *out)
{
    uint8_t district[DISTRICT_SIZE];
    Wire__HandoverHead *head = NULL;
    enum err e = read_head(r, &head);
    if (e == ERR_OK)
        e = handover_district(ca, district);
    if (e == ERR_OK && memcmp(district, head->district.data, DISTRICT_SIZE) != 0)
        e = faulty(r, HANDOVER_DISTRICT);
    if (e != ERR_OK)
        return e;
    struct handover_given *list = arena_alloc(r->arena, (head->entries + 1) * sizeof *list);
    if (!list)
        return ERR_MEMORY;
    for (size_t i = 0; e == ERR_OK && i < head->entries; i++)
        e = read_entry(r, head, &list[i]);
    if (e == ERR_OK)
        e = check_all(r, head, ca, list);
    if (e == ERR_OK)
        *out = (struct handover_file){head, list, head->entries};
    return e;
}

enum err handover_file_read(struct slice bytes, struct slice ca, struct arena *arena, struct handover_file *out, enum handover_fault *fault)
{
    struct reading r = {.bytes = bytes, .arena = arena};
    *fault = HANDOVER_GOOD;
    enum err e = bytes.size > HANDOVER_FILE_MAX ? faulty(&r, HANDOVER_CHANGED) : read_all(&r, ca, out);
    *fault = r.fault;
    return e;
}
