#pragma once
/* Programs log, once; libraries return. To stderr: "time level area: message". Never secrets, never personal data. */
enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

void log_set_level(enum log_level least);
/* Lines of one sort (of one format) are written as they come up to LIMIT_LOG_BURST, then one each LIMIT_LOG_EACH_MS: who makes a peer
 * complain a thousand times a second does not fill the disk. How many were left out stands at the end of the next one that is written;
 * any thread may log. */
void log_line(enum log_level level, const char *area, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Says it of those after which no other came; for who runs for long, each minute or so, and at the end. */
void log_tell_left_out(void);
#define log_info(...) log_line(LOG_INFO, __VA_ARGS__)
#define log_warn(...) log_line(LOG_WARN, __VA_ARGS__)
#define log_error(...) log_line(LOG_ERROR, __VA_ARGS__)
#define log_debug(...) log_line(LOG_DEBUG, __VA_ARGS__)
