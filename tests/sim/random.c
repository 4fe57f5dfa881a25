/* See random.h: splitmix64, begun from a mixture of seed, purpose and index. */
#include "tests/sim/random.h"

#include <string.h>

static uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

struct dice dice_make(uint64_t seed, const char *purpose, uint64_t index)
{
    uint64_t state = mix(seed + 0x9e3779b97f4a7c15u);
    for (; *purpose; purpose++)
        state = mix(state ^ (uint8_t)*purpose);
    return (struct dice){mix(state + index * 0x9e3779b97f4a7c15u)};
}

uint64_t dice_draw(struct dice *d)
{
    return mix(d->state += 0x9e3779b97f4a7c15u);
}

unsigned dice_below(struct dice *d, unsigned below)
{
    return below ? (unsigned)((dice_draw(d) >> 32) % below) : 0;
}

bool dice_chance(struct dice *d, unsigned per_mille)
{
    return dice_below(d, 1000) < per_mille;
}

int64_t dice_between(struct dice *d, int64_t low, int64_t high)
{
    return high <= low ? low : low + (int64_t)(dice_draw(d) % (uint64_t)(high - low + 1));
}

void dice_fill(struct dice *d, void *out, size_t size)
{
    uint8_t *at = out;
    while (size) {
        uint64_t word = dice_draw(d);
        size_t part = size < sizeof word ? size : sizeof word;
        memcpy(at, &word, part);
        at += part;
        size -= part;
    }
}
