/* See board_figures.h. Measures come sorted by name from a server; of one that does not, an order of our own is made: the answer
 * itself is never touched. */
#include "show/board_figures.h"
#include "base/date.h"
#include "show/grid.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Measures in the order of names. */
struct measures {
    Wire__Measure *const *list;
    size_t count;
    Wire__Measure **own; /* the list, if it had to be sorted; NULL */
};

struct row {
    const Wire__OverviewBranch *branch;
    struct measures measures;
    struct figure_value *values;
};

struct board_figures {
    const struct figure *figures;
    size_t count, branches;
    struct row *rows; /* in the order of the branches' addresses, so that each is found */
    struct measures totals;
    struct figure_value *values; /* branch by branch; then the totals */
    char (*periods)[FIGURE_PERIOD_SIZE];
};

/* ---- measures by name ---- */

static const char *name_of(const Wire__Measure *m)
{
    return m->name ? m->name : "";
}

static int by_name(const void *a, const void *b)
{
    return strcmp(name_of(*(Wire__Measure *const *)a), name_of(*(Wire__Measure *const *)b));
}

static struct measures measures_of(Wire__Measure *const *list, size_t count)
{
    bool sorted = true;
    for (size_t i = 1; i < count && sorted; i++)
        sorted = by_name(&list[i - 1], &list[i]) < 0;
    if (sorted)
        return (struct measures){list, count, NULL};
    Wire__Measure **own = malloc(count * sizeof *own);
    CHECK(own);
    memcpy(own, list, count * sizeof *own);
    qsort(own, count, sizeof *own, by_name);
    return (struct measures){own, count, own};
}

