#include "client/reader/plan_parts.h"
#include "client/reader/plan_site.h"

#define TITLE_SIGNS 45
#define TITLE_LINES 4 /* organisation, title, period in brackets, date */

static const struct plan_piece *kept_after(const struct plan_pieces *pieces, size_t i)
{
    for (i++; i < pieces->count; i++)
        if (pieces->list[i].place != PLAN_PLACE_LEFTOVER)
            return &pieces->list[i];
    return NULL;
}

static const struct plan_piece *kept_before(const struct plan_pieces *pieces, size_t i)
{
    while (i-- > 0)
        if (pieces->list[i].place != PLAN_PLACE_LEFTOVER)
            return &pieces->list[i];
    return NULL;
}

/* ---- titles ---- */

static bool is_date(struct slice text)
{
    for (struct glyphs g = glyphs_of(text); glyph_peek(&g) != 0;) {
        uint32_t c = glyph_next(&g);
        if (!glyph_is_digit(c) && !glyph_in(c, " -—./:年月日()一二三四五六七八九十〇○"))
            return false;
    }
    return text_codepoints(text) >= 6;
}

static bool ends_with_any(struct slice text, const char *const *ends)
{
    for (; *ends != NULL; ends++)
        if (glyph_ends(text, *ends))
            return true;
    return false;
}

/* 工作计划（讨论稿）: without the remark. */
static struct slice without_remark(struct slice text)
{
    size_t open = glyph_find(text, "（");
    if (open == SIZE_MAX)
        open = glyph_find(text, "(");
    bool closed = glyph_in(glyph_last(text), ")");
    return closed && open != SIZE_MAX && open > 0 ? glyph_trim(slice_of(text.data, open)) : text;
}

static bool names_subject(const struct plan_piece *p)
{
    static const char *const subject[] = {"工会", "幼儿园", "学期", "学年", "年度", "年", NULL};
    return p->place != PLAN_PLACE_LEFTOVER && p->number.style == PLAN_STYLE_NONE && !p->dated && p->chapter == 0 &&
           plan_piece_is_short(p, TITLE_SIGNS) && glyph_has_any(p->text, subject);
}

/* …工作计划, …工作要点（讨论稿）: short, no sentence, and names what the document is. */
static bool is_title(const struct plan_piece *p)
{
    static const char *const other[] = {"附", "月工作", "月计划", "月份", "安排", NULL}; /* chapters of a plan */
    static const char *const ends[] = {"计划", "总结", "要点", "方案", "打算", "计划书", "计划表", "规划", NULL};
    return names_subject(p) && !glyph_has_any(p->text, other) && ends_with_any(without_remark(p->text), ends);
}

/* At the top of a part, a schedule's name is a title too. */
static bool is_opening_title(const struct plan_piece *p)
{
    static const char *const ends[] = {"计划", "安排", "安排表", "行事历", NULL};
    return is_title(p) || (names_subject(p) && ends_with_any(without_remark(p->text), ends));
}

/* Lines that may stand around a title: an organisation's name, a period or a draft's mark in brackets, a date. */
static bool may_surround_title(const struct plan_piece *p)
{
    return p->number.style == PLAN_STYLE_NONE && p->chapter == 0 && p->place != PLAN_PLACE_LEFTOVER &&
           (!p->dated || p->month_heading) && plan_piece_is_short(p, TITLE_SIGNS) && glyph_last(p->text) != ':';
}

static bool names_organisation(struct slice text)
{
    return glyph_ends(text, "工会") || glyph_ends(text, "幼儿园") || glyph_ends(text, "委员会") ||
           glyph_ends(text, "中心");
}

static bool is_remark(struct slice text)
{
    struct glyphs g = glyphs_of(text);
    return glyph_in(glyph_peek(&g), "([【〔") || is_date(text);
}

