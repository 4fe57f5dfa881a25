/* The only two doors through which time and chance come in. */
#include "base/clock.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

static int64_t read_ms(clockid_t which)
{
    struct timespec t;
    CHECK(clock_gettime(which, &t) == 0);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t clock_now_ms(void)
{
    return read_ms(CLOCK_REALTIME);
}

int64_t clock_monotonic_ms(void)
{
    return read_ms(CLOCK_MONOTONIC);
}

bool clock_base(struct clock_base *out)
{
    struct clock_base b = {.ms = 0};
    struct timespec t;
    FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");
    if (!f)
        return false;
    bool told = fgets(b.boot, sizeof b.boot, f) && clock_gettime(CLOCK_BOOTTIME, &t) == 0;
    fclose(f);
    b.boot[strcspn(b.boot, "\n")] = 0;
    if (!told || !*b.boot)
        return false;
    b.ms = clock_now_ms() - ((int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000);
    *out = b;
    return true;
}

void random_fill(void *out, size_t size)
{
    uint8_t *at = out;
    while (size) {
        ssize_t got = getrandom(at, size, 0);
        CHECK(got > 0 || (got < 0 && errno == EINTR));
        if (got < 0)
            continue;
        at += got;
        size -= (size_t)got;
    }
}

#define YEAR_9999_MS INT64_C(253402300799999)

int64_t clock_sane_ms(int64_t ms)
{
    return ms > YEAR_9999_MS ? YEAR_9999_MS : ms < 0 ? 0 : ms;
}
