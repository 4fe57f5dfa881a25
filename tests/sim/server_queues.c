/* How full the server's queues may be of peers that keep to the protocol: limits.h says where others are cut off, and nobody here comes
 * near that. */
#include "tests/sim/server_inner.h"

#include "base/limits.h"

#define PAGE_MAX (LIMIT_PAGE_SIZE + 2 * LIMIT_RECORD)   /* at least one entry or row goes, however large */
#define PUSH_MAX (LIMIT_PUSH_SIZE + 2 * LIMIT_RECORD)
#define JOBS_OF_SESSION (LIMIT_PUSHES_IN_FLIGHT + 6u)   /* a hello and reports of five minutes besides; each begins or ends a recovery perhaps */
#define PAGES_WAITING 4u                                /* entries, digests, a snapshot's page, erasures: one of each is asked for at a time */

void queues_expect_job(const struct server *s, const struct job *job)
{
    unsigned pushes = 0, all = 0;
    for (const struct job *other = s->jobs; other; other = other->next)
        if (other->session == job->session) {
            all++;
            pushes += other->type == JOB_PUSH || other->type == JOB_HAND_BACK;
        }
    if (job->session && (pushes > LIMIT_PUSHES_IN_FLIGHT || all > JOBS_OF_SESSION))
        world_fail("of one session of seat %u %u jobs wait, %u of them pushes", job->seat, all, pushes);
    if (job->request.size > PUSH_MAX)
        world_fail("seat %u sends %zu bytes to the writer", job->seat, job->request.size);
    if (s->job_count > s->options.queue_max || s->job_bytes > LIMIT_WRITER_BYTES)
        world_fail("%zu jobs of %zu bytes wait for the writer", s->job_count, s->job_bytes);
}

void queues_expect_answer(uint32_t seat, enum frame_type type, size_t size)
{
    bool paged = type == FRAME_ENTRIES || type == FRAME_SNAPSHOT_PAGE || type == FRAME_ROWS || type == FRAME_HISTORY || type == FRAME_ERASURES;
    if (size > LIMIT_FRAME || (paged && size > PAGE_MAX))
        world_fail("seat %u is given %zu bytes in frame %d", seat, size, (int)type);
}

void queues_expect_waiting(uint32_t seat, size_t bytes)
{
    if (bytes > PAGES_WAITING * PAGE_MAX)
        world_fail("%zu bytes wait to be written to seat %u, which asks for one page of each sort at a time", bytes, seat);
}
