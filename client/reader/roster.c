#include "client/reader/roster.h"
#include "base/limits.h"
#include "base/tr.h"
#include "client/reader/glyph.h"
#include "client/reader/roster_cell.h"
#include "client/reader/roster_heading.h"
#include "client/reader/roster_twice.h"
#include "kinds/refusal.h"
#include <stdlib.h>
#include <string.h>

#define WHOLE_ROW SIZE_MAX
#define NOTE_CELLS_MAX 2 /* a remark below the table fills one cell, or a label and a cell */

struct reading {
    const struct kind *kind;
    const struct csv_table *table;
    struct arena *arena;
    size_t header; /* index of its row */
    struct roster roster;
    struct roster_row *rows;
    struct buf findings;                       /* struct roster_finding, moved to the arena at the end */
    struct roster_cell cells[CSV_COLUMNS_MAX]; /* of the row that is being read */
};

static void add(struct reading *r, struct roster_finding f)
{
    buf_append(&r->findings, &f, sizeof f);
}

static struct roster_finding at_cell(const struct reading *r, uint32_t line, enum severity severity, size_t column)
{
    struct roster_finding f = {.line = line, .severity = severity};
    if (column != WHOLE_ROW) {
        f.column = r->roster.columns[column].heading;
        f.column_number = (uint32_t)column + 1;
        f.field = r->roster.columns[column].field;
    }
    return f;
}

static void add_problem(struct reading *r, uint32_t line, enum severity severity, size_t column,
                        enum roster_problem problem)
{
    struct roster_finding f = at_cell(r, line, severity, column);
    f.problem = problem;
    add(r, f);
}

static bool is_blank(const char *cell)
{
    return glyph_trim(slice_text(cell)).size == 0;
}

/* ---- columns ---- */

static void tell_columns(struct reading *r)
{
    for (size_t i = 0; i < r->header; i++)
        add_problem(r, r->table->rows[i].line, SEVERITY_WARN, WHOLE_ROW, ROSTER_ABOVE_HEADER);
    for (size_t i = 0; i < r->roster.column_count; i++) {
        const struct roster_column *c = &r->roster.columns[i];
        if (c->use == ROSTER_UNKNOWN)
            add_problem(r, r->roster.header_line, SEVERITY_WARN, i, ROSTER_UNKNOWN_COLUMN);
        if (c->use == ROSTER_SECOND)
            add_problem(r, r->roster.header_line, SEVERITY_WARN, i, ROSTER_SECOND_COLUMN);
    }
}

/* A column without heading is worth a word only if something stands in it. */
static void tell_nameless(struct reading *r)
{
    for (size_t i = 0; i < r->roster.column_count; i++) {
        bool filled = false;
        for (size_t k = r->header + 1; k < r->table->count && !filled; k++)
            filled = i < r->table->rows[k].count && !is_blank(r->table->rows[k].cells[i]);
        if (r->roster.columns[i].use == ROSTER_NAMELESS && filled)
            add_problem(r, r->roster.header_line, SEVERITY_WARN, i, ROSTER_NAMELESS_COLUMN);
    }
}

/* ---- values ---- */

static const char *told(const struct field_rule *f, const char *text)
{
    return f->flags & FIELD_SENSITIVE || strlen(text) > 60 ? NULL : text;
}

/* The value, with all that blocks it in findings. */
static enum err read_value(struct reading *r, const struct field_rule *f, const char *text, struct cell *out,
                           struct findings *found)
{
    enum err e = value_parse(f, text, r->arena, out);
    if (e == ERR_MEMORY)
        return e;
    if (e != ERR_OK) {
        findings_add(found, SEVERITY_BLOCK, value_refusal(f, e), f->name, e == ERR_TOO_LONG ? NULL : told(f, text),
                     NULL);
        return ERR_OK;
    }
    kind_check_value(r->kind, f, *out, found);
    return ERR_OK;
}

/* Warnings come with the whole record. */
static void add_findings(struct reading *r, uint32_t line, size_t column, const struct findings *found)
{
    for (size_t i = 0; i < found->count; i++) {
        struct roster_finding f = at_cell(r, line, SEVERITY_BLOCK, column);
        if (found->list[i].severity != SEVERITY_BLOCK)
            continue;
        f.code = found->list[i].code;
        memcpy(f.argument, found->list[i].argument, sizeof f.argument);
        add(r, f);
    }
}

/* A code may be called 无; everywhere else such a sign leaves the field empty. */
static bool says_nothing(const struct field_rule *f, struct slice text, const struct roster_cell *cell)
{
    return roster_cell_is_nothing(text) && (f->type != FIELD_CODE || cell->wrong);
}

/* A date as only rosters and spreadsheets have it, told and put in its full form. A birth date is not made up: what is not
 * written stays empty (cell->written NULL). */
