#pragma once
/* Columns on a terminal: widths by what characters take there (Chinese ones two), the last column free. */
#include "base/slice.h"

struct grid;
struct grid *grid_create(size_t columns);
void grid_destroy(struct grid *g);
void grid_cell(struct grid *g, const char *text); /* row by row; copied */
void grid_print(const struct grid *g, struct buf *out);
