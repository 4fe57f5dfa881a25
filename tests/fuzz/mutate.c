/* Neighbours of packed messages. libFuzzer's own mutations of bytes hardly ever pass wire_check, which takes the
 * canonical form alone; these change what the bytes say and pack it anew. Now and then something stays malformed on
 * purpose. */
#include "tests/fuzz/fuzz.h"
#include "kinds/kind.h"
#include "wire.pb-c.h"
#include "wire/wire.h"
#include <stdlib.h>
#include <string.h>

#define FIELDS_MAX 512u
#define DEPTH_MAX 6u

struct piece {
    uint32_t tag;
    unsigned type;
    uint64_t varint;
    struct buf data;
};

struct pieces {
    struct piece list[FIELDS_MAX];
    size_t count;
};

struct dice {
    uint64_t state;
    unsigned depth;
    bool alone; /* without libFuzzer's own mutations, which go by more than the seed */
};

static unsigned roll(struct dice *dice, unsigned sides)
{
    dice->state = dice->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(dice->state >> 33) % sides;
}

/* ---- apart and together ---- */

/* False: these are no fields. */
static bool take_apart(struct slice bytes, struct pieces *p)
{
    struct wire_field f;
    size_t at = 0;
    p->count = 0;
    while (p->count < FIELDS_MAX && wire_next(bytes, &at, &f)) {
        struct piece *one = &p->list[p->count++];
        *one = (struct piece){.tag = f.tag, .type = f.type, .varint = f.varint};
        buf_append_slice(&one->data, f.data);
    }
    return at == bytes.size;
}

static void put_together(const struct pieces *p, struct buf *out)
{
    for (size_t i = 0; i < p->count; i++) {
        const struct piece *one = &p->list[i];
        wire_put_varint(out, (uint64_t)one->tag << 3 | one->type);
        if (one->type == PROTOBUF_C_WIRE_TYPE_VARINT)
            wire_put_varint(out, one->varint);
        else if (one->type == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED)
            wire_put_varint(out, one->data.size);
        buf_append_slice(out, buf_slice(&one->data));
    }
}

static void pieces_finish(struct pieces *p)
{
    for (size_t i = 0; i < p->count; i++)
        buf_finish(&p->list[i].data);
}

/* ---- what stands within bytes ---- */

static const struct kind *kind_beside(const struct pieces *p, uint32_t tag)
{
    for (size_t i = 0; i < p->count; i++)
        if (p->list[i].tag == tag)
            return kind_by_number((uint32_t)p->list[i].varint);
    return NULL;
}

static const ProtobufCMessageDescriptor *descriptor_of(const struct kind *k)
{
    return k ? k->descriptor : NULL;
}

/* PROTOCOL.md: fields of bytes that hold a packed message. */
static const ProtobufCMessageDescriptor *within(const ProtobufCMessageDescriptor *d, const struct pieces *p,
                                                const char *field)
{
    if (d == &wire__sent__descriptor || (d == &wire__entry__descriptor && strcmp(field, "change") == 0) ||
        (d == &wire__refused_change__descriptor && strcmp(field, "change") == 0))
        return &wire__change__descriptor;
    if (d == &wire__entry__descriptor && strcmp(field, "effects") == 0)
        return &wire__effects__descriptor;
    if (d == &wire__change__descriptor && strcmp(field, "patch") == 0)
        return descriptor_of(kind_beside(p, 3));
    if ((d == &wire__effect__descriptor && strcmp(field, "patch") == 0) ||
        (d == &wire__snapshot_row__descriptor && strcmp(field, "row") == 0))
        return descriptor_of(kind_beside(p, 1));
    return NULL;
}

static const ProtobufCFieldDescriptor *field_of(const ProtobufCMessageDescriptor *d, uint32_t tag)
{
    for (unsigned i = 0; d && i < d->n_fields; i++)
        if (d->fields[i].id == tag)
            return &d->fields[i];
    return NULL;
}

/* ---- one value ---- */

static void change_varint(struct dice *dice, uint64_t *v)
{
    static const uint64_t edges[] = {0,
                                     1,
                                     2,
                                     3,
                                     127,
                                     128,
                                     255,
                                     256,
                                     65535,
                                     INT32_MAX,
                                     UINT32_MAX,
                                     1ull << 32,
                                     1ull << 40,
                                     (1ull << 40) + 1,
                                     INT64_MAX,
                                     1ull << 63,
                                     UINT64_MAX,
                                     (2ull << 40) + 1,
                                     1795400000000};
    switch (roll(dice, 4)) {
    case 0:
        *v = edges[roll(dice, sizeof edges / sizeof *edges)];
        break;
    case 1:
        *v = roll(dice, 24);
        break;
    case 2:
        *v += roll(dice, 2) ? 1 : UINT64_MAX;
        break;
    default:
        *v ^= 1ull << roll(dice, 64);
    }
}

/* A byte other, more or less. */
static void change_byte(struct dice *dice, struct buf *data)
{
    unsigned what = roll(dice, 3);
    if (data->size == 0 || what == 0) {
        buf_byte(data, (uint8_t)roll(dice, 256));
        return;
    }
    size_t at = roll(dice, (unsigned)data->size);
    if (what == 1) {
        data->data[at] ^= (uint8_t)(1u << roll(dice, 8));
        return;
    }
    memmove(data->data + at, data->data + at + 1, data->size - at - 1);
    data->size--;
}

