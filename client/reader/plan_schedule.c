/* One walk over a part. It knows two things at each piece: the chapter it is in, and the group (the month or quarter
 * under which items are being collected), if one is open. A group opens at a line that begins with a month and is
 * closed by the next heading, numbered or not, or by a paragraph that is no item. */
#include "client/reader/plan_schedule.h"
#include "client/reader/plan_chapter.h"

#define HEADING_SIGNS 14  /* an unnumbered heading */
#define ITEM_SIGNS 60     /* a schedule's item whose month is lost is known by being short */
#define LOOSE_SIGNS 80    /* an unnumbered item */
#define SIGNATURE_LINES 3 /* organisation, person, date */
#define WRAPPED_SIGNS 25  /* a line that ends without a stop goes on in the next only if it is that long */

struct walk {
    struct plan_pieces *pieces;
    const struct plan_span *span;
    struct plan_remarks *remarks;
    bool has_top; /* the part numbers its chapters with 一、: （一） is then inside of them */
    bool has_second;
    enum plan_chapter chapter;
    size_t chapter_from; /* the first piece behind its heading */
    bool scheduled;      /* a month was seen in this chapter */
    bool group;
    size_t opened_by;
    struct plan_when when;
    bool lost;             /* the group's month is not known */
    bool on_one_line;      /* month and item stand on one line: what follows it is rarely its own */
    enum plan_style style; /* of its items; NONE: not numbered, or none yet */
    int last;
    size_t items;
};

static struct plan_piece *piece(struct walk *w, size_t i)
{
    return &w->pieces->list[i];
}

static void remark(struct walk *w, size_t i, enum plan_note_code code)
{
    w->remarks->list[w->remarks->count].piece = i;
    w->remarks->list[w->remarks->count++].code = code;
}

/* ---- chapters ---- */

static enum plan_place text_place(const struct walk *w)
{
    switch (w->chapter) {
    case PLAN_CHAPTER_GUIDING:
        return PLAN_PLACE_GUIDING;
    case PLAN_CHAPTER_GOALS:
        return PLAN_PLACE_GOALS;
    case PLAN_CHAPTER_MEASURES:
        return PLAN_PLACE_MEASURES;
    case PLAN_CHAPTER_OPENING:
    case PLAN_CHAPTER_OTHER:
    case PLAN_CHAPTER_SCHEDULE:
        break;
    }
    return PLAN_PLACE_OTHER;
}

static void keep_text(struct walk *w, size_t i)
{
    struct plan_piece *p = piece(w, i);
    p->place = text_place(w);
    p->dated = false;
    if (p->past)
        remark(w, i, PLAN_NOTE_MONTH_PAST);
    static const char *const parts_of_year[] = {"上半年", "下半年", "上学期", "下学期", NULL};
    struct glyphs g = glyphs_of(p->text);
    bool week = glyph_take(&g, U'第') && glyph_take_number(&g, 2) != 0 && glyph_take(&g, U'周');
    if (week || (plan_piece_is_short(p, 8) && glyph_has_any(p->text, parts_of_year)))
        remark(w, i, PLAN_NOTE_HALF_YEAR);
}

static void close_group(struct walk *w)
{
    if (w->group && w->items == 0 && piece(w, w->opened_by)->place == PLAN_PLACE_MONTH) {
        piece(w, w->opened_by)->place = PLAN_PLACE_OTHER;
        remark(w, w->opened_by, PLAN_NOTE_MONTH_EMPTY);
    }
    w->group = false;
}

static void begin_chapter(struct walk *w, size_t i, struct slice heading)
{
    close_group(w);
    w->chapter = plan_chapter_of(heading);
    w->chapter_from = i + 1;
    w->scheduled = false;
    keep_text(w, i);
}

/* ---- items ---- */

static void add_item(struct walk *w, size_t i)
{
    struct plan_piece *p = piece(w, i);
    p->place = PLAN_PLACE_ITEM;
    p->when = w->lost ? (struct plan_when){0} : w->when;
    p->month_lost = w->lost;
    if (p->number.style != PLAN_STYLE_NONE) {
        w->style = p->number.style;
        w->last = p->number.value;
    }
    w->items++;
}

static void open_group(struct walk *w, size_t i)
{
    close_group(w);
    w->group = true;
    w->opened_by = i;
    w->when = piece(w, i)->when;
    w->lost = w->on_one_line = false;
    w->style = PLAN_STYLE_NONE;
    w->last = 0;
    w->items = 0;
}

static bool is_one_sentence(struct slice text)
{
    text = glyph_trim_end(text, "。;.");
    return text_codepoints(text) <= ITEM_SIGNS && !glyph_has(text, "。");
}

static bool ends_open(struct slice text)
{
    return !glyph_in(glyph_last(text), "。!?"); /* a semicolon, or nothing: the list goes on */
}

