/* libcsv parses; what it does not tell (the line on which a row begins) is known by feeding it a line at a time. */
#include "csv/csv_reader.h"
#include "base/limits.h"
#include "csv/csv_writer.h"
#include <csv.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_LOOKED_AT 10 /* for the separator: titles may stand above the header */
#define SIGNS 3
static const char signs[SIGNS] = {',', ';', '\t'};

struct reading {
    struct arena *arena;
    struct csv_row *rows;
    size_t count;
    const char *cells[CSV_COLUMNS_MAX]; /* of the row that is being read */
    size_t cell_count;
    uint32_t line;  /* on which that row began */
    bool row_ended; /* during the last feed */
    enum err failed;
};

/* ---- what libcsv calls ---- */

static void on_cell(void *bytes, size_t size, void *to)
{
    struct reading *r = to;
    struct slice text = csv_unguarded(slice_of(bytes, size));
    const char *cell = text.size == 0 ? "" : arena_text(r->arena, text);
    if (r->failed == ERR_OK && (cell == NULL || r->cell_count == CSV_COLUMNS_MAX))
        r->failed = cell == NULL ? ERR_MEMORY : ERR_TOO_LONG;
    if (r->failed == ERR_OK)
        r->cells[r->cell_count++] = cell;
}

static void on_row(int end, void *to)
{
    (void)end;
    struct reading *r = to;
    r->row_ended = true;
    if (r->failed == ERR_OK && r->count == LIMIT_IMPORT_ROWS)
        r->failed = ERR_TOO_LONG;
    if (r->failed != ERR_OK)
        return;
    const char **cells = arena_alloc(r->arena, r->cell_count * sizeof *cells);
    if (cells == NULL) {
        r->failed = ERR_MEMORY;
        return;
    }
    memcpy(cells, r->cells, r->cell_count * sizeof *cells);
    r->rows[r->count++] = (struct csv_row){r->line, cells, r->cell_count};
    r->cell_count = 0;
}

/* ---- lines ---- */

/* With its end; CR LF, LF and CR all end a line. */
static bool next_line(struct slice text, size_t *at, struct slice *line)
{
    size_t end = *at;
    if (end >= text.size)
        return false;
    while (end < text.size && text.data[end] != '\n' && text.data[end] != '\r')
        end++;
    if (end + 1 < text.size && text.data[end] == '\r' && text.data[end + 1] == '\n')
        end++;
    if (end < text.size)
        end++;
    *line = slice_of(text.data + *at, end - *at);
    *at = end;
    return true;
}

static bool is_blank(struct slice line)
{
    for (size_t i = 0; i < line.size; i++)
        if (line.data[i] != ' ' && line.data[i] != '\t' && line.data[i] != '\r' && line.data[i] != '\n')
            return false;
    return true;
}

static void count_signs(struct slice line, bool *quoted, size_t counts[SIGNS])
{
    for (size_t i = 0; i < line.size; i++) {
        const char *sign = *quoted ? NULL : memchr(signs, line.data[i], SIGNS);
        *quoted = *quoted != (line.data[i] == '"');
        if (sign != NULL)
            counts[sign - signs]++;
    }
}

static int descending(const void *a, const void *b)
{
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return x < y ? 1 : x > y ? -1 : 0;
}

/* The sign of which half the first rows have most: titles above the header have few, and what stands in some cells
 * counts little. Only a file of a title and one row more is judged by its fullest row. */
static char find_separator(struct slice text)
{
    size_t rows[SIGNS][ROWS_LOOKED_AT] = {{0}}, count = 0, at = 0;
    bool quoted = false;
    for (struct slice line; count < ROWS_LOOKED_AT && next_line(text, &at, &line);) {
        size_t here[SIGNS] = {0};
        bool blank = !quoted && is_blank(line);
        count_signs(line, &quoted, here);
        for (size_t i = 0; i < SIGNS; i++)
            rows[i][count] += here[i];
        count += !quoted && !blank;
    }
    for (size_t i = 0; i < SIGNS; i++)
        qsort(rows[i], count, sizeof rows[i][0], descending);
    size_t half = 0, most = 0;
    for (size_t i = 1; i < SIGNS; i++) {
        half = rows[i][count / 2] > rows[half][count / 2] ? i : half;
        most = rows[i][0] > rows[most][0] ? i : most;
    }
    return signs[count == 0 || rows[half][count / 2] > 0 ? half : most];
}

/* ---- full-width commas ---- */

#define FULL_COMMA "\xef\xbc\x8c" /* ， */
#define FULL_COMMA_SIZE 3u

