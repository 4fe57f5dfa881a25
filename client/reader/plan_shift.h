#pragma once
/* What of a plan moves with its period when it is drawn up again some years later: period, days, and the years that its title
 * names. Pure. */
#include "kinds/period.h"

/* The same term, half or quarter so many years later. */
struct period plan_shift_period(struct period p, int years);
/* A month's last day stays that: February 28 becomes February 29, and the other way round. */
struct date plan_shift_date(struct date d, int years);
/* Appends the title with the years of its period moved: 2025学年 and 2025-2026学年 of the term 2025-1, 2026年春季 of 2025-2, also in
 * full-width and Chinese digits (二〇二五). All other numbers stay as they are. title: clean UTF-8. */
void plan_shift_title(struct slice title, struct period was, int years, struct buf *out);
/* A year that plan_shift_title would move is written in the text. */
bool plan_shift_is_dated(struct slice text, struct period was);
