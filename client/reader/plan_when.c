#include "client/reader/plan_when.h"
#include "client/reader/plan_number.h"

#define MONTHS_LISTED 6 /* 9、10、11月 and the like */

static const char SPAN_SIGNS[] = "、-—–－~〜～至到和及/";

/* A single month's number: 九, 9, 09, 元. */
static int take_month_number(struct glyphs *g)
{
    struct glyphs ahead = *g;
    if (glyph_take(&ahead, U'元') && glyph_peek(&ahead) == U'月') {
        *g = ahead;
        return 1;
    }
    ahead = *g;
    int n = glyph_take_number(&ahead, 2);
    if (n < 1 || n > 12)
        return 0;
    *g = ahead;
    return n;
}

static bool take_month_word(struct glyphs *g)
{
    struct glyphs ahead = *g;
    glyph_skip(&ahead, " ");
    if (!glyph_take(&ahead, U'月'))
        return false;
    *g = ahead;
    glyph_skip(&ahead, " ");
    if (glyph_take(&ahead, U'份')) /* 月 and 月份 mean the same */
        *g = ahead;
    return true;
}

/* 三四月, 十一二月: the next month's last digit stands right behind. */
static int take_adjacent(struct glyphs *g, int month)
{
    int digit = glyph_chinese_digit(glyph_peek(g));
    if (digit < 1 || month == 12 || (month + 1) % 10 != digit)
        return 0;
    (void)glyph_next(g); /* peeked at */
    return month + 1;
}

static bool follows(int from, int to, uint32_t sign)
{
    if (sign == U'、' || sign == U'和' || sign == U'及')
        return to == from + 1 || (from == 12 && to == 1);
    return to > from || (from >= 8 && to <= 7); /* a span may run over the year's end, not over an academic year's */
}

/* One more month of a span, with its own 月 if the one before it had one. */
static int take_next(struct glyphs *g, int month, bool named, uint32_t *sign)
{
    struct glyphs ahead = *g;
    glyph_skip(&ahead, " ");
    *sign = glyph_take_of(&ahead, SPAN_SIGNS);
    if (*sign == 0)
        return 0;
    glyph_skip(&ahead, SPAN_SIGNS); /* a dash is often typed twice */
    glyph_skip(&ahead, " ");
    (void)glyph_take_word(&ahead, "次年"); /* 12月至次年1月: the order of months says it */
    int next = take_month_number(&ahead);
    if (next == 0 || !follows(month, next, *sign))
        return 0;
    if (named) {
        struct glyphs word = ahead;
        if (!take_month_word(&word))
            return 0;
    }
    *g = ahead;
    return next;
}

static bool read_months(struct glyphs *g, struct plan_when *out)
{
    bool arabic = glyph_is_digit(glyph_peek(g));
    int last = take_month_number(g);
    if (last == 0)
        return false;
    out->month = last;
    int next = arabic ? 0 : take_adjacent(g, last);
    if (next != 0)
        out->month_to = last = next;
    bool named = take_month_word(g);
    for (int i = 0; i < MONTHS_LISTED; i++) {
        uint32_t sign;
        next = take_next(g, last, named, &sign);
        if (next == 0)
            break;
        if (i == 0 && !named && sign == U'、' && out->month_to == 0)
            out->listed = out->month;
        out->month_to = last = next;
        named = take_month_word(g);
    }
    return named;
}

/* Quarters: two or more of them have no field of their own and become months. */
static bool read_quarters(struct glyphs *g, struct plan_when *out)
{
    bool ordinal = glyph_take(g, U'第');
    int first = glyph_take_number(g, 1), last = first;
    if (first < 1 || first > 4)
        return false;
    for (int i = 0; i < 3; i++) {
        uint32_t sign = glyph_take_of(g, SPAN_SIGNS);
        if (sign == 0)
            break;
        if (glyph_take(g, U'第') && !ordinal) /* 一、第二季度 is heading 一 */
            return false;
        if (sign == U'、' && !ordinal && i == 0)
            out->listed = first;
        int next = glyph_take_number(g, 1);
        if (next <= last || next > 4)
            return false;
        last = next;
    }
    if (!glyph_take_word(g, "季度"))
        return false;
    if (last == first) {
        out->quarter = first;
    } else {
        out->month = first * 3 - 2;
        out->month_to = last * 3;
    }
    return true;
}

static int take_day(struct glyphs *g)
{
    struct glyphs ahead = *g;
    int day = glyph_take_number(&ahead, 2);
    if (day < 1 || day > 31 || glyph_take_of(&ahead, "日号") == 0)
        return 0;
    *g = ahead;
    return day;
}

/* 9月1日—9月10日, 9月1-10日: the last day counts. */
static void read_day(struct glyphs *g, struct plan_when *out)
{
    struct glyphs ahead = *g;
    int day = take_day(&ahead);
    if (day == 0 && glyph_take_number(&ahead, 2) == 0)
        return;
    struct glyphs tail = ahead;
    if (glyph_take_of(&tail, SPAN_SIGNS) != 0) {
        glyph_skip(&tail, SPAN_SIGNS);
        struct glyphs named = tail;
        int month = take_month_number(&named);
        bool other = month != 0 && take_month_word(&named);
        int until = take_day(other ? &named : &tail);
        if (until != 0) {
            if (other && month != out->month)
                out->month_to = month;
            day = until;
            ahead = other ? named : tail;
        }
    }
    if (day == 0)
        return;
    out->day = day;
    out->exact = true;
    *g = ahead;
}

