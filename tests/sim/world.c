/* See world.h: a binary heap by (time, order of setting). */
#include "tests/sim/world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct event {
    int64_t at_ms;
    uint64_t order;
    world_event *what;
    void *to;
    uint64_t arg;
};

static struct {
    struct event *heap;
    size_t count, capacity;
    uint64_t seed, orders, hash, happened;
    uint64_t happened_before; /* the hour began */
    int64_t hour;
    int64_t now_ms;
    bool tell;
    void (*look)(void);
} w;

void world_begin(uint64_t seed, bool tell)
{
    memset(&w, 0, sizeof w);
    w.seed = seed;
    w.now_ms = BEGIN_MS;
    w.hash = 0xcbf29ce484222325u;
    w.tell = tell;
}

void world_end(void)
{
    free(w.heap);
    w.heap = NULL;
    w.count = w.capacity = 0;
}

uint64_t world_seed(void)
{
    return w.seed;
}

int64_t world_now_ms(void)
{
    return w.now_ms;
}

/* ---- the heap ---- */

static bool before(const struct event *a, const struct event *b)
{
    return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->order < b->order;
}

static void swap(size_t a, size_t b)
{
    struct event kept = w.heap[a];
    w.heap[a] = w.heap[b];
    w.heap[b] = kept;
}

static void rise(size_t at)
{
    for (; at && before(&w.heap[at], &w.heap[(at - 1) / 2]); at = (at - 1) / 2)
        swap(at, (at - 1) / 2);
}

static void sink(size_t at)
{
    for (;;) {
        size_t least = at, left = 2 * at + 1;
        if (left < w.count && before(&w.heap[left], &w.heap[least]))
            least = left;
        if (left + 1 < w.count && before(&w.heap[left + 1], &w.heap[least]))
            least = left + 1;
        if (least == at)
            return;
        swap(at, least);
        at = least;
    }
}

void world_after(int64_t ms, world_event *event, void *to, uint64_t arg)
{
    if (w.count == w.capacity) {
        w.capacity = w.capacity ? 2 * w.capacity : 256;
        w.heap = realloc(w.heap, w.capacity * sizeof *w.heap);
        CHECK(w.heap);
    }
    w.heap[w.count++] = (struct event){w.now_ms + (ms > 0 ? ms : 0), w.orders++, event, to, arg};
    rise(w.count - 1);
}

static struct event take(void)
{
    struct event first = w.heap[0];
    w.heap[0] = w.heap[--w.count];
    sink(0);
    return first;
}

/* A timer that fires without end, two sides that answer each other for ever: the run would never come to its end. */
#define EVENTS_AN_HOUR_MAX 4000000
static void expect_no_storm(void)
{
    if (w.now_ms / HOUR_MS != w.hour) {
        w.hour = w.now_ms / HOUR_MS;
        w.happened_before = w.happened;
    }
    if (w.happened - w.happened_before > EVENTS_AN_HOUR_MAX)
        world_fail("more than %d events within an hour", EVENTS_AN_HOUR_MAX);
}

/* An event that never ends: nobody would say which seed it was. The kernel's clock, not the world's. */
#define EVENT_SECONDS_MAX 120
#define EVENTS_A_LOOK 64 /* each is a call of the kernel */
static void expect_an_end(void)
{
    if (w.happened % EVENTS_A_LOOK == 1)
        (void)alarm(EVENT_SECONDS_MAX);
}

static bool run_until(int64_t until_ms, bool (*until)(void *to), void *to)
{
    while (w.count && w.heap[0].at_ms <= until_ms) {
        struct event e = take();
        w.now_ms = e.at_ms;
        w.happened++;
        expect_no_storm();
        expect_an_end();
        world_mix(&e.at_ms, sizeof e.at_ms);
        e.what(e.to, e.arg);
        if (w.look)
            w.look();
        if (until && until(to))
            return true;
    }
    w.now_ms = until_ms > w.now_ms ? until_ms : w.now_ms;
    return false;
}

bool world_run(int64_t until_ms, bool (*until)(void *to), void *to)
{
    bool met = run_until(until_ms, until, to);
    (void)alarm(0);
    return met;
}

void world_on_step(void (*look)(void))
{
    w.look = look;
}

uint64_t world_events(void)
{
    return w.happened;
}

/* ---- the trace ---- */

void world_mix(const void *data, size_t size)
{
    const uint8_t *at = data;
    uint64_t hash = w.hash;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ at[i]) * 0x100000001b3u;
    w.hash = hash;
}

uint64_t world_hash(void)
{
    return w.hash;
}

static void print_time(FILE *to)
{
    int64_t ms = w.now_ms - BEGIN_MS;
    fprintf(to, "day %lld %02lld:%02lld:%02lld.%03lld ", (long long)(ms / DAY_MS), (long long)(ms / HOUR_MS % 24), (long long)(ms / MINUTE_MS % 60),
            (long long)(ms / SECOND_MS % 60), (long long)(ms % 1000));
}

void world_tell(const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    int size = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    world_mix(text, size < (int)sizeof text ? (size_t)size : sizeof text - 1);
    if (!w.tell)
        return;
    print_time(stdout);
    puts(text);
    fflush(stdout); /* a crash right behind it is what one looks for */
}

void world_fail(const char *format, ...)
{
    va_list args;
    print_time(stdout);
    va_start(args, format);
    vfprintf(stdout, format, args);
    va_end(args);
    putchar('\n');
    fflush(stdout);
    _Exit(1);
}
