#include "client/reader/plan_period.h"
#include <stdio.h>

void plan_period_text(struct period p, char out[PERIOD_TEXT_SIZE])
{
    unsigned year = (unsigned)p.year % 10000u, part = (unsigned)p.part % 10u;
    switch (p.kind) {
    case PERIOD_TERM:
        snprintf(out, PERIOD_TEXT_SIZE, "%04u-%u", year, part);
        break;
    case PERIOD_YEAR:
        snprintf(out, PERIOD_TEXT_SIZE, "%04u", year);
        break;
    case PERIOD_HALF_YEAR:
        snprintf(out, PERIOD_TEXT_SIZE, "%04u-H%u", year, part);
        break;
    case PERIOD_QUARTER:
        snprintf(out, PERIOD_TEXT_SIZE, "%04u-Q%u", year, part);
        break;
    }
}

/* ---- in a text ---- */

static int take_ordinal(struct glyphs *g, const char *unit)
{
    struct glyphs ahead = *g;
    if (!glyph_take(&ahead, U'第'))
        return 0;
    int n = glyph_take_number(&ahead, 1);
    if (n == 0 || !glyph_take_word(&ahead, unit))
        return 0;
    *g = ahead;
    return n;
}

/* 2026学年, 2026—2027学年度: the year in which it begins, 0 if it is none. */
static int take_academic_year(struct glyphs *g, bool *both)
{
    struct glyphs ahead = *g;
    int year = glyph_take_year(&ahead);
    if (year == 0)
        return 0;
    struct glyphs second = ahead;
    *both = glyph_take_of(&second, "-—–－~〜～至/") != 0;
    if (*both) {
        glyph_skip(&second, "-—–－~〜～");
        int next = glyph_take_year(&second);
        if (next == 0) /* 2026-27学年 */
            next = year / 100 * 100 + glyph_take_arabic(&second, 2);
        if (next != year + 1)
            return 0;
        ahead = second;
    }
    (void)glyph_take_word(&ahead, "年"); /* 2026年学年 is seen too */
    if (!glyph_take_word(&ahead, "学年"))
        return 0;
    (void)glyph_take_word(&ahead, "度"); /* 学年 and 学年度 mean the same */
    glyph_skip(&ahead, " ,(");
    *g = ahead;
    return year;
}

static enum plan_period_find read_academic(struct glyphs *g, int year, bool both, struct period *out)
{
    int term = take_ordinal(g, "学期");
    bool upper = term == 0 && glyph_take_word(g, "上学期");
    bool lower = term == 0 && !upper && glyph_take_word(g, "下学期");
    if (term == 1 || term == 2) {
        *out = (struct period){PERIOD_TERM, year, term};
        return PLAN_PERIOD_PLAIN;
    }
    if (upper || lower) {
        if (!both) /* 2024学年上学期 is spring 2024 to some */
            return PLAN_PERIOD_REGIONAL;
        *out = (struct period){PERIOD_TERM, year, upper ? 1 : 2};
        return PLAN_PERIOD_PLAIN;
    }
    return PLAN_PERIOD_ACADEMIC_YEAR;
}

static enum plan_period_find read_calendar(struct glyphs *g, int year, enum plan_bare_year bare, struct period *out)
{
    bool yearly = glyph_take(g, U'度');
    glyph_skip(g, " ");
    int quarter = take_ordinal(g, "季度"), term = quarter == 0 ? take_ordinal(g, "学期") : 0;
    if (quarter >= 1 && quarter <= 4) {
        *out = (struct period){PERIOD_QUARTER, year, quarter};
        return PLAN_PERIOD_PLAIN;
    }
    if (term != 0 || glyph_take_word(g, "上学期") || glyph_take_word(g, "下学期"))
        return PLAN_PERIOD_REGIONAL;
    bool spring = glyph_take_word(g, "春"), autumn = !spring && glyph_take_word(g, "秋");
    if (spring || autumn) {
        bool season = glyph_take_word(g, "季");
        if (!glyph_take_word(g, "学期") && !season) /* 秋季, 秋学期, 秋季学期; 2026年秋游 is none */
            return PLAN_PERIOD_ABSENT;
        *out = (struct period){PERIOD_TERM, spring ? year - 1 : year, spring ? 2 : 1};
        return PLAN_PERIOD_PLAIN;
    }
    bool first = glyph_take_word(g, "上半年"), second = !first && glyph_take_word(g, "下半年");
    if (first || second) {
        *out = (struct period){PERIOD_HALF_YEAR, year, first ? 1 : 2};
        return PLAN_PERIOD_PLAIN;
    }
    if (!yearly && bare == PLAN_YEAR_IGNORED)
        return PLAN_PERIOD_ABSENT;
    *out = (struct period){PERIOD_YEAR, year, 0};
    return PLAN_PERIOD_PLAIN;
}