static void read_part_of_month(struct glyphs *g, struct plan_when *out)
{
    static const struct {
        const char *word;
        int day;
    } parts[] = {{"上旬", 10}, {"中旬", 20}, {"下旬", 31}, {"初", 10}, {"底", 31}, {"末", 31}};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (glyph_take_word(g, parts[i].word)) {
            out->day = parts[i].day;
            return;
        }
    }
}

static void read_year(struct glyphs *g, struct plan_when *out)
{
    struct glyphs ahead = *g;
    int year = glyph_take_year(&ahead);
    if (year != 0 && glyph_take(&ahead, U'年')) {
        out->year = year;
        *g = ahead;
        glyph_skip(g, " ");
        return;
    }
    if (!glyph_take_word(g, "次年"))
        (void)glyph_take_word(g, "翌年"); /* the order of months says which year it is */
}

/* 一月一次, 三月内, 9月以来 count or look back; 十月革命 is no month of a plan either. */
static bool is_no_month(struct glyphs g)
{
    static const char *const words[] = {"内", "余", "来", "以来", "以内", "以上", "革命", NULL};
    if (glyph_chinese_digit(glyph_peek(&g)) > 0 || glyph_peek(&g) == U'十')
        return true;
    for (const char *const *w = words; *w != NULL; w++)
        if (glyph_starts(glyph_rest(&g), *w))
            return true;
    return false;
}

static bool depends_on_month(struct glyphs g)
{
    static const char *const words[] = {"前", "之前", "以前", "起", "之后", "以后", "开始", "期间", "间", NULL};
    for (const char *const *w = words; *w != NULL; w++)
        if (glyph_starts(glyph_rest(&g), *w))
            return true;
    return false;
}

static uint32_t closing_of(uint32_t opening)
{
    return opening == '(' ? ')' : opening == '[' ? ']' : opening == U'【' ? U'】' : opening == U'〔' ? U'〕' : 0;
}

bool plan_when_read(struct slice line, struct plan_when *out, struct slice *rest)
{
    struct plan_when found = {0};
    struct glyphs g = glyphs_of(line);
    plan_skip_marks(&g);
    struct slice whole = glyph_rest(&g);
    uint32_t opening = glyph_take_of(&g, "([【〔");
    read_year(&g, &found);
    struct glyphs start = g;
    if (!read_quarters(&g, &found)) {
        g = start;
        if (!read_months(&g, &found))
            return false;
        read_day(&g, &found);
        if (!found.exact)
            read_part_of_month(&g, &found);
        if (found.day == 0 && is_no_month(g))
            return false;
    }
    if (opening != 0) {
        glyph_skip(&g, " ");
        if (!glyph_take(&g, closing_of(opening)))
            return false;
        found.listed = 0;
    }
    if (opening == 0 && depends_on_month(g)) {
        *rest = glyph_trim(whole);
    } else {
        glyph_skip(&g, " \t:、,.|-—–");
        *rest = glyph_trim(glyph_rest(&g));
    }
    *out = found;
    return true;
}

bool plan_when_is_heading(struct slice rest)
{
    static const char *const words[] = {"的",   "主要", "重点", "具体",   "工会", "工作", "活动", "安排", "计划",
                                        "任务", "内容", "要点", "行事历", "日程", "与",   "及",   "和",   NULL};
    struct glyphs g = glyphs_of(rest);
    uint32_t closing = closing_of(glyph_peek(&g));
    if (closing != 0) /* 九月份（师德建设月） */
        return glyph_last(glyph_trim_end(rest, ":")) == closing && text_codepoints(rest) <= 20;
    while (glyph_peek(&g) != 0) {
        size_t before = g.at;
        glyph_skip(&g, " :、★☆●◆■※*#");
        for (const char *const *w = words; *w != NULL && g.at == before; w++)
            (void)glyph_take_word(&g, *w); /* moving on is the answer */
        if (g.at == before)
            return false;
    }
    return true;
}

bool plan_when_is_past(struct slice rest)
{
    static const char *const words[] = {"被评为", "被授予", "荣获",   "获得了", "开展了", "举行了",
                                        "举办了", "组织了", "参加了", "召开了", "完成了", "进行了",
                                        "慰问了", "制定了", "做了",   "评选了", "通过了", NULL};
    return glyph_has_any(rest, words);
}

/* A month and a colon: in the middle of a line nothing less is a schedule's. */
static bool opens_entry(struct slice text)
{
    struct plan_when when;
    struct slice rest;
    if (!plan_when_read(text, &when, &rest) || rest.size == 0)
        return false;
    return glyph_last(glyph_trim_end(slice_of(text.data, (size_t)(rest.data - text.data)), "")) == ':';
}

size_t plan_when_next_within(struct slice line, size_t at)
{
    struct glyphs g = {.text = line, .at = at};
    if (!opens_entry(glyph_rest(&g)))
        return SIZE_MAX;
    for (uint32_t c = glyph_next(&g); c != 0; c = glyph_next(&g)) {
        if (!glyph_in(c, "。;"))
            continue;
        glyph_skip(&g, " ");
        if (opens_entry(glyph_rest(&g)))
            return g.at;
    }
    return SIZE_MAX;
}
