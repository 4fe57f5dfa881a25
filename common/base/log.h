#pragma once
/* Programs log, once; libraries return. To stderr: "time level area: message". Never secrets, never personal data. */
#include <stdint.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

void log_set_level(enum log_level least);
/* Lines of one sort (of one format) are written as they come up to LIMIT_LOG_BURST, then one each LIMIT_LOG_EACH_MS: who makes a peer
 * complain a thousand times a second does not fill the disk. How many were left out stands at the end of the next one that is written;
 * any thread may log.
 * seat: whose doing it is, so that the lines of one who makes many leave out nobody else's; 0: nobody's. */
void log_line(enum log_level level, uint32_t seat, const char *area, const char *format, ...) __attribute__((format(printf, 4, 5)));
/* Says it of those after which no other came; for who runs for long, each minute or so, and at the end. */
void log_tell_left_out(void);
#define log_info(...) log_line(LOG_INFO, 0, __VA_ARGS__)
#define log_warn(...) log_line(LOG_WARN, 0, __VA_ARGS__)
#define log_error(...) log_line(LOG_ERROR, 0, __VA_ARGS__)
#define log_debug(...) log_line(LOG_DEBUG, 0, __VA_ARGS__)
#define log_info_of(...) log_line(LOG_INFO, __VA_ARGS__) /* seat, area, format, ... */
#define log_warn_of(...) log_line(LOG_WARN, __VA_ARGS__)
#define log_error_of(...) log_line(LOG_ERROR, __VA_ARGS__)
