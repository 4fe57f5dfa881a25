#pragma once
/* Inside of the roster's reader: what its files share while a table is read. roster.c walks the table, roster_row.c judges rows,
 * roster_value.c cells, roster_finding.c keeps what is said about them. */
#include "client/reader/roster.h"

#define ROSTER_WHOLE_ROW SIZE_MAX

struct roster_reading {
    const struct kind *kind;
    const struct csv_table *table;
    struct arena *arena;
    size_t header; /* index of its row */
    struct roster roster;
    struct roster_row *rows;
    struct buf findings;                       /* struct roster_finding, moved to the arena at the end */
    struct roster_cell cells[CSV_COLUMNS_MAX]; /* of the row that is being read */
};

/* ---- roster_finding.c ---- */
void roster_find(struct roster_reading *r, struct roster_finding f);
/* On a cell, or column ROSTER_WHOLE_ROW. */
struct roster_finding roster_finding_at(const struct roster_reading *r, uint32_t line, enum severity severity, size_t column);
void roster_find_problem(struct roster_reading *r, uint32_t line, enum severity severity, size_t column, enum roster_problem problem);
/* Moves them to the arena: the first on_table as they came, those on rows by line and column, each row with its own. */
enum err roster_findings_finish(struct roster_reading *r, size_t on_table) MUST_CHECK;

/* ---- roster_value.c ---- */
enum err roster_read_cells(struct roster_reading *r, struct roster_row *row, const struct csv_row *from) MUST_CHECK;

/* ---- roster_row.c ---- */
bool roster_is_blank(const char *cell);
/* Row i of the table: added to the rows, or told why it is none. */
enum err roster_read_row(struct roster_reading *r, size_t i) MUST_CHECK;
