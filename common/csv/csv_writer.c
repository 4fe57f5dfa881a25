#include "csv/csv_writer.h"
#include <string.h>

struct csv_writer csv_begin(struct buf *out, enum csv_use use)
{
    if (use == CSV_FOR_SPREADSHEETS)
        buf_append(out, "\xef\xbb\xbf", 3);
    return (struct csv_writer){.out = out, .use = use};
}

/* Whatever begins like a formula, behind any number of guards. */
static bool begins_formula(struct slice text)
{
    size_t at = 0;
    while (at < text.size && text.data[at] == '\'')
        at++;
    return at < text.size && memchr("=+-@\t\r", text.data[at], 6) != NULL;
}

#define KEPT_MAX 255u /* of a text within a formula: Excel takes no longer one */

/* Holds a digit, and nothing that no number, date or time has: 110101..., 007, 2026-1, 1E5, 9月1日, MAR1. */
static bool looks_counted(struct slice text)
{
    static const char units[] = "年月日时分秒";
    bool digit = false;
    if (begins_formula(text))
        return false;
    for (size_t i = 0; i < text.size; i++) {
        uint8_t c = text.data[i];
        if (c >= 0x80) {
            if (text.size - i < 3 || memmem(units, sizeof units - 1, text.data + i, 3) == NULL)
                return false;
            i += 2;
        } else if (c >= '0' && c <= '9') {
            digit = true;
        } else if (!((c | 0x20) >= 'a' && (c | 0x20) <= 'z') && memchr(" ,-./:+%", c, 8) == NULL) {
            return false;
        }
    }
    return digit && text.size <= KEPT_MAX;
}

static bool is_kept(struct slice cell)
{
    return cell.size >= 3 && memcmp(cell.data, "=\"", 2) == 0 && memchr(cell.data + 2, '"', cell.size - 2) == cell.data + cell.size - 1;
}

struct slice csv_unguarded(struct slice cell)
{
    if (cell.size > 1 && cell.data[0] == '\'' && begins_formula(cell))
        return slice_of(cell.data + 1, cell.size - 1);
    return is_kept(cell) ? slice_of(cell.data + 2, cell.size - 3) : cell;
}

/* Besides what RFC 4180 asks for: signs that readers take for separators, and spaces at the ends, which they trim. */
static bool needs_quotes(struct slice value)
{
    for (size_t i = 0; i < value.size; i++)
        if (memchr(",;\"\t\r\n", value.data[i], 6) != NULL)
            return true;
    if (value.size >= 3 && memcmp(value.data, "\xef\xbb\xbf", 3) == 0)
        return true; /* as a file's first bytes it would be taken for its mark */
    return value.size > 0 && (value.data[0] == ' ' || value.data[value.size - 1] == ' ');
}

static void write_quoted(struct buf *out, struct slice value)
{
    buf_byte(out, '"');
    for (size_t i = 0; i < value.size; i++) {
        if (value.data[i] == '"')
            buf_byte(out, '"');
        buf_byte(out, value.data[i]);
    }
    buf_byte(out, '"');
}

static void next_cell(struct csv_writer *w)
{
    if (w->in_row)
        buf_byte(w->out, ',');
    w->in_row = true;
}

static void write_cell(struct csv_writer *w, struct slice value)
{
    bool first = !w->in_row;
    next_cell(w);
    if (needs_quotes(value) || (first && value.size == 0)) /* a row of one empty cell is no blank line */
        write_quoted(w->out, value);
    else
        buf_append_slice(w->out, value);
}

/* Not within quotes where it can be: LibreOffice, told that what is in quotes is text, would show the formula itself. */
static void write_kept(struct csv_writer *w, struct slice text)
{
    struct buf cell = BUF_INIT;
    buf_text(&cell, "=\"");
    buf_append_slice(&cell, text);
    buf_byte(&cell, '"');
    next_cell(w);
    if (memchr(text.data, ',', text.size) != NULL)
        write_quoted(w->out, buf_slice(&cell));
    else
        buf_append_slice(w->out, buf_slice(&cell));
    buf_finish(&cell);
}

void csv_write_text(struct csv_writer *w, struct slice text)
{
    struct buf cell = BUF_INIT;
    if (w->use == CSV_FOR_SPREADSHEETS && looks_counted(text)) {
        write_kept(w, text);
        return;
    }
    buf_text(&cell, begins_formula(text) ? "'" : "");
    buf_append_slice(&cell, text);
    write_cell(w, buf_slice(&cell));
    buf_finish(&cell);
}

void csv_write_plain(struct csv_writer *w, struct slice value)
{
    write_cell(w, value);
}

void csv_end_row(struct csv_writer *w)
{
    buf_append(w->out, "\r\n", 2);
    w->in_row = false;
}
