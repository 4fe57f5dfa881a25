/* Jobs to commits: everything that waits goes into one transaction, up to LIMIT_GROUP_COMMIT changes; its answers are good only
 * once it is on the disk. A commit that fails leaves nothing behind: not in the database, not in memory, not in an answer. */
#include "server/writer/writer_step.h"

#include "base/limits.h"
#include "base/log.h"
#include "server/recovery/erase.h"
#include "server/recovery/recovery.h"
#include "server/store/store_control.h"
#include "server/store/store_late.h"
#include "server/writer/writer_scrub.h"
#include "wire/wire.h"

#include <stdlib.h>
#include <string.h>

struct writer {
    struct store *store;
    struct control *control;
    struct writer_cache *cache;
    int64_t data_version; /* of the last commit that was ours, or looked at */
    bool recovering;
    int64_t cut_version; /* of the database when what restores cut back was looked at; -1: it is due */
    int64_t cut_again_ms; /* when what was left of it is looked at again */
    enum err trouble; /* of the disk, at a commit */
    int64_t trouble_ms; /* when that was last */
    struct writer_scrub scrub; /* an erasure was carried out, here or by who died over it (recovery/erase.h) */
};

/* Where news of this run goes. */
struct news_list {
    struct writer_news *list;
    size_t max, count;
};

enum err writer_create(struct store *store, struct journal *journal, struct writer **out)
{
    struct control *control;
    enum err e = control_open(store_db(store), journal, &control);
    if (e != ERR_OK)
        return e;
    struct writer *w = calloc(1, sizeof *w);
    CHECK(w);
    w->store = store;
    w->control = control;
    w->cache = cache_create(store);
    w->data_version = -1;
    w->cut_version = -1;
    w->scrub.due = true;
    *out = w;
    return ERR_OK;
}

void writer_destroy(struct writer *w)
{
    if (!w)
        return;
    cache_destroy(w->cache);
    control_close(w->control);
    free(w);
}

const struct control *writer_control(const struct writer *w)
{
    return w->control;
}

enum err step_answer(struct job *job, enum frame_type type, const ProtobufCMessage *message)
{
    enum err e = frame_put(&job->answer, type, message);
    return e == ERR_FRAME_TOO_LARGE ? ERR_BUG : e;
}

/* ---- one commit ---- */

/* Another process wrote (recovered, a restore's tools): what is in memory may be old. */
static enum err look_around(struct writer *w)
{
    struct arena arena;
    uint32_t *orgs;
    size_t count = 0, adopted = 0;
    int64_t version = db_data_version(store_db(w->store));
    bool changed = false;
    enum err e = control_refresh(w->control, &changed);
    if (e == ERR_OK && (changed || version != w->data_version))
        e = store_recover_adopted(w->store, &adopted);
    if (e != ERR_OK || (version == w->data_version && adopted == 0))
        return e;
    cache_drop(w->cache);
    arena_init(&arena, 64u << 20);
    e = store_recovering_orgs(w->store, true, &arena, &orgs, &count);
    arena_finish(&arena);
    if (e == ERR_OK) {
        w->recovering = count > 0;
        w->data_version = version;
    }
    return e;
}

/* Rule 29: what the journal says and the tables do not yet, before anything is decided on them. */
static enum err carry_out_erasures(struct writer *w)
{
    size_t count;
    if (!erase_is_due(w->control))
        return ERR_OK;
    w->scrub.due = true;
    cache_drop(w->cache);
    return erase_carry_out(w->store, w->control, &count);
}

static enum err begin(struct writer *w, struct step *st)
{
    cache_trim(w->cache);
    enum err e = store_begin(w->store);
    if (e == ERR_OK)
        e = look_around(w);
    if (e == ERR_OK)
        e = carry_out_erasures(w);
    if (e != ERR_OK)
        return e;
    st->store = w->store;
    st->control = w->control;
    st->cache = w->cache;
    st->scratch = scratch_create(STEP_CAP);
    arena_init(&st->arena, STEP_CAP);
    st->epoch = control_newest_epoch(w->control);
    st->recovering = w->recovering;
    return ERR_OK;
}

