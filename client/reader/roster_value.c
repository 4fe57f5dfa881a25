/* Cells: each value read as `banyan add` would read it, mended where spreadsheets and rosters have a form of their own. */
#include "base/limits.h"
#include "client/reader/glyph.h"
#include "client/reader/roster_cell.h"
#include "client/reader/roster_reading.h"
#include "kinds/refusal.h"

#include <string.h>

static const char *told(const struct field_rule *f, const char *text)
{
    return f->flags & FIELD_SENSITIVE || strlen(text) > 60 ? NULL : text;
}

/* The value, with all that blocks it in findings. */
static enum err read_value(struct roster_reading *r, const struct field_rule *f, const char *text, struct cell *out,
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
static void add_findings(struct roster_reading *r, uint32_t line, size_t column, const struct findings *found)
{
    for (size_t i = 0; i < found->count; i++) {
        struct roster_finding f = roster_finding_at(r, line, SEVERITY_BLOCK, column);
        if (found->list[i].severity != SEVERITY_BLOCK)
            continue;
        f.code = found->list[i].code;
        memcpy(f.argument, found->list[i].argument, sizeof f.argument);
        roster_find(r, f);
    }
}

/* A code may be called 无; everywhere else such a sign leaves the field empty. */
static bool says_nothing(const struct field_rule *f, struct slice text, const struct roster_cell *cell)
{
    return roster_cell_is_nothing(text) && (f->type != FIELD_CODE || cell->wrong);
}

/* A date as only rosters and spreadsheets have it, told and put in its full form. A birth date is not made up: what is not
 * written stays empty (cell->written NULL). */
static enum err mend_date(struct roster_reading *r, uint32_t line, size_t column, struct slice text, struct roster_cell *cell)
{
    struct date d;
    enum roster_date how;
    char whole[DATE_TEXT_SIZE];
    if (cell->field->type != FIELD_DATE || roster_cell_date(text, &d, &how) != ERR_OK)
        return ERR_OK;
    bool birth = how == ROSTER_DATE_MONTH && cell->field->flags & FIELD_SENSITIVE;
    roster_find_problem(r, line, SEVERITY_WARN, column,
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
static const char *written_text(struct roster_reading *r, const struct field_rule *f, struct slice text)
{
    struct buf name = BUF_INIT;
    if (holds_a_name(r->kind, f))
        roster_cell_name(text, &name);
    const char *written = arena_text(r->arena, name.size > 0 ? buf_slice(&name) : text);
    buf_finish(&name);
    return written;
}

static enum err judge_cell(struct roster_reading *r, const struct roster_column *c, struct roster_cell *cell,
                           struct findings *found)
{
    enum err e = ERR_OK;
    if (c->field->type != FIELD_REFERENCE)
        e = read_value(r, c->field, cell->written, &cell->value, found);
    cell->wrong = findings_block(found) != NULL;
    return e;
}

static enum err read_cell(struct roster_reading *r, struct roster_row *row, size_t column, struct slice text)
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
        roster_find_problem(r, row->line, SEVERITY_BLOCK, column, ROSTER_SHORTENED);
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

static void read_id(struct roster_reading *r, struct roster_row *row, size_t column, const char *text)
{
    row->has_id = id_parse(text, &row->id) == ERR_OK;
    if (row->has_id)
        return;
    roster_find_problem(r, row->line, SEVERITY_BLOCK, column, ROSTER_NOT_AN_ID);
    row->wrong = true;
}

enum err roster_read_cells(struct roster_reading *r, struct roster_row *row, const struct csv_row *from)
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
