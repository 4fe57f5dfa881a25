#pragma once
/* Gives every piece of a part its place: the chapters' texts, the months and quarters of the schedule, the items under
 * them. */
#include "client/reader/plan_parts.h"

/* What is found to say about a piece on the way; the piece tells line and words. */
struct plan_remarks {
    struct {
        size_t piece;
        enum plan_note_code code;
    } * list;
    size_t count; /* the list has room for three a piece */
};

/* Sets place, month_lost and, for items, when of the pieces from span->body on. */
void plan_schedule_read(struct plan_pieces *pieces, const struct plan_span *span, struct plan_remarks *remarks);