/* Erasures that a restore lost with its journal, brought back by a seat: in the journal again, and carried out. */
static enum err erase_again(struct writer *w, struct step *st, struct job *job)
{
    ProtobufCMessage *m;
    Wire__Erasures answer = WIRE__ERASURES__INIT;
    uint8_t sum[ERASURE_SUM_SIZE];
    size_t count;
    const struct control_seat *seat = control_seat(st->control, job->seat);
    enum err e = seat ? wire_open(&wire__erasures_ask__descriptor, buf_slice(&job->request), &job->arena, &m) : ERR_PROTOCOL;
    for (size_t i = 0; e == ERR_OK && i < ((const Wire__ErasuresAsk *)m)->n_known; i++) {
        ProtobufCBinaryData one = ((const Wire__ErasuresAsk *)m)->known[i]->erasure;
        e = control_add_erasure(st->control, slice_of(one.data, one.len), job->seat);
    }
    if (e == ERR_OK && erase_is_due(st->control)) {
        log_warn_of(job->seat, "writer", "seat %u brings back erasures that this server made and has lost", job->seat);
        cache_drop(w->cache);
        w->scrub.due = true;
        e = erase_carry_out(st->store, st->control, &count);
    }
    if (e != ERR_OK)
        return e;
    seat = control_seat(st->control, job->seat);
    answer.has_done = answer.has_erased = 1;
    answer.done = 1;
    control_erased_sum(st->control, seat ? seat->org : 0, sum);
    answer.erased = (ProtobufCBinaryData){sizeof sum, sum};
    st->changes = LIMIT_GROUP_COMMIT; /* rows in memory are not those of the tables any more: the commit ends here */
    return step_answer(job, FRAME_ERASURES, &answer.base);
}

/* Found before anything was touched (writer_step.h). All else, a key that is taken or a line that is missing too, may have left
 * half a job behind and rolls back. */
static bool is_the_peers(enum err e)
{
    return err_class(e) == ERR_CLASS_PEER;
}

/* Rows and conflicts may be much larger than the changes that touch them. */
static bool has_room(const struct step *st)
{
    size_t memory = st->arena.used + scratch_arena(st->scratch)->used;
    return st->changes < LIMIT_GROUP_COMMIT && memory < STEP_MEMORY_MAX && !st->begin_recovery;
}

/* Runs jobs from first on until the commit is full; *behind: the first that found no place, or was not come to. A recovery that begins ends the
 * commit: what is in memory changes with it. */
static enum err run_jobs(struct writer *w, struct step *st, struct job *first, size_t jobs_max, struct job **behind)
{
    size_t bytes = 0, jobs = 0;
    struct job *job = first;
    while (job && jobs < jobs_max && bytes < STEP_BYTES_MAX && has_room(st) && (jobs == 0 || job->type != JOB_ERASE)) {
        enum err e = job->type == JOB_ERASE ? erase_again(w, st, job) : job_run(st, job);
        if (e != ERR_OK && !is_the_peers(e)) {
            *behind = job->next;
            return e;
        }
        job->failed = e;
        bytes += job->request.size;
        jobs++;
        job = job->next;
    }
    *behind = job;
    return ERR_OK;
}

static enum err write_down(struct step *st)
{
    struct known_org *org;
    enum err e = follow_all(st);
    if (e == ERR_OK)
        e = store_put_rows(st->store, st->scratch);
    for (size_t i = 0; e == ERR_OK && cache_touched_at(st->cache, i, &org); i++)
        e = store_put_org(st->store, org->state);
    return e == ERR_OK ? store_commit(st->store) : e;
}

static void add_news(struct news_list *news, uint32_t org, uint64_t seq)
{
    for (size_t i = 0; i < news->count; i++)
        if (news->list[i].org == org) {
            news->list[i].seq = seq;
            return;
        }
    if (news->count < news->max)
        news->list[news->count++] = (struct writer_news){org, seq};
}

static void tell(struct step *st, struct news_list *news)
{
    struct known_org *org;
    for (size_t i = 0; cache_touched_at(st->cache, i, &org); i++)
        add_news(news, org->org, org_state_seq(org->state));
    cache_settle(st->cache);
}

