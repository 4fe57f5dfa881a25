/* See payroll.h. */
#include "client/reader/payroll.h"
#include "client/reader/roster_heading.h"
#include "client/reader/roster_reading.h"
#include "kinds/dues.h"
#include "kinds/rules.h"

#include <string.h>

/* Of several columns of money the first word here that fits is the dues: 实发, 应发 and 扣款合计 are never among them. */
static const struct field_rule fields[] = {
    {.name = "member_no", .label = {"会员编号", "member number"}, .type = FIELD_TEXT, .columns = "会员编号|会员号|会员编码"},
    {.name = "id_number", .label = {"证件号码", "ID number"}, .type = FIELD_TEXT, .flags = FIELD_SENSITIVE,
     .columns = "身份证号|身份证号码|公民身份号码|证件号码|证件号|身份证"},
    {.name = "member_id", .label = {"会员", "member"}, .type = FIELD_TEXT,
     .columns = "姓名|会员姓名|名字|教职工姓名|教工姓名|职工姓名|员工姓名|职工|name"},
    {.name = "period", .label = {"期间", "period"}, .type = FIELD_TEXT, .check = dues_check_period, .normalise = dues_period_normalise,
     .columns = "月份|所属月份|会费所属期"},
    {.name = "amount_fen", .label = {"实缴金额", "amount"}, .type = FIELD_FEN, .min = -1000000000, .max = 1000000000,
     .columns = "会费|工会会费|工会费|代扣会费|代扣工会会费|代扣工会费|扣会费|扣工会费|会费扣款|工会会费扣款|会费金额|本月会费|应扣会费|已缴会费|"
                "实缴会费|缴纳会费|实缴|缴费金额|扣款金额|金额"},
    {.name = "paid_on", .label = {"缴费日期", "paid on"}, .type = FIELD_DATE, .columns = "扣款日期|发放日期|发薪日期|日期"},
    {.name = "method", .label = {"缴费方式", "method"}, .type = FIELD_CODE, .codes = &codes_dues_method, .columns = "方式"},
    {.name = "receipt_no", .label = {"收据号", "receipt number"}, .type = FIELD_TEXT, .flags = FIELD_SERVER},
    {.name = "collector_id", .label = {"经收人", "collected by"}, .type = FIELD_REFERENCE, .reference = KIND_MEMBER},
    {.name = "reverses_id", .label = {"冲销的缴费", "takes back"}, .type = FIELD_REFERENCE, .reference = KIND_DUES_PAYMENT},
    {.name = "reason", .label = {"原因", "reason"}, .type = FIELD_TEXT},
};

static const char *const naming[] = {"member_id", NULL};
static const char *const none[] = {NULL};

const struct kind payroll_sheet = {
    .name = "dues_payment", .label = {"会费缴纳", "payment of dues"}, .fields = fields, .field_count = sizeof fields / sizeof *fields,
    .naming = naming, .columns = none, .identity = none,
};

/* ---- two lines of headings ---- */

static bool fits(const char *heading, const char *field)
{
    return roster_fit(kind_field(&payroll_sheet, field), heading) != ROSTER_FITS_NOT;
}

struct line_of_headings {
    bool person, dues;
};

static struct line_of_headings headings_of(const struct csv_row *row)
{
    struct line_of_headings h = {false, false};
    for (size_t i = 0; i < row->count; i++) {
        h.person = h.person || fits(row->cells[i], "member_no") || fits(row->cells[i], "id_number") || fits(row->cells[i], "member_id");
        h.dues = h.dues || fits(row->cells[i], "amount_fen");
    }
    return h;
}

