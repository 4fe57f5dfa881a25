/* What there is of a period: a list where a kind has one, else the form of each record of it. */
#include "client/print/print_inner.h"
#include "base/tr.h"
#include "kinds/dues.h"
#include "kinds/figure_period.h"
#include "kinds/period.h"

#include <string.h>

/* Ends with NULLs. */
static const struct {
    const char *kind;
    print_list *list;
} lists[] = {
    {"proposal", print_proposals},           {"dues_assessment", print_dues_list},
    {"dues_payment", print_payments},        {"committee_meeting", print_meetings},
    {"membership_change", print_membership_changes}, {NULL, NULL},
};

void print_period_words(const struct printing *p, const char *period, struct buf *out)
{
    struct dues_period dues;
    struct period of;
    (void)p;
    if (dues_period_read(period, &dues) && dues.kind == DUES_MONTH)
        buf_format(out, _("%d, month %d"), dues.year, dues.part);
    else if (!period_read(slice_text(period), &of))
        buf_text(out, period);
    else if (of.kind == PERIOD_TERM)
        buf_format(out, of.part == 1 ? _("academic year %d, first term") : _("academic year %d, second term"), of.year);
    else if (of.kind == PERIOD_HALF_YEAR)
        buf_format(out, of.part == 1 ? _("%d, first half") : _("%d, second half"), of.year);
    else if (of.kind == PERIOD_QUARTER)
        buf_format(out, _("%d, quarter %d"), of.year, of.part);
    else
        buf_format(out, _("year %d"), of.year);
}

/* Every month of the period is one of those. */
static bool lies_within(const char *period, char months[][FIGURE_PERIOD_SIZE], size_t count)
{
    char of[FIGURE_MONTHS_MAX][FIGURE_PERIOD_SIZE];
    size_t all = figure_months(period, of), found = 0;
    for (size_t i = 0; i < all; i++)
        for (size_t m = 0; m < count; m++)
            found += strcmp(of[i], months[m]) == 0;
    return all > 0 && found == all;
}

void print_rows_within(struct print_rows *rows, const char *period)
{
    char months[FIGURE_MONTHS_MAX][FIGURE_PERIOD_SIZE];
    size_t count = figure_months(period, months), kept = 0;
    for (size_t i = 0; i < rows->count; i++) {
        struct cell of = record_get_name(rows->list[i].row, "period");
        if (of.type == CELL_TEXT && lies_within((const char *)of.bytes.data, months, count))
            rows->list[kept++] = rows->list[i];
    }
    rows->count = kept;
}

/* The form of each record of exactly that period. */
static bool forms_of_period(struct printing *p, const struct kind *k, const char *period, struct buf *out)
{
    const char *field = kind_field(k, "period") ? "period" : "year";
    struct print_rows rows;
    print_rows_collect(&rows, p, k->name, field, cell_text(period));
    for (size_t i = 0; i < rows.count; i++) {
        struct show_record r = print_row(p, k, rows.list[i].id, rows.list[i].row);
        print_form_of(k)(p, &r, out);
    }
    print_rows_finish(&rows);
    return rows.count > 0;
}

static bool period_page(struct printing *p, const struct kind *k, const char *period, struct buf *out)
{
    for (size_t i = 0; lists[i].kind; i++)
        if (strcmp(lists[i].kind, k->name) == 0)
            return lists[i].list(p, period, out);
    return forms_of_period(p, k, period, out);
}

static bool has_periods(const struct kind *k)
{
    for (size_t i = 0; lists[i].kind; i++)
        if (strcmp(lists[i].kind, k->name) == 0)
            return true;
    return kind_field(k, "period") || kind_field(k, "year");
}

enum print_found print_period(const struct print_source *s, const struct kind *k, const char *word, struct buf *out)
{
    char months[FIGURE_MONTHS_MAX][FIGURE_PERIOD_SIZE];
    struct buf period = BUF_INIT;
    struct printing p = {.s = s};
    enum print_found found = PRINT_NONE;
    dues_period_normalise(slice_text(word), &period);
    if (has_periods(k) && figure_months(buf_c_string(&period), months)) {
        found = period_page(&p, k, buf_c_string(&period), out) ? PRINT_DONE : PRINT_EMPTY;
        if (found == PRINT_DONE)
            printing_end(&p);
    }
    buf_finish(&period);
    return found;
}
