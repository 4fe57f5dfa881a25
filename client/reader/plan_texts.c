/* The words of a part: heading and title, and its four texts, line by line in the order of the document. */
#include "base/limits.h"
#include "client/reader/plan_reading.h"
#include <string.h>

#define RECORD_REST 2048u /* bytes of a plan beside its four texts */

static const struct plan_piece *piece_at(const struct plan_reading *r, size_t i)
{
    return &r->pieces.list[i];
}

static enum err read_heading(struct plan_reading *r, const struct plan_span *span, struct plan_part *part)
{
    struct buf heading = BUF_INIT, title = BUF_INIT;
    for (size_t i = span->from; i < span->body; i++) {
        if (piece_at(r, i)->place != PLAN_PLACE_HEADING)
            continue;
        if (heading.size > 0)
            buf_byte(&heading, '\n');
        plan_reading_append(&heading, piece_at(r, i)->text, PLAN_TABS_KEPT);
    }
    plan_reading_append(&title, span->title[0], PLAN_TABS_SPACED);
    plan_reading_append(&title, span->title[1], PLAN_TABS_SPACED);
    part->heading = plan_reading_text(r, buf_slice(&heading));
    part->title = plan_reading_text(r, buf_slice(&title));
    buf_finish(&heading);
    buf_finish(&title);
    return part->heading != NULL && part->title != NULL ? ERR_OK : ERR_MEMORY;
}

static void append_line(struct buf *text, struct slice line)
{
    if (text->size > 0)
        buf_byte(text, '\n');
    plan_reading_append(text, line, PLAN_TABS_KEPT);
}

static void collect(const struct plan_reading *r, const struct plan_span *span, enum plan_place place, struct buf *out)
{
    for (size_t i = span->from; i < span->to; i++)
        if (piece_at(r, i)->place == place ||
            (place == PLAN_PLACE_OTHER && piece_at(r, i)->place == PLAN_PLACE_ITEM_AND_OTHER))
            append_line(out, piece_at(r, i)->text);
}

size_t plan_fitting(struct slice text, size_t limit)
{
    size_t at = limit;
    while (at > 0 && text.data[at] != '\n')
        at--;
    if (at > 0)
        return at;
    for (at = limit; at > 0 && (text.data[at] & 0xc0) == 0x80; at--)
        ;
    return at;
}

/* What is over the field's limit goes to the other text, which is long enough for nearly all. */
static enum err read_text(struct plan_reading *r, const struct plan_span *span, struct plan_part *part,
                          enum plan_place place, struct buf *other, const char **out)
{
    struct buf text = BUF_INIT;
    collect(r, span, place, &text);
    struct slice kept = buf_slice(&text);
    enum err e = ERR_OK;
    if (kept.size > LIMIT_TEXT_LONG) {
        size_t cut = plan_fitting(kept, LIMIT_TEXT_LONG);
        append_line(other, glyph_trim(slice_of(kept.data + cut, kept.size - cut)));
        kept.size = cut;
        e = plan_reading_note(r, part, part->first_line, PLAN_NOTE_TEXT_TOO_LONG, (struct slice){0});
    }
    *out = plan_reading_text(r, kept);
    buf_finish(&text);
    return *out == NULL ? ERR_MEMORY : e;
}

static size_t texts_size(const struct plan_part *part)
{
    return strlen(part->guiding_text) + strlen(part->goals_text) + strlen(part->measures_text) +
           strlen(part->other_text);
}

enum err plan_texts_read(struct plan_reading *r, const struct plan_span *span, struct plan_part *part)
{
    struct buf other = BUF_INIT;
    collect(r, span, PLAN_PLACE_OTHER, &other);
    enum err e = read_heading(r, span, part);
    if (e == ERR_OK)
        e = read_text(r, span, part, PLAN_PLACE_GUIDING, &other, &part->guiding_text);
    if (e == ERR_OK)
        e = read_text(r, span, part, PLAN_PLACE_GOALS, &other, &part->goals_text);
    if (e == ERR_OK)
        e = read_text(r, span, part, PLAN_PLACE_MEASURES, &other, &part->measures_text);
    if (e == ERR_OK && other.size > LIMIT_TEXT_LONG)
        e = plan_reading_note(r, part, part->first_line, PLAN_NOTE_TEXT_OVERFLOW, (struct slice){0});
    part->other_text = plan_reading_text(r, buf_slice(&other));
    if (e == ERR_OK && part->other_text != NULL && other.size <= LIMIT_TEXT_LONG &&
        texts_size(part) > LIMIT_RECORD - RECORD_REST)
        e = plan_reading_note(r, part, part->first_line, PLAN_NOTE_TEXT_OVERFLOW, (struct slice){0});
    buf_finish(&other);
    return part->other_text == NULL ? ERR_MEMORY : e;
}
