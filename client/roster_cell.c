#include "client/roster_cell.h"

/* ="00123" is how spreadsheets are made to keep a number as text. */
static struct slice without_formula(struct slice text)
{
    if (text.size >= 3 && glyph_starts(text, "=\"") && text.data[text.size - 1] == '"')
        return slice_of(text.data + 2, text.size - 3);
    return text;
}

struct slice roster_cell_text(const char *cell)
{
    return glyph_trim(without_formula(glyph_trim(slice_text(cell))));
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