/* （2026年9月） under a title is its date; with numbered lines below it is the first month. */
static void unless_month(struct plan_pieces *pieces, size_t i)
{
    const struct plan_piece *next = kept_after(pieces, i);
    if (pieces->list[i].when.year != 0 && (next == NULL || next->number.style < PLAN_STYLE_DOT))
        pieces->list[i].dated = pieces->list[i].month_heading = false;
}

/* ## 工作计划, **工作计划** */
static struct slice without_marks(struct slice title)
{
    struct glyphs g = glyphs_of(title);
    plan_skip_marks(&g);
    return glyph_trim_end(glyph_rest(&g), "*#");
}

static void take_title(struct plan_pieces *pieces, struct plan_span *span)
{
    size_t title = SIZE_MAX;
    for (size_t i = span->from; i < span->to && i < span->from + TITLE_LINES; i++) {
        if (is_opening_title(&pieces->list[i])) {
            title = i;
            break;
        }
        if (!may_surround_title(&pieces->list[i]) && pieces->list[i].place != PLAN_PLACE_LEFTOVER)
            break;
    }
    if (title == SIZE_MAX)
        return;
    for (size_t i = span->from; i < title; i++) {
        if (pieces->list[i].place == PLAN_PLACE_LEFTOVER || !names_organisation(pieces->list[i].text))
            continue;
        pieces->list[i].place = PLAN_PLACE_HEADING;
        span->title[0] = without_marks(pieces->list[i].text);
    }
    pieces->list[title].place = PLAN_PLACE_HEADING;
    span->title[1] = without_marks(pieces->list[title].text);
    span->body = title + 1;
    for (size_t i = span->body; i < span->to && is_remark(pieces->list[i].text); i++)
        unless_month(pieces, i);
}

/* 篇N may carry the title or stand alone above it. */
static void take_heading(struct plan_pieces *pieces, struct plan_span *span)
{
    struct plan_piece *first = &pieces->list[span->from];
    if (first->chapter == 0) {
        take_title(pieces, span);
        return;
    }
    first->place = PLAN_PLACE_HEADING;
    (void)plan_chapter_read(first->text, &span->title[1]); /* it is a chapter: only its words are wanted */
    span->title[1] = without_marks(span->title[1]);
    span->body = span->from + 1;
    if (span->title[1].size > 0 || span->body == span->to)
        return;
    struct plan_span below = {.from = span->body, .to = span->to, .body = span->body};
    take_title(pieces, &below);
    span->title[0] = below.title[0];
    span->title[1] = below.title[1];
    span->body = below.body;
}

/* ---- boundaries ---- */

static bool has_body(const struct plan_pieces *pieces, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        const struct plan_piece *p = &pieces->list[i];
        if (p->place != PLAN_PLACE_LEFTOVER && (p->number.style != PLAN_STYLE_NONE || p->dated))
            return true;
    }
    return false;
}

/* 一、 right below a month is the first item there, not a new plan. */
static bool numbers_items(const struct plan_pieces *pieces, size_t i)
{
    const struct plan_piece *before = kept_before(pieces, i);
    return before != NULL && before->month_heading && before->number.style != PLAN_STYLE_TOP;
}

struct progress {
    size_t from;
    bool top, division; /* such numbering was seen in the part */
};

static bool restarts(const struct plan_pieces *pieces, size_t i, const struct progress *at)
{
    struct plan_number n = pieces->list[i].number;
    if (n.value != 1 || pieces->list[i].place == PLAN_PLACE_LEFTOVER)
        return false;
    if (n.style == PLAN_STYLE_DIVISION)
        return at->division || at->top;
    return n.style == PLAN_STYLE_TOP && at->top && !numbers_items(pieces, i);
}

static bool new_title(const struct plan_pieces *pieces, size_t i, const struct progress *at)
{
    if (!is_title(&pieces->list[i]) || pieces->list[i].place == PLAN_PLACE_LEFTOVER || !has_body(pieces, at->from, i))
        return false;
    const struct plan_piece *next = kept_after(pieces, i);
    return next != NULL && !next->dated;
}

