#pragma once
/* A document being read: what the steps of plan_read share. Each step fills its fields of one part; strings go to the
 * arena, remarks to the notes, for which make_room has reserved enough. */
#include "client/reader/plan_schedule.h"

struct plan_reading {
    struct arena *arena;
    struct plan_pieces pieces;
    struct plan_span *spans;
    size_t count;
    struct plan_part *parts;
    struct plan_remarks remarks;
    struct plan_note *notes;
    size_t note_count;
};

#define PLAN_NOTES_A_PART 8 /* of the steps below, besides those on single pieces */

/* Words of the document for a record: without control characters, which no field may hold; tabs as they are, or as
 * spaces. */
enum plan_tabs { PLAN_TABS_KEPT, PLAN_TABS_SPACED };
void plan_reading_append(struct buf *out, struct slice words, enum plan_tabs tabs);
/* Empty texts are "" and cost nothing. NULL over the arena's cap. */
const char *plan_reading_text(struct plan_reading *r, struct slice s);
enum err plan_reading_note(struct plan_reading *r, const struct plan_part *part, uint32_t line,
                           enum plan_note_code code, struct slice words) MUST_CHECK;

/* Items first: what their titles cannot hold goes to the texts. */
enum err plan_items_read(struct plan_reading *r, const struct plan_span *span, struct plan_part *part) MUST_CHECK;
enum err plan_texts_read(struct plan_reading *r, const struct plan_span *span, struct plan_part *part) MUST_CHECK;
/* Whether it is a plan, then its period; both look at what the steps before have found. */
enum err plan_judge(struct plan_reading *r, const struct plan_span *span, struct plan_part *part) MUST_CHECK;
/* At a line's end if there is one within the limit (which is below the text's size), else at a sign's end. */
size_t plan_fitting(struct slice text, size_t limit);
