/* Sums of row hashes (rule 30): order does not matter, a row's share can be taken out again. */
#include "sync/digest.h"
#include "tls/tls.h"
#include <string.h>

uint32_t digest_scope(const struct kind *k, const ProtobufCMessage *row)
{
    if (k->number != KIND_CONFLICT)
        return k->number;
    struct cell about = row ? record_get_name(row, "record_kind") : (struct cell){.type = CELL_ABSENT};
    return KIND_CONFLICT << 16 | ((uint32_t)about.integer & 0xffff);
}

/* Rules usually stand in the order of the message's fields: look there first. */
static const struct field_rule *rule_at(const struct kind *k, unsigned i)
{
    const char *name = k->descriptor->fields[i].name;
    if (i < k->field_count && strcmp(k->fields[i].name, name) == 0)
        return &k->fields[i];
    return kind_field(k, name);
}

static bool has_sensitive(const struct kind *k)
{
    for (size_t i = 0; i < k->field_count; i++)
        if (k->fields[i].flags & FIELD_SENSITIVE)
            return true;
    return false;
}

static void put_cell(struct buf *b, uint32_t tag, struct cell c)
{
    buf_u32(b, tag);
    if (c.type == CELL_TEXT || c.type == CELL_BYTES) {
        buf_u32(b, (uint32_t)c.bytes.size);
        buf_append_slice(b, c.bytes);
    } else {
        buf_u64(b, (uint64_t)c.integer);
    }
}

static void put_values(struct buf *b, const struct kind *k, const ProtobufCMessage *row, bool sensitive)
{
    for (unsigned i = 0; i < k->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *d = &k->descriptor->fields[i];
        struct cell c = record_get(row, d);
        if (c.type == CELL_ABSENT)
            continue;
        const struct field_rule *f = rule_at(k, i);
        if (f && !!(f->flags & FIELD_SENSITIVE) == sensitive)
            put_cell(b, d->id, c);
    }
}

static uint64_t lane_at(const uint8_t *bytes)
{
    uint64_t v = 0;
    for (int i = 0; i < 8; i++)
        v = v << 8 | bytes[i];
    return v;
}

struct digest_sum digest_row(const struct kind *k, struct id id, uint64_t seq, const ProtobufCMessage *row,
                             enum field_class class)
{
    if (class == CLASS_SENSITIVE && (!row || !has_sensitive(k)))
        return (struct digest_sum){{0, 0}};
    struct buf b = BUF_INIT;
    uint8_t hash[32];
    buf_reserve(&b, 512);
    buf_append(&b, id.bytes, ID_SIZE);
    buf_u64(&b, seq);
    if (row)
        put_values(&b, k, row, class == CLASS_SENSITIVE);
    else
        buf_byte(&b, 0xff);
    tls_sha256(buf_slice(&b), hash);
    buf_finish(&b);
    return (struct digest_sum){{lane_at(hash), lane_at(hash + 8)}};
}

void digest_add(struct digest_sum *sum, struct digest_sum row)
{
    sum->lane[0] += row.lane[0];
    sum->lane[1] += row.lane[1];
}

void digest_subtract(struct digest_sum *sum, struct digest_sum row)
{
    sum->lane[0] -= row.lane[0];
    sum->lane[1] -= row.lane[1];
}

bool digest_equal(struct digest_sum a, struct digest_sum b)
{
    return a.lane[0] == b.lane[0] && a.lane[1] == b.lane[1];
}

void digest_bytes(struct digest_sum sum, uint8_t out[16])
{
    for (int i = 0; i < 16; i++)
        out[i] = (uint8_t)(sum.lane[i / 8] >> (56 - 8 * (i % 8)));
}
