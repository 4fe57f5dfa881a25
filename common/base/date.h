#pragma once
/* Calendar dates as people write them, and times as machines do. */
#include "base/slice.h"

struct date {
    int16_t year;
    int8_t month;
    int8_t day;
};

/* One zone for the whole country, without summer time: what "today" is, on both sides. */
#define DATE_CHINA_MINUTES (8 * 60)

#define DATE_TEXT_SIZE 11
#define TIME_TEXT_SIZE 32

bool date_is_valid(struct date d);
/* 2026-09-01, 2026/9/1, 2026.9.1, 20260901, 2026年9月1日; full-width digits too. ERR_VALUE otherwise. */
enum err date_parse(const char *text, struct date *out) MUST_CHECK;
/* A date in one of these forms, be it of a day that there is not: 2026-02-30. */
bool date_is_written(const char *text);
/* Only the form that date_text writes: what records hold. */
bool date_read(struct slice text, struct date *out) MUST_CHECK;
void date_text(struct date d, char out[DATE_TEXT_SIZE]); /* YYYY-MM-DD */
int date_compare(struct date a, struct date b);
struct date date_of_ms(int64_t ms, int utc_offset_minutes);
struct date date_month_end(int year, int month);
int64_t date_days(struct date d); /* since 1970-01-01, for differences; of a valid date */
void time_text(int64_t ms, char out[TIME_TEXT_SIZE]); /* RFC 3339, UTC, with ms only if not zero: 2026-11-22T01:02:03Z */
