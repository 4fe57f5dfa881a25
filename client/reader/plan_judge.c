/* What a part is, judged by its heading and content, and the period that it plans, if it says so plainly. */
#include "client/reader/plan_reading.h"

static const struct plan_piece *piece_at(const struct plan_reading *r, size_t i)
{
    return &r->pieces.list[i];
}

/* ---- what it is ---- */

static bool says(const struct plan_reading *r, const struct plan_span *span, size_t from, const char *const *words)
{
    for (size_t i = from; i < span->to; i++)
        if (piece_at(r, i)->place != PLAN_PLACE_LEFTOVER && glyph_has_any(piece_at(r, i)->text, words))
            return true;
    return false;
}

static bool has_plan_chapter(const struct plan_reading *r, const struct plan_span *span)
{
    static const char *const words[] = {"指导思想", "目标", "要点", "主要工作", "重点工作", "任务",
                                        "措施",     "安排", "步骤", "思路",     NULL};
    for (size_t i = span->body; i < span->to; i++) {
        const struct plan_piece *p = piece_at(r, i);
        bool heading = p->number.style >= PLAN_STYLE_DIVISION && p->number.style <= PLAN_STYLE_SECOND;
        if ((heading || p->number.style == PLAN_STYLE_NONE) && plan_piece_is_short(p, 20) &&
            glyph_has_any(p->text, words))
            return true;
    }
    return false;
}

static enum err read_kind(struct plan_reading *r, const struct plan_span *span, struct plan_part *part)
{
    static const char *const union_words[] = {"工会", "教职工", "教工", "职工", "会员", "教代会", "员工", NULL};
    static const char *const plan_words[] = {"计划", "要点", "安排", "方案", "打算", "规划", "行事历", NULL};
    struct slice heading = slice_text(part->heading);
    bool named = glyph_has_any(heading, plan_words), summary = glyph_has(heading, "总结") && !named;
    if (!says(r, span, span->body, union_words) && !(named && glyph_has(heading, "工会")))
        part->reason = PLAN_REASON_NO_UNION_MATTER;
    else if (summary && part->item_count == 0)
        part->reason = PLAN_REASON_SUMMARY;
    else if (!named && part->item_count == 0 && !has_plan_chapter(r, span))
        part->reason = PLAN_REASON_NO_PLAN_FOUND;
    part->kind = part->reason == PLAN_REASON_NONE ? PLAN_PART_PLAN : PLAN_PART_OTHER;
    if (part->kind == PLAN_PART_PLAN && summary)
        return plan_reading_note(r, part, part->first_line, PLAN_NOTE_HEADING_SAYS_SUMMARY, heading);
    return ERR_OK;
}

/* ---- period ---- */

#define INTRO_PIECES 6 /* where a text says what it plans */

struct period_words {
    enum plan_period_find what;
    struct period period;
    struct slice words;
    uint32_t line;
};

static void search_title(const struct plan_reading *r, const struct plan_span *span, struct period_words *out)
{
    for (size_t i = span->from; i < span->to && i < span->body + 2 && out->what == PLAN_PERIOD_ABSENT; i++) {
        const struct plan_piece *p = piece_at(r, i);
        bool below = i >= span->body; /* （2026学年第一学期） under the title */
        if (p->place == PLAN_PLACE_LEFTOVER || (below && (span->body == span->from || !plan_piece_is_short(p, 30))))
            continue;
        enum plan_bare_year bare = glyph_has(p->text, "总结") || below ? PLAN_YEAR_IGNORED : PLAN_YEAR_COUNTS;
        out->what = plan_period_search(p->text, bare, &out->period, &out->words);
        out->line = p->line;
    }
}

/* In a sentence a period counts if it names the plan: 2026学年第一学期（幼儿园）工会工作计划. */
static bool names_plan(struct slice text, struct slice words)
{
    size_t end = (size_t)(words.data - text.data) + words.size;
    struct glyphs g = {.text = text, .at = end};
    for (int signs = 0; signs < 12 && glyph_peek(&g) != 0; signs++)
        (void)glyph_next(&g); /* counted */
    return glyph_has(slice_of(text.data + end, g.at - end), "计划");
}

static void search_text(const struct plan_reading *r, const struct plan_span *span, struct period_words *out)
{
    for (size_t i = span->body; i < span->to && i < span->body + INTRO_PIECES; i++) {
        struct slice left = piece_at(r, i)->text;
        struct period_words found = {.line = piece_at(r, i)->line};
        while ((found.what = plan_period_search(left, PLAN_YEAR_COUNTS, &found.period, &found.words)) !=
               PLAN_PERIOD_ABSENT) {
            if (names_plan(left, found.words)) {
                *out = found;
                return;
            }
            size_t end = (size_t)(found.words.data - left.data) + found.words.size;
            left = slice_of(left.data + end, left.size - end);
        }
    }
}

static enum plan_note_code period_note(enum plan_period_find what)
{
    switch (what) {
    case PLAN_PERIOD_REGIONAL:
        return PLAN_NOTE_PERIOD_REGIONAL;
    case PLAN_PERIOD_BLANKED:
        return PLAN_NOTE_PERIOD_BLANKED;
    case PLAN_PERIOD_ACADEMIC_YEAR:
        return PLAN_NOTE_PERIOD_ACADEMIC_YEAR;
    case PLAN_PERIOD_ABSENT:
    case PLAN_PERIOD_PLAIN:
        break;
    }
    return PLAN_NOTE_PERIOD_MISSING;
}

static bool same_period(struct period a, struct period b)
{
    return a.kind == b.kind && a.year == b.year && a.part == b.part;
}

static enum err read_period(struct plan_reading *r, const struct plan_span *span, struct plan_part *part)
{
    static const char *const term_words[] = {"本学期", "新学期", "下学期", "上学期", NULL};
    struct period_words title = {0}, text = {0};
    search_title(r, span, &title);
    search_text(r, span, &text);
    struct period_words *best = title.what != PLAN_PERIOD_ABSENT ? &title : &text;
    if (best->what != PLAN_PERIOD_PLAIN)
        return plan_reading_note(r, part, best->what == PLAN_PERIOD_ABSENT ? part->first_line : best->line,
                                 period_note(best->what), best->words);
    if (title.what == PLAN_PERIOD_PLAIN && text.what != PLAN_PERIOD_ABSENT &&
        (text.what != PLAN_PERIOD_PLAIN || !same_period(title.period, text.period)))
        return plan_reading_note(r, part, text.line, PLAN_NOTE_PERIOD_CONTRADICTS, text.words);
    if (best->period.kind == PERIOD_YEAR && says(r, span, span->body, term_words))
        return plan_reading_note(r, part, best->line, PLAN_NOTE_PERIOD_TERM_IN_YEAR, best->words);
    part->has_period = true;
    part->period = best->period;
    return ERR_OK;
}

enum err plan_judge(struct plan_reading *r, const struct plan_span *span, struct plan_part *part)
{
    enum err e = read_kind(r, span, part);
    if (e == ERR_OK && part->kind == PLAN_PART_PLAN)
        e = read_period(r, span, part);
    return e;
}
