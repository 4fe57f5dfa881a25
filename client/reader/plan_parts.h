#pragma once
/* Where the parts of a document begin, what their headings are, and which lines belong to none: a part begins at 篇N,
 * at a title behind another part's body, or where top-level numbering starts again at 一、. */
#include "client/reader/plan_piece.h"

struct plan_span {
    size_t from, to;       /* pieces; to is behind the last */
    size_t body;           /* the first piece behind the heading lines, which are marked PLAN_PLACE_HEADING */
    struct slice title[2]; /* lines of the title, without 篇N; empty if there are none */
};

/* Marks pieces outside of every part, and web sites' lines within, as leftover. */
enum err plan_parts_read(struct plan_pieces *pieces, struct arena *arena, struct plan_span **out,
                         size_t *count) MUST_CHECK;
