/* Input of a harness, read piece by piece. */
#include "tests/fuzz/fuzz.h"
#include <stdlib.h>
#include <string.h>

struct feed feed_of(const uint8_t *data, size_t size)
{
    return (struct feed){.bytes = {data, size}};
}

bool feed_more(const struct feed *f)
{
    return f->at < f->bytes.size;
}

uint8_t feed_byte(struct feed *f)
{
    return feed_more(f) ? f->bytes.data[f->at++] : 0;
}

uint16_t feed_u16(struct feed *f)
{
    uint16_t low = feed_byte(f);
    return (uint16_t)(low | feed_byte(f) << 8);
}

struct slice feed_bytes(struct feed *f, size_t size)
{
    size_t left = f->bytes.size - f->at;
    struct slice out = slice_of(f->bytes.data + f->at, size < left ? size : left);
    f->at += out.size;
    return out;
}

struct slice feed_rest(struct feed *f)
{
    return feed_bytes(f, SIZE_MAX);
}

uint8_t *exact_copy(struct slice s)
{
    uint8_t *copy = malloc(s.size ? s.size : 1);
    CHECK(copy);
    if (s.size)
        memcpy(copy, s.data, s.size);
    return copy;
}
