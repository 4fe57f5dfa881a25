#pragma once
/* The period of a plan (kinds/period.h): what a text says plainly, and when something planned for a month of it is due.
 * The first term runs from September to January, the second from February to August.
 * A period is taken from the text only if it can be read in one way; everything else is named and asked for. */
#include "client/reader/plan_when.h"
#include "kinds/period.h"

void plan_period_text(struct period p, char out[PERIOD_TEXT_SIZE]); /* the canonical form */

enum plan_period_find {
    PLAN_PERIOD_ABSENT,
    PLAN_PERIOD_PLAIN,
    PLAN_PERIOD_REGIONAL,     /* 2024年上学期, 2024年第一学期: read differently by region */
    PLAN_PERIOD_BLANKED,      /* xx年, 20xx年, 20XX学年: the year was taken out */
    PLAN_PERIOD_ACADEMIC_YEAR /* 2026学年 without a term: neither a term nor a calendar year */
};
/* The first period that text names. found: the words that name it. A bare 2026年 counts as PLAIN if bare_year is
 * PLAN_YEAR_COUNTS, which only a plan's own title deserves. */
enum plan_bare_year { PLAN_YEAR_IGNORED, PLAN_YEAR_COUNTS };
enum plan_period_find plan_period_search(struct slice text, enum plan_bare_year bare_year, struct period *out,
                                         struct slice *found);

/* The day by which something planned is due: the last day of its month, span or quarter, or the day that was written,
 * in the calendar year in which the month lies in that period. false: neither month nor quarter, outside of the period,
 * or of another year than the one written. A quarter of a term is none either: terms and quarters do not share their
 * borders. */
bool plan_item_due(struct period period, const struct plan_when *when, struct date *out);