/* Typed with a Chinese keyboard: it has such commas outside of quotes, and no sign that separates. */
static bool is_typed_full(struct slice line, char separator)
{
    bool quoted = false, full = false;
    for (size_t i = 0; i < line.size; i++) {
        quoted = quoted != (line.data[i] == '"');
        if (!quoted && line.data[i] == (uint8_t)separator)
            return false;
        full = full || (!quoted && line.size - i >= FULL_COMMA_SIZE && memcmp(line.data + i, FULL_COMMA, FULL_COMMA_SIZE) == 0);
    }
    return full;
}

static void put_narrow(struct slice line, char separator, struct buf *out)
{
    bool quoted = false;
    for (size_t i = 0; i < line.size; i++) {
        bool full = line.size - i >= FULL_COMMA_SIZE && memcmp(line.data + i, FULL_COMMA, FULL_COMMA_SIZE) == 0;
        quoted = quoted != (line.data[i] == '"');
        buf_byte(out, full && !quoted ? (uint8_t)separator : line.data[i]);
        i += full && !quoted ? FULL_COMMA_SIZE - 1 : 0;
    }
}

/* Where the first line was typed so, all that were are read so: the others have a separator. A sheet of one column, in whose cells such a
 * comma is a comma, has a first line without any. */
static void narrow_commas(struct buf *text, char separator)
{
    struct buf narrow = BUF_INIT;
    struct slice line, all = buf_slice(text);
    bool first = true, any = false;
    for (size_t at = 0; next_line(all, &at, &line);) {
        bool full = is_typed_full(line, separator);
        any = first ? full : any;
        first = first && is_blank(line);
        if (any && full)
            put_narrow(line, separator, &narrow);
        else
            buf_append_slice(&narrow, line);
    }
    if (any) {
        buf_finish(text);
        *text = narrow;
    } else {
        buf_finish(&narrow);
    }
}

static size_t count_lines(struct slice text)
{
    size_t lines = 0, at = 0;
    for (struct slice line; next_line(text, &at, &line);)
        lines++;
    return lines;
}

/* ---- reading ---- */

static enum err feed(struct reading *r, struct csv_parser *parser, struct slice line)
{
    r->row_ended = false;
    size_t taken = csv_parse(parser, line.data, line.size, on_cell, on_row, r);
    return taken == line.size ? r->failed : ERR_MEMORY; /* nothing else stops it while it is not strict */
}

static enum err feed_all(struct reading *r, struct csv_parser *parser, struct slice text, uint32_t *open_quote)
{
    bool within = false; /* quotes that a line before has opened */
    uint32_t number = 1;
    size_t at = 0;
    enum err e = ERR_OK;
    for (struct slice line; e == ERR_OK && next_line(text, &at, &line); number++) {
        if (!within)
            r->line = number;
        e = feed(r, parser, line);
        if (r->row_ended)
            within = false;
        else if (!is_blank(line))
            within = true;
    }
    if (e != ERR_OK)
        return e;
    /* Strict at the end alone: then it tells of a quote left open, but keeps the row; asked again without, it gives it.
     */
    csv_set_opts(parser, CSV_APPEND_NULL | CSV_STRICT | CSV_STRICT_FINI);
    if (csv_fini(parser, on_cell, on_row, r) != 0) {
        *open_quote = r->line;
        csv_set_opts(parser, CSV_APPEND_NULL);
        if (csv_fini(parser, on_cell, on_row, r) != 0)
            return ERR_MEMORY;
    }
    return r->failed;
}

enum err csv_read(struct slice file, struct arena *arena, struct csv_table *out)
{
    if (file.size > LIMIT_IMPORT_FILE)
        return ERR_TOO_LONG;
    struct buf text = BUF_INIT;
    enum err e = text_decode(file, &text);
    if (e != ERR_OK)
        return e;
    struct csv_table table = {.separator = find_separator(buf_slice(&text))};
    narrow_commas(&text, table.separator);
    struct reading r = {.arena = arena};
    struct csv_parser parser;
    if (csv_init(&parser, CSV_APPEND_NULL) != 0) {
        buf_finish(&text);
        return ERR_MEMORY;
    }
    csv_set_delim(&parser, (unsigned char)table.separator);
    size_t lines = count_lines(buf_slice(&text));
    r.rows = arena_alloc(arena, (lines < LIMIT_IMPORT_ROWS ? lines : LIMIT_IMPORT_ROWS) * sizeof *r.rows);
    e = r.rows == NULL ? ERR_MEMORY : feed_all(&r, &parser, buf_slice(&text), &table.open_quote);
    csv_free(&parser);
    buf_finish(&text);
    if (e != ERR_OK)
        return e;
    table.rows = r.rows;
    table.count = r.count;
    *out = table;
    return ERR_OK;
}
