#pragma once
/* Columns on a terminal: widths by what characters take there (Chinese ones two), the last column free. A cell is one
 * line of plain text: what would move the cursor (line ends, escapes) is shown as a blank, since other people wrote it.
 */
#include "base/slice.h"

struct grid;
struct grid *grid_create(size_t columns);
void grid_destroy(struct grid *g);
/* Cells go row by row, each copied. */
void grid_cell(struct grid *g, const char *text); /* NULL: empty */
void grid_format(struct grid *g, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Takes what the buf holds, and empties it. */
void grid_take(struct grid *g, struct buf *cell);
/* The last row must be whole (CHECKed). */
void grid_print(const struct grid *g, struct buf *out);
