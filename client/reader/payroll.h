#pragma once
/* A pay office's sheet read as payments of dues (FIN-02): who, by member number, ID number or name, and what was kept back for the
 * union. Pure. What else stands in it, wages above all, is not read and goes nowhere. Ledgers with a column of days or periods are
 * read by the same rules. */
#include "client/reader/roster.h"

/* The sheet as a table for roster_read: the fields of dues_payment, with member_no and id_number besides member_id, which holds what
 * stands under 姓名. It is no kind of record. */
extern const struct kind payroll_sheet;

/* Joins two lines of headings (扣款 over 会费, 公积金) where only both together name a person and the dues. */
enum err payroll_join_headings(struct csv_table *table, struct arena *arena) MUST_CHECK;

/* A line of the sheet that adds up rows above it, in the column of dues. */
struct payroll_total {
    uint32_t line;
    int64_t said_fen;  /* what stands there */
    int64_t rows_fen;  /* what its rows add up to: all above it, or those since the last such line where that fits better */
};
/* Those that hold a number there, in order; *count of them. NULL: no memory. */
const struct payroll_total *payroll_totals(const struct csv_table *table, const struct roster *sheet, struct arena *arena, size_t *count);
/* SIZE_MAX: the sheet has no column of dues. */
size_t payroll_dues_column(const struct roster *sheet);
bool payroll_has_column(const struct roster *sheet, const char *field);
/* What the row says of the field; NULL: nothing. */
const struct roster_cell *payroll_cell(const struct roster_row *row, const char *field);
