/* Neighbours of a list of pieces. */
#include "tests/fuzz/fuzz.h"
#include <stdlib.h>
#include <string.h>

#define PIECES_MAX 64u

struct part {
    uint8_t type;
    struct buf data;
};

static size_t take_apart(struct slice bytes, struct part list[PIECES_MAX])
{
    struct feed f = feed_of(bytes.data, bytes.size);
    size_t count = 0;
    while (feed_more(&f) && count < PIECES_MAX) {
        list[count] = (struct part){.type = feed_byte(&f)};
        uint16_t size = feed_u16(&f);
        buf_append_slice(&list[count++].data, feed_bytes(&f, size));
    }
    return count;
}

static void put_together(const struct part *list, size_t count, struct buf *out)
{
    for (size_t i = 0; i < count; i++) {
        size_t size = list[i].data.size < UINT16_MAX ? list[i].data.size : UINT16_MAX;
        buf_byte(out, list[i].type);
        buf_byte(out, (uint8_t)size);
        buf_byte(out, (uint8_t)(size >> 8));
        buf_append(out, list[i].data.data, size);
    }
}

static void change_part(struct part *one, unsigned seed, piece_descriptor *descriptor)
{
    const ProtobufCMessageDescriptor *d = descriptor(one->type);
    size_t most = one->data.size + 256;
    buf_reserve(&one->data, 256);
    one->data.size = d ? mutate_message(d, one->data.data, one->data.size, most, seed)
                       : LLVMFuzzerMutate(one->data.data, one->data.size, most);
}

/* Twice, away, or in another's place. */
static size_t change_order(struct part list[PIECES_MAX], size_t count, unsigned seed)
{
    size_t at = seed / 3 % count, other = seed / 7 % count;
    struct part kept = list[at];
    if (seed % 3 == 0 && count < PIECES_MAX) {
        list[count] = (struct part){.type = kept.type};
        buf_append_slice(&list[count++].data, buf_slice(&kept.data));
    } else if (seed % 3 == 1 && count > 1) {
        buf_finish(&kept.data);
        memmove(&list[at], &list[at + 1], (count - at - 1) * sizeof *list);
        count--;
    } else {
        list[at] = list[other];
        list[other] = kept;
    }
    return count;
}

size_t mutate_pieces(uint8_t *data, size_t size, size_t size_max, unsigned seed, size_t head,
                     piece_descriptor *descriptor)
{
    struct part list[PIECES_MAX];
    struct buf out = BUF_INIT;
    unsigned what = seed % 16;
    seed /= 16;
    size_t count = size > head ? take_apart(slice_of(data + head, size - head), list) : 0;
    if (count == 0 || what == 0) {
        size = LLVMFuzzerMutate(data, what ? size : size < head ? size : head, what ? size_max : head);
        if (what || size < head)
            goto done;
    } else if (what < 12) {
        change_part(&list[seed % count], seed / (unsigned)count, descriptor);
    } else if (what < 14) {
        list[seed % count].type = (uint8_t)(seed / count);
    } else {
        count = change_order(list, count, seed);
    }
    buf_append(&out, data, head);
    put_together(list, count, &out);
    size = out.size < size_max ? out.size : size_max;
    memcpy(data, out.data, size);
done:
    buf_finish(&out);
    for (size_t i = 0; i < count; i++)
        buf_finish(&list[i].data);
    return size;
}
