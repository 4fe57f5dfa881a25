#include "client/reader/roster_cell.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

struct slice roster_cell_text(const char *cell)
{
    return glyph_trim(slice_text(cell));
}

/* Signs with which people fill cells that have nothing to say. */
bool roster_cell_is_nothing(struct slice text)
{
    static const char *const words[] = {"/",    "\\",  "-",   "－",   "—",    "——",   "--", "无",
                                        "暂无", "N/A", "n/a", "#N/A", "NULL", "null", NULL};
    for (const char *const *w = words; *w != NULL; w++)
        if (slice_equal(text, slice_text(*w)))
            return true;
    return false;
}

bool roster_cell_is_shortened(const struct field_rule *f, struct slice text)
{
    struct glyphs g = glyphs_of(text);
    if (f->type == FIELD_LONG_TEXT || !glyph_is_digit(glyph_next(&g)))
        return false;
    if (glyph_take(&g, '.'))
        while (glyph_is_digit(glyph_peek(&g)))
            (void)glyph_next(&g); /* of the fraction */
    if (glyph_take_of(&g, "Ee") == 0 || !glyph_take(&g, '+'))
        return false;
    size_t digits = 0;
    for (; glyph_is_digit(glyph_peek(&g)); digits++)
        (void)glyph_next(&g); /* of the exponent */
    return digits >= 1 && digits <= 3 && glyph_peek(&g) == 0;
}

/* ---- names ---- */

#define NAME_SIGNS_MAX 4

static bool is_han(uint32_t sign)
{
    return (sign >= 0x3400 && sign <= 0x9fff) || (sign >= 0x20000 && sign <= 0x3ffff);
}

void roster_cell_name(struct slice text, struct buf *out)
{
    struct buf close = BUF_INIT;
    size_t signs = 0;
    bool name = true;
    for (struct glyphs g = glyphs_of(text); name && glyph_peek(&g) != 0;) {
        size_t start = g.at;
        uint32_t sign = glyph_next(&g);
        if (glyph_is_space(sign))
            continue;
        name = is_han(sign) && ++signs <= NAME_SIGNS_MAX;
        buf_append(&close, text.data + start, g.at - start);
    }
    buf_append_slice(out, name ? buf_slice(&close) : text);
    buf_finish(&close);
}

/* ---- dates ---- */

/* Day 1 of a spreadsheet is 1900-01-01, and it believes in a 29th of February of that year. */
#define SHEET_EPOCH INT64_C(25569) /* its number of 1970-01-01 */
#define SHEET_FIRST 9863           /* 1927-01-01: what is smaller is no date that a roster has */
#define SHEET_LAST 73050           /* 2099-12-31 */
#define MS_A_DAY INT64_C(86400000)

static bool read_count(const char *text, struct date *out)
{
    long count = strspn(text, "0123456789") == strlen(text) && strlen(text) <= 5 ? atol(text) : 0;
    if (count < SHEET_FIRST || count > SHEET_LAST)
        return false;
    *out = date_of_ms((count - SHEET_EPOCH) * MS_A_DAY, 0);
    return true;
}

/* 2002年9月, 2002.9, 2002-09, 2002/9, 200209 */
static bool read_month(const char *text, struct date *out)
{
    static const char *const between[] = {"年", ".", "-", "/", ""};
    size_t year = strspn(text, "0123456789");
    if (year != 4 && (year != 6 || text[6]))
        return false;
    for (size_t i = 0; i < sizeof between / sizeof *between; i++) {
        const char *at = text + 4;
        size_t size = strlen(between[i]);
        if (strncmp(at, between[i], size) != 0)
            continue;
        at += size;
        size_t digits = strspn(at, "0123456789");
        const char *rest = at + digits;
        if (digits < 1 || digits > 2 || (i == 0 ? strcmp(rest, "月") != 0 && strcmp(rest, "月份") != 0 : *rest != 0))
            return false;
        *out = (struct date){(int16_t)(atoi(text) / (year == 6 ? 100 : 1)), (int8_t)atoi(at), 1};
        return date_is_valid(*out) && out->year >= 1900;
    }
    return false;
}

enum err roster_cell_date(struct slice text, struct date *out, enum roster_date *how)
{
    struct buf folded = BUF_INIT;
    struct date d;
    enum err e = ERR_OK;
    text_fold(text, &folded);
    if (read_count(buf_c_string(&folded), &d))
        *how = ROSTER_DATE_COUNT;
    else if (read_month(buf_c_string(&folded), &d))
        *how = ROSTER_DATE_MONTH;
    else
        e = ERR_VALUE;
    buf_finish(&folded);
    if (e == ERR_OK)
        *out = d;
    return e;
}
