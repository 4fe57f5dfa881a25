/* UTF-8, code point by code point. What comes from outside passes text_is_clean or text_decode once; after that everything
 * here may rely on it, yet never reads outside of the slice. */
#include "base/text.h"

#define REPLACEMENT 0xFFFDu

/* Size of the well-formed sequence at the front (RFC 3629: shortest form, no surrogates, up to U+10FFFF); 0 if there is none. */
static size_t sequence(struct slice s, size_t at, uint32_t *codepoint)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    uint8_t lead = s.data[at];
    if (lead < 0x80) {
        *codepoint = lead;
        return 1;
    }
    size_t size = lead < 0xC0 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF8 ? 4 : 0;
    if (size == 0 || size > s.size - at)
        return 0;
    uint32_t c = lead & (0x7Fu >> size);
    for (size_t i = 1; i < size; i++) {
        if ((s.data[at + i] & 0xC0) != 0x80)
            return 0;
        c = c << 6 | (s.data[at + i] & 0x3Fu);
    }
    if (c < least[size] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
        return 0;
    *codepoint = c;
    return size;
}

bool text_is_clean(struct slice s)
{
    for (size_t at = 0; at < s.size;) {
        uint32_t c;
        size_t size = sequence(s, at, &c);
        if (size == 0 || c == 0)
            return false;
        at += size;
    }
    return true;
}

uint32_t text_next(struct slice s, size_t *at)
{
    if (*at >= s.size)
        return 0;
    uint32_t c = REPLACEMENT;
    size_t size = sequence(s, *at, &c);
    *at += size ? size : 1;
    return c;
}

size_t text_codepoints(struct slice s)
{
    size_t count = 0;
    for (size_t at = 0; at < s.size; count++)
        text_next(s, &at);
    return count;
}

size_t text_fit(struct slice s, size_t size_max, size_t codepoints_max)
{
    size_t fits = 0, at = 0;
    for (size_t count = 0; at < s.size && count < codepoints_max; count++) {
        text_next(s, &at);
        if (at > size_max)
            break;
        fits = at;
    }
    return fits;
}

void text_put(struct buf *out, uint32_t c)
{
    if (c < 0x80) {
        buf_byte(out, (uint8_t)c);
        return;
    }
    if (c < 0x800) {
        buf_byte(out, (uint8_t)(0xC0 | c >> 6));
    } else {
        if (c < 0x10000) {
            buf_byte(out, (uint8_t)(0xE0 | c >> 12));
        } else {
            buf_byte(out, (uint8_t)(0xF0 | c >> 18));
            buf_byte(out, (uint8_t)(0x80 | (c >> 12 & 0x3F)));
        }
        buf_byte(out, (uint8_t)(0x80 | (c >> 6 & 0x3F)));
    }
    buf_byte(out, (uint8_t)(0x80 | (c & 0x3F)));
}

static bool is_space(uint32_t c)
{
    return (c >= 9 && c <= 13) || c == ' ' || c == 0x85 || c == 0xA0 || (c >= 0x2000 && c <= 0x200B) || c == 0x2028 ||
           c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000 || c == 0xFEFF;
}

static uint32_t fold(uint32_t c)
{
    if (c >= 0xFF01 && c <= 0xFF5E)
        return c - 0xFF01 + '!';
    return c == 0x3000 ? ' ' : c;
}

void text_fold(struct slice s, struct buf *out)
{
    size_t keep = out->size; /* up to here nothing is trailing white space */
    size_t start = out->size;
    for (size_t at = 0; at < s.size;) {
        uint32_t c = text_next(s, &at);
        if (is_space(c) && keep == start)
            continue;
        text_put(out, fold(c));
        if (!is_space(c))
            keep = out->size;
    }
    out->size = keep;
}

struct range {
    uint32_t first, last;
};

static bool in_ranges(uint32_t c, const struct range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (c >= ranges[i].first && c <= ranges[i].last)
            return true;
    }
    return false;
}

static unsigned columns(uint32_t c)
{
    static const struct range none[] = {{0, 0x1F},         {0x7F, 0x9F},     {0x300, 0x36F},   {0x200B, 0x200F},
                                        {0x2028, 0x202E},  {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F},
                                        {0xFEFF, 0xFEFF}};
    static const struct range wide[] = {{0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0x4DBF},  {0x4E00, 0xA4CF},
                                        {0xA960, 0xA97F},   {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},  {0xFE10, 0xFE19},
                                        {0xFE30, 0xFE6F},   {0xFF01, 0xFF60},   {0xFFE0, 0xFFE6},  {0x1F300, 0x1F64F},
                                        {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};
    if (c >= 0x20 && c < 0x7F)
        return 1;
    if (in_ranges(c, none, sizeof none / sizeof none[0]))
        return 0;
    return in_ranges(c, wide, sizeof wide / sizeof wide[0]) ? 2 : 1;
}

/* Signs that take one byte and one column, and move nothing. */
static size_t plain_size(struct slice s)
{
    size_t at = 0;
    while (at < s.size && s.data[at] >= 0x20 && s.data[at] < 0x7f)
        at++;
    return at;
}

size_t text_columns(struct slice s)
{
    size_t at = plain_size(s), sum = at;
    while (at < s.size)
        sum += columns(text_next(s, &at));
    return sum;
}

static bool moves_cursor(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x2028 || c == 0x2029;
}

void text_put_line(struct buf *out, struct slice s)
{
    size_t at = plain_size(s);
    buf_append(out, s.data, at);
    while (at < s.size) {
        uint32_t c = text_next(s, &at);
        text_put(out, moves_cursor(c) ? ' ' : c);
    }
}

bool text_is_line(struct slice s)
{
    size_t at = 0;
    if (!text_is_clean(s))
        return false;
    while (at < s.size)
        if (moves_cursor(text_next(s, &at)))
            return false;
    return true;
}
