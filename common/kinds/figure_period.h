#pragma once
/* Periods of figures, as months. */
#include "kinds/figure.h"

#define FIGURE_MONTHS_MAX 12
/* The months (2026-09 ...) of a month, term, year, half-year or quarter, in order; 0: no period. */
size_t figure_months(const char *period, char out[FIGURE_MONTHS_MAX][FIGURE_PERIOD_SIZE]);
