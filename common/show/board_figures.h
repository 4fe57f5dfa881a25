#pragma once
/* The district's figures (kinds/figure.h) of a board that a server answered: of each branch, and of all of them together. */
#include "kinds/figure.h"
#include "wire.pb-c.h"

struct json_t;
struct board_figures;

/* period: "" for the one that people mean on the board's day; else those figures alone take it that can be of such a period.
 * o must outlive it. */
struct board_figures *board_figures_make(const Wire__Overview *o, const char *period);
void board_figures_free(struct board_figures *b);
/* The i-th figure of figure_all, of a branch of o (which may have been sorted or shortened since), and of all that it had. */
int64_t board_figures_measure(const struct board_figures *b, const Wire__OverviewBranch *branch, const char *name); /* 0: none */
struct figure_value board_figures_at(const struct board_figures *b, const Wire__OverviewBranch *branch, size_t figure);
struct figure_value board_figures_total(const struct board_figures *b, size_t figure);
const char *board_figures_period(const struct board_figures *b, size_t figure);
/* True if any figure can be of such a period ("" always). */
bool board_figures_take(const char *period);

/* Adds NAME: value (per cent and days with one decimal, counts whole, null where nothing is known) to measures. */
void board_figures_add_json(const struct board_figures *b, const struct figure_value *values, struct json_t *measures);
const struct figure_value *board_figures_row(const struct board_figures *b, const Wire__OverviewBranch *branch); /* of all figures */
const struct figure_value *board_figures_totals(const struct board_figures *b);
/* [{name, label, definition, unit, period, total, numerator, denominator, suppressed}] */
struct json_t *board_figures_json(const struct board_figures *b, enum language language);
/* A line each: what it is, its period, the value, its definition. */
void board_figures_text(const struct board_figures *b, enum language language, struct buf *out);
/* The server keeps measures of this kind back where they tell of few people: none of them is not zero. */
bool board_figures_withheld(const uint32_t *kinds, size_t count, const char *measure);
