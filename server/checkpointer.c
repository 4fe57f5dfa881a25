#include "server/checkpointer.h"

#include "base/clock.h"
#include "base/log.h"
#include "server/store/store.h"

#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define LEFT_MAX 150   /* frames that the writer may be left with: under a millisecond */
#define DRAIN_PASSES 5 /* a writer at full load adds as fast as a pass takes away */

enum drain { DRAIN_IDLE, DRAIN_ASKED, DRAIN_DONE, DRAIN_STOP };

struct checkpointer {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t asked;
    enum drain drain;     /* under lock */
    struct db *db;        /* the thread's */
    int64_t pages_max;
    int64_t next_pages;   /* where the writer asks; the writer's */
    int64_t longest_ms, passes; /* the writer's */
};

static void drain(struct db *db)
{
    int64_t frames, left = INT64_MAX;
    for (int pass = 0; pass < DRAIN_PASSES && left > LEFT_MAX; pass++) {
        enum err e = db_checkpoint(db, &frames, &left);
        if (e != ERR_OK) {
            log_warn("checkpointer", "%s (%s)", err_text(e), db_detail(db));
            return;
        }
    }
}

static void *run(void *to)
{
    struct checkpointer *c = to;
    pthread_mutex_lock(&c->lock);
    while (c->drain != DRAIN_STOP) {
        if (c->drain != DRAIN_ASKED) {
            pthread_cond_wait(&c->asked, &c->lock);
            continue;
        }
        pthread_mutex_unlock(&c->lock);
        drain(c->db);
        pthread_mutex_lock(&c->lock);
        if (c->drain == DRAIN_ASKED)
            c->drain = DRAIN_DONE;
    }
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

enum err checkpointer_start(const char *dir, int64_t pages_max, struct checkpointer **out)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/" STORE_FILE, dir) >= (int)sizeof path)
        return ERR_TOO_LONG;
    struct checkpointer *c = calloc(1, sizeof *c);
    CHECK(c);
    enum err e = db_open(path, DB_SERVER, DB_OPEN, INT_MAX, &c->db);
    if (e != ERR_OK) {
        free(c);
        return e;
    }
    c->pages_max = c->next_pages = pages_max;
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->asked, NULL);
    CHECK(pthread_create(&c->thread, NULL, run, c) == 0);
    *out = c;
    return ERR_OK;
}

static void set(struct checkpointer *c, enum drain to)
{
    pthread_mutex_lock(&c->lock);
    if (c->drain != DRAIN_STOP)
        c->drain = to;
    pthread_cond_signal(&c->asked);
    pthread_mutex_unlock(&c->lock);
}

static enum drain get(struct checkpointer *c)
{
    pthread_mutex_lock(&c->lock);
    enum drain d = c->drain;
    pthread_mutex_unlock(&c->lock);
    return d;
}

void checkpointer_stop(struct checkpointer *c)
{
    if (!c)
        return;
    set(c, DRAIN_STOP);
    pthread_join(c->thread, NULL);
    pthread_cond_destroy(&c->asked);
    pthread_mutex_destroy(&c->lock);
    db_close(c->db);
    free(c);
}

/* Everything copied back: the next commit starts the WAL anew, and the hook counts from the beginning. What is left is held by
 * a long reader: asking again at once would only burn the disk. */
static void finish(struct checkpointer *c, struct db *writer)
{
    int64_t frames = 0, left = 0, start = clock_monotonic_ms();
    enum err e = db_checkpoint(writer, &frames, &left);
    int64_t took = clock_monotonic_ms() - start;
    c->longest_ms = took > c->longest_ms ? took : c->longest_ms;
    c->passes++;
    c->next_pages = e == ERR_OK && left == 0 ? c->pages_max : frames + c->pages_max / 4;
    if (e != ERR_OK)
        log_warn("checkpointer", "%s (%s)", err_text(e), db_detail(writer));
    set(c, DRAIN_IDLE);
}

void checkpointer_between(struct checkpointer *c, struct db *writer)
{
    enum drain d = get(c);
    if (d == DRAIN_DONE)
        finish(c, writer);
    else if (d == DRAIN_IDLE && db_wal_frames(writer) < c->pages_max)
        c->next_pages = c->pages_max; /* it has restarted */
    else if (d == DRAIN_IDLE && db_wal_frames(writer) >= c->next_pages)
        set(c, DRAIN_ASKED);
}

bool checkpointer_is_draining(struct checkpointer *c)
{
    enum drain d = get(c);
    return d == DRAIN_ASKED || d == DRAIN_DONE;
}

void checkpointer_facts(struct checkpointer *c, int64_t *longest_ms, int64_t *passes)
{
    *longest_ms = c->longest_ms;
    *passes = c->passes;
}