static enum err mend_date(struct reading *r, uint32_t line, size_t column, struct slice text, struct roster_cell *cell)
{
    struct date d;
    enum roster_date how;
    char whole[DATE_TEXT_SIZE];
    if (cell->field->type != FIELD_DATE || roster_cell_date(text, &d, &how) != ERR_OK)
        return ERR_OK;
    bool birth = how == ROSTER_DATE_MONTH && cell->field->flags & FIELD_SENSITIVE;
    add_problem(r, line, SEVERITY_WARN, column,
                birth                      ? ROSTER_MONTH_BIRTH
                : how == ROSTER_DATE_MONTH ? ROSTER_MONTH_ONLY
                                           : ROSTER_COUNTED_DATE);
    date_text(d, whole);
    cell->written = birth ? NULL : arena_text(r->arena, slice_text(whole));
    return birth || cell->written ? ERR_OK : ERR_MEMORY;
}

static bool holds_a_name(const struct kind *k, const struct field_rule *f)
{
    for (size_t i = 0; k->naming != NULL && k->naming[i] != NULL; i++)
        if (strcmp(k->naming[i], f->name) == 0)
            return true;
    return f->type == FIELD_REFERENCE;
}

/* As it is read from here on; NULL: no memory. */
static const char *written_text(struct reading *r, const struct field_rule *f, struct slice text)
{
    struct buf name = BUF_INIT;
    if (holds_a_name(r->kind, f))
        roster_cell_name(text, &name);
    const char *written = arena_text(r->arena, name.size > 0 ? buf_slice(&name) : text);
    buf_finish(&name);
    return written;
}

static enum err judge_cell(struct reading *r, const struct roster_column *c, struct roster_cell *cell,
                           struct findings *found)
{
    enum err e = ERR_OK;
    if (c->field->type != FIELD_REFERENCE)
        e = read_value(r, c->field, cell->written, &cell->value, found);
    cell->wrong = findings_block(found) != NULL;
    return e;
}

static enum err read_cell(struct reading *r, struct roster_row *row, size_t column, struct slice text)
{
    const struct roster_column *c = &r->roster.columns[column];
    struct roster_cell cell = {.field = c->field, .column = (uint32_t)column, .written = written_text(r, c->field, text)};
    struct findings found = {.count = 0};
    if (cell.written == NULL)
        return ERR_MEMORY;
    enum err mended = mend_date(r, row->line, column, text, &cell);
    if (mended != ERR_OK || cell.written == NULL)
        return mended;
    if (roster_cell_is_shortened(c->field, text)) {
        add_problem(r, row->line, SEVERITY_BLOCK, column, ROSTER_SHORTENED);
        cell.wrong = true;
    } else {
        enum err e = judge_cell(r, c, &cell, &found);
        if (e != ERR_OK)
            return e;
        if (says_nothing(c->field, text, &cell))
            return ERR_OK;
        add_findings(r, row->line, column, &found);
    }
    if (cell.wrong)
        cell.value = (struct cell){.type = CELL_ABSENT};
    row->wrong = row->wrong || cell.wrong;
    r->cells[row->cell_count++] = cell;
    return ERR_OK;
}

static void read_id(struct reading *r, struct roster_row *row, size_t column, const char *text)
{
    row->has_id = id_parse(text, &row->id) == ERR_OK;
    if (row->has_id)
        return;
    add_problem(r, row->line, SEVERITY_BLOCK, column, ROSTER_NOT_AN_ID);
    row->wrong = true;
}

static enum err read_cells(struct reading *r, struct roster_row *row, const struct csv_row *from)
{
    for (size_t i = 0; i < from->count && i < r->roster.column_count; i++) {
        struct slice text = roster_cell_text(from->cells[i]);
        enum roster_use use = r->roster.columns[i].use;
        if (text.size == 0)
            continue;
        if (use == ROSTER_ID)
            read_id(r, row, i, from->cells[i]);
        if (use != ROSTER_FIELD && use != ROSTER_NUMBERED)
            continue;
        enum err e = read_cell(r, row, i, text);
        if (e != ERR_OK)
            return e;
    }
    struct roster_cell *cells = arena_alloc(r->arena, row->cell_count * sizeof *cells);
    if (cells == NULL)
        return ERR_MEMORY;
    memcpy(cells, r->cells, row->cell_count * sizeof *cells);
    row->cells = cells;
    return ERR_OK;
}

/* ---- rows ---- */

