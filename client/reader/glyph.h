#pragma once
/* Reading what people typed, sign by sign and folded: full-width ASCII as ASCII, every kind of space as a space. The
 * bytes themselves are never changed: what is kept of a document is kept as it was written. Text must be clean
 * (base/text.h). */
#include "base/text.h"
#include <uchar.h>

struct glyphs {
    struct slice text;
    size_t at; /* copying the struct saves the place, assigning it back returns there */
};

struct glyphs glyphs_of(struct slice text);
uint32_t glyph_peek(const struct glyphs *g); /* folded; 0 at the end */
uint32_t glyph_next(struct glyphs *g);
bool glyph_take(struct glyphs *g, uint32_t sign);
/* Takes one sign that is in set (folded signs, UTF-8); 0 if the next is none of them. */
uint32_t glyph_take_of(struct glyphs *g, const char *set);
bool glyph_take_word(struct glyphs *g, const char *word);
void glyph_skip(struct glyphs *g, const char *set);
void glyph_skip_space(struct glyphs *g);
struct slice glyph_rest(const struct glyphs *g);

bool glyph_is_space(uint32_t folded);
bool glyph_is_digit(uint32_t folded);
bool glyph_in(uint32_t folded, const char *set);
int glyph_chinese_digit(uint32_t sign); /* 一 to 九 as 1 to 9, 〇 ○ 零 as 0, else -1 */
/* 1 to 99 in Arabic digits (at most digits_max of them) or Chinese numerals; 0 and nothing taken if there is none. */
int glyph_take_arabic(struct glyphs *g, int digits_max);
int glyph_take_chinese(struct glyphs *g);
int glyph_take_number(struct glyphs *g, int digits_max);
int glyph_take_year(struct glyphs *g); /* four digits of either kind, 1900 to 2199; 0 if there are none */

struct slice glyph_trim(struct slice s); /* without white space at both ends */
struct slice glyph_trim_end(struct slice s,
                            const char *set);        /* without trailing signs of set, and without white space */
uint32_t glyph_last(struct slice s);                 /* folded; 0 of an empty text */
size_t glyph_find(struct slice s, const char *word); /* offset; SIZE_MAX if it is not in s */
bool glyph_has(struct slice s, const char *word);
bool glyph_has_any(struct slice s, const char *const *words); /* words ends with NULL */
bool glyph_ends(struct slice s, const char *word);
bool glyph_starts(struct slice s, const char *word);
