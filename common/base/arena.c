/* A chain of blocks, the newest first; only it is bumped. Invariant: what all blocks can hold together never exceeds the cap,
 * so that malloc is not asked for more than cap (plus a header a block) whatever a peer sends. `used` counts what was
 * handed out and the tails of blocks that were left behind. */
#include "base/arena.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALIGN 16u
#define BLOCK_FIRST 4096u
#define BLOCK_LARGEST (256u << 10)

struct arena_block {
    struct arena_block *older;
    size_t size;
    size_t at;
    _Alignas(ALIGN) uint8_t bytes[];
};

void arena_init(struct arena *a, size_t cap)
{
    *a = (struct arena){.cap = cap - cap % ALIGN};
}

static size_t block_size(const struct arena *a, size_t need, size_t left)
{
    size_t wanted = a->blocks ? a->blocks->size * 2 : BLOCK_FIRST;
    if (wanted > BLOCK_LARGEST)
        wanted = BLOCK_LARGEST;
    if (wanted < need)
        wanted = need;
    return wanted < left ? wanted : left;
}

static bool block_add(struct arena *a, size_t need)
{
    size_t tail = a->blocks ? a->blocks->size - a->blocks->at : 0;
    size_t left = a->cap - a->used - tail;
    if (need > left)
        return false;
    size_t size = block_size(a, need, left);
    struct arena_block *block = malloc(sizeof *block + size);
    CHECK(block);
    *block = (struct arena_block){.older = a->blocks, .size = size};
    a->blocks = block;
    a->used += tail;
    return true;
}

void *arena_alloc(struct arena *a, size_t size)
{
    if (size > a->cap)
        return NULL;
    size_t need = size ? (size + ALIGN - 1) / ALIGN * ALIGN : ALIGN;
    if (!a->blocks || a->blocks->size - a->blocks->at < need) {
        if (!block_add(a, need))
            return NULL;
    }
    void *out = a->blocks->bytes + a->blocks->at;
    a->blocks->at += need;
    a->used += need;
    return memset(out, 0, need);
}

struct slice arena_copy(struct arena *a, struct slice s)
{
    void *out = s.size ? arena_alloc(a, s.size) : NULL;
    if (!out)
        return (struct slice){0};
    memcpy(out, s.data, s.size);
    return slice_of(out, s.size);
}

char *arena_text(struct arena *a, struct slice s)
{
    char *out = s.size < SIZE_MAX ? arena_alloc(a, s.size + 1) : NULL;
    if (out && s.size)
        memcpy(out, s.data, s.size);
    return out;
}

char *arena_format(struct arena *a, const char *format, ...)
{
    char tried[128]; /* most texts are short: formatted once, not measured first */
    va_list args;
    va_start(args, format);
    int size = vsnprintf(tried, sizeof tried, format, args);
    va_end(args);
    CHECK(size >= 0);
    char *out = arena_alloc(a, (size_t)size + 1);
    if (!out)
        return NULL;
    if ((size_t)size < sizeof tried)
        return memcpy(out, tried, (size_t)size);
    va_start(args, format);
    vsnprintf(out, (size_t)size + 1, format, args);
    va_end(args);
    return out;
}

void *arena_grow(struct arena *a, void *list, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return list;
    size_t more = *capacity ? 2 * *capacity : 64;
    void *grown = *capacity <= SIZE_MAX / 2 && more <= SIZE_MAX / size ? arena_alloc(a, more * size) : NULL;
    if (!grown)
        return NULL;
    if (count)
        memcpy(grown, list, count * size);
    *capacity = more;
    return grown;
}

static void free_chain(struct arena_block *block)
{
    while (block) {
        struct arena_block *older = block->older;
        free(block);
        block = older;
    }
}

void arena_reset(struct arena *a)
{
    a->used = 0;
    if (!a->blocks)
        return;
    free_chain(a->blocks->older);
    a->blocks->older = NULL;
    a->blocks->at = 0;
}

void arena_finish(struct arena *a)
{
    free_chain(a->blocks);
    *a = (struct arena){.cap = a->cap};
}
