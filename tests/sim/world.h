#pragma once
/* Time and what happens in it. One world a process: everything that happens is an event with a time, events of one time in the order
 * in which they were set, and nothing else moves the clock. What is told to the trace (text, frames) is mixed into a hash: the same
 * seed gives the same. */
#include "random.h"
#include "base/slice.h"

#define SECOND_MS INT64_C(1000)
#define MINUTE_MS INT64_C(60000)
#define HOUR_MS INT64_C(3600000)
#define DAY_MS INT64_C(86400000)
#define BEGIN_MS INT64_C(1795305600000) /* 2026-11-22 00:00 UTC */

typedef void world_event(void *to, uint64_t arg);

void world_begin(uint64_t seed, bool tell); /* tell: the trace goes to standard output, too */
void world_end(void);                       /* drops what has not happened yet */
uint64_t world_seed(void);
int64_t world_now_ms(void);
/* to must live until then; who may go earlier hands a number over in arg and looks it up. */
void world_after(int64_t ms, world_event *event, void *to, uint64_t arg);
/* Events until that time (included), or until `until` says so; NULL: never. True where it said so. */
bool world_run(int64_t until_ms, bool (*until)(void *to), void *to);
uint64_t world_events(void);
void world_on_step(void (*look)(void)); /* after each event */

void world_tell(const char *format, ...) __attribute__((format(printf, 1, 2)));
void world_mix(const void *data, size_t size);
uint64_t world_hash(void);

/* What must not be: prints it with the time and ends the process with status 1. */
void world_fail(const char *format, ...) __attribute__((format(printf, 1, 2), __noreturn__));
