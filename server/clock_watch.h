#pragma once
/* Is the server's own clock wrong? It stamps every entry, ends certificates and codes, and by it devices are told that theirs is off:
 * nobody else would say so. Two things tell: many devices that agree against it, and records that are newer than now. Pure: no clock,
 * no log. Memory alone; what was found is kept by the writer (CLOCK_OFF) for the board. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLOCK_WATCHED 16                       /* seats, the last that said hello */
#define CLOCK_AGREE_LEAST 3                    /* seats that must agree, and ... */
#define CLOCK_OFF_MS INT64_C(300000)           /* ... are at least so far off, as a device is told; and no further apart */
#define CLOCK_SILENCE_MS INT64_C(7776000000)  /* 90 days in which nobody was heard of: longer than a summer, shorter than a certificate */
#define CLOCK_OFF "clock_off_ms"               /* in meta: what clock_watch_off said last */

struct clock_watch {
    struct clock_seen {
        uint32_t seat; /* 0: none */
        int64_t ahead_ms; /* of the server's clock */
    } seen[CLOCK_WATCHED];
    size_t next;
    int64_t off_ms;
};

/* A hello: the device's clock said sent_ms (0: it did not say) when the server's said now_ms. True: what clock_watch_off says has begun
 * to be so, or ended. */
bool clock_watch_note(struct clock_watch *w, uint32_t seat, int64_t sent_ms, int64_t now_ms);
/* By how much the server's clock should be set forward (back: negative), by the middle one of the devices; 0: nothing is wrong, or too few
 * agree: more than two thirds of those that were seen. */
int64_t clock_watch_off(const struct clock_watch *w);
