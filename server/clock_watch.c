/* See clock_watch.h. */
#include "server/clock_watch.h"
#include "base/clock.h"

#include <stdlib.h>

static struct clock_seen *place_of(struct clock_watch *w, uint32_t seat)
{
    for (size_t i = 0; i < CLOCK_WATCHED; i++)
        if (w->seen[i].seat == seat)
            return &w->seen[i];
    struct clock_seen *oldest = &w->seen[w->next];
    w->next = (w->next + 1) % CLOCK_WATCHED;
    return oldest;
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int64_t size_of(int64_t ms)
{
    return ms < 0 ? -ms : ms;
}

/* The middle one, if most are near it and it is far off. */
static int64_t agreed(int64_t *list, size_t count)
{
    size_t near = 0;
    if (count < CLOCK_AGREE_LEAST)
        return 0;
    qsort(list, count, sizeof *list, by_size);
    int64_t middle = list[count / 2];
    for (size_t i = 0; i < count; i++)
        near += size_of(list[i] - middle) < CLOCK_OFF_MS;
    return near >= CLOCK_AGREE_LEAST && near * 3 > count * 2 && size_of(middle) >= CLOCK_OFF_MS ? middle : 0;
}

bool clock_watch_note(struct clock_watch *w, uint32_t seat, int64_t sent_ms, int64_t now_ms)
{
    int64_t list[CLOCK_WATCHED];
    size_t count = 0;
    if (sent_ms <= 0 || seat == 0)
        return false;
    *place_of(w, seat) = (struct clock_seen){seat, clock_sane_ms(sent_ms) - now_ms};
    for (size_t i = 0; i < CLOCK_WATCHED; i++)
        if (w->seen[i].seat)
            list[count++] = w->seen[i].ahead_ms;
    bool was = w->off_ms != 0;
    w->off_ms = agreed(list, count);
    return was != (w->off_ms != 0);
}

int64_t clock_watch_off(const struct clock_watch *w)
{
    return w->off_ms;
}
