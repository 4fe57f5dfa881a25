#include "client/reader/plan_piece.h"
#include "base/limits.h"

#define NEIGHBOURS 400 /* pieces looked at on either side for the numbering: more than a chapter has */

/* ---- lines ---- */

static bool next_line(struct slice text, size_t *at, struct slice *line)
{
    if (*at >= text.size)
        return false;
    size_t end = *at;
    while (end < text.size && text.data[end] != '\n' && text.data[end] != '\r')
        end++;
    *line = slice_of(text.data + *at, end - *at);
    if (end + 1 < text.size && text.data[end] == '\r' && text.data[end + 1] == '\n')
        end++;
    *at = end + 1;
    return true;
}

static bool in_address(uint32_t c)
{
    return glyph_is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || glyph_in(c, "./:_-?=&%#");
}

static bool is_address(struct slice word)
{
    struct glyphs g = glyphs_of(word);
    char head[5] = {0};
    for (int i = 0; i < 4; i++) {
        uint32_t c = glyph_next(&g);
        head[i] = (char)(c < 128 ? c | 0x20 : 0);
    }
    return slice_equal(slice_text(head), slice_text("http")) ||
           (slice_equal(slice_of(head, 3), slice_text("www")) && head[3] == '.');
}

/* A web address glued to the end of a line (by sites that sell texts): where it begins, else the line's size. */
static size_t address_at_end(struct slice line)
{
    for (struct glyphs g = glyphs_of(line); glyph_peek(&g) != 0; (void)glyph_next(&g)) {
        struct glyphs end = g;
        if (!is_address(glyph_rest(&g)))
            continue;
        while (in_address(glyph_peek(&end)))
            (void)glyph_next(&end); /* part of the address */
        if (glyph_peek(&end) == 0)
            return g.at;
    }
    return line.size;
}

/* ---- a piece by itself ---- */

static bool is_date_line(const struct plan_when *when, struct slice rest)
{
    return when->exact && when->year != 0 && rest.size == 0;
}

static void read_when(struct plan_piece *p, struct slice from)
{
    struct slice rest;
    struct plan_when when;
    if (!plan_when_read(from, &when, &rest) || is_date_line(&when, rest))
        return;
    if (plan_when_is_past(rest)) {
        p->past = true;
        return;
    }
    p->dated = true;
    p->when = when;
    p->rest = rest;
    p->month_heading = plan_when_is_heading(rest);
}

/* as_number: 七、八月份 is the heading 七. */
static void classify(struct plan_piece *p, bool as_number)
{
    struct slice title;
    p->dated = p->month_heading = p->past = false;
    p->number = (struct plan_number){0};
    p->rest = p->text;
    p->chapter = plan_chapter_read(p->text, &title);
    if (p->chapter != 0)
        return;
    if (!as_number)
        read_when(p, p->text);
    if (p->dated || p->past || !plan_number_read(p->text, &p->number, &p->rest))
        return;
    read_when(p, p->rest);
}

static const struct plan_piece *numbered_before(const struct plan_pieces *all, size_t i, enum plan_style style)
{
    for (size_t k = i; k-- > 0 && i - k < NEIGHBOURS;)
        if (all->list[k].number.style == style)
            return &all->list[k];
    return NULL;
}

static int number_after(const struct plan_pieces *all, size_t i, enum plan_style style)
{
    for (size_t k = i + 1; k < all->count && k - i < NEIGHBOURS; k++) {
        struct plan_number next;
        struct slice rest;
        if (plan_number_read(all->list[k].text, &next, &rest) && next.style == style)
            return next.value;
    }
    return 0;
}

/* 七、八月份 may be a span, or heading 七. It is the heading if the numbering around it has a place for that number. */
static bool is_heading_number(const struct plan_pieces *all, size_t i)
{
    struct plan_number mine;
    struct slice rest;
    if (!plan_number_read(all->list[i].text, &mine, &rest))
        return false;
    const struct plan_piece *before = numbered_before(all, i, mine.style);
    int after = number_after(all, i, mine.style);
    if (mine.value == 1)
        return after == 2;
    if (before == NULL || before->number.value != mine.value - 1 || after == mine.value)
        return false;
    return after == mine.value + 1 || before->dated || !plan_when_is_heading(all->list[i].rest);
}

