/* A plan document as somebody may hand it in. What is read obeys the reader's own invariant: every line that is not
 * blank stands in `places`, in order, no text is longer than its field, months are months. */
#include "tests/fuzz/fuzz.h"
#include "base/limits.h"
#include "base/text.h"
#include "client/reader/plan_reader.h"
#include <stdlib.h>
#include <string.h>

static void look_at_part(const struct plan_part *p, uint32_t number)
{
    CHECK(p->number == number && p->first_line <= p->last_line);
    CHECK(strlen(p->guiding_text) <= LIMIT_TEXT_LONG && strlen(p->goals_text) <= LIMIT_TEXT_LONG &&
          strlen(p->measures_text) <= LIMIT_TEXT_LONG);
    for (size_t i = 0; i < p->item_count; i++) {
        CHECK(p->items[i].position == i + 1 && p->items[i].title);
        CHECK(text_is_clean(slice_text(p->items[i].title)));
        CHECK(p->items[i].source_line >= p->first_line && p->items[i].source_line <= p->last_line);
    }
}

static void look_at(const struct plan_document *d)
{
    uint32_t line = 0;
    for (size_t i = 0; i < d->part_count; i++)
        look_at_part(&d->parts[i], (uint32_t)i + 1);
    for (size_t i = 0; i < d->place_count; i++) {
        CHECK(d->places[i].line >= line && d->places[i].part <= d->part_count);
        line = d->places[i].line;
    }
    for (size_t i = 0; i < d->note_count; i++)
        CHECK(*plan_note_text(d->notes[i].code) && d->notes[i].words);
    for (size_t i = 0; i < d->leftover_count; i++)
        CHECK(d->leftovers[i].text && d->leftovers[i].first_line <= d->leftovers[i].last_line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf text = BUF_INIT;
    struct arena arena;
    struct plan_document document;
    arena_init(&arena, PLAN_READ_ARENA);
    if (text_decode(slice_of(data, size), &text) == ERR_OK) {
        uint8_t *exact = exact_copy(buf_slice(&text));
        enum err e = plan_read(slice_of(exact, text.size), &arena, &document);
        CHECK(e != ERR_MEMORY);
        if (e == ERR_OK)
            look_at(&document);
        free(exact);
    }
    arena_finish(&arena);
    buf_finish(&text);
    return 0;
}
