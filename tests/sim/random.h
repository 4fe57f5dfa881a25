#pragma once
/* Dice of a run. Each purpose (and each seat, line, disk ...) has dice of its own, so that a fault that is taken out of the plan does
 * not shift what others throw. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dice {
    uint64_t state;
};

struct dice dice_make(uint64_t seed, const char *purpose, uint64_t index);
uint64_t dice_draw(struct dice *d);
unsigned dice_below(struct dice *d, unsigned below);          /* 0 .. below - 1; 0 of 0 */
bool dice_chance(struct dice *d, unsigned per_mille);
int64_t dice_between(struct dice *d, int64_t low, int64_t high); /* both included */
void dice_fill(struct dice *d, void *out, size_t size);
