#include "client/reader/plan_reader.h"
#include "base/limits.h"
#include "base/tr.h"
#include "client/reader/plan_reading.h"

static const struct plan_piece *piece_at(const struct plan_reading *r, size_t i)
{
    return &r->pieces.list[i];
}

void plan_reading_append(struct buf *out, struct slice words, enum plan_tabs tabs)
{
    size_t at = 0;
    for (uint32_t c = text_next(words, &at); c != 0; c = text_next(words, &at)) {
        if (c == '\t')
            buf_byte(out, tabs == PLAN_TABS_KEPT ? '\t' : ' ');
        else if (c >= ' ' && !(c >= 0x7f && c <= 0x9f))
            text_put(out, c);
    }
}

const char *plan_reading_text(struct plan_reading *r, struct slice s)
{
    return s.size == 0 ? "" : arena_text(r->arena, s);
}

/* For a line of a report on a terminal. */
static const char *line_text(struct plan_reading *r, struct slice words)
{
    struct buf clean = BUF_INIT;
    plan_reading_append(&clean, words, PLAN_TABS_SPACED);
    const char *text = plan_reading_text(r, buf_slice(&clean));
    buf_finish(&clean);
    return text;
}

enum err plan_reading_note(struct plan_reading *r, const struct plan_part *part, uint32_t line,
                           enum plan_note_code code, struct slice words)
{
    const char *text = line_text(r, words);
    if (text == NULL)
        return ERR_MEMORY;
    r->notes[r->note_count++] = (struct plan_note){part->number, line, code, text};
    return ERR_OK;
}

static enum err take_remarks(struct plan_reading *r, const struct plan_part *part)
{
    enum err e = ERR_OK;
    for (size_t i = 0; i < r->remarks.count && e == ERR_OK; i++) {
        const struct plan_piece *p = piece_at(r, r->remarks.list[i].piece);
        e = plan_reading_note(r, part, p->line, r->remarks.list[i].code, p->text);
    }
    r->remarks.count = 0;
    return e;
}

static enum err read_part(struct plan_reading *r, size_t n)
{
    const struct plan_span *span = &r->spans[n];
    struct plan_part *part = &r->parts[n];
    *part = (struct plan_part){.number = (uint32_t)n + 1,
                               .first_line = piece_at(r, span->from)->line,
                               .last_line = piece_at(r, span->to - 1)->line};
    plan_schedule_read(&r->pieces, span, &r->remarks);
    enum err e = take_remarks(r, part);
    if (e == ERR_OK)
        e = plan_items_read(r, span, part);
    if (e == ERR_OK)
        e = plan_texts_read(r, span, part);
    if (e == ERR_OK)
        e = plan_judge(r, span, part);
    return e;
}

static enum err list_places(struct plan_reading *r, struct plan_document *out)
{
    struct plan_place_of *places = arena_alloc(r->arena, r->pieces.count * sizeof *places);
    if (places == NULL)
        return ERR_MEMORY;
    size_t part = 0;
    for (size_t i = 0; i < r->pieces.count; i++) {
        while (part < r->count && i >= r->spans[part].to)
            part++;
        bool inside = part < r->count && i >= r->spans[part].from;
        places[i] = (struct plan_place_of){piece_at(r, i)->line, inside ? r->parts[part].number : 0,
                                           piece_at(r, i)->place, piece_at(r, i)->text};
    }
    out->places = places;
    out->place_count = r->pieces.count;
    return ERR_OK;
}

static enum err list_leftovers(struct plan_reading *r, struct plan_document *out)
{
    struct plan_leftover *list = arena_alloc(r->arena, (r->pieces.count + r->count) * sizeof *list);
    if (list == NULL)
        return ERR_MEMORY;
    size_t n = 0, part = 0;
    for (size_t i = 0; i < r->pieces.count; i++) {
        const struct plan_piece *p = piece_at(r, i);
        if (part < r->count && r->spans[part].from == i) {
            const struct plan_part *here = &r->parts[part++];
            if (here->kind != PLAN_PART_PLAN)
                list[n++] = (struct plan_leftover){here->first_line, here->last_line, here->number, here->reason,
                                                   here->heading};
        }
        if (p->place != PLAN_PLACE_LEFTOVER)
            continue;
        list[n] = (struct plan_leftover){p->line, p->line, 0, p->reason, line_text(r, p->text)};
        if (list[n++].text == NULL)
            return ERR_MEMORY;
    }
    out->leftovers = list;
    out->leftover_count = n;
    return ERR_OK;
}

static enum err make_room(struct plan_reading *r)
{
    size_t remarks = r->pieces.count * 3;
    r->parts = arena_alloc(r->arena, r->count * sizeof *r->parts);
    r->remarks.list = arena_alloc(r->arena, remarks * sizeof *r->remarks.list);
    r->notes = arena_alloc(r->arena, (remarks + r->pieces.count + r->count * PLAN_NOTES_A_PART) * sizeof *r->notes);
    return r->parts != NULL && r->remarks.list != NULL && r->notes != NULL ? ERR_OK : ERR_MEMORY;
}

enum err plan_read(struct slice text, struct arena *arena, struct plan_document *out)
{
    if (text.size > LIMIT_IMPORT_FILE)
        return ERR_TOO_LONG;
    if (!text_is_clean(text))
        return ERR_TEXT;
    struct plan_reading r = {.arena = arena};
    struct plan_document document = {0};
    enum err e = plan_pieces_read(text, arena, &r.pieces);
    if (e == ERR_OK)
        e = plan_parts_read(&r.pieces, arena, &r.spans, &r.count);
    if (e == ERR_OK)
        e = make_room(&r);
    for (size_t i = 0; i < r.count && e == ERR_OK; i++)
        e = read_part(&r, i);
    if (e == ERR_OK)
        e = list_places(&r, &document);
    if (e == ERR_OK)
        e = list_leftovers(&r, &document);
    if (e != ERR_OK)
        return e;
    document.parts = r.parts;
    document.part_count = r.count;
    document.notes = r.notes;
    document.note_count = r.note_count;
    *out = document;
    return ERR_OK;
}

const char *plan_reason_text(enum plan_reason reason)
{
    static const char *const texts[] = {
#define X(name, text) text,
        PLAN_REASON_LIST(X)
#undef X
    };
    return reason == PLAN_REASON_NONE ? "" : tr(texts[reason]);
}

const char *plan_note_text(enum plan_note_code code)
{
    static const char *const texts[] = {
#define X(name, text) text,
        PLAN_NOTE_LIST(X)
#undef X
    };
    return tr(texts[code]);
}
