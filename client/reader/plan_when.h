#pragma once
/* The month, span of months or quarter with which a line of a schedule begins:
 *   九月份 | 十月份： | 七、八月份 | 三四月 | 3-4月 | 9月、10月 | 2026年9月 | （九月） | 元月 | 次年1月 | 9月10日 |
 * 9月上旬 | 九月底 第一季度 | 1季度 | 三、四季度 (as the months 7 to 12) No month: 一月一次 (once a month), 三月内,
 * 9月以来, 上半年, 第一周, and of course anything that does not open the line. */
#include "client/reader/glyph.h"

struct plan_when {
    int year;     /* only if written; else 0 */
    int month;    /* 1 to 12, 0: none */
    int month_to; /* the last month of a span, 0: none */
    int quarter;  /* 1 to 4, 0: none */
    int day; /* of the last month: 10日, 上旬 10, 中旬 20, 下旬 and 底 31 (the month's last day); 0: not written */
    bool exact; /* the day was written as a date, not as a part of the month */
    int listed; /* 七、八月份: 7, since it could as well be heading 七 with 八月份 behind it; else 0 */
};

/* rest: what follows it, without separators. For 9月底前完成… the words depend on the month: rest is then the whole
 * line. */
bool plan_when_read(struct slice line, struct plan_when *out, struct slice *rest);
/* Whether what follows a month makes the line a heading: nothing, or words such as 工作安排. */
bool plan_when_is_heading(struct slice rest);
/* A report of what is over (9月，我们开展了…; 5月被评为…) rather than something planned. */
bool plan_when_is_past(struct slice rest);

/* A line on which months follow each other (九月：…；十月：…): the offset at which the next after `at` begins, or
 * SIZE_MAX. */
size_t plan_when_next_within(struct slice line, size_t at);
