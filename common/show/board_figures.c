/* See board_figures.h. Measures come sorted by name from a server; one that is not sorted is searched from end to end. */
#include "show/board_figures.h"
#include "base/date.h"
#include "show/grid.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct board_figures {
    const struct figure *figures;
    size_t count, branches;
    const Wire__OverviewBranch **branch;
    struct figure_value *values; /* branch by branch; then the totals */
    char (*periods)[FIGURE_PERIOD_SIZE];
};

struct measures {
    Wire__Measure *const *list;
    size_t count;
};

static int64_t measure_of(const void *of, const char *name)
{
    const struct measures *m = of;
    size_t low = 0, high = m->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = m->list[middle]->name ? strcmp(m->list[middle]->name, name) : -1;
        if (order == 0)
            return m->list[middle]->value;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return 0;
}

static bool is_sorted(const Wire__OverviewBranch *b)
{
    for (size_t i = 0; i < b->n_measure; i++)
        if (!b->measure[i]->name || (i > 0 && strcmp(b->measure[i - 1]->name, b->measure[i]->name) >= 0))
            return false;
    return true;
}

static int by_name(const void *a, const void *b)
{
    const Wire__Measure *x = *(Wire__Measure *const *)a, *y = *(Wire__Measure *const *)b;
    return strcmp(x->name ? x->name : "", y->name ? y->name : "");
}

static bool counts(const Wire__OverviewBranch *b)
{
    const char *state = b->org ? b->org->state : NULL;
    return !state || (strcmp(state, "merged") != 0 && strcmp(state, "dissolved") != 0);
}

static void compute(struct board_figures *b, const Wire__Overview *o, size_t at)
{
    const Wire__OverviewBranch *branch = o->branch[at];
    if (!is_sorted(branch))
        qsort(branch->measure, branch->n_measure, sizeof *branch->measure, by_name);
    struct measures of = {branch->measure, branch->n_measure};
    b->branch[at] = branch;
    struct figure_source source = {.measure = measure_of, .of = &of, .counts = counts(branch), .now_ms = o->as_of_ms,
                                   .last_contact_ms = branch->last_contact_ms, .today = date_of_ms(o->as_of_ms, DATE_CHINA_MINUTES)};
    for (size_t i = 0; i < b->count; i++) {
        struct figure_value *v = &b->values[at * b->count + i];
        *v = figure_of_branch(&b->figures[i], &source, b->periods[i]);
        figure_add(&b->values[b->branches * b->count + i], *v);
    }
}

struct board_figures *board_figures_make(const Wire__Overview *o, const char *period)
{
    struct board_figures *b = calloc(1, sizeof *b);
    CHECK(b);
    b->figures = figure_all(&b->count);
    b->branches = o->n_branch;
    b->branch = calloc(b->branches + 1, sizeof *b->branch);
    b->values = calloc((b->branches + 1) * b->count, sizeof *b->values);
    b->periods = calloc(b->count, sizeof *b->periods);
    CHECK(b->branch && b->values && b->periods);
    struct date today = date_of_ms(o->as_of_ms, DATE_CHINA_MINUTES);
    for (size_t i = 0; i < b->count; i++) {
        figure_period_of(&b->figures[i], today, b->periods[i]);
        if (*period && strlen(period) < FIGURE_PERIOD_SIZE && figure_takes(&b->figures[i], period))
            strcpy(b->periods[i], period);
    }
    for (size_t i = 0; i < b->branches; i++)
        compute(b, o, i);
    for (size_t i = 0; i < b->count; i++)
        figure_close(&b->figures[i], &b->values[b->branches * b->count + i]);
    return b;
}

void board_figures_free(struct board_figures *b)
{
    free(b->branch);
    free(b->values);
    free(b->periods);
    free(b);
}

const struct figure_value *board_figures_row(const struct board_figures *b, const Wire__OverviewBranch *branch)
{
    size_t at = 0;
    while (at < b->branches && b->branch[at] != branch)
        at++;
    CHECK(at < b->branches);
    return &b->values[at * b->count];
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

/* Of a family of answers the name after its last dot is the period. */
static int64_t answers(const struct measures *of, const char *period)
{
    static const char *const families[] = {"satisfied", "basically", "unsatisfied"};
    int64_t sum = 0;
    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        char name[64];
        if (snprintf(name, sizeof name, "proposal.%s.%s", families[i], period) < (int)sizeof name)
            sum += measure_of(of, name);
    }
    return sum;
}

bool board_figures_hide(Wire__Measure *const *list, size_t count, const char *measure)
{
    const struct measures of = {list, count};
    const char *rest = strncmp(measure, "proposal.", 9) == 0 ? measure + 9 : "";
    const char *period = strchr(rest, '.');
    bool answer = period && (strncmp(rest, "satisfied.", 10) == 0 || strncmp(rest, "basically.", 10) == 0 || strncmp(rest, "unsatisfied.", 12) == 0);
    return answer && answers(&of, period + 1) < FIGURE_LEAST;
}
