/* See grid.h. */
#include "show/grid.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

struct grid {
    size_t columns, count, capacity;
    char **cells;
};

struct grid *grid_create(size_t columns)
{
    struct grid *g = calloc(1, sizeof *g);
    CHECK(g && columns > 0);
    g->columns = columns;
    return g;
}

void grid_destroy(struct grid *g)
{
    for (size_t i = 0; g && i < g->count; i++)
        free(g->cells[i]);
    if (g)
        free(g->cells);
    free(g);
}

void grid_cell(struct grid *g, const char *text)
{
    if (g->count == g->capacity) {
        g->capacity = g->capacity ? g->capacity * 2 : 64;
        g->cells = realloc(g->cells, g->capacity * sizeof *g->cells);
        CHECK(g->cells);
    }
    g->cells[g->count] = strdup(text);
    CHECK(g->cells[g->count]);
    g->count++;
}

static size_t width_of(const struct grid *g, size_t column)
{
    size_t widest = 0;
    for (size_t i = column; i < g->count; i += g->columns) {
        size_t width = text_columns(slice_text(g->cells[i]));
        if (width > widest)
            widest = width;
    }
    return widest;
}

void grid_print(const struct grid *g, struct buf *out)
{
    size_t *widths = calloc(g->columns, sizeof *widths);
    CHECK(widths);
    for (size_t c = 0; c < g->columns; c++)
        widths[c] = width_of(g, c);
    for (size_t i = 0; i < g->count; i++) {
        size_t column = i % g->columns;
        buf_text(out, g->cells[i]);
        if (column + 1 == g->columns) {
            buf_byte(out, '\n');
            continue;
        }
        for (size_t w = text_columns(slice_text(g->cells[i])); w < widths[column] + 2; w++)
            buf_byte(out, ' ');
    }
    free(widths);
}
