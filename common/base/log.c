/* One line, one write: lines of two processes on one terminal don't mix, and control characters of foreign origin can't make
 * a second line or move the cursor. */
#include "base/log.h"
#include "base/clock.h"
#include "base/date.h"
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#define LINE_SIZE 1024u

static enum log_level level_least = LOG_INFO;

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

void log_line(enum log_level level, const char *area, const char *format, ...)
{
    static const char *const names[] = {"debug", "info", "warn", "error"};
    if (level < level_least)
        return;
    char line[LINE_SIZE + 1], now[TIME_TEXT_SIZE];
    time_text(clock_now_ms() / 1000 * 1000, now);
    size_t size = bounded(snprintf(line, LINE_SIZE, "%s %s %s: ", now, names[level], area), LINE_SIZE);
    va_list args;
    va_start(args, format);
    size += bounded(vsnprintf(line + size, LINE_SIZE - size, format, args), LINE_SIZE - size);
    va_end(args);
    for (size_t i = 0; i < size; i++) {
        if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
            line[i] = ' ';
    }
    line[size++] = '\n';
    ssize_t written = write(STDERR_FILENO, line, size);
    (void)written; /* there is nobody left to tell */
}