static bool begins_part(const struct plan_pieces *pieces, size_t i, const struct progress *at)
{
    if (i == at->from)
        return false;
    return pieces->list[i].chapter != 0 || restarts(pieces, i, at) || new_title(pieces, i, at);
}

static void advance(const struct plan_pieces *pieces, size_t i, struct progress *at)
{
    const struct plan_piece *p = &pieces->list[i];
    if (p->number.style == PLAN_STYLE_DIVISION) {
        at->division = true;
        at->top = false; /* each division may number from 一、 again */
    } else if (p->number.style == PLAN_STYLE_TOP && !numbers_items(pieces, i)) {
        at->top = true;
    }
}

/* An organisation's name right above a title that begins a part belongs to it. */
static size_t with_name_above(const struct plan_pieces *pieces, size_t i, size_t least)
{
    if (i > least + 1 && pieces->list[i].chapter == 0 && is_title(&pieces->list[i]) &&
        pieces->list[i - 1].place != PLAN_PLACE_LEFTOVER && may_surround_title(&pieces->list[i - 1]) &&
        names_organisation(pieces->list[i - 1].text))
        return i - 1;
    return i;
}

static size_t cut_parts(const struct plan_pieces *pieces, struct plan_span *spans)
{
    struct progress at = {0};
    size_t count = 0;
    for (size_t i = 0; i < pieces->count; i++) {
        if (begins_part(pieces, i, &at)) {
            size_t from = with_name_above(pieces, i, at.from);
            spans[count++] = (struct plan_span){.from = at.from, .to = from, .body = at.from};
            at = (struct progress){.from = from};
        }
        advance(pieces, i, &at);
    }
    if (pieces->count > 0)
        spans[count++] = (struct plan_span){.from = at.from, .to = pieces->count, .body = at.from};
    return count;
}

/* What stands above the first 篇N and has no body of its own is the site's or the book's, not a part. */
static size_t drop_preamble(struct plan_pieces *pieces, struct plan_span *spans, size_t count)
{
    if (count < 2 || pieces->list[spans[1].from].chapter == 0 || pieces->list[0].chapter != 0 ||
        has_body(pieces, 0, spans[0].to))
        return count;
    for (size_t i = 0; i < spans[0].to; i++) {
        struct plan_piece *p = &pieces->list[i];
        struct plan_piece without_stop = *p;
        without_stop.text = glyph_trim_end(p->text, "。");
        if (p->place != PLAN_PLACE_LEFTOVER)
            p->reason = is_title(&without_stop) ? PLAN_REASON_TITLE_LINE
                        : is_date(p->text)      ? PLAN_REASON_DATE_LINE
                                                : PLAN_REASON_PREAMBLE;
        p->place = PLAN_PLACE_LEFTOVER;
    }
    for (size_t i = 1; i < count; i++)
        spans[i - 1] = spans[i];
    return count - 1;
}

static bool is_empty(const struct plan_pieces *pieces, const struct plan_span *span)
{
    for (size_t i = span->from; i < span->to; i++)
        if (pieces->list[i].place != PLAN_PLACE_LEFTOVER)
            return false;
    return true;
}

enum err plan_parts_read(struct plan_pieces *pieces, struct arena *arena, struct plan_span **out, size_t *count)
{
    plan_site_mark(pieces);
    struct plan_span *spans = arena_alloc(arena, (pieces->count + 1) * sizeof *spans);
    if (spans == NULL)
        return ERR_MEMORY;
    size_t n = drop_preamble(pieces, spans, cut_parts(pieces, spans));
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (!is_empty(pieces, &spans[i]))
            spans[kept++] = spans[i];
    for (size_t i = 0; i < kept; i++)
        take_heading(pieces, &spans[i]);
    *out = spans;
    *count = kept;
    return ERR_OK;
}
