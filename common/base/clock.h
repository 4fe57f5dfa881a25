#pragma once
/* Time and randomness enter here and travel as arguments from then on. */
#include "base/slice.h"

int64_t clock_now_ms(void);       /* wall clock, ms since 1970 UTC */
int64_t clock_monotonic_ms(void); /* for intervals */
void random_fill(void *out, size_t size); /* getrandom; CHECKs */
