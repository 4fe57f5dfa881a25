#include "csv/csv_writer.h"
#include <string.h>

struct csv_writer csv_begin(struct buf *out, enum csv_mark mark)
{
    if (mark == CSV_BOM)
        buf_append(out, "\xef\xbb\xbf", 3);
    return (struct csv_writer){.out = out};
}

/* Whatever begins like a formula, behind any number of guards. */
static bool begins_formula(struct slice text)
{
    size_t at = 0;
    while (at < text.size && text.data[at] == '\'')
        at++;
    return at < text.size && memchr("=+-@\t\r", text.data[at], 6) != NULL;
}

struct slice csv_unguarded(struct slice text)
{
    bool guarded = text.size > 1 && text.data[0] == '\'' && begins_formula(text);
    return guarded ? slice_of(text.data + 1, text.size - 1) : text;
}

/* Besides what RFC 4180 asks for: signs that readers take for separators, and spaces at the ends, which they trim. */
static bool needs_quotes(struct slice value)
{
    for (size_t i = 0; i < value.size; i++)
        if (memchr(",;\"\t\r\n", value.data[i], 6) != NULL)
            return true;
    return value.size > 0 && (value.data[0] == ' ' || value.data[value.size - 1] == ' ');
}

static void write_quoted(struct buf *out, const char *guard, struct slice value)
{
    buf_byte(out, '"');
    buf_text(out, guard);
    for (size_t i = 0; i < value.size; i++) {
        if (value.data[i] == '"')
            buf_byte(out, '"');
        buf_byte(out, value.data[i]);
    }
    buf_byte(out, '"');
}

static void write_cell(struct csv_writer *w, const char *guard, struct slice value)
{
    bool first = !w->in_row;
    if (!first)
        buf_byte(w->out, ',');
    w->in_row = true;
    if (needs_quotes(value) || (first && value.size == 0)) { /* a row of one empty cell is no blank line */
        write_quoted(w->out, guard, value);
        return;
    }
    buf_text(w->out, guard);
    buf_append_slice(w->out, value);
}

void csv_write_text(struct csv_writer *w, struct slice text)
{
    write_cell(w, begins_formula(text) ? "'" : "", text);
}

void csv_write_plain(struct csv_writer *w, struct slice value)
{
    write_cell(w, "", value);
}

void csv_end_row(struct csv_writer *w)
{
    buf_append(w->out, "\r\n", 2);
    w->in_row = false;
}
