/* One line, one write: lines of two processes on one terminal don't mix, and control characters of foreign origin can't
 * make a second line or move the cursor. Invariant: what peers can cause again and again costs the log a bounded number
 * of lines a day. */
#include "base/log.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/limits.h"
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINE_SIZE 1024u
#define GATES 2048u  /* sorts of lines, some for each seat apart */
#define NOBODYS 512u /* of them, for lines that are no seat's: however many seats are noisy, what is new is heard */

static enum log_level level_least = LOG_INFO;

/* ---- how often ---- */

/* A bucket of lines that may be written at once, refilled by time. */
struct gate {
    const char *format; /* which sort: a literal, known by its place */
    const char *area;
    uint32_t seat; /* whose line; 0: nobody's */
    int64_t at_ms; /* up to when it was refilled */
    unsigned ready, left_out;
};

static pthread_mutex_t gates_lock = PTHREAD_MUTEX_INITIALIZER;
static struct gate gates[GATES];

static void refill(struct gate *g, int64_t now_ms)
{
    int64_t lines = (now_ms - g->at_ms) / LIMIT_LOG_EACH_MS;
    g->at_ms += lines * LIMIT_LOG_EACH_MS;
    g->ready = lines < LIMIT_LOG_BURST - g->ready ? g->ready + (unsigned)lines : LIMIT_LOG_BURST;
}

/* The one that may write most: who is noisy keeps its own. */
static struct gate *readiest(struct gate *part, size_t count, int64_t now_ms)
{
    struct gate *best = part;
    for (size_t i = 0; i < count; i++) {
        refill(&part[i], now_ms);
        if (part[i].ready > best->ready)
            best = &part[i];
    }
    return best;
}

/* From where its hash says on, the first that is its own or nobody's. Where all are taken one is given away as it is, so that all of
 * them together let no more through; *before: whose it was. */
static struct gate *gate_of(const char *area, const char *format, uint32_t seat, int64_t now_ms, struct gate *before)
{
    struct gate *part = seat ? gates + NOBODYS : gates;
    size_t count = seat ? GATES - NOBODYS : NOBODYS;
    uint64_t key = (uint64_t)(uintptr_t)format * 31 + seat;
    size_t start = (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 40) % count;
    for (size_t i = 0; i < count; i++) {
        struct gate *g = &part[(start + i) % count];
        if (!g->format)
            *g = (struct gate){format, area, seat, now_ms, LIMIT_LOG_BURST, 0};
        if (g->format == format && g->seat == seat)
            return g;
    }
    struct gate *g = readiest(part, count, now_ms);
    *before = *g;
    *g = (struct gate){format, area, seat, g->at_ms, g->ready, 0};
    return g;
}

/* May one more be written? Then *left_out is how many were not since the last. *before as gate_of. */
static bool gate_pass(const char *area, const char *format, uint32_t seat, unsigned *left_out, struct gate *before)
{
    int64_t now_ms = clock_monotonic_ms();
    pthread_mutex_lock(&gates_lock);
    struct gate *g = gate_of(area, format, seat, now_ms, before);
    refill(g, now_ms);
    bool pass = g->ready > 0;
    if (pass) {
        *left_out = g->left_out;
        g->ready--;
    }
    g->left_out = pass ? 0 : g->left_out + 1;
    pthread_mutex_unlock(&gates_lock);
    return pass;
}

/* ---- lines ---- */

void log_set_level(enum log_level least)
{
    level_least = least;
}

static size_t bounded(int printed, size_t room)
{
    if (printed < 0)
        return 0;
    return (size_t)printed < room ? (size_t)printed : room - 1;
}

static void put_line(enum log_level level, const char *area, unsigned left_out, const char *format, va_list args)
{
    static const char *const names[] = {"debug", "info", "warn", "error"};
    char line[LINE_SIZE + 1], now[TIME_TEXT_SIZE], more[64] = "";
    if (left_out)
        snprintf(more, sizeof more, " (%u such lines before this were left out)", left_out);
    size_t room = LINE_SIZE - bounded((int)strlen(more), sizeof more);
    time_text(clock_now_ms() / 1000 * 1000, now);
    size_t size = bounded(snprintf(line, room, "%s %s %s: ", now, names[level], area), room);
    size += bounded(vsnprintf(line + size, room - size, format, args), room - size);
    size += bounded(snprintf(line + size, LINE_SIZE - size, "%s", more), LINE_SIZE - size);
    for (size_t i = 0; i < size; i++) {
        if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
            line[i] = ' ';
    }
    line[size++] = '\n';
    ssize_t written = write(STDERR_FILENO, line, size);
    (void)written; /* there is nobody left to tell */
}

static void tell(const char *area, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    put_line(LOG_WARN, area, 0, format, args);
    va_end(args);
}

static void tell_left_out(const struct gate *g)
{
    if (g->left_out && g->seat)
        tell(g->area, "%u such lines of seat %u were left out: %s", g->left_out, g->seat, g->format);
    else if (g->left_out)
        tell(g->area, "%u such lines were left out: %s", g->left_out, g->format);
}

void log_line(enum log_level level, uint32_t seat, const char *area, const char *format, ...)
{
    unsigned left_out = 0;
    struct gate before = {.left_out = 0};
    if (level < level_least)
        return;
    bool pass = gate_pass(area, format, seat, &left_out, &before);
    tell_left_out(&before);
    if (!pass)
        return;
    va_list args;
    va_start(args, format);
    put_line(level, area, left_out, format, args);
    va_end(args);
}

void log_tell_left_out(void)
{
    for (size_t i = 0; i < GATES; i++) {
        pthread_mutex_lock(&gates_lock);
        struct gate silent = gates[i];
        gates[i].left_out = 0;
        pthread_mutex_unlock(&gates_lock);
        tell_left_out(&silent);
    }
}
