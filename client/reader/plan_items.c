/* The items of a part's schedule, in the order of the document. */
#include "base/limits.h"
#include "client/reader/plan_reading.h"

static const struct plan_piece *piece_at(const struct plan_reading *r, size_t i)
{
    return &r->pieces.list[i];
}

static void append_more(struct buf *title, struct slice more)
{
    uint32_t last = glyph_last(buf_slice(title));
    struct glyphs g = glyphs_of(more);
    struct plan_number n;
    struct slice rest;
    if (plan_number_read(glyph_rest(&g), &n, &rest) && !glyph_in(last, ":;。"))
        buf_text(title, "；");
    plan_reading_append(title, more, PLAN_TABS_SPACED);
}

/* The title's words, of the piece itself and of those that go on in it; how many pieces they are. */
static size_t join_title(const struct plan_reading *r, const struct plan_span *span, size_t i, struct buf *title)
{
    plan_reading_append(title, plan_first_cell(piece_at(r, i)->rest), PLAN_TABS_SPACED);
    size_t n = 1;
    for (; i + n < span->to; n++) {
        const struct plan_piece *p = piece_at(r, i + n);
        if (p->place == PLAN_PLACE_ITEM_MORE)
            append_more(title, p->text);
        else if (p->place != PLAN_PLACE_LEFTOVER) /* a page number may stand between */
            break;
    }
    return n;
}

static struct slice cut_title(struct slice title)
{
    struct slice cut = slice_of(title.data, plan_fitting(title, LIMIT_TEXT_LONG));
    for (struct slice s = cut; s.size > LIMIT_TEXT_LONG / 4; s = slice_of(s.data, plan_fitting(s, s.size - 1)))
        if (glyph_in(glyph_last(s), "。;"))
            return s;
    return cut;
}

/* The title cannot hold all of it: the text gets the whole lines. */
static void keep_whole(struct plan_piece *from, size_t count)
{
    for (size_t k = 0; k < count; k++)
        if (from[k].place != PLAN_PLACE_LEFTOVER)
            from[k].place = PLAN_PLACE_ITEM_AND_OTHER;
}

static enum err read_item(struct plan_reading *r, const struct plan_span *span, struct plan_part *part, size_t i,
                          struct plan_item *item)
{
    struct plan_piece *p = &r->pieces.list[i];
    struct buf words = BUF_INIT;
    enum err e = ERR_OK;
    size_t n = join_title(r, span, i, &words);
    struct slice title = glyph_trim_end(buf_slice(&words), ";。.,、:");
    bool long_title = title.size > LIMIT_TEXT_LONG;
    if (long_title) {
        title = glyph_trim_end(cut_title(title), ";。.,、");
        e = plan_reading_note(r, part, p->line, PLAN_NOTE_TITLE_TOO_LONG, title);
    }
    if (long_title || plan_first_cell(p->rest).size < p->rest.size)
        keep_whole(&r->pieces.list[i], n);
    *item = (struct plan_item){
        .when = p->when, .month_lost = p->month_lost, .source_line = p->line, .title = plan_reading_text(r, title)};
    buf_finish(&words);
    return item->title == NULL ? ERR_MEMORY : e;
}

enum err plan_items_read(struct plan_reading *r, const struct plan_span *span, struct plan_part *part)
{
    size_t count = 0;
    for (size_t i = span->body; i < span->to; i++)
        count += piece_at(r, i)->place == PLAN_PLACE_ITEM;
    struct plan_item *items = arena_alloc(r->arena, count * sizeof *items);
    if (items == NULL)
        return ERR_MEMORY;
    enum err e = ERR_OK;
    for (size_t i = span->body; i < span->to && e == ERR_OK; i++) {
        if (piece_at(r, i)->place != PLAN_PLACE_ITEM)
            continue;
        struct plan_item *item = &items[part->item_count++];
        e = read_item(r, span, part, i, item);
        item->position = (uint32_t)part->item_count;
        part->lost_count += item->month_lost;
    }
    part->items = items;
    return e;
}
