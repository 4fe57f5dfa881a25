#pragma once
/* A bump allocator with a cap: one a frame or a batch; everything in it dies at once.
 * Over the cap it answers NULL, so that a hostile message costs no more than the cap. */
#include "base/slice.h"

struct arena {
    struct arena_block *blocks;
    size_t used;
    size_t cap;
};

void arena_init(struct arena *a, size_t cap);
void *arena_alloc(struct arena *a, size_t size); /* zeroed, aligned to 16; NULL over the cap */
struct slice arena_copy(struct arena *a, struct slice s); /* {NULL,0} if s is empty or over the cap */
char *arena_text(struct arena *a, struct slice s);        /* a C string; NULL over the cap */
char *arena_format(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A list of items of size with room for one more than count: itself, or a copy that is twice as long (what was outgrown stays
 * until the arena ends). NULL over the cap; *capacity is then as it was. */
void *arena_grow(struct arena *a, void *list, size_t count, size_t *capacity, size_t size);
void arena_reset(struct arena *a);  /* keeps one block */
void arena_finish(struct arena *a);
