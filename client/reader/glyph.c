#include "client/reader/glyph.h"
#include <string.h>

struct glyphs glyphs_of(struct slice text)
{
    return (struct glyphs){.text = text};
}

static uint32_t fold(uint32_t c)
{
    if (c >= 0xff01 && c <= 0xff5e)
        return c - 0xfee0;
    /* tab and line ends stay themselves: tables are told apart by them */
    if (c == 0xa0 || c == 0x3000 || c == 0x202f || c == 0x205f || c == 0xfeff || (c >= 0x2000 && c <= 0x200b))
        return ' ';
    return c;
}

uint32_t glyph_next(struct glyphs *g)
{
    return fold(text_next(g->text, &g->at));
}

uint32_t glyph_peek(const struct glyphs *g)
{
    struct glyphs ahead = *g;
    return glyph_next(&ahead);
}

bool glyph_take(struct glyphs *g, uint32_t sign)
{
    struct glyphs ahead = *g;
    if (sign == 0 || glyph_next(&ahead) != sign)
        return false;
    *g = ahead;
    return true;
}

bool glyph_in(uint32_t folded, const char *set)
{
    struct glyphs signs = glyphs_of(slice_text(set));
    for (uint32_t c = glyph_next(&signs); c != 0; c = glyph_next(&signs))
        if (c == folded)
            return true;
    return false;
}

uint32_t glyph_take_of(struct glyphs *g, const char *set)
{
    uint32_t c = glyph_peek(g);
    if (c == 0 || !glyph_in(c, set))
        return 0;
    return glyph_next(g);
}

bool glyph_take_word(struct glyphs *g, const char *word)
{
    if (!glyph_starts(glyph_rest(g), word))
        return false;
    g->at += strlen(word);
    return true;
}

void glyph_skip(struct glyphs *g, const char *set)
{
    while (glyph_take_of(g, set) != 0)
        ;
}

void glyph_skip_space(struct glyphs *g)
{
    while (glyph_is_space(glyph_peek(g)))
        (void)glyph_next(g); /* known to be a space */
}

struct slice glyph_rest(const struct glyphs *g)
{
    return slice_of(g->text.data + g->at, g->text.size - g->at);
}

bool glyph_is_space(uint32_t folded)
{
    return folded == ' ' || folded == '\t' || folded == '\r' || folded == '\n' || folded == '\f' || folded == '\v';
}

bool glyph_is_digit(uint32_t folded)
{
    return folded >= '0' && folded <= '9';
}

int glyph_chinese_digit(uint32_t sign)
{
    static const uint32_t digits[] = {U'一', U'二', U'三', U'四', U'五', U'六', U'七', U'八', U'九'};
    if (sign == U'〇' || sign == U'○' || sign == U'零')
        return 0;
    for (int i = 0; i < 9; i++)
        if (digits[i] == sign)
            return i + 1;
    return -1;
}

int glyph_take_arabic(struct glyphs *g, int digits_max)
{
    struct glyphs ahead = *g;
    int value = 0;
    for (int digits = 0; glyph_is_digit(glyph_peek(&ahead)); digits++) {
        if (digits == digits_max)
            return 0;
        value = value * 10 + (int)(glyph_next(&ahead) - '0');
    }
    if (value < 1 || value > 99)
        return 0;
    *g = ahead;
    return value;
}

int glyph_take_chinese(struct glyphs *g)
{
    struct glyphs ahead = *g;
    int tens = 0, ones = 0;
    int first = glyph_chinese_digit(glyph_peek(&ahead));
    if (first > 0)
        (void)glyph_next(&ahead); /* peeked at */
    if (glyph_take(&ahead, U'十')) {
        tens = first > 0 ? first : 1;
        ones = glyph_chinese_digit(glyph_peek(&ahead));
        if (ones > 0)
            (void)glyph_next(&ahead); /* peeked at */
        else
            ones = 0;
    } else if (first > 0) {
        ones = first;
    }
    if (tens * 10 + ones == 0)
        return 0;
    *g = ahead;
    return tens * 10 + ones;
}

int glyph_take_number(struct glyphs *g, int digits_max)
{
    int value = glyph_take_arabic(g, digits_max);
    return value != 0 ? value : glyph_take_chinese(g);
}

int glyph_take_year(struct glyphs *g)
{
    struct glyphs ahead = *g;
    int value = 0;
    for (int i = 0; i < 4; i++) {
        uint32_t c = glyph_next(&ahead);
        int digit = glyph_is_digit(c) ? (int)(c - '0') : glyph_chinese_digit(c);
        if (digit < 0)
            return 0;
        value = value * 10 + digit;
    }
    if (value < 1900 || value > 2199 || glyph_is_digit(glyph_peek(&ahead)))
        return 0;
    *g = ahead;
    return value;
}

uint32_t glyph_last(struct slice s)
{
    size_t at = s.size;
    while (at > 0 && (s.data[at - 1] & 0xc0) == 0x80)
        at--;
    if (at == 0)
        return 0;
    struct glyphs g = {.text = s, .at = at - 1};
    return glyph_next(&g);
}

static struct slice without_last(struct slice s)
{
    do
        s.size--;
    while (s.size > 0 && (s.data[s.size] & 0xc0) == 0x80);
    return s;
}

struct slice glyph_trim_end(struct slice s, const char *set)
{
    while (s.size > 0 && (glyph_is_space(glyph_last(s)) || glyph_in(glyph_last(s), set)))
        s = without_last(s);
    return s;
}

struct slice glyph_trim(struct slice s)
{
    struct glyphs g = glyphs_of(s);
    glyph_skip_space(&g);
    return glyph_trim_end(glyph_rest(&g), "");
}

size_t glyph_find(struct slice s, const char *word)
{
    if (s.size == 0)
        return SIZE_MAX;
    const uint8_t *hit = memmem(s.data, s.size, word, strlen(word));
    return hit == NULL ? SIZE_MAX : (size_t)(hit - s.data);
}

bool glyph_has(struct slice s, const char *word)
{
    return glyph_find(s, word) != SIZE_MAX;
}

bool glyph_has_any(struct slice s, const char *const *words)
{
    for (; *words != NULL; words++)
        if (glyph_has(s, *words))
            return true;
    return false;
}

bool glyph_ends(struct slice s, const char *word)
{
    size_t n = strlen(word);
    return s.size >= n && memcmp(s.data + s.size - n, word, n) == 0;
}

bool glyph_starts(struct slice s, const char *word)
{
    size_t n = strlen(word);
    return s.size >= n && memcmp(s.data, word, n) == 0;
}
