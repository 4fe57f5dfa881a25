#include "client/reader/plan_number.h"

#define CHAPTER_HEADING_MAX 60 /* signs; a heading is short */

static bool take_circled(struct glyphs *g, struct plan_number *out)
{
    uint32_t c = glyph_peek(g);
    if (c >= 0x2460 && c <= 0x2473)
        *out = (struct plan_number){PLAN_STYLE_CIRCLE, (int)(c - 0x2460) + 1};
    else if (c >= 0x2474 && c <= 0x2487)
        *out = (struct plan_number){PLAN_STYLE_PAREN, (int)(c - 0x2474) + 1};
    else if (c >= 0x2488 && c <= 0x249b)
        *out = (struct plan_number){PLAN_STYLE_DOT, (int)(c - 0x2488) + 1};
    else
        return false;
    (void)glyph_next(g);           /* peeked at */
    (void)glyph_take_of(g, "、."); /* ①、 */
    return true;
}

static bool take_in_parentheses(struct glyphs *g, struct plan_number *out)
{
    if (!glyph_take(g, '('))
        return false;
    glyph_skip(g, " ");
    bool arabic = glyph_is_digit(glyph_peek(g));
    int value = glyph_take_number(g, 2);
    glyph_skip(g, " ");
    if (value == 0 || !glyph_take(g, ')'))
        return false;
    glyph_skip(g, "、.,:");
    *out = (struct plan_number){arabic ? PLAN_STYLE_PAREN : PLAN_STYLE_SECOND, value};
    return true;
}

static bool take_chinese(struct glyphs *g, struct plan_number *out)
{
    bool ordinal = glyph_take(g, U'第');
    int value = glyph_take_chinese(g);
    if (value == 0)
        return false;
    if (ordinal) {
        if (!glyph_take_word(g, "部分") && !glyph_take_word(g, "章"))
            return false;
        glyph_skip(g, "、.,: ");
    } else {
        glyph_skip(g, " ");
        if (glyph_take_of(g, "、.") == 0)
            return false;
    }
    *out = (struct plan_number){ordinal ? PLAN_STYLE_DIVISION : PLAN_STYLE_TOP, value};
    return true;
}

/* 1.1, 1.2.3: the innermost number; the outer ones repeat what stands above. */
static bool take_levels(struct glyphs *g, struct plan_number *out)
{
    int levels = 0, value = 0;
    do {
        value = glyph_take_arabic(g, 2);
        levels++;
    } while (value != 0 && glyph_take(g, '.') && glyph_is_digit(glyph_peek(g)));
    if (levels < 2 || value == 0 || glyph_take_of(g, " \t、") == 0)
        return false;
    *out = (struct plan_number){PLAN_STYLE_PAREN, value};
    return true;
}

/* 3.3月 is the third line, about March; 9.10 or 1.5万 is no numbering. */
static bool digit_is_month(struct glyphs g)
{
    return glyph_take_number(&g, 2) != 0 && glyph_take(&g, U'月');
}

static bool take_arabic(struct glyphs *g, struct plan_number *out)
{
    int value = glyph_take_arabic(g, 2);
    if (value == 0)
        return false;
    struct glyphs ahead = *g;
    glyph_skip(&ahead, " ");
    if (glyph_take_of(&ahead, ".,、)") != 0) {
        if (glyph_is_digit(glyph_peek(&ahead)) && !digit_is_month(ahead))
            return false;
        glyph_skip(&ahead, "、.");
        *g = ahead;
    } else if (glyph_is_space(glyph_peek(g))) {
        glyph_skip(g, " \t|");
        if (glyph_is_digit(glyph_peek(g)) && !digit_is_month(*g))
            return false;
    } else {
        return false;
    }
    *out = (struct plan_number){PLAN_STYLE_DOT, value};
    return true;
}

static bool take_bullet(struct glyphs *g, struct plan_number *out)
{
    uint32_t sign = glyph_take_of(g, "·•●○■□◆◇★☆※▲►➢✓*-—–");
    if (sign == 0 || glyph_is_digit(glyph_peek(g)))
        return false;
    if ((sign == '-' || sign == U'—' || sign == U'–') && glyph_peek(g) == sign) /* a ruled line or a dash */
        return false;
    *out = (struct plan_number){PLAN_STYLE_BULLET, 0};
    return true;
}

void plan_skip_marks(struct glyphs *g)
{
    glyph_skip_space(g);
    glyph_skip(g, "# ");
    (void)glyph_take_word(g, "**"); /* its other half is skipped behind the month */
}

