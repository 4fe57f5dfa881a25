#pragma once
/* What the import of tables (import_table.c) shares with what it says of rows (import_say.c) and with the import of payments
 * (import_payroll.c), and nobody else does. */
#include "client/command/command_import.h"
#include "client/command/member_rows.h"
#include "client/reader/payroll.h"

/* Payments of dues from a sheet. */
struct import_payroll {
    const struct csv_table *table;
    struct member_rows members, payments;
    struct payroll_taken *taken; /* by this file; in the seat's arena */
    size_t taken_count;
    size_t idle;                 /* rows without dues */
};

struct import {
    struct seat *seat;
    const struct import_wish *wish;
    const struct kind *kind;      /* of the records */
    const struct kind *sheet;     /* by which the table is read */
    const struct roster *roster;
    ProtobufCMessage *constants;  /* of FIELD=VALUE words */
    struct import_payroll *payroll; /* NULL: of another kind */
    struct arena row_arena;       /* of the row at hand */
    struct buf out;
    struct buf missing;           /* what to add first, a command a line */
    size_t added, updated, same, wrong;
};

/* ---- import_say.c: verdicts, a line a row ---- */
void import_verdict(struct import *m, uint32_t line, const char *field, const char *text);
void import_say_row(struct import *m, const struct roster_row *row);
void import_say_refusal(struct import *m, uint32_t line, const struct replica_outcome *o);
void import_say_warnings(struct import *m, uint32_t line, const struct findings *found);
void import_say_table(struct import *m); /* what is told before the rows: columns left out, lines above */

/* ---- import_payroll.c ---- */
/* The table read as a sheet of payments is fit to be taken in, and what is here is loaded. False: said, *status is set. */
bool import_payroll_begin(struct import *m, struct import_payroll *p, const struct csv_table *table, int *status);
/* A cell that only says who: it is looked up, not put into a record. */
bool import_payroll_names(const struct field_rule *f);
/* Puts the member into the patch. False: said; *idle: the row has no dues and is nothing to take. */
bool import_payroll_row(struct import *m, const struct roster_row *row, ProtobufCMessage *patch, bool *idle);
/* The payment that is here already: same member, period, sum and day, and not taken back. ERR_NOT_FOUND: none. ERR_EXISTS: the same
 * stands further up in this file, said. */
enum err import_payroll_known(struct import *m, const struct roster_row *row, const ProtobufCMessage *patch, struct replica_row *out) MUST_CHECK;
/* Compares the sheet's own totals with its rows. */
void import_payroll_totals(struct import *m);
