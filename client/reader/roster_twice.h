#pragma once
/* The same record twice in one file, by the fields that tell a kind's records apart (kinds/kind.h, identity). */
#include "client/reader/roster.h"

/* Appends findings (struct roster_finding) and marks rows as wrong: the first of the identity's fields may stand only
 * once, and so may the record's own id; of a later one (a name) a second row is only told, if no earlier field tells
 * the two apart. */
enum err roster_find_twice(const struct kind *kind, struct roster_row *rows, size_t count,
                           const struct roster_column *columns, struct buf *findings) MUST_CHECK;
