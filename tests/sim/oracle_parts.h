#pragma once
/* Shared by the files of the oracle; each function looks at the whole district and ends the run with what it finds wrong. */
#include "oracle.h"
#include "client/replica/replica_inner.h"

void oracle_expect_money(struct district *d);
void oracle_expect_board(struct district *d);  /* holds at any time */
void oracle_expect_seen(struct district *d);   /* in the end alone */
void oracle_expect_rows(struct district *d);
void oracle_expect_history(struct district *d);
void oracle_expect_numbers(struct district *d);
void oracle_expect_held(struct district *d);   /* holds at any time */
void oracle_hold_begin(struct district *d);
void oracle_expect_rights(struct district *d); /* holds at any time */
void oracle_expect_limits(struct district *d); /* holds at any time */
void oracle_heap_begin(struct district *d);    /* from now on, at each so many events */
void oracle_expect_past(struct district *d);   /* holds at any time */
void oracle_expect_past_told(struct district *d); /* in the end alone */
/* An independent telling of rules 8 to 16 over the server's history, entry by entry (oracle_model.c): where no number was given twice, of
 * orgs whose log says all that was done, and but for changes that rule 27 may have judged. */
void oracle_expect_model(struct district *d);
