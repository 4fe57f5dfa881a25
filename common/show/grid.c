/* See grid.h. */
#include "show/grid.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GAP 2 /* blanks between two columns */

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
    if (!g)
        return;
    for (size_t i = 0; i < g->count; i++)
        free(g->cells[i]);
    free(g->cells);
    free(g);
}

/* ---- cells ---- */

static bool moves_cursor(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x2028 || c == 0x2029;
}

static char *plain(const char *text)
{
    struct slice s = slice_text(text);
    struct buf out = BUF_INIT;
    size_t at = 0;
    while (at < s.size) {
        uint32_t c = text_next(s, &at);
        text_put(&out, moves_cursor(c) ? ' ' : c);
    }
    char *copy = strdup(buf_c_string(&out));
    buf_finish(&out);
    CHECK(copy);
    return copy;
}

void grid_cell(struct grid *g, const char *text)
{
    if (g->count == g->capacity) {
        g->capacity = g->capacity ? g->capacity * 2 : 64;
        g->cells = realloc(g->cells, g->capacity * sizeof *g->cells);
        CHECK(g->cells);
    }
    g->cells[g->count++] = plain(text ? text : "");
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
    for (size_t i = column; i < g->count; i += g->columns) {
        size_t width = text_columns(slice_text(g->cells[i]));
        widest = width > widest ? width : widest;
    }
    return widest;
}

static void put_blanks(struct buf *out, size_t count)
{
    while (count-- > 0)
        buf_byte(out, ' ');
}

void grid_print(const struct grid *g, struct buf *out)
{
    size_t *widths = calloc(g->columns, sizeof *widths);
    CHECK(widths && g->count % g->columns == 0);
    for (size_t c = 0; c < g->columns; c++)
        widths[c] = width_of(g, c);
    for (size_t i = 0; i < g->count; i++) {
        size_t column = i % g->columns;
        buf_text(out, g->cells[i]);
        if (column + 1 == g->columns)
            buf_byte(out, '\n');
        else
            put_blanks(out, widths[column] + GAP - text_columns(slice_text(g->cells[i])));
    }
    free(widths);
}