static bool in_run(const struct plan_piece *p, enum plan_style style)
{
    return p->number.style == style && !p->dated && p->place != PLAN_PLACE_LEFTOVER;
}

/* A numbered list in a schedule: short lines, all but the last ending with a semicolon or nothing. Lists of measures
 * are sentences. */
static bool reads_like_schedule(struct walk *w, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (!is_one_sentence(piece(w, i)->rest) || (i + 1 < to && !ends_open(piece(w, i)->rest)))
            return false;
    return true;
}

static void mark_lost(struct walk *w, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        struct plan_piece *p = piece(w, i);
        p->place = PLAN_PLACE_ITEM;
        p->when = (struct plan_when){0};
        p->month_lost = true;
    }
    if (from < to)
        remark(w, from, PLAN_NOTE_MONTH_LOST);
}

/* Items above the first month of a chapter whose own month was lost: lists whose numbering starts again with no heading
 * between, directly above. The first list belongs to the chapter's heading, unless that announces a schedule. */
static void recover_lost(struct walk *w, size_t month)
{
    if (month == w->chapter_from)
        return;
    enum plan_style style = piece(w, month - 1)->number.style;
    size_t first = month;
    while (style >= PLAN_STYLE_DOT && first > w->chapter_from && in_run(piece(w, first - 1), style))
        first--;
    size_t to = month, from = month;
    while (to > first) {
        size_t run = to - 1;
        while (run > first && piece(w, run)->number.value > piece(w, run - 1)->number.value)
            run--;
        bool own = run == first && w->chapter != PLAN_CHAPTER_SCHEDULE;
        if (own || (w->chapter != PLAN_CHAPTER_SCHEDULE && !reads_like_schedule(w, run, to)))
            break;
        from = to = run;
    }
    mark_lost(w, from, month);
}

/* 九月开展以下活动：, and a list below. */
static bool announces_list(struct walk *w, size_t i)
{
    const struct plan_piece *p = piece(w, i);
    if (glyph_last(p->text) != ':' || i + 1 == w->span->to)
        return false;
    const struct plan_piece *next = piece(w, i + 1);
    return next->number.style > p->number.style && next->number.style >= PLAN_STYLE_DOT && !next->dated;
}

static void at_month(struct walk *w, size_t i)
{
    struct plan_piece *p = piece(w, i);
    if (!w->scheduled && !w->group)
        recover_lost(w, i);
    w->scheduled = true;
    open_group(w, i);
    struct glyphs rest = glyphs_of(p->rest);
    bool theme = glyph_in(glyph_peek(&rest), "([【〔"); /* 九月份（师德建设月） */
    if (p->month_heading && !theme) {
        p->place = PLAN_PLACE_MONTH;
    } else if (p->month_heading || announces_list(w, i)) {
        p->place = PLAN_PLACE_OTHER; /* it says more than its month */
    } else {
        p->place = PLAN_PLACE_ITEM;
        w->items = 1;
        w->on_one_line = true;
    }
}

/* ---- lines inside of a group ---- */

/* The numbering starts again without a month between: the month's heading was lost, if the lines still read like a
 * schedule. */
static bool restarts_lost(struct walk *w, size_t i)
{
    size_t to = i;
    enum plan_style style = piece(w, i)->number.style;
    do
        to++;
    while (to < w->span->to && in_run(piece(w, to), style) &&
           piece(w, to)->number.value > piece(w, to - 1)->number.value);
    for (size_t k = i; k < to; k++)
        if (!is_one_sentence(piece(w, k)->rest))
            return false;
    return true;
}

static bool take_numbered(struct walk *w, size_t i)
{
    struct plan_number n = piece(w, i)->number;
    if (w->on_one_line)
        return false;
    if (w->style == PLAN_STYLE_NONE) {
        if (n.style <= PLAN_STYLE_SECOND && n.value != 1)
            return false;
        add_item(w, i);
        return true;
    }
    if (n.style > w->style && w->items > 0) {
        piece(w, i)->place = PLAN_PLACE_ITEM_MORE;
        return true;
    }
    if (n.style != w->style)
        return false;
    if (n.value <= w->last && n.style != PLAN_STYLE_BULLET) {
        if (n.style <= PLAN_STYLE_SECOND || !restarts_lost(w, i))
            return false;
        w->lost = true;
        remark(w, i, PLAN_NOTE_MONTH_LOST);
    } else if (n.style <= PLAN_STYLE_SECOND && n.value != w->last + 1) {
        return false;
    }
    add_item(w, i);
    return true;
}

static bool list_follows(struct walk *w, size_t i)
{
    return i + 1 < w->span->to && piece(w, i + 1)->number.style == PLAN_STYLE_DOT &&
           piece(w, i + 1)->number.value == 1 && !piece(w, i + 1)->dated;
}

