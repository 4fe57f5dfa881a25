/* The board for a spreadsheet: a line a branch, its figures, then every measure that any of the branches has. */
#include "csv/csv_writer.h"
#include "base/tr.h"
#include "show/board.h"
#include "show/board_figures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the names of all measures, in order, once each ---- */

struct names {
    const char **list;
    size_t count;
};

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static struct names names_of(const Wire__Overview *o)
{
    size_t all = 0, kept = 0;
    for (size_t i = 0; i < o->n_branch; i++)
        all += o->branch[i]->n_measure;
    struct names n = {malloc((all + 1) * sizeof *n.list), 0};
    CHECK(n.list);
    for (size_t i = 0; i < o->n_branch; i++)
        for (size_t m = 0; m < o->branch[i]->n_measure; m++)
            if (o->branch[i]->measure[m]->name)
                n.list[n.count++] = o->branch[i]->measure[m]->name;
    qsort(n.list, n.count, sizeof *n.list, by_name);
    for (size_t i = 0; i < n.count; i++)
        if (i == 0 || strcmp(n.list[kept - 1], n.list[i]) != 0)
            n.list[kept++] = n.list[i];
    n.count = kept;
    return n;
}

/* ---- lines ---- */

static void headings(struct csv_writer *w, const struct board_figures *figures, const struct names *names, enum language language)
{
    const char *const heads[] = {_("Code"), _("Branch"), _("Last contact"), _("Queued"), _("Oldest"), _("Refused"), _("Conflicts")};
    size_t count;
    struct buf text = BUF_INIT;
    const struct figure *all = figure_all(&count);
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        csv_write_plain(w, slice_text(heads[i]));
    for (size_t i = 0; i < count; i++) {
        const char *period = board_figures_period(figures, i);
        buf_format(&text, "%s%s%s", label_in(all[i].label, language), *period ? " " : "", period);
        csv_write_plain(w, buf_slice(&text));
        text.size = 0;
    }
    for (size_t i = 0; i < names->count; i++) {
        measure_text(names->list[i], language, &text);
        csv_write_plain(w, buf_slice(&text));
        text.size = 0;
    }
    buf_finish(&text);
    csv_end_row(w);
}

static void number(struct csv_writer *w, long long value)
{
    char text[24];
    snprintf(text, sizeof text, "%lld", value);
    csv_write_plain(w, slice_text(text));
}

static void moment(struct csv_writer *w, int64_t ms)
{
    struct buf text = BUF_INIT;
    if (ms)
        show_moment(ms, &text);
    csv_write_plain(w, buf_slice(&text));
    buf_finish(&text);
}

static void figure_cell(struct csv_writer *w, const struct figure *f, struct figure_value v)
{
    char text[32] = "";
    if (figure_is_known(f, v)) {
        long long tenths = figure_tenths(f, v);
        if (f->unit == FIGURE_COUNT)
            snprintf(text, sizeof text, "%lld", tenths);
        else
            snprintf(text, sizeof text, "%s%lld.%lld", tenths < 0 ? "-" : "", (tenths < 0 ? -tenths : tenths) / 10, (tenths < 0 ? -tenths : tenths) % 10);
    }
    csv_write_plain(w, slice_text(text));
}

/* None is zero, but where the server keeps it back. */
static void measure_cells(struct csv_writer *w, const Wire__OverviewBranch *b, const struct board_figures *figures, const struct names *names)
{
    for (size_t i = 0; i < names->count; i++) {
        const char *name = names->list[i];
        long long value = board_figures_measure(figures, b, name);
        if (value == 0 && board_figures_withheld(b->withheld, b->n_withheld, name))
            csv_write_plain(w, slice_text(""));
        else
            number(w, value);
    }
}

static void branch_line(struct csv_writer *w, const Wire__OverviewBranch *b, const struct board_figures *figures, const struct names *names)
{
    size_t count;
    const struct figure *all = figure_all(&count);
    csv_write_text(w, slice_text(b->org ? b->org->code : ""));
    csv_write_text(w, slice_text(b->org ? b->org->name : ""));
    moment(w, b->last_contact_ms);
    number(w, b->report ? b->report->queued : 0);
    moment(w, b->report ? b->report->oldest_queued_ms : 0);
    number(w, b->report ? b->report->refused : 0);
    number(w, b->report ? b->report->conflicts : 0);
    for (size_t i = 0; i < count; i++)
        figure_cell(w, &all[i], board_figures_at(figures, b, i));
    measure_cells(w, b, figures, names);
    csv_end_row(w);
}

void show_overview_csv(const Wire__Overview *o, const struct board_figures *figures, enum language language, struct buf *out)
{
    struct csv_writer w = csv_begin(out, CSV_FOR_SPREADSHEETS);
    struct names names = names_of(o);
    headings(&w, figures, &names, language);
    for (size_t i = 0; i < o->n_branch; i++)
        branch_line(&w, o->branch[i], figures, &names);
    free(names.list);
}
