#pragma once
/* Time and randomness enter here and travel as arguments from then on. */
#include "base/slice.h"

#include <stdbool.h>

int64_t clock_now_ms(void);       /* wall clock, ms since 1970 UTC */
int64_t clock_monotonic_ms(void); /* for intervals */
/* The wall clock less a clock that nobody sets and that goes on while the machine sleeps: it stays as it is until the wall
 * clock is set. Of one boot alone. */
struct clock_base {
    int64_t ms;
    char boot[40];
};
bool clock_base(struct clock_base *out); /* false where the system does not tell; *out untouched */
/* A time that a peer told: one beyond all calendars would overflow what is worked out with it. */
int64_t clock_sane_ms(int64_t ms); /* 0 to the end of year 9999 */
void random_fill(void *out, size_t size); /* getrandom; CHECKs */