static enum err join(struct csv_table *table, size_t upper, struct arena *arena)
{
    const struct csv_row *a = &table->rows[upper], *b = &table->rows[upper + 1];
    size_t width = a->count > b->count ? a->count : b->count;
    struct csv_row *rows = arena_alloc(arena, table->count * sizeof *rows);
    const char **cells = arena_alloc(arena, (width + 1) * sizeof *cells);
    if (!rows || !cells)
        return ERR_MEMORY;
    for (size_t i = 0; i < width; i++) {
        bool below = i < b->count && !roster_is_blank(b->cells[i]);
        cells[i] = below ? b->cells[i] : i < a->count ? a->cells[i] : "";
    }
    memcpy(rows, table->rows, (upper + 1) * sizeof *rows);
    rows[upper] = (struct csv_row){.line = b->line, .cells = cells, .count = width};
    memcpy(rows + upper + 1, table->rows + upper + 2, (table->count - upper - 2) * sizeof *rows);
    table->rows = rows;
    table->count--;
    return ERR_OK;
}

enum err payroll_join_headings(struct csv_table *table, struct arena *arena)
{
    for (size_t i = 0; i + 1 < table->count && i < ROSTER_HEADER_ROWS; i++) {
        struct line_of_headings a = headings_of(&table->rows[i]), b = headings_of(&table->rows[i + 1]);
        if (a.person && a.dues)
            return ERR_OK;
        if ((a.person && !b.person && b.dues) || (a.dues && !b.dues && b.person))
            return join(table, i, arena);
    }
    return ERR_OK;
}

/* ---- columns and cells ---- */

static size_t column_of(const struct roster *sheet, const char *field)
{
    for (size_t i = 0; i < sheet->column_count; i++)
        if (sheet->columns[i].use == ROSTER_FIELD && strcmp(sheet->columns[i].field->name, field) == 0)
            return i;
    return SIZE_MAX;
}

size_t payroll_dues_column(const struct roster *sheet)
{
    return column_of(sheet, "amount_fen");
}

bool payroll_has_column(const struct roster *sheet, const char *field)
{
    return column_of(sheet, field) != SIZE_MAX;
}

const struct roster_cell *payroll_cell(const struct roster_row *row, const char *field)
{
    for (size_t i = 0; i < row->cell_count; i++)
        if (strcmp(row->cells[i].field->name, field) == 0)
            return &row->cells[i];
    return NULL;
}

/* ---- totals ---- */

/* Of the rows between two lines. */
static int64_t sum_between(const struct roster *sheet, uint32_t after, uint32_t before)
{
    int64_t sum = 0;
    for (size_t i = 0; i < sheet->row_count; i++) {
        const struct roster_row *row = &sheet->rows[i];
        const struct roster_cell *dues = payroll_cell(row, "amount_fen");
        if (row->line > after && row->line < before && dues && dues->value.type == CELL_INTEGER)
            sum += dues->value.integer;
    }
    return sum;
}

static bool number_at(const struct csv_table *table, uint32_t line, size_t column, struct arena *arena, int64_t *out)
{
    struct cell value;
    for (size_t i = 0; i < table->count; i++) {
        const struct csv_row *row = &table->rows[i];
        if (row->line != line || column >= row->count || roster_is_blank(row->cells[column]))
            continue;
        bool good = value_parse(kind_field(&payroll_sheet, "amount_fen"), row->cells[column], arena, &value) == ERR_OK &&
                    value.type == CELL_INTEGER;
        *out = good ? value.integer : *out;
        return good;
    }
    return false;
}

const struct payroll_total *payroll_totals(const struct csv_table *table, const struct roster *sheet, struct arena *arena, size_t *count)
{
    size_t column = payroll_dues_column(sheet);
    struct payroll_total *list = arena_alloc(arena, (sheet->finding_count + 1) * sizeof *list);
    uint32_t last = 0;
    *count = 0;
    for (size_t i = 0; list && column != SIZE_MAX && i < sheet->finding_count; i++) {
        const struct roster_finding *f = &sheet->findings[i];
        struct payroll_total t = {.line = f->line};
        if (f->problem != ROSTER_TOTAL_ROW || f->code || !number_at(table, f->line, column, arena, &t.said_fen))
            continue;
        int64_t part = sum_between(sheet, last, f->line);
        t.rows_fen = part == t.said_fen ? part : sum_between(sheet, 0, f->line);
        list[(*count)++] = t;
        last = f->line;
    }
    return list;
}
