/* Bytes borrowed and bytes owned. Invariant of a buf: size <= capacity, data is NULL only while capacity is 0, and one byte
 * beyond size is always there for the zero of buf_c_string. */
#include "base/slice.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CAPACITY_FIRST 64u

struct slice slice_of(const void *data, size_t size)
{
    return (struct slice){data, size};
}

struct slice slice_text(const char *text)
{
    return text ? slice_of(text, strlen(text)) : (struct slice){0};
}

bool slice_equal(struct slice a, struct slice b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

int slice_compare(struct slice a, struct slice b)
{
    size_t common = a.size < b.size ? a.size : b.size;
    int order = common ? memcmp(a.data, b.data, common) : 0;
    if (order)
        return order < 0 ? -1 : 1;
    return (a.size > b.size) - (a.size < b.size);
}

void buf_reserve(struct buf *b, size_t more)
{
    CHECK(more < SIZE_MAX / 4 && b->size < SIZE_MAX / 4);
    size_t need = b->size + more + 1;
    if (need <= b->capacity)
        return;
    size_t capacity = b->capacity ? b->capacity : CAPACITY_FIRST;
    while (capacity < need)
        capacity *= 2;
    uint8_t *data = realloc(b->data, capacity);
    CHECK(data);
    b->data = data;
    b->capacity = capacity;
}

void buf_append(struct buf *b, const void *data, size_t size)
{
    if (size == 0)
        return;
    buf_reserve(b, size);
    memcpy(b->data + b->size, data, size);
    b->size += size;
}

void buf_append_slice(struct buf *b, struct slice s)
{
    buf_append(b, s.data, s.size);
}

void buf_byte(struct buf *b, uint8_t byte)
{
    buf_append(b, &byte, 1);
}

void buf_u32(struct buf *b, uint32_t v)
{
    uint8_t bytes[4] = {(uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v};
    buf_append(b, bytes, sizeof bytes);
}

void buf_u64(struct buf *b, uint64_t v)
{
    buf_u32(b, (uint32_t)(v >> 32));
    buf_u32(b, (uint32_t)v);
}

void buf_text(struct buf *b, const char *text)
{
    buf_append_slice(b, slice_text(text));
}

void buf_format(struct buf *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int size = vsnprintf(NULL, 0, format, args);
    va_end(args);
    CHECK(size >= 0);
    buf_reserve(b, (size_t)size);
    va_start(args, format);
    vsnprintf((char *)b->data + b->size, (size_t)size + 1, format, args);
    va_end(args);
    b->size += (size_t)size;
}

void buf_consume(struct buf *b, size_t from_front)
{
    CHECK(from_front <= b->size);
    b->size -= from_front;
    if (from_front && b->size)
        memmove(b->data, b->data + from_front, b->size);
}

struct slice buf_slice(const struct buf *b)
{
    return slice_of(b->data, b->size);
}

const char *buf_c_string(struct buf *b)
{
    buf_reserve(b, 0);
    b->data[b->size] = 0;
    return (const char *)b->data;
}

void buf_finish(struct buf *b)
{
    free(b->data);
    *b = BUF_INIT;
}
