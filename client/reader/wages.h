#pragma once
/* Reads an accountant's sheet of wages: who (number, ID number or name) and the month's wage. Pure. Wages go no further than the
 * sum of dues that is computed from them: they are never stored and never sent. */
#include "client/reader/roster.h"

/* The sheet as a table for roster_read: member_no, id_number, name, wage. It is no kind of record: nothing of it is ever sent. */
extern const struct kind wages_sheet;

struct wages_row {
    uint32_t line;
    const char *member_no, *id_number, *name; /* NULL: not in the row */
    int64_t wage_fen;
};
/* A row of the sheet that is not wrong. False: it names nobody, or has no wage. */
bool wages_row_read(const struct roster_row *row, struct wages_row *out);
