#pragma once
/* Bytes: a slice is borrowed and never freed by its holder, a buf is owned and grows. */
#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct slice {
    const uint8_t *data;
    size_t size;
};

struct slice slice_of(const void *data, size_t size);
struct slice slice_text(const char *text); /* without its final zero; NULL gives an empty slice */
bool slice_equal(struct slice a, struct slice b);
int slice_compare(struct slice a, struct slice b); /* as memcmp, shorter first */

struct buf {
    uint8_t *data;
    size_t size;
    size_t capacity;
};

#define BUF_INIT ((struct buf){0})
/* Running out of memory aborts (CHECK): every caller's input is bounded by limits.h beforehand. */
void buf_reserve(struct buf *b, size_t more);
void buf_append(struct buf *b, const void *data, size_t size);
void buf_append_slice(struct buf *b, struct slice s);
void buf_byte(struct buf *b, uint8_t byte);
void buf_u32(struct buf *b, uint32_t v); /* big-endian */
void buf_u64(struct buf *b, uint64_t v); /* big-endian */
void buf_text(struct buf *b, const char *text);
void buf_format(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_consume(struct buf *b, size_t from_front);
struct slice buf_slice(const struct buf *b);
const char *buf_c_string(struct buf *b); /* appends a zero that is not counted; borrowed until the next change */
void buf_finish(struct buf *b);          /* frees, ready for use again */