bool plan_number_read(struct slice line, struct plan_number *out, struct slice *rest)
{
    typedef bool taker(struct glyphs *, struct plan_number *);
    static taker *const takers[] = {take_circled, take_in_parentheses, take_chinese,
                                    take_levels,  take_arabic,         take_bullet};
    struct glyphs start = glyphs_of(line);
    plan_skip_marks(&start);
    (void)glyph_take(&start, '/'); /* left by a web page's line break */
    for (size_t i = 0; i < sizeof takers / sizeof takers[0]; i++) {
        struct glyphs g = start;
        if (takers[i](&g, out)) {
            *rest = glyph_trim(glyph_rest(&g));
            return true;
        }
    }
    return false;
}

/* ---- chapters ---- */

static int take_chapter(struct glyphs *g)
{
    if (glyph_take_word(g, "第")) {
        int value = glyph_take_number(g, 2);
        return value != 0 && glyph_take_word(g, "篇") ? value : 0;
    }
    if (!glyph_take_word(g, "篇"))
        return 0;
    glyph_skip(g, " ");
    return glyph_take_number(g, 2);
}

static bool opens_chapter(struct slice before)
{
    uint32_t last = glyph_last(before);
    if (last == 0 || glyph_is_space(last) || glyph_in(last, "([【〔:-—"))
        return true;
    return glyph_has(before, "计划") || glyph_has(before, "总结") || glyph_has(before, "范文") ||
           glyph_has(before, "要点");
}

int plan_chapter_read(struct slice line, struct slice *title)
{
    line = glyph_trim(line);
    if (text_codepoints(line) > CHAPTER_HEADING_MAX || glyph_in(glyph_last(line), "。;!?"))
        return 0;
    for (struct glyphs g = glyphs_of(line); glyph_peek(&g) != 0; (void)glyph_next(&g)) {
        struct slice before = slice_of(line.data, g.at);
        struct glyphs ahead = g;
        int value = take_chapter(&ahead);
        uint32_t behind = glyph_peek(&ahead);
        if (value == 0 || !opens_chapter(before) ||
            !(behind == 0 || glyph_is_space(behind) || glyph_in(behind, ":)]】〕、.-—")))
            continue;
        struct slice head = glyph_trim_end(before, "([【〔:-—");
        glyph_skip(&ahead, " \t:)]】〕、.-—");
        *title = head.size > 0 ? head : glyph_trim(glyph_rest(&ahead));
        return value;
    }
    return 0;
}

/* ---- numbering within a line ---- */

/* 第 1 页: within a line a number needs its mark. */
static bool has_mark(struct glyphs g)
{
    glyph_skip(&g, "/(");
    while (glyph_is_digit(glyph_peek(&g)))
        (void)glyph_next(&g); /* part of the number */
    return !glyph_is_space(glyph_peek(&g));
}

static bool may_begin(uint32_t before, const struct plan_number *chain, struct plan_number found)
{
    if (found.style != PLAN_STYLE_DOT && found.style != PLAN_STYLE_PAREN && found.style != PLAN_STYLE_CIRCLE)
        return false;
    if (chain->style == PLAN_STYLE_NONE)
        return found.value == 1 && (glyph_in(before, ":。;") || glyph_is_space(before));
    return found.style == chain->style && found.value == chain->value + 1 &&
           (glyph_in(before, ":。;!?/") || glyph_is_space(before));
}

size_t plan_number_next_within(struct slice line, size_t at, struct plan_number *chain)
{
    struct glyphs g = {.text = line, .at = at};
    if (at == 0 && chain->style == PLAN_STYLE_NONE) {
        struct slice rest;
        struct plan_number first;
        if (plan_number_read(line, &first, &rest) && first.style >= PLAN_STYLE_DOT && first.style <= PLAN_STYLE_CIRCLE)
            *chain = first;
    }
    uint32_t before = glyph_next(&g);
    for (uint32_t c = glyph_peek(&g); c != 0; before = glyph_next(&g), c = glyph_peek(&g)) {
        struct plan_number found;
        struct slice rest;
        if (!(glyph_is_digit(c) || c == '(' || c == '/' || (c >= 0x2460 && c <= 0x249b)) || !has_mark(g) ||
            !plan_number_read(glyph_rest(&g), &found, &rest) || !may_begin(before, chain, found))
            continue;
        *chain = found;
        return g.at;
    }
    return SIZE_MAX;
}
