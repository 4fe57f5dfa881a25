#pragma once
/* What a dues run has to say of its period, and of the rows of a sheet of wages. */
#include "client/command/assess_run.h"

/* "line 3: TEXT", on stderr. */
void assess_say_line(uint32_t line, const char *text);
/* Of each row that did not become an assessment, or not that one, why; of each that changed a standard, from what to what. */
void assess_say_sheet(const struct assess_run *r);
/* What the period is, for who means another one: "first term of the school year 2026, 5 months". */
void assess_put_period(struct dues_period p, struct buf *out);
/* Those who were assessed for an overlapping period already, each such period in a line. asks: nothing was written for it; gives the
 * command's status. */
int assess_say_overlaps(const struct assess_run *r, bool asks);