static void forget_answers(struct job *first, const struct job *behind)
{
    for (struct job *job = first; job && job != behind; job = job->next) {
        buf_finish(&job->answer);
        job->failed = ERR_OK;
    }
}

/* What a commit does, between its begin and what is written down. */
typedef enum err commit_work(struct writer *w, struct step *st, void *to);

static enum err commit(struct writer *w, struct step *st, commit_work *work, void *to, struct news_list *news)
{
    enum err e = begin(w, st);
    if (e == ERR_OK)
        e = work(w, st, to);
    if (e == ERR_OK)
        e = write_down(st);
    if (e == ERR_OK) {
        tell(st, news);
    } else {
        store_rollback(w->store);
        cache_drop(w->cache);
        w->data_version = -1;
    }
    scratch_destroy(st->scratch);
    arena_finish(&st->arena);
    return e;
}

struct run {
    struct job *first, *behind; /* behind: the first that found no place, or was not come to */
    size_t jobs_max;
};

static enum err work_jobs(struct writer *w, struct step *st, void *to)
{
    struct run *r = to;
    return run_jobs(w, st, r->first, r->jobs_max, &r->behind);
}

/* Where nothing can begin all jobs share its fate. */
static enum err commit_jobs(struct writer *w, struct step *st, struct run *r, struct news_list *news)
{
    enum err e = commit(w, st, work_jobs, r, news);
    if (e != ERR_OK)
        forget_answers(r->first, NULL);
    if (e == ERR_OK && st->begin_recovery) {
        cache_drop(w->cache);
        w->recovering = true;
    }
    return e;
}

static bool disk_is_to_blame(enum err e)
{
    return e == ERR_DISK_FULL || e == ERR_IO || e == ERR_BUSY; /* not CORRUPT: one row may be, that one job touches */
}

/* ---- what restores cut back (rules 25, 27) ---- */

#define CUT_AGAIN_MS 3600000 /* what was left may be taken by then, and costs a walk through all of its path */

static enum err work_cut(struct writer *w, struct step *st, void *to)
{
    (void)w;
    return cut_step(st, to);
}

/* A step that was rolled back counts for nothing. */
static enum err walk_cut(struct writer *w, const struct step *like, struct cut_walk *c, struct news_list *news)
{
    enum err e = ERR_OK;
    while (c->more && e == ERR_OK) {
        struct step st = *like;
        struct cut_walk before = *c;
        e = commit(w, &st, work_cut, c, news);
        before.late.forks = c->late.forks;
        if (e != ERR_OK)
            *c = before;
    }
    return e;
}

static void tell_cut(const struct cut_walk *c, size_t waiting, enum err e, const char *detail)
{
    if (c->late.decided || (waiting == 0 && e == ERR_OK))
        log_warn("writer", "org %u: recovery has ended; of what restores had cut back %zu entries were decided late, %zu of them refused, %zu were known,"
                 " %zu were left",
                 c->org, c->late.decided, c->late.refused, c->late.known, c->late.left);
    if (waiting)
        log_error("writer", "org %u: of what restores had cut back %zu entries are kept that can't be decided yet; %zu of them can't be read", c->org, waiting, c->broken);
    if (e != ERR_OK)
        log_error("writer", "org %u: what restores had cut back is not decided yet: %s (%s)", c->org, err_text(e), detail);
}

/* *left: entries that wait on; of a walk that failed all that are kept, -1 where even they can't be counted. */
static enum err decide_cut_of(struct writer *w, uint32_t org, const struct step *like, struct news_list *news, int64_t *left)
{
    struct cut_walk c = {.org = org, .late = {.org = org, .trusted = true}, .more = true};
    enum err e = walk_cut(w, like, &c, news);
    size_t waiting = c.late.waiting + c.broken;
    tell_cut(&c, waiting, e, store_detail(w->store));
    late_finish(&c.late);
    *left = (int64_t)waiting;
    if (e != ERR_OK && store_count_cut(w->store, org, left) != ERR_OK)
        *left = -1;
    return e;
}

/* For the board, and for who looks whether there is any. */
static void keep_left(struct writer *w, int64_t left)
{
    int64_t before;
    enum err e = store_meta_get(store_db(w->store), STORE_CUT_LEFT, &before);
    if (e == ERR_OK && before != left)
        e = store_meta_put(store_db(w->store), STORE_CUT_LEFT, left);
    if (e != ERR_OK)
        log_error("writer", "how much of what was cut back is left: %s (%s)", err_text(e), store_detail(w->store));
}

