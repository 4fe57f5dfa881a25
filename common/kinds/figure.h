#pragma once
/* The figures that a district wants (functions.md section 4), as far as the kinds here carry them. Computed from what commits
 * counted (measures), never typed. Of a branch each is a numerator and a denominator; the district's is the sum of both over its
 * branches. Pure. */
#include "kinds/kind.h"

enum figure_unit { FIGURE_COUNT, FIGURE_PERCENT, FIGURE_DAYS };
/* What period a figure is of: none; a calendar year; a month, term or year; a plan's (term, year, half-year, quarter). */
enum figure_span { FIGURE_NOW, FIGURE_YEAR, FIGURE_MONTHS, FIGURE_PLAN };

#define FIGURE_LEAST MEASURE_LEAST /* rules.md 8.2: totals of fewer answers, or of fewer people, are not shown */
#define FIGURE_PERIOD_SIZE 8

/* What is known of one branch. */
struct figure_source {
    int64_t (*measure)(const void *of, const char *name); /* by full name; 0: none */
    const void *of;
    const uint32_t *withheld; /* numbers of the kinds of which the server keeps sums back: too few people or answers */
    size_t withheld_count;
    bool counts;             /* it owes what branches owe: neither merged nor dissolved */
    int64_t now_ms;
    int64_t last_contact_ms; /* its last successful upload; 0: never */
    struct date today;
};

/* Of an org's state; NULL: not known. Who was merged or dissolved owes no plan, summary or figure any more. */
bool figure_counts(const char *state);

struct figure_value {
    int64_t numerator, denominator; /* a count: the numerator alone */
    bool suppressed;                /* too few to be shown; the numbers are here for the sum */
};

struct figure {
    const char *name;        /* as in functions.md */
    struct label label;
    struct label definition;
    enum figure_unit unit;
    enum figure_span span;
    unsigned flags;          /* enum figure_flag */
    uint32_t kinds[3];       /* whose measures it is made of, 0-ended: who may not see their sums may not see it */
    void (*compute)(const struct figure_source *s, const char *period, struct figure_value *out);
};
enum figure_flag {
    FIGURE_ANSWERS = 1, /* not shown of fewer than FIGURE_LEAST answers (the denominator) */
    FIGURE_SMALL = 2    /* not shown of a branch with fewer than FIGURE_LEAST active members */
};

const struct figure *figure_all(size_t *count);
const struct figure *figure_find(const char *name); /* NULL */
/* The period is one that the figure can be of; of those without any, only "". */
bool figure_takes(const struct figure *f, const char *period);
/* The one that people mean on that day: this year, this month, this term, or "". */
void figure_period_of(const struct figure *f, struct date today, char out[FIGURE_PERIOD_SIZE]);

/* period: one that the figure takes. */
struct figure_value figure_of_branch(const struct figure *f, const struct figure_source *s, const char *period);
/* The sum over branches: begin with {0}, add each branch and what several have together, close. */
void figure_add(struct figure_value *total, struct figure_value branch);
void figure_close(const struct figure *f, struct figure_value *total);
/* There is a value to show: a denominator (or a count), and not too few. */
bool figure_is_known(const struct figure *f, struct figure_value v);
/* Tenths of a per cent or of a day, whole numbers of counts; rounded half away from zero. Only of what is known. */
int64_t figure_tenths(const struct figure *f, struct figure_value v);
/* "77.8 %", "12.5", "8", a dash for what is not known, and that there are too few. */
void figure_text(const struct figure *f, struct figure_value v, enum language language, struct buf *out);
