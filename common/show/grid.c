/* See grid.h. */
#include "show/grid.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define GAP 2 /* blanks between two columns */

struct cell {
    size_t from, size; /* in the text of all */
    size_t width;      /* in columns of a terminal */
};

struct grid {
    size_t columns, count, capacity;
    struct cell *cells;
    struct buf text;
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
    if (!g)
        return;
    buf_finish(&g->text);
    free(g->cells);
    free(g);
}

/* ---- cells ---- */

void grid_cell(struct grid *g, const char *text)
{
    if (g->count == g->capacity) {
        g->capacity = g->capacity ? g->capacity * 2 : 64;
        g->cells = realloc(g->cells, g->capacity * sizeof *g->cells);
        CHECK(g->cells);
    }
    struct cell *cell = &g->cells[g->count++];
    cell->from = g->text.size;
    text_put_line(&g->text, slice_text(text));
    cell->size = g->text.size - cell->from;
    cell->width = cell->size ? text_columns(slice_of(g->text.data + cell->from, cell->size)) : 0;
}

void grid_format(struct grid *g, const char *format, ...)
{
    char *text;
    va_list arguments;
    va_start(arguments, format);
    int size = vasprintf(&text, format, arguments);
    va_end(arguments);
    CHECK(size >= 0);
    grid_cell(g, text);
    free(text);
}

void grid_take(struct grid *g, struct buf *cell)
{
    grid_cell(g, buf_c_string(cell));
    buf_finish(cell);
}

/* ---- lines ---- */

static size_t width_of(const struct grid *g, size_t column)
{
    size_t widest = 0;
    for (size_t i = column; i < g->count; i += g->columns)
        widest = g->cells[i].width > widest ? g->cells[i].width : widest;
    return widest;
}

static void put_blanks(struct buf *out, size_t count)
{
    static const char blanks[] = "                                ";
    for (size_t most = sizeof blanks - 1; count > 0;) {
        size_t part = count < most ? count : most;
        buf_append(out, blanks, part);
        count -= part;
    }
}

void grid_print(const struct grid *g, struct buf *out)
{
    size_t *widths = calloc(g->columns, sizeof *widths);
    CHECK(widths && g->count % g->columns == 0);
    for (size_t c = 0; c < g->columns; c++)
        widths[c] = width_of(g, c);
    for (size_t i = 0; i < g->count; i++) {
        const struct cell *cell = &g->cells[i];
        size_t column = i % g->columns;
        if (cell->size)
            buf_append(out, g->text.data + cell->from, cell->size);
        if (column + 1 == g->columns)
            buf_byte(out, '\n');
        else
            put_blanks(out, widths[column] + GAP - cell->width);
    }
    free(widths);
}