/* Before anything else is decided: what comes afterwards was made on top of it. One org's trouble is not that of the orgs behind it. */
static void decide_cut(struct writer *w, const struct step *like, struct news_list *news)
{
    uint32_t org = 0;
    int64_t version = db_data_version(store_db(w->store)), left = 0, of_org;
    bool disk = false, counted = true;
    if (w->cut_version == version && like->now_ms < w->cut_again_ms)
        return;
    enum err e = store_next_cut_org(w->store, org, &org);
    while (e == ERR_OK && org) {
        disk = disk_is_to_blame(decide_cut_of(w, org, like, news, &of_org)) || disk;
        counted = counted && of_org >= 0;
        left += of_org;
        e = store_next_cut_org(w->store, org, &org);
    }
    if (e != ERR_OK)
        log_error("writer", "what restores had cut back can't be looked for: %s (%s)", err_text(e), store_detail(w->store));
    else if (counted)
        keep_left(w, left);
    w->cut_version = e == ERR_OK && !disk ? version : -1;
    w->cut_again_ms = left || !counted ? like->now_ms + CUT_AGAIN_MS : INT64_MAX;
}

/* ---- a run ---- */

static void look_at_recovery(struct writer *w, int64_t now_ms)
{
    size_t ended = 0;
    if (!w->recovering)
        return;
    enum err e = recovery_check(w->store, w->control, now_ms, &ended);
    if (e != ERR_OK)
        log_error("writer", "recovery: %s (%s)", err_text(e), store_detail(w->store));
    if (e != ERR_OK || ended) {
        cache_drop(w->cache);
        w->data_version = -1;
        w->cut_version = -1;
    }
}

enum err writer_trouble(const struct writer *w)
{
    return w->trouble;
}

bool writer_goes_on(const struct writer *w)
{
    return w->scrub.due && w->scrub.not_before_ms == 0;
}

#define TROUBLE_OVER_MS 600000 /* who could not be served comes again sooner */

/* On a full disk a small commit may find room in the log where one with changes does not. */
static void note_trouble(struct writer *w, enum err e, const struct step *st)
{
    if (e == ERR_DISK_FULL || e == ERR_IO) {
        w->trouble = e;
        w->trouble_ms = st->now_ms;
    } else if (e == ERR_OK && (st->changes > 0 || st->now_ms - w->trouble_ms > TROUBLE_OVER_MS)) {
        w->trouble = ERR_OK;
    }
}

void writer_run(struct writer *w, struct job *jobs, int64_t now_ms, void (*random)(void *out, size_t size), struct writer_news *news,
                size_t max, size_t *news_count)
{
    struct news_list list = {.list = news, .max = max};
    struct step fresh = {.now_ms = now_ms, .random = random};
    decide_cut(w, &fresh, &list);
    size_t alone = 0; /* jobs still to be run one by one, after a commit that one of them broke */
    for (struct job *job = jobs; job;) {
        struct step st = fresh;
        struct run r = {.first = job, .jobs_max = alone ? 1 : SIZE_MAX};
        enum err e = commit_jobs(w, &st, &r, &list);
        note_trouble(w, e, &st);
        if (e == ERR_OK) {
            for (; job != r.behind; job = job->next)
                alone -= alone > 0;
        } else if (alone || disk_is_to_blame(e)) {
            log_error("writer", "nothing done: %s (%s)", err_text(e), store_detail(w->store));
            for (; job != r.behind; job = job->next) {
                bool declined = !disk_is_to_blame(e) && hand_back_decline(w->control, job);
                job->failed = declined ? ERR_OK : e;
                alone -= alone > 0;
            }
        } else {
            for (struct job *rest = job; rest; rest = rest->next)
                alone++;
        }
    }
    look_at_recovery(w, now_ms);
    decide_cut(w, &fresh, &list); /* of a recovery that ended just now; else it looks at two numbers */
    writer_scrub_run(&w->scrub, w->store, now_ms);
    *news_count = list.count;
}
