#pragma once
/* Months of which dues are in arrears, and how many of them stand one after the other: six call for a talk (rules.md 3). Pure. */
#include <stddef.h>

#define OWED_MONTHS_MAX 600

struct owed_months {
    int list[OWED_MONTHS_MAX]; /* year * 12 + month, as they were noted */
    size_t count;
};
/* The months of a month, term or year; nothing of what is no period. */
void owed_months_note(struct owed_months *m, const char *period);
/* Up to the newest of them; a month that was noted twice counts once. Orders the list. */
size_t owed_months_in_a_row(struct owed_months *m);
