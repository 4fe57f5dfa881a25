/* The writer's thread. Invariant: a job belongs to exactly one side at a time: the queue and the thread have it between put and
 * done, the loop before and after. */
#include "server/writer/writer_thread.h"

#include "base/clock.h"
#include "base/limits.h"
#include "server/checkpointer.h"
#include "server/disk_trouble.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define RECOVERY_LOOK_MS 30000 /* an idle writer looks what is due */
#define DRAIN_LOOK_MS 20       /* ... and finishes what the checkpointer drained, or goes on with what takes turns */

struct job_queue {
    struct job *first, **last;
    size_t count, bytes;
};

struct writer_thread {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t work;
    struct job_queue waiting, done; /* under lock */
    struct writer_news *news;       /* under lock: not told yet */
    size_t news_count, news_capacity;
    size_t taken, taken_bytes;      /* of jobs that the thread has out; under lock */
    bool stopping;                  /* under lock */
    struct store *store;            /* the thread's, as all below */
    struct journal *journal;
    struct writer *writer;
    struct checkpointer *checkpointer;
    struct disk_trouble *trouble;
    struct net_waker *waker;
    writer_on_done *on_done;
    writer_on_news *on_news;
    void *to;
};

static void queue_put(struct job_queue *q, struct job *job)
{
    job->next = NULL;
    if (!q->first)
        q->last = &q->first;
    *q->last = job;
    q->last = &job->next;
    q->count++;
    q->bytes += job->request.size;
}

static struct job *queue_take_all(struct job_queue *q)
{
    struct job *first = q->first;
    *q = (struct job_queue){0};
    return first;
}

/* ---- in the loop's thread ---- */

static void tell_news(struct writer_thread *w)
{
    pthread_mutex_lock(&w->lock);
    struct writer_news *news = w->news;
    size_t count = w->news_count;
    w->news = NULL;
    w->news_count = w->news_capacity = 0;
    pthread_mutex_unlock(&w->lock);
    for (size_t i = 0; i < count; i++)
        w->on_news(w->to, news[i].org, news[i].seq);
    free(news);
}

/* Answers first: whoever hears the news may be one whose push is answered here. */
static void on_wake(void *to)
{
    struct writer_thread *w = to;
    pthread_mutex_lock(&w->lock);
    struct job *job = queue_take_all(&w->done);
    pthread_mutex_unlock(&w->lock);
    while (job) {
        struct job *next = job->next;
        job->next = NULL;
        w->on_done(w->to, job);
        job = next;
    }
    tell_news(w);
}

static bool has_place(const struct writer_thread *w, const struct job *job)
{
    return w->waiting.count + w->taken < LIMIT_WRITER_QUEUE &&
           w->waiting.bytes + w->taken_bytes + job->request.size <= LIMIT_WRITER_BYTES;
}

enum err writer_thread_put(struct writer_thread *w, struct job *job)
{
    enum err e = ERR_FULL;
    pthread_mutex_lock(&w->lock);
    if (has_place(w, job) && !w->stopping) {
        queue_put(&w->waiting, job);
        pthread_cond_signal(&w->work);
        e = ERR_OK;
    }
    pthread_mutex_unlock(&w->lock);
    return e;
}

/* ---- in the writer's thread ---- */

static void keep_news(struct writer_thread *w, const struct writer_news *news, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (w->news_count == w->news_capacity) {
            w->news_capacity = w->news_capacity ? 2 * w->news_capacity : 64;
            w->news = realloc(w->news, w->news_capacity * sizeof *w->news);
            CHECK(w->news);
        }
        w->news[w->news_count++] = news[i];
    }
}

static void hand_over(struct writer_thread *w, struct job *jobs, const struct writer_news *news, size_t news_count)
{
    pthread_mutex_lock(&w->lock);
    while (jobs) {
        struct job *next = jobs->next;
        queue_put(&w->done, jobs);
        jobs = next;
    }
    keep_news(w, news, news_count);
    w->taken = w->taken_bytes = 0;
    pthread_mutex_unlock(&w->lock);
    net_wake(w->waker);
}

static void run_jobs(struct writer_thread *w, struct job *jobs)
{
    size_t max = control_org_count(writer_control(w->writer)) + 1024, count = 0; /* orgs may be added meanwhile */
    struct writer_news *news = malloc(max * sizeof *news);
    CHECK(news);
    writer_run(w->writer, jobs, clock_now_ms(), random_fill, news, max, &count);
    disk_trouble_note(w->trouble, writer_trouble(w->writer), clock_now_ms());
    hand_over(w, jobs, news, count);
    free(news);
}

/* Waits for jobs; NULL when it is time to look around. The lock is held. */
static struct job *wait_for_jobs(struct writer_thread *w)
{
    struct timespec until;
    bool soon = checkpointer_is_draining(w->checkpointer) || writer_goes_on(w->writer);
    int ms = soon ? DRAIN_LOOK_MS : RECOVERY_LOOK_MS;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += ms % 1000 * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000L;
    }
    while (!w->waiting.first && !w->stopping)
        if (pthread_cond_timedwait(&w->work, &w->lock, &until) == ETIMEDOUT)
            break;
    w->taken = w->waiting.count;
    w->taken_bytes = w->waiting.bytes;
    return queue_take_all(&w->waiting);
}

static void *run(void *to)
{
    struct writer_thread *w = to;
    bool on = true;
    while (on) {
        pthread_mutex_lock(&w->lock);
        struct job *jobs = wait_for_jobs(w);
        on = jobs || !w->stopping;
        pthread_mutex_unlock(&w->lock);
        if (on)
            run_jobs(w, jobs); /* none: recovery may be due all the same */
        checkpointer_between(w->checkpointer, store_db(w->store));
    }
    return NULL;
}

/* ---- life ---- */

static void close_all(struct writer_thread *w)
{
    if (w->waker)
        net_waker_destroy(w->waker);
    checkpointer_stop(w->checkpointer);
    disk_trouble_close(w->trouble);
    writer_destroy(w->writer);
    journal_close(w->journal);
    store_close(w->store);
    pthread_cond_destroy(&w->work);
    pthread_mutex_destroy(&w->lock);
    free(w->news);
    free(w);
}

enum err writer_thread_start(const char *dir, struct net *net, writer_on_done *on_done, writer_on_news *on_news, void *to, struct writer_thread **out)
{
    struct writer_thread *w = calloc(1, sizeof *w);
    CHECK(w);
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->work, NULL);
    w->on_done = on_done;
    w->on_news = on_news;
    w->to = to;
    enum err e = store_open(dir, STORE_WRITE, &w->store);
    if (e == ERR_OK)
        e = journal_open(dir, JOURNAL_OPEN, &w->journal);
    if (e == ERR_OK)
        e = writer_create(w->store, w->journal, &w->writer);
    if (e == ERR_OK)
        e = checkpointer_start(dir, LIMIT_WAL_PAGES, &w->checkpointer);
    if (e != ERR_OK) {
        close_all(w);
        return e;
    }
    w->trouble = disk_trouble_open(dir);
    w->waker = net_waker_create(net, on_wake, w);
    CHECK(pthread_create(&w->thread, NULL, run, w) == 0);
    *out = w;
    return ERR_OK;
}

void writer_thread_stop(struct writer_thread *w)
{
    pthread_mutex_lock(&w->lock);
    w->stopping = true;
    pthread_cond_signal(&w->work);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    on_wake(w); /* what was finished last */
    close_all(w);
}
