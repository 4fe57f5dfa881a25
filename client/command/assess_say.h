#pragma once
/* What a dues run has to say of the rows of a sheet of wages. */
#include "client/command/assess_run.h"

/* "line 3: TEXT", on stderr. */
void assess_say_line(uint32_t line, const char *text);
/* Of each row that did not become an assessment, or not that one, why; of each that changed a standard, from what to what. */
void assess_say_sheet(const struct assess_run *r);