static void change_bytes(struct dice *dice, struct buf *data)
{
    static const char *const words[] = {"",     "2026-1", "2026-09-01", "submitted", "approved",        "1",
                                        "青禾", "-1",     "9999-12-31", "在籍",      "\xf0\x9f\x98\x80"};
    if (roll(dice, 4) == 0) {
        buf_finish(data);
        buf_text(data, words[roll(dice, sizeof words / sizeof *words)]);
        return;
    }
    if (dice->alone) {
        for (unsigned i = 1 + roll(dice, 3); i > 0; i--)
            change_byte(dice, data);
        return;
    }
    size_t size = data->size, most = size + 64;
    buf_reserve(data, 64);
    data->size = LLVMFuzzerMutate(data->data, size, roll(dice, 8) ? (size ? size : 16) : most);
}

static void change_inside(struct dice *dice, const ProtobufCMessageDescriptor *d, struct buf *data);

static void change_value(struct dice *dice, const ProtobufCMessageDescriptor *d, const struct pieces *p,
                         struct piece *one)
{
    const ProtobufCFieldDescriptor *f = field_of(d, one->tag);
    const ProtobufCMessageDescriptor *inner = NULL;
    if (f && f->type == PROTOBUF_C_TYPE_MESSAGE)
        inner = f->descriptor;
    else if (f && f->type == PROTOBUF_C_TYPE_BYTES)
        inner = within(d, p, f->name);
    if (one->type == PROTOBUF_C_WIRE_TYPE_VARINT)
        change_varint(dice, &one->varint);
    else if (inner && dice->depth < DEPTH_MAX && roll(dice, 16))
        change_inside(dice, inner, &one->data);
    else if (one->type == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED)
        change_bytes(dice, &one->data);
}

/* ---- the list of fields ---- */

static int by_tag(const void *a, const void *b)
{
    const struct piece *x = a, *y = b;
    return x->tag < y->tag ? -1 : x->tag > y->tag;
}

static unsigned wire_type(const ProtobufCFieldDescriptor *f)
{
    switch (f->type) {
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_BYTES:
    case PROTOBUF_C_TYPE_MESSAGE:
        return PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED;
    default:
        return f->flags & PROTOBUF_C_FIELD_FLAG_PACKED ? PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED
                                                       : PROTOBUF_C_WIRE_TYPE_VARINT;
    }
}

/* A field of the descriptor, or one that it does not know. */
static void add_field(struct dice *dice, const ProtobufCMessageDescriptor *d, struct pieces *p)
{
    if (p->count == FIELDS_MAX || d->n_fields == 0)
        return;
    const ProtobufCFieldDescriptor *f = &d->fields[roll(dice, d->n_fields)];
    struct piece *one = &p->list[p->count++];
    *one = (struct piece){.tag = roll(dice, 16) ? f->id : 200 + roll(dice, 3), .type = wire_type(f)};
    for (size_t i = 0; i + 1 < p->count; i++)
        if (p->list[i].tag == one->tag &&
            f->label != PROTOBUF_C_LABEL_REPEATED) { /* known already: another value instead */
            p->count--;
            change_value(dice, d, p, &p->list[i]);
            return;
        }
    change_value(dice, d, p, one);
}

static void remove_field(struct pieces *p, size_t at)
{
    buf_finish(&p->list[at].data);
    memmove(&p->list[at], &p->list[at + 1], (p->count - at - 1) * sizeof *p->list);
    p->count--;
}

static void copy_field(struct pieces *p, size_t at)
{
    if (p->count == FIELDS_MAX)
        return;
    struct piece *copy = &p->list[p->count++];
    *copy = p->list[at];
    copy->data = BUF_INIT;
    buf_append_slice(&copy->data, buf_slice(&p->list[at].data));
}

static void change_list(struct dice *dice, const ProtobufCMessageDescriptor *d, struct pieces *p)
{
    unsigned what = roll(dice, 10);
    if (p->count == 0 || what < 2)
        add_field(dice, d, p);
    else if (what == 2)
        remove_field(p, roll(dice, (unsigned)p->count));
    else if (what == 3)
        copy_field(p, roll(dice, (unsigned)p->count));
    else
        change_value(dice, d, p, &p->list[roll(dice, (unsigned)p->count)]);
}

static void change_inside(struct dice *dice, const ProtobufCMessageDescriptor *d, struct buf *data)
{
    struct pieces *p = calloc(1, sizeof *p);
    CHECK(p);
    dice->depth++;
    if (take_apart(buf_slice(data), p)) {
        change_list(dice, d, p);
        if (roll(dice, 64))
            qsort(p->list, p->count, sizeof *p->list, by_tag);
        buf_finish(data);
        put_together(p, data);
    } else {
        change_bytes(dice, data);
    }
    dice->depth--;
    pieces_finish(p);
    free(p);
}

static void change(struct dice *dice, const ProtobufCMessageDescriptor *d, struct buf *data)
{
    for (unsigned i = 1 + roll(dice, 3); i > 0; i--)
        change_inside(dice, d, data);
}

size_t mutate_message(const ProtobufCMessageDescriptor *d, uint8_t *data, size_t size, size_t size_max, unsigned seed)
{
    struct dice dice = {.state = seed};
    struct buf out = BUF_INIT;
    buf_append(&out, data, size);
    change(&dice, d, &out);
    size = out.size < size_max ? out.size : size_max;
    if (size)
        memcpy(data, out.data, size);
    buf_finish(&out);
    return size;
}

void mutate_by_seed(const ProtobufCMessageDescriptor *d, struct buf *data, unsigned seed)
{
    struct dice dice = {.state = seed, .alone = true};
    change(&dice, d, data);
}