static bool take_blank_year(struct glyphs *g)
{
    struct glyphs ahead = *g;
    int digits = 0, blanks = 0;
    while (digits < 2 && glyph_is_digit(glyph_peek(&ahead)) && glyph_next(&ahead) != 0)
        digits++;
    while (blanks < 4 && glyph_take_of(&ahead, "xX×*＊某_") != 0)
        blanks++;
    if (blanks < 2 || (!glyph_take_word(&ahead, "学年") && !glyph_take_word(&ahead, "年")))
        return false;
    *g = ahead;
    return true;
}

static enum plan_period_find read_here(struct glyphs *g, enum plan_bare_year bare, struct period *out)
{
    struct glyphs start = *g;
    bool both = false;
    int year = take_academic_year(g, &both);
    if (year != 0)
        return read_academic(g, year, both, out);
    year = glyph_take_year(g);
    if (year != 0 && glyph_take(g, U'年'))
        return read_calendar(g, year, bare, out);
    *g = start;
    return take_blank_year(g) ? PLAN_PERIOD_BLANKED : PLAN_PERIOD_ABSENT;
}

static bool goes_on(uint32_t sign, bool in_number)
{
    return glyph_is_digit(sign) || (in_number && glyph_in(sign, "-—–~〜"));
}

enum plan_period_find plan_period_search(struct slice text, enum plan_bare_year bare_year, struct period *out,
                                         struct slice *found)
{
    bool in_number =
        false; /* behind a digit, or a dash behind one: 2026-2028学年 is no academic year, and 2028学年 not meant */
    for (struct glyphs g = glyphs_of(text); glyph_peek(&g) != 0; in_number = goes_on(glyph_next(&g), in_number)) {
        if (in_number)
            continue;
        struct glyphs ahead = g;
        enum plan_period_find what = read_here(&ahead, bare_year, out);
        if (what == PLAN_PERIOD_ABSENT)
            continue;
        *found = glyph_trim(slice_of(text.data + g.at, ahead.at - g.at));
        return what;
    }
    return PLAN_PERIOD_ABSENT;
}

/* ---- due ---- */

static int last_month(const struct plan_when *when)
{
    if (when->quarter != 0)
        return when->quarter * 3;
    return when->month_to != 0 ? when->month_to : when->month;
}

static bool month_lies_in(struct period p, int month)
{
    switch (p.kind) {
    case PERIOD_TERM:
        return p.part == 1 ? month >= 9 || month == 1 : month >= 2 && month <= 8;
    case PERIOD_YEAR:
        return true;
    case PERIOD_HALF_YEAR:
        return p.part == 1 ? month <= 6 : month > 6;
    case PERIOD_QUARTER:
        return (month + 2) / 3 == p.part;
    }
    return false;
}

bool plan_item_due(struct period period, const struct plan_when *when, struct date *out)
{
    int month = last_month(when);
    if (month == 0 || !month_lies_in(period, month) || (period.kind == PERIOD_TERM && when->quarter != 0))
        return false;
    int year = period.year;
    if (period.kind == PERIOD_TERM && (period.part == 2 || month == 1))
        year++;
    if (when->year != 0 && when->year != year)
        return false;
    struct date due = date_month_end(year, month);
    if (when->day > 0 && when->day < due.day)
        due.day = (int8_t)when->day;
    *out = due;
    return true;
}