static const Wire__Measure *find(const struct measures *m, const char *name)
{
    size_t low = 0, high = m->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(name_of(m->list[middle]), name);
        if (order == 0)
            return m->list[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static int64_t value_of(const void *of, const char *name)
{
    const Wire__Measure *m = find(of, name);
    return m ? m->value : 0;
}

static int64_t pooled_of(const void *of, const char *name)
{
    const Wire__Measure *m = find(of, name);
    return m ? m->pooled : 0;
}

/* ---- computed ---- */

static void add(struct board_figures *b, const struct figure_source *source, struct figure_value *own)
{
    for (size_t i = 0; i < b->count; i++) {
        own[i] = figure_of_branch(&b->figures[i], source, b->periods[i]);
        figure_add(&b->values[b->branches * b->count + i], own[i]);
    }
}

static void compute(struct board_figures *b, const Wire__Overview *o, size_t at)
{
    const Wire__OverviewBranch *branch = o->branch[at];
    struct row *row = &b->rows[at];
    *row = (struct row){branch, measures_of(branch->measure, branch->n_measure), &b->values[at * b->count]};
    struct figure_source source = {.measure = value_of,
                                   .of = &row->measures,
                                   .withheld = branch->withheld,
                                   .withheld_count = branch->n_withheld,
                                   .counts = figure_counts(branch->org ? branch->org->state : NULL),
                                   .now_ms = o->as_of_ms,
                                   .last_contact_ms = branch->last_contact_ms,
                                   .today = date_of_ms(o->as_of_ms, DATE_CHINA_MINUTES)};
    add(b, &source, row->values);
}

/* What small branches have together stands in the totals alone. It is no branch: it owes nothing and has no last contact. */
static void compute_pooled(struct board_figures *b, const Wire__Overview *o)
{
    struct figure_value *pooled = calloc(b->count, sizeof *pooled);
    CHECK(pooled);
    b->totals = measures_of(o->total, o->n_total);
    struct figure_source source = {.measure = pooled_of,
                                   .of = &b->totals,
                                   .now_ms = o->as_of_ms,
                                   .today = date_of_ms(o->as_of_ms, DATE_CHINA_MINUTES)};
    add(b, &source, pooled);
    free(pooled);
}

static int by_address(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    return ((uintptr_t)x->branch > (uintptr_t)y->branch) - ((uintptr_t)x->branch < (uintptr_t)y->branch);
}

/* The figures that can be of the period take it; the others the one that people mean today. */
static void choose_periods(struct board_figures *b, const char *period, struct date today)
{
    for (size_t i = 0; i < b->count; i++) {
        figure_period_of(&b->figures[i], today, b->periods[i]);
        if (*period && strlen(period) < FIGURE_PERIOD_SIZE && figure_takes(&b->figures[i], period))
            strcpy(b->periods[i], period);
    }
}

struct board_figures *board_figures_make(const Wire__Overview *o, const char *period)
{
    struct board_figures *b = calloc(1, sizeof *b);
    CHECK(b);
    b->figures = figure_all(&b->count);
    b->branches = o->n_branch;
    b->rows = calloc(b->branches + 1, sizeof *b->rows);
    b->values = calloc((b->branches + 1) * b->count, sizeof *b->values);
    b->periods = calloc(b->count, sizeof *b->periods);
    CHECK(b->rows && b->values && b->periods);
    choose_periods(b, period, date_of_ms(o->as_of_ms, DATE_CHINA_MINUTES));
    for (size_t i = 0; i < b->branches; i++)
        compute(b, o, i);
    compute_pooled(b, o);
    for (size_t i = 0; i < b->count; i++)
        figure_close(&b->figures[i], &b->values[b->branches * b->count + i]);
    qsort(b->rows, b->branches, sizeof *b->rows, by_address);
    return b;
}

void board_figures_free(struct board_figures *b)
{
    for (size_t i = 0; i < b->branches; i++)
        free(b->rows[i].measures.own);
    free(b->totals.own);
    free(b->rows);
    free(b->values);
    free(b->periods);
    free(b);
}

static const struct row *row_of(const struct board_figures *b, const Wire__OverviewBranch *branch)
{
    struct row key = {.branch = branch};
    const struct row *row = bsearch(&key, b->rows, b->branches, sizeof *b->rows, by_address);
    CHECK(row);
    return row;
}

int64_t board_figures_measure(const struct board_figures *b, const Wire__OverviewBranch *branch, const char *name)
{
    return value_of(&row_of(b, branch)->measures, name);
}

const struct figure_value *board_figures_row(const struct board_figures *b, const Wire__OverviewBranch *branch)
{
    return row_of(b, branch)->values;
}

const struct figure_value *board_figures_totals(const struct board_figures *b)
{
    return &b->values[b->branches * b->count];
}

struct figure_value board_figures_at(const struct board_figures *b, const Wire__OverviewBranch *branch, size_t figure)
{
    return board_figures_row(b, branch)[figure];
}

struct figure_value board_figures_total(const struct board_figures *b, size_t figure)
{
    return board_figures_totals(b)[figure];
}

const char *board_figures_period(const struct board_figures *b, size_t figure)
{
    return b->periods[figure];
}

bool board_figures_take(const char *period)
{
    size_t count;
    const struct figure *all = figure_all(&count);
    bool taken = !*period;
    for (size_t i = 0; i < count && strlen(period) < FIGURE_PERIOD_SIZE; i++)
        taken = taken || figure_takes(&all[i], period);
    return taken;
}

/* ---- shown ---- */

static json_t *value_json(const struct figure *f, struct figure_value v)
{
    if (!figure_is_known(f, v))
        return json_null();
    int64_t tenths = figure_tenths(f, v);
    return f->unit == FIGURE_COUNT ? json_integer(tenths) : json_real((double)tenths / 10);
}

void board_figures_add_json(const struct board_figures *b, const struct figure_value *values, json_t *measures)
{
    for (size_t i = 0; i < b->count; i++)
        json_object_set_new(measures, b->figures[i].name, value_json(&b->figures[i], values[i]));
}

json_t *board_figures_json(const struct board_figures *b, enum language language)
{
    static const char *const units[] = {[FIGURE_COUNT] = "count", [FIGURE_PERCENT] = "percent", [FIGURE_DAYS] = "days"};
    json_t *list = json_array();
    for (size_t i = 0; i < b->count; i++) {
        const struct figure *f = &b->figures[i];
        struct figure_value v = board_figures_total(b, i);
        json_t *o = json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:b}", "name", f->name, "label", label_in(f->label, language), "definition",
                              label_in(f->definition, language), "unit", units[f->unit], "period", b->periods[i], "total", value_json(f, v),
                              "suppressed", (int)v.suppressed);
        if (!v.suppressed) {
            json_object_set_new(o, "numerator", json_integer(v.numerator));
            json_object_set_new(o, "denominator", json_integer(v.denominator));
        }
        json_array_append_new(list, o);
    }
    return list;
}

void board_figures_text(const struct board_figures *b, enum language language, struct buf *out)
{
    struct grid *g = grid_create(4);
    struct buf cell = BUF_INIT;
    for (size_t i = 0; i < b->count; i++) {
        grid_cell(g, label_in(b->figures[i].label, language));
        grid_cell(g, b->periods[i]);
        figure_text(&b->figures[i], board_figures_total(b, i), language, &cell);
        grid_take(g, &cell);
        grid_cell(g, label_in(b->figures[i].definition, language));
    }
    grid_print(g, out);
    grid_destroy(g);
}

bool board_figures_withheld(const uint32_t *kinds, size_t count, const char *measure)
{
    for (size_t i = 0; i < count; i++) {
        const struct kind *k = kind_by_number(kinds[i]);
        size_t size = k ? strlen(k->name) : 0;
        if (k && strncmp(measure, k->name, size) == 0 && measure[size] == '.')
            return true;
    }
    return false;
}
