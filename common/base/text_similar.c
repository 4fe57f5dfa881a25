/* How alike two short texts are, by the pairs of neighbouring characters that they share (Dice's coefficient): order
 * and length matter little, so that a title that was turned round or lengthened is still found. */
#include "base/text.h"
#include <stdlib.h>

#define CHARACTERS_MAX 512 /* of a title; what comes behind is not looked at */

struct pairs {
    uint64_t list[CHARACTERS_MAX];
    size_t count;
};

static bool counts(uint32_t c)
{
    bool ascii_word = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    bool punctuation = (c >= 0x2000 && c <= 0x206F) || (c >= 0x3000 && c <= 0x303F);
    return ascii_word || (c >= 0x80 && !punctuation);
}

/* Folded to half width and lower case, without spaces and punctuation. */
static size_t characters_of(struct slice text, uint32_t out[CHARACTERS_MAX])
{
    struct buf folded = BUF_INIT;
    size_t count = 0;
    text_fold(text, &folded);
    for (size_t at = 0; at < folded.size && count < CHARACTERS_MAX;) {
        uint32_t c = text_next(buf_slice(&folded), &at);
        if (counts(c))
            out[count++] = c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
    }
    buf_finish(&folded);
    return count;
}

static int pair_order(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

static void pairs_of(const uint32_t *characters, size_t count, struct pairs *out)
{
    out->count = count > 1 ? count - 1 : 0;
    for (size_t i = 0; i < out->count; i++)
        out->list[i] = (uint64_t)characters[i] << 32 | characters[i + 1];
    if (out->count)
        qsort(out->list, out->count, sizeof *out->list, pair_order);
}

static size_t shared(const struct pairs *a, const struct pairs *b)
{
    size_t count = 0;
    for (size_t i = 0, j = 0; i < a->count && j < b->count;) {
        count += a->list[i] == b->list[j];
        bool next_a = a->list[i] <= b->list[j], next_b = b->list[j] <= a->list[i];
        i += next_a;
        j += next_b;
    }
    return count;
}

unsigned text_similarity(struct slice a, struct slice b)
{
    uint32_t x[CHARACTERS_MAX], y[CHARACTERS_MAX];
    size_t x_count = characters_of(a, x), y_count = characters_of(b, y);
    struct pairs p, q;
    if (x_count < 2 || y_count < 2)
        return x_count == y_count && x_count == 1 && x[0] == y[0] ? 1000 : 0;
    pairs_of(x, x_count, &p);
    pairs_of(y, y_count, &q);
    return (unsigned)(2000 * shared(&p, &q) / (p.count + q.count));
}
