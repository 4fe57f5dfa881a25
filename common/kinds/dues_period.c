/* Periods of dues: months as well as the terms and years of plans. */
#include "base/text.h"
#include "kinds/dues.h"
#include "kinds/period.h"
#include <stdio.h>
#include <string.h>

static bool month_read(const char *text, struct dues_period *out)
{
    struct period year;
    char front[5];
    bool form =
        strlen(text) == 7 && text[4] == '-' && text[5] >= '0' && text[5] <= '1' && text[6] >= '0' && text[6] <= '9';
    if (!form)
        return false;
    memcpy(front, text, 4);
    front[4] = '\0';
    int month = (text[5] - '0') * 10 + (text[6] - '0');
    if (month < 1 || month > 12 || !period_read(slice_text(front), &year))
        return false;
    *out = (struct dues_period){DUES_MONTH, year.year, month};
    return true;
}

bool dues_period_read(const char *text, struct dues_period *out)
{
    struct period p;
    if (!text)
        return false;
    if (month_read(text, out))
        return true;
    if (!period_read(slice_text(text), &p) || (p.kind != PERIOD_TERM && p.kind != PERIOD_YEAR))
        return false;
    *out = (struct dues_period){p.kind == PERIOD_TERM ? DUES_TERM : DUES_YEAR, p.year, p.part};
    return true;
}

void dues_period_text(struct dues_period p, char out[DUES_PERIOD_SIZE])
{
    unsigned year = (unsigned)p.year % 10000u, part = (unsigned)p.part;
    if (p.kind == DUES_MONTH)
        snprintf(out, DUES_PERIOD_SIZE, "%04u-%02u", year, part % 100u);
    else if (p.kind == DUES_TERM)
        snprintf(out, DUES_PERIOD_SIZE, "%04u-%u", year, part % 10u);
    else
        snprintf(out, DUES_PERIOD_SIZE, "%04u", year);
}

/* A month as people write it, told by what it would be with a day. 2026-1 is a term, so that no dash is among them. */
static bool month_written(const char *text, struct date *out)
{
    static const char *const days[] = {"1日", "/1", ".1", "01"};
    char with_day[40];
    for (size_t i = 0; i < sizeof days / sizeof days[0]; i++) {
        int size = snprintf(with_day, sizeof with_day, "%s%s", text, days[i]);
        if (size < (int)sizeof with_day && !strchr(text, '-') && date_parse(with_day, out) == ERR_OK)
            return true;
    }
    return false;
}

void dues_period_normalise(struct slice written, struct buf *out)
{
    struct buf folded = BUF_INIT;
    struct date month;
    char text[DUES_PERIOD_SIZE];
    text_fold(written, &folded);
    size_t extra = strlen("份");
    if (folded.size > extra && memcmp(folded.data + folded.size - extra, "份", extra) == 0)
        folded.size -= extra; /* 10月份 */
    if (month_written(buf_c_string(&folded), &month)) {
        dues_period_text((struct dues_period){DUES_MONTH, month.year, month.month}, text);
        buf_text(out, text);
    } else {
        period_normalise(written, out);
    }
    buf_finish(&folded);
}

size_t dues_period_months(struct dues_period p, struct date out[DUES_MONTHS_MAX])
{
    int first = 1, count = 12;
    if (p.kind == DUES_MONTH) {
        first = p.part;
        count = 1;
    } else if (p.kind == DUES_TERM) {
        first = p.part == 1 ? 9 : 14; /* February of the next year */
        count = p.part == 1 ? 5 : 7;
    }
    for (int i = 0; i < count; i++) {
        int month = first + i - 1;
        out[i] = (struct date){(int16_t)(p.year + month / 12), (int8_t)(month % 12 + 1), 1};
    }
    return (size_t)count;
}

struct date dues_period_first(struct dues_period p)
{
    struct date months[DUES_MONTHS_MAX];
    dues_period_months(p, months);
    return months[0];
}

struct date dues_period_last(struct dues_period p)
{
    struct date months[DUES_MONTHS_MAX];
    size_t count = dues_period_months(p, months);
    return date_month_end(months[count - 1].year, months[count - 1].month);
}

bool dues_periods_overlap(struct dues_period a, struct dues_period b)
{
    return date_compare(dues_period_first(a), dues_period_last(b)) <= 0 &&
           date_compare(dues_period_first(b), dues_period_last(a)) <= 0;
}

void dues_check_period(const struct check_context *c, const char *field, struct cell value, struct findings *out)
{
    struct dues_period p;
    char text[DUES_PERIOD_SIZE] = "";
    (void)c;
    if (value.bytes.size < sizeof text)
        memcpy(text, value.bytes.data, value.bytes.size);
    if (!dues_period_read(text, &p))
        findings_add(out, SEVERITY_BLOCK, "VALUE", field, NULL, NULL);
}