static void resolve_listed(struct plan_pieces *all)
{
    for (size_t i = 0; i < all->count; i++)
        if (all->list[i].dated && all->list[i].when.listed != 0 && is_heading_number(all, i))
            classify(&all->list[i], true);
}

/* ---- cutting ---- */

struct cutter {
    struct plan_piece *list; /* NULL: counts only */
    size_t count;
    uint32_t line;
    bool in_cell;
};

static void put(struct cutter *c, struct slice text, enum plan_reason reason)
{
    text = glyph_trim(text);
    if (text.size == 0)
        return;
    if (c->list != NULL) {
        struct plan_piece *p = &c->list[c->count];
        *p = (struct plan_piece){.text = text, .line = c->line, .in_cell = c->in_cell, .place = PLAN_PLACE_OTHER};
        classify(p, false);
        if (reason != PLAN_REASON_NONE) {
            p->place = PLAN_PLACE_LEFTOVER;
            p->reason = reason;
        }
    }
    c->count++;
}

static void cut_numbers(struct cutter *c, struct slice text)
{
    struct plan_number chain = {0};
    size_t from = 0, next;
    while ((next = plan_number_next_within(text, from, &chain)) != SIZE_MAX) {
        put(c, slice_of(text.data + from, next - from), PLAN_REASON_NONE);
        from = next;
    }
    put(c, slice_of(text.data + from, text.size - from), PLAN_REASON_NONE);
}

static void cut_months(struct cutter *c, struct slice text)
{
    size_t from = 0, next;
    while ((next = plan_when_next_within(text, from)) != SIZE_MAX) {
        cut_numbers(c, slice_of(text.data + from, next - from));
        from = next;
    }
    cut_numbers(c, slice_of(text.data + from, text.size - from));
}

static void cut_line(struct cutter *c, struct slice raw)
{
    c->in_cell = raw.size > 0 && (raw.data[0] == '\t' || raw.data[0] == '|');
    struct glyphs g = glyphs_of(raw);
    glyph_skip(&g, " \t|");
    struct slice line = glyph_trim_end(glyph_rest(&g), "|"), title;
    size_t end = address_at_end(line);
    struct slice body = slice_of(line.data, end);
    if (plan_chapter_read(body, &title) != 0)
        put(c, body, PLAN_REASON_NONE);
    else
        cut_months(c, body);
    put(c, slice_of(line.data + end, line.size - end), PLAN_REASON_ADVERTISEMENT);
}

/* Word processors break lines and pages within what editors count as one line. */
static void cut_breaks(struct cutter *c, struct slice raw)
{
    size_t from = 0;
    for (size_t at = 0; at < raw.size; at++) {
        if (raw.data[at] != '\v' && raw.data[at] != '\f')
            continue;
        cut_line(c, slice_of(raw.data + from, at - from));
        from = at + 1;
    }
    cut_line(c, slice_of(raw.data + from, raw.size - from));
}

static void cut(struct cutter *c, struct slice text)
{
    size_t at = 0;
    struct slice line;
    for (c->line = 1; next_line(text, &at, &line); c->line++)
        cut_breaks(c, line);
}

enum err plan_pieces_read(struct slice text, struct arena *arena, struct plan_pieces *out)
{
    struct cutter count = {0};
    cut(&count, text);
    if (count.count > LIMIT_IMPORT_ROWS)
        return ERR_TOO_LONG;
    struct cutter c = {.list = arena_alloc(arena, (count.count + 1) * sizeof *c.list)};
    if (c.list == NULL)
        return ERR_MEMORY;
    cut(&c, text);
    *out = (struct plan_pieces){c.list, c.count};
    resolve_listed(out);
    return ERR_OK;
}

bool plan_piece_is_short(const struct plan_piece *p, size_t signs_max)
{
    struct glyphs g = glyphs_of(glyph_trim_end(p->text, ":"));
    if (text_codepoints(p->text) > signs_max)
        return false;
    for (uint32_t c = glyph_next(&g); c != 0; c = glyph_next(&g))
        if (glyph_in(c, "。;,!?:"))
            return false;
    return true;
}

struct slice plan_first_cell(struct slice text)
{
    struct glyphs g = glyphs_of(text);
    while (glyph_peek(&g) != 0 && glyph_peek(&g) != '\t' && glyph_peek(&g) != '|')
        (void)glyph_next(&g); /* part of the cell */
    return glyph_trim(slice_of(text.data, g.at));
}
