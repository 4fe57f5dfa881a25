/* See owed_months.h. */
#include "client/command/owed_months.h"
#include "kinds/dues.h"

#include <stdlib.h>

void owed_months_note(struct owed_months *m, const char *period)
{
    struct dues_period p;
    struct date months[DUES_MONTHS_MAX];
    size_t count = period && dues_period_read(period, &p) ? dues_period_months(p, months) : 0;
    for (size_t i = 0; i < count && m->count < OWED_MONTHS_MAX; i++)
        m->list[m->count++] = months[i].year * 12 + months[i].month;
}

static int by_number(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}

size_t owed_months_in_a_row(struct owed_months *m)
{
    size_t run = m->count > 0;
    if (m->count > 1)
        qsort(m->list, m->count, sizeof *m->list, by_number);
    for (size_t i = m->count; i > 1; i--) {
        if (m->list[i - 2] == m->list[i - 1])
            continue; /* assessed by month and by term */
        if (m->list[i - 2] != m->list[i - 1] - 1)
            break;
        run++;
    }
    return run;
}
