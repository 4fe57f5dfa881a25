#pragma once
/* Periods of plans (rights.md, "work_plan"): 2026-1 and 2026-2 are the terms of the academic year that begins in September
 * 2026, 2026 is the calendar year, 2026-H1 a half of it, 2026-Q3 a quarter. */
#include "base/date.h"

#define PERIOD_TEXT_SIZE 8 /* with the final zero */

enum period_kind { PERIOD_TERM, PERIOD_YEAR, PERIOD_HALF_YEAR, PERIOD_QUARTER };
struct period {
    enum period_kind kind;
    int year;
    int part; /* of the year, 1 ...; 0 for a whole year */
};

/* The canonical form alone. False if it is none. */
bool period_read(struct slice text, struct period *out);
/* "term", "year", "half_year", "quarter": the codes of period_kind. */
const char *period_kind_name(enum period_kind kind);
/* What people write (2026学年第一学期, 2026-2027学年第二学期, 2026年, 2026年上半年, 2026年第三季度) to the canonical form, the
 * rest as it is. */
void period_normalise(struct slice written, struct buf *out);
