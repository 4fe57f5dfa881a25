/* Dates by the Gregorian calendar, counted in days since 1970-01-01 for arithmetic. A valid date has a year of four digits
 * at most, so that its text always fits. */
#include "base/date.h"
#include "base/text.h"
#include <stdio.h>
#include <string.h>

#define MS_A_DAY INT64_C(86400000)
#define DAYS_FIRST INT64_C(-719162) /* 0001-01-01 */
#define DAYS_LAST INT64_C(2932896)  /* 9999-12-31 */

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in_month(int year, int month)
{
    static const int8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

bool date_is_valid(struct date d)
{
    return d.year >= 1 && d.year <= 9999 && d.month >= 1 && d.month <= 12 && d.day >= 1 &&
           d.day <= days_in_month(d.year, d.month);
}

/* Reads at least least and at most most digits; -1 if they aren't there. */
static int read_number(const char **at, int least, int most)
{
    int value = 0, digits = 0;
    for (; digits < most && **at >= '0' && **at <= '9'; digits++)
        value = value * 10 + *(*at)++ - '0';
    return digits < least ? -1 : value;
}

static bool skip(const char **at, const char *what)
{
    size_t size = strlen(what);
    if (strncmp(*at, what, size) != 0)
        return false;
    *at += size;
    return true;
}

/* What stands after year, month and day in each form. */
static const char *const forms[][3] = {{"-", "-", ""}, {"/", "/", ""}, {".", ".", ""}, {"年", "月", "日"}, {"年", "月", "号"}};

static bool parse_form(const char *text, const char *const after[3], int out[3])
{
    const char *at = text;
    out[0] = read_number(&at, 4, 4);
    if (out[0] < 0 || !skip(&at, after[0]))
        return false;
    out[1] = read_number(&at, 1, 2);
    if (out[1] < 0 || !skip(&at, after[1]))
        return false;
    out[2] = read_number(&at, 1, 2);
    return out[2] >= 0 && skip(&at, after[2]) && *at == 0;
}

static bool parse_compact(const char *text, int out[3])
{
    const char *at = text;
    out[0] = read_number(&at, 4, 4);
    out[1] = read_number(&at, 2, 2);
    out[2] = read_number(&at, 2, 2);
    return out[0] >= 0 && out[1] >= 0 && out[2] >= 0 && *at == 0;
}

static bool parse_any(const char *text, int out[3])
{
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (parse_form(text, forms[i], out))
            return true;
    }
    return parse_compact(text, out);
}

static bool parse_folded(const char *text, int out[3])
{
    struct buf folded = BUF_INIT;
    text_fold(slice_text(text), &folded);
    bool found = parse_any(buf_c_string(&folded), out);
    buf_finish(&folded);
    return found;
}

bool date_is_written(const char *text)
{
    int parts[3];
    return parse_folded(text, parts);
}

enum err date_parse(const char *text, struct date *out)
{
    int parts[3];
    if (!parse_folded(text, parts))
        return ERR_VALUE;
    struct date d = {(int16_t)parts[0], (int8_t)parts[1], (int8_t)parts[2]};
    if (!date_is_valid(d))
        return ERR_VALUE;
    *out = d;
    return ERR_OK;
}

/* A number of exactly that many digits; -1 otherwise. */
static int digits_at(struct slice text, size_t at, size_t count)
{
    int value = 0;
    for (size_t i = at; i < at + count; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return -1;
        value = value * 10 + text.data[i] - '0';
    }
    return value;
}

bool date_read(struct slice text, struct date *out)
{
    if (text.size != DATE_TEXT_SIZE - 1 || text.data[4] != '-' || text.data[7] != '-')
        return false;
    struct date d = {(int16_t)digits_at(text, 0, 4), (int8_t)digits_at(text, 5, 2), (int8_t)digits_at(text, 8, 2)};
    if (!date_is_valid(d))
        return false;
    *out = d;
    return true;
}

static void put_digits(char *out, unsigned value, size_t count)
{
    for (; count > 0; value /= 10)
        out[--count] = (char)('0' + value % 10);
}

/* By hand: dates are checked with every change, and printf costs more than all the rest of it. */
void date_text(struct date d, char out[DATE_TEXT_SIZE])
{
    CHECK(date_is_valid(d));
    put_digits(out, (unsigned)d.year, 4);
    put_digits(out + 5, (unsigned)d.month, 2);
    put_digits(out + 8, (unsigned)d.day, 2);
    out[4] = out[7] = '-';
    out[DATE_TEXT_SIZE - 1] = '\0';
}

int date_compare(struct date a, struct date b)
{
    int x = (a.year * 16 + a.month) * 32 + a.day;
    int y = (b.year * 16 + b.month) * 32 + b.day;
    return (x > y) - (x < y);
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static int64_t floor_rest(int64_t a, int64_t b)
{
    return (a % b + b) % b;
}

/* Years are counted from 1 March, so that the leap day is the last of its year (H. Hinnant, "chrono-compatible low-level
 * date algorithms", civil_from_days). */
static void civil(int64_t days, int64_t *year, unsigned *month, unsigned *day)
{
    days += 719468;
    int64_t era = floor_div(days, 146097);
    unsigned of_era = (unsigned)(days - era * 146097);
    unsigned year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    unsigned of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    unsigned from_march = (5 * of_year + 2) / 153;
    *day = of_year - (153 * from_march + 2) / 5 + 1;
    *month = from_march < 10 ? from_march + 3 : from_march - 9;
    *year = year_of_era + era * 400 + (*month <= 2);
}

struct date date_of_ms(int64_t ms, int utc_offset_minutes)
{
    int64_t days = floor_div(ms, MS_A_DAY);
    int64_t within = floor_rest(ms, MS_A_DAY) + (int64_t)utc_offset_minutes * 60000;
    days += floor_div(within, MS_A_DAY);
    if (days < DAYS_FIRST) /* a peer's clock may say anything */
        days = DAYS_FIRST;
    if (days > DAYS_LAST)
        days = DAYS_LAST;
    int64_t year;
    unsigned month, day;
    civil(days, &year, &month, &day);
    return (struct date){(int16_t)year, (int8_t)month, (int8_t)day};
}

/* days_from_civil, of the same author. */
int64_t date_days(struct date d)
{
    CHECK(date_is_valid(d));
    int64_t year = d.year - (d.month <= 2);
    int64_t era = floor_div(year, 400);
    int64_t of_era = year - era * 400;
    int64_t from_march = d.month > 2 ? d.month - 3 : d.month + 9;
    int64_t of_year = (153 * from_march + 2) / 5 + d.day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

struct date date_month_end(int year, int month)
{
    CHECK(year >= 1 && year <= 9999 && month >= 1 && month <= 12);
    return (struct date){(int16_t)year, (int8_t)month, (int8_t)days_in_month(year, month)};
}

void time_text(int64_t ms, char out[TIME_TEXT_SIZE])
{
    int64_t days = floor_div(ms, MS_A_DAY), year;
    unsigned within = (unsigned)floor_rest(ms, MS_A_DAY), month, day;
    civil(days, &year, &month, &day);
    int at = snprintf(out, TIME_TEXT_SIZE, "%04lld-%02u-%02uT%02u:%02u:%02u", (long long)year, month, day,
                      within / 3600000, within / 60000 % 60, within / 1000 % 60);
    size_t left = TIME_TEXT_SIZE - (size_t)at;
    if (within % 1000)
        snprintf(out + at, left, ".%03uZ", within % 1000);
    else
        snprintf(out + at, left, "Z");
}