static size_t filled_cells(const struct csv_row *row, const char **first)
{
    size_t n = 0;
    for (size_t i = 0; i < row->count; i++) {
        if (is_blank(row->cells[i]))
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

static bool is_header_again(const struct reading *r, const struct csv_row *row)
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
static enum roster_problem kind_of_row(const struct reading *r, const struct csv_row *row, const char *first,
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

static void check_width(struct reading *r, struct roster_row *row, const struct csv_row *from)
{
    for (size_t i = r->roster.column_count; i < from->count; i++) {
        if (is_blank(from->cells[i]))
            continue;
        add_problem(r, row->line, SEVERITY_BLOCK, WHOLE_ROW, ROSTER_TOO_MANY_CELLS);
        row->wrong = true;
        return;
    }
    if (from->count < r->roster.column_count)
        add_problem(r, row->line, SEVERITY_WARN, WHOLE_ROW, ROSTER_TOO_FEW_CELLS);
}

static bool holds_open_quote(const struct reading *r, size_t row)
{
    return r->table->open_quote != 0 && row + 1 == r->table->count;
}

static enum err read_row(struct reading *r, size_t i)
{
    const struct csv_row *from = &r->table->rows[i];
    const char *first = "";
    size_t filled = filled_cells(from, &first);
    if (filled == 0)
        return ERR_OK;
    enum roster_problem other = kind_of_row(r, from, first, filled);
    if (other != ROSTER_NONE) {
        add_problem(r, from->line, SEVERITY_WARN, WHOLE_ROW, other);
        return ERR_OK;
    }
    struct roster_row *row = &r->rows[r->roster.row_count];
    *row = (struct roster_row){.line = from->line};
    if (holds_open_quote(r, i)) {
        add_problem(r, from->line, SEVERITY_BLOCK, WHOLE_ROW, ROSTER_OPEN_QUOTE);
        row->wrong = true;
    } else {
        check_width(r, row, from);
        enum err e = read_cells(r, row, from);
        if (e != ERR_OK)
            return e;
    }
    if (row->cell_count == 0 && !row->has_id && !row->wrong) /* a serial number alone: an unused line of a form */
        return ERR_OK;
    r->roster.row_count++;
    return ERR_OK;
}

/* ---- the whole ---- */

static int by_line(const void *a, const void *b)
{
    const struct roster_finding *x = a, *y = b;
    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    if (x->column_number != y->column_number)
        return x->column_number < y->column_number ? -1 : 1;
    return (int)x->problem - (int)y->problem;
}

/* Findings on rows by line and column, each row with its own. */
static enum err finish(struct reading *r, size_t on_table)
{
    size_t count = r->findings.size / sizeof(struct roster_finding);
    struct roster_finding *list = arena_alloc(r->arena, r->findings.size);
    if (list == NULL)
        return ERR_MEMORY;
    if (count > 0)
        memcpy(list, r->findings.data, r->findings.size);
    qsort(list + on_table, count - on_table, sizeof *list, by_line);
    size_t at = on_table;
    for (size_t i = 0; i < r->roster.row_count; i++) {
        struct roster_row *row = &r->rows[i];
        while (at < count && list[at].line < row->line)
            at++;
        row->first_finding = at;
        while (at < count && list[at].line == row->line)
            at++;
        row->finding_count = at - row->first_finding;
        r->roster.wrong = r->roster.wrong || row->wrong;
    }
    r->roster.findings = list;
    r->roster.finding_count = count;
    r->roster.rows = r->rows;
    return ERR_OK;
}

static enum err read_rows(struct reading *r)
{
    r->rows = arena_alloc(r->arena, r->table->count * sizeof *r->rows);
    if (r->rows == NULL)
        return ERR_MEMORY;
    tell_columns(r);
    tell_nameless(r);
    size_t on_table = r->findings.size / sizeof(struct roster_finding);
    for (size_t i = r->header + 1; i < r->table->count; i++) {
        enum err e = read_row(r, i);
        if (e != ERR_OK)
            return e;
    }
    enum err e = roster_find_twice(r->kind, r->rows, r->roster.row_count, r->roster.columns, &r->findings);
    return e != ERR_OK ? e : finish(r, on_table);
}

enum err roster_read(const struct kind *kind, const struct csv_table *table, const struct roster_map *map,
                     size_t map_count, struct arena *arena, struct roster *out, struct roster_fault *fault)
{
    struct roster_column *columns;
    size_t header;
    enum err e = roster_header_find(kind, table, map, map_count, arena, &header, &columns, fault);
    if (e != ERR_OK)
        return e;
    struct reading *r = arena_alloc(arena, sizeof *r); /* too large for a stack */
    if (r == NULL)
        return ERR_MEMORY;
    *r = (struct reading){.kind = kind, .table = table, .arena = arena, .header = header};
    r->roster = (struct roster){
        .header_line = table->rows[header].line, .columns = columns, .column_count = table->rows[header].count};
    e = read_rows(r);
    buf_finish(&r->findings);
    if (e == ERR_OK)
        *out = r->roster;
    return e;
}

/* ---- sentences ---- */

void roster_finding_text(const struct kind *kind, const struct roster_finding *f, enum language language,
                         struct buf *out)
{
    static const char *const texts[] = {
#define X(name, text) text,
        ROSTER_PROBLEM_LIST(X)
#undef X
    };
    if (f->code != NULL) {
        refusal_text(kind, f->code, f->field ? f->field->name : NULL, f->argument, 3, f->code, language, out);
        return;
    }
    const char *text = tr(texts[f->problem]), *mark = strstr(text, "%u");
    if (mark == NULL) {
        buf_text(out, text);
        return;
    }
    buf_append(out, text, (size_t)(mark - text));
    buf_format(out, "%u", f->other_line);
    buf_text(out, mark + 2);
}
