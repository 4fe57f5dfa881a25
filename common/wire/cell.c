/* One field's value outside of its message. */
#include "wire/record.h"

bool cell_equal(struct cell a, struct cell b)
{
    if (a.type != b.type)
        return false;
    switch (a.type) {
    case CELL_TEXT:
    case CELL_BYTES:
        return slice_equal(a.bytes, b.bytes);
    case CELL_INTEGER:
    case CELL_BOOL:
        return a.integer == b.integer;
    default:
        return true;
    }
}

struct cell cell_text(const char *text)
{
    return text ? (struct cell){.type = CELL_TEXT, .bytes = slice_text(text)} : (struct cell){0};
}

struct cell cell_bytes(struct slice bytes)
{
    return (struct cell){.type = CELL_BYTES, .bytes = bytes};
}

struct cell cell_integer(int64_t v)
{
    return (struct cell){.type = CELL_INTEGER, .integer = v};
}
