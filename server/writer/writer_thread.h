#pragma once
/* The writer on its own thread, with the checkpointer beside it: jobs go in by a bounded queue, finished ones and news come back
 * to the loop by a waker. The WAL is drained by a thread and finished by the writer between two groups, so that it stays bounded
 * and no acknowledgement waits for it (LIMIT_WAL_PAGES). */
#include "net/stream.h"
#include "server/writer/writer.h"

struct writer_thread;
/* on_done runs in the loop's thread, once a finished job; the job is the callee's then. */
typedef void writer_on_done(void *to, struct job *job);
typedef void writer_on_news(void *to, uint32_t org, uint64_t seq);
enum err writer_thread_start(const char *dir, struct net *net, writer_on_done *on_done, writer_on_news *on_news, void *to, struct writer_thread **out) MUST_CHECK;
/* Takes the job. ERR_FULL over LIMIT_WRITER_QUEUE or LIMIT_WRITER_BYTES: the job stays the caller's. */
enum err writer_thread_put(struct writer_thread *w, struct job *job) MUST_CHECK;
/* Finishes what was put, then stops. */
void writer_thread_stop(struct writer_thread *w);