/* A heading without a number: by its name, or short and above a list. */
static bool is_plain_heading(struct walk *w, size_t i)
{
    struct plan_piece *p = piece(w, i);
    return p->number.style == PLAN_STYLE_NONE && plan_piece_is_short(p, HEADING_SIGNS) &&
           (plan_chapter_named(glyph_trim_end(p->text, ":")) || list_follows(w, i));
}

/* The closing words of a plan, its signature and date. */
static bool closes_plan(struct walk *w, size_t i)
{
    static const char *const begins[] = {"以上", "总之", "希望", "让我们", "相信", "最后",
                                         "附：", "附件", "附表", "备注",   NULL};
    struct slice text = piece(w, i)->text;
    for (const char *const *b = begins; *b != NULL; b++)
        if (glyph_starts(text, *b))
            return true;
    struct glyphs g = glyphs_of(text);
    if (w->span->to - i > SIGNATURE_LINES)
        return false;
    return glyph_take_year(&g) != 0 || glyph_ends(text, "工会") || glyph_ends(text, "委员会") ||
           glyph_ends(text, "幼儿园");
}

static bool month_follows(struct walk *w, size_t i)
{
    for (i++; i < w->span->to && piece(w, i)->number.style != PLAN_STYLE_TOP; i++)
        if (piece(w, i)->dated)
            return true;
    return false;
}

/* The line before was broken by its editor, and this is its end. */
static bool continues_item(struct walk *w, size_t i)
{
    const struct plan_piece *before = piece(w, i - 1);
    bool item = before->place == PLAN_PLACE_ITEM || before->place == PLAN_PLACE_ITEM_MORE;
    return item && text_codepoints(before->text) >= WRAPPED_SIGNS && !glyph_in(glyph_last(before->text), "。;!?:") &&
           !is_plain_heading(w, i);
}

static bool take_plain(struct walk *w, size_t i)
{
    struct plan_piece *p = piece(w, i);
    if (w->items > 0 && continues_item(w, i)) {
        p->place = PLAN_PLACE_ITEM_MORE;
        return true;
    }
    if (w->items == 0 && !w->on_one_line && list_follows(w, i) && !plan_chapter_named(p->text)) {
        p->place = PLAN_PLACE_OTHER; /* the month's motto, above its list */
        return true;
    }
    if (is_plain_heading(w, i) || closes_plan(w, i) || p->past)
        return false;
    bool row = p->in_cell && piece(w, w->opened_by)->line < p->line;
    if (w->style != PLAN_STYLE_NONE)
        return false;
    if (w->on_one_line && !row && !month_follows(w, i))
        return false;
    if (w->items > 0 && !row && text_codepoints(p->text) > LOOSE_SIGNS)
        return false;
    add_item(w, i);
    return true;
}

/* ---- the walk ---- */

static bool heads_chapter(const struct walk *w, const struct plan_piece *p)
{
    return p->number.style == PLAN_STYLE_DIVISION || p->number.style == PLAN_STYLE_TOP ||
           (p->number.style == PLAN_STYLE_SECOND && !w->has_top);
}

static void at_text(struct walk *w, size_t i)
{
    struct plan_piece *p = piece(w, i);
    bool numbered = p->number.style != PLAN_STYLE_NONE;
    if (w->group && (numbered ? take_numbered(w, i) : take_plain(w, i)))
        return;
    if (heads_chapter(w, p) || (!numbered && is_plain_heading(w, i))) {
        begin_chapter(w, i, p->rest);
        return;
    }
    close_group(w);
    if (w->chapter == PLAN_CHAPTER_OPENING && numbered && !w->has_top && !w->has_second) {
        w->chapter = PLAN_CHAPTER_MEASURES; /* no headings at all: what is numbered is what is to be done */
        w->chapter_from = i;
    }
    keep_text(w, i);
}

void plan_schedule_read(struct plan_pieces *pieces, const struct plan_span *span, struct plan_remarks *remarks)
{
    struct walk w = {.pieces = pieces, .span = span, .remarks = remarks, .chapter_from = span->body};
    for (size_t i = span->body; i < span->to; i++) {
        w.has_top = w.has_top || pieces->list[i].number.style == PLAN_STYLE_TOP;
        w.has_second = w.has_second || pieces->list[i].number.style == PLAN_STYLE_SECOND;
    }
    for (size_t i = span->body; i < span->to; i++) {
        if (pieces->list[i].place == PLAN_PLACE_LEFTOVER || pieces->list[i].place == PLAN_PLACE_HEADING)
            continue;
        if (pieces->list[i].dated)
            at_month(&w, i);
        else
            at_text(&w, i);
    }
    close_group(&w);
}
