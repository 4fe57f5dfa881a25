/* Rows: which are records, which are sums, remarks and headings once more. */
#include "client/reader/glyph.h"
#include "client/reader/roster_heading.h"
#include "client/reader/roster_reading.h"

#include <string.h>

#define NOTE_CELLS_MAX 2 /* a remark below the table fills one cell, or a label and a cell */

bool roster_is_blank(const char *cell)
{
    return glyph_trim(slice_text(cell)).size == 0;
}

static size_t filled_cells(const struct csv_row *row, const char **first)
{
    size_t n = 0;
    for (size_t i = 0; i < row->count; i++) {
        if (roster_is_blank(row->cells[i]))
            continue;
        if (n++ == 0)
            *first = row->cells[i];
    }
    return n;
}

static bool starts_with_any(const char *cell, const char *const *words)
{
    struct buf folded = BUF_INIT;
    roster_heading_fold(slice_text(cell), &folded);
    bool found = false;
    for (; *words != NULL && !found; words++)
        found = glyph_starts(buf_slice(&folded), *words);
    buf_finish(&folded);
    return found;
}

static bool is_header_again(const struct roster_reading *r, const struct csv_row *row)
{
    const struct csv_row *header = &r->table->rows[r->header];
    if (row->count < header->count)
        return false;
    for (size_t i = 0; i < header->count; i++)
        if (strcmp(row->cells[i], header->cells[i]) != 0)
            return false;
    return true;
}

static bool has_colon(const char *cell)
{
    return strchr(cell, ':') != NULL || strstr(cell, "：") != NULL;
}

/* What a row is if it is no record; NONE if it is one. */
static enum roster_problem kind_of_row(const struct roster_reading *r, const struct csv_row *row, const char *first,
                                       size_t filled)
{
    static const char *const sums[] = {"合计", "总计", "小计", "共计", "总人数", "合计人数", NULL};
    static const char *const notes[] = {"填表", "制表", "填报", "审核",   "单位", "负责人",
                                        "说明", "备注", "注",   "联系人", "日期", NULL};
    if (is_header_again(r, row))
        return ROSTER_HEADER_AGAIN;
    if (starts_with_any(first, sums))
        return ROSTER_TOTAL_ROW;
    if (filled <= NOTE_CELLS_MAX && r->roster.column_count > NOTE_CELLS_MAX && has_colon(first) &&
        starts_with_any(first, notes))
        return ROSTER_NOTE_ROW;
    return ROSTER_NONE;
}

static void check_width(struct roster_reading *r, struct roster_row *row, const struct csv_row *from)
{
    for (size_t i = r->roster.column_count; i < from->count; i++) {
        if (roster_is_blank(from->cells[i]))
            continue;
        roster_find_problem(r, row->line, SEVERITY_BLOCK, ROSTER_WHOLE_ROW, ROSTER_TOO_MANY_CELLS);
        row->wrong = true;
        return;
    }
    if (from->count < r->roster.column_count)
        roster_find_problem(r, row->line, SEVERITY_WARN, ROSTER_WHOLE_ROW, ROSTER_TOO_FEW_CELLS);
}

static bool holds_open_quote(const struct roster_reading *r, size_t row)
{
    return r->table->open_quote != 0 && row + 1 == r->table->count;
}

enum err roster_read_row(struct roster_reading *r, size_t i)
{
    const struct csv_row *from = &r->table->rows[i];
    const char *first = "";
    size_t filled = filled_cells(from, &first);
    if (filled == 0)
        return ERR_OK;
    enum roster_problem other = kind_of_row(r, from, first, filled);
    if (other != ROSTER_NONE) {
        roster_find_problem(r, from->line, SEVERITY_WARN, ROSTER_WHOLE_ROW, other);
        return ERR_OK;
    }
    struct roster_row *row = &r->rows[r->roster.row_count];
    *row = (struct roster_row){.line = from->line};
    if (holds_open_quote(r, i)) {
        roster_find_problem(r, from->line, SEVERITY_BLOCK, ROSTER_WHOLE_ROW, ROSTER_OPEN_QUOTE);
        row->wrong = true;
    } else {
        check_width(r, row, from);
        enum err e = roster_read_cells(r, row, from);
        if (e != ERR_OK)
            return e;
    }
    if (row->cell_count == 0 && !row->has_id && !row->wrong) /* a serial number alone: an unused line of a form */
        return ERR_OK;
    r->roster.row_count++;
    return ERR_OK;
}
