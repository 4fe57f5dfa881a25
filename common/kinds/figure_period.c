/* See figure_period.h, and which periods a figure takes. */
#include "kinds/figure_period.h"
#include "kinds/dues.h"
#include "kinds/period.h"
#include <stdio.h>
#include <string.h>

static size_t put_months(const struct date *months, size_t count, char out[FIGURE_MONTHS_MAX][FIGURE_PERIOD_SIZE])
{
    for (size_t i = 0; i < count; i++)
        dues_period_text((struct dues_period){DUES_MONTH, months[i].year, months[i].month}, out[i]);
    return count;
}

size_t figure_months(const char *period, char out[FIGURE_MONTHS_MAX][FIGURE_PERIOD_SIZE])
{
    struct date months[FIGURE_MONTHS_MAX];
    struct dues_period dues;
    struct period p;
    if (dues_period_read(period, &dues))
        return put_months(months, dues_period_months(dues, months), out);
    if (!period_read(slice_text(period), &p)) /* what is left: halves and quarters */
        return 0;
    int length = p.kind == PERIOD_QUARTER ? 3 : 6;
    for (int i = 0; i < length; i++)
        months[i] = (struct date){(int16_t)p.year, (int8_t)((p.part - 1) * length + i + 1), 1};
    return put_months(months, (size_t)length, out);
}

bool figure_takes(const struct figure *f, const char *period)
{
    struct dues_period dues;
    struct period plan;
    switch (f->span) {
    case FIGURE_NOW:
        return *period == '\0';
    case FIGURE_YEAR:
        return dues_period_read(period, &dues) && dues.kind == DUES_YEAR;
    case FIGURE_MONTHS:
        return dues_period_read(period, &dues);
    case FIGURE_PLAN:
        break;
    }
    return period_read(slice_text(period), &plan);
}

/* The first term runs from September to January, the second from February to August. */
static struct dues_period term_of(struct date day)
{
    if (day.month >= 9)
        return (struct dues_period){DUES_TERM, day.year, 1};
    return day.month == 1 ? (struct dues_period){DUES_TERM, day.year - 1, 1}
                          : (struct dues_period){DUES_TERM, day.year - 1, 2};
}

void figure_period_of(const struct figure *f, struct date today, char out[FIGURE_PERIOD_SIZE])
{
    out[0] = '\0';
    if (f->span == FIGURE_YEAR)
        dues_period_text((struct dues_period){DUES_YEAR, today.year, 0}, out);
    else if (f->span == FIGURE_MONTHS)
        dues_period_text((struct dues_period){DUES_MONTH, today.year, today.month}, out);
    else if (f->span == FIGURE_PLAN)
        dues_period_text(term_of(today), out);
}
