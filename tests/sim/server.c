/* The process that serves; see server.h. Jobs go to the writer in groups, as they come: an event takes all that wait, another one, later,
 * gives the answers out, so that the process may die in between. */
#include "tests/sim/oracle_late.h"
#include "tests/sim/server_inner.h"

#include "client/replica/sql.h"
#include "base/clock.h"
#include "base/limits.h"
#include "server/recovery/recovery.h"
#include "server/store/store_control.h"
#include "sync/org_state.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_MS (10 * MINUTE_MS) /* an idle writer looks what is due; production looks more often */
#define RESTART_MS_MAX (2 * MINUTE_MS)

static struct server *serving_now; /* serving.now_ms takes no argument */

static int64_t now_of_server(void)
{
    return disk_now_ms(serving_now->machine);
}

/* ---- numbers ---- */

/* Restores leave numbers out: books are kept in the order in which they were heard of first. */
static unsigned place_of(uint32_t *list, size_t max, uint32_t number)
{
    unsigned i = 0;
    while (i < max && list[i] && list[i] != number)
        i++;
    CHECK(i < max);
    list[i] = number;
    return i;
}

unsigned server_org_place(uint32_t org)
{
    static uint32_t orgs[ORGS_MAX];
    return place_of(orgs, ORGS_MAX, org);
}

unsigned server_seat_place(uint32_t seat)
{
    static uint32_t seats[SEATS_MAX];
    return place_of(seats, SEATS_MAX, seat);
}

/* ---- life and death ---- */

static void free_jobs(struct job *list)
{
    while (list) {
        struct job *next = list->next;
        job_free(list);
        list = next;
    }
}

static void close_files(struct server *s)
{
    doors_close(s);
    free_jobs(s->jobs);
    s->jobs = NULL;
    s->jobs_end = &s->jobs;
    s->job_count = s->job_bytes = 0;
    s->writer_due = false;
    if (s->serving.hub)
        hub_destroy(s->serving.hub);
    db_close(s->drain);
    writer_destroy(s->writer);
    if (s->authority)
        authority_close(s->authority);
    if (s->control)
        control_close(s->control);
    if (s->writer_journal)
        journal_close(s->writer_journal);
    if (s->journal)
        journal_close(s->journal);
    if (s->writer_store)
        store_close(s->writer_store);
    if (s->reader)
        store_close(s->reader);
    if (s->control_store)
        store_close(s->control_store);
    arena_finish(&s->serving.arena);
    s->serving = (struct serving){0};
    s->drain = NULL;
    s->writer = NULL;
    s->authority = NULL;
    s->control = NULL;
    s->journal = s->writer_journal = NULL;
    s->reader = s->control_store = s->writer_store = NULL;
    s->up = false;
    s->life++;
}

static void on_start(void *to, uint64_t life)
{
    struct server *s = to;
    if (!s->up && !s->stopped && s->life == life)
        server_start(s);
}

void server_power_is_lost(struct server *s)
{
    disk_power_loss(s->machine, &s->dice);
    if (s->vault)
        disk_power_loss(s->vault, &s->dice);
}

static void die(struct server *s)
{
    world_tell("the server dies");
    s->counts.deaths++;
    close_files(s);
    if (s->power) {
        world_tell("the server loses power");
        s->counts.power_losses++;
        server_power_is_lost(s);
    }
    s->power = false;
    world_after(dice_between(&s->dice, SECOND_MS, RESTART_MS_MAX), on_start, s, s->life);
}

int server_enter(struct server *s)
{
    serving_now = s;
    return disk_enter(s->process);
}

void server_leave(struct server *s, int before)
{
    if (s->up && disk_is_dead(s->process))
        die(s);
    disk_enter(before);
}

void server_kill_at(struct server *s, uint64_t writes)
{
    if (!s->up)
        return;
    if (writes) {
        disk_kill_at(s->process, writes);
        return;
    }
    int before = server_enter(s);
    disk_kill(s->process);
    server_leave(s, before);
}

void server_lose_power_at(struct server *s, uint64_t writes)
{
    s->power = s->up;
    server_kill_at(s, writes);
}

/* ---- the writer ---- */

struct answers {
    struct server *server;
    uint64_t life;
    struct job *jobs;
    struct writer_news *news;
    size_t news_count;
};

/* Rule 17: one commit, then verdicts, then news. */
static void expect_written(struct server *s, const struct writer_news *news)
{
    int64_t seq = 0;
    int before = disk_enter(DISK_NOBODY);
    CHECK(sql_integer(store_db(s->reader), 0, &seq, "SELECT max(seq) FROM history WHERE org = ?1", "i", (int64_t)news->org) == ERR_OK);
    if ((uint64_t)seq < news->seq)
        world_fail("org %u: subscribers hear of %llu, and %llu is the last that stands", news->org, (unsigned long long)(news->seq & 0xffffffffff),
                   (unsigned long long)(seq & 0xffffffffff));
    disk_enter(before);
}

static void give_out(struct server *s, struct answers *a)
{
    while (a->jobs) {
        struct job *job = a->jobs;
        a->jobs = job->next;
        job->next = NULL;
        struct session *session = hub_find(s->serving.hub, job->session);
        if (session)
            session_job_done(session, job);
        else
            job_free(job);
    }
    for (size_t i = 0; i < a->news_count; i++) {
        uint64_t *told = &s->told[server_org_place(a->news[i].org)];
        if (a->news[i].seq < *told) /* the same: entries were filled in recovery */
            world_fail("org %u: news of %llu after %llu", a->news[i].org, (unsigned long long)a->news[i].seq, (unsigned long long)*told);
        expect_written(s, &a->news[i]);
        *told = a->news[i].seq;
        hub_news(s->serving.hub, a->news[i].org, a->news[i].seq);
    }
}

static void on_answers(void *to, uint64_t arg)
{
    struct answers *a = to;
    struct server *s = a->server;
    (void)arg;
    if (s->up && s->life == a->life) {
        int before = server_enter(s);
        give_out(s, a);
        server_leave(s, before);
    }
    free_jobs(a->jobs);
    free(a->news);
    free(a);
}

static void checkpoint(struct server *s)
{
    int64_t frames, left;
    if (disk_is_dead(s->process) || db_wal_frames(store_db(s->writer_store)) < s->options.wal_pages_max)
        return;
    enum err e = db_checkpoint(s->drain, &frames, &left); /* as its thread, then the writer between two groups */
    if (e == ERR_OK)
        e = db_checkpoint(store_db(s->writer_store), &frames, &left);
    if (e != ERR_OK)
        world_tell("checkpoint: %s", err_name(e));
}

static void run_jobs(struct server *s)
{
    struct answers *a = calloc(1, sizeof *a);
    CHECK(a);
    size_t max = control_org_count(writer_control(s->writer)) + 1024;
    *a = (struct answers){.server = s, .life = s->life, .jobs = s->jobs};
    a->news = calloc(max, sizeof *a->news);
    CHECK(a->news);
    s->counts.jobs += (unsigned)s->job_count;
    s->jobs = NULL;
    s->jobs_end = &s->jobs;
    s->job_count = s->job_bytes = 0;
    if (!s->faulty && !disk_is_dead(s->process))
        oracle_late_note(s->reader, a->jobs);
    writer_run(s->writer, a->jobs, now_of_server(), random_fill, a->news, max, &a->news_count);
    checkpoint(s);
    server_look_at_recovery(s);
    world_after(1, on_answers, a, 0);
}

static void on_writer(void *to, uint64_t life)
{
    struct server *s = to;
    if (!s->up || s->life != life)
        return;
    int before = server_enter(s);
    s->writer_due = false;
    run_jobs(s);
    server_leave(s, before);
}

static enum err put_job(void *to, struct job *job)
{
    struct server *s = to;
    if (s->job_count >= s->options.queue_max || s->job_bytes + job->request.size > LIMIT_WRITER_BYTES)
        return ERR_FULL;
    job->next = NULL;
    *s->jobs_end = job;
    s->jobs_end = &job->next;
    s->job_count++;
    s->job_bytes += job->request.size;
    queues_expect_job(s, job);
    if (!s->writer_due)
        world_after(dice_between(&s->dice, 1, s->options.commit_ms_max), on_writer, s, s->life);
    s->writer_due = true;
    return ERR_OK;
}

static void on_look(void *to, uint64_t life)
{
    struct server *s = to;
    bool changed = false;
    if (!s->up || s->life != life)
        return;
    int before = server_enter(s);
    run_jobs(s); /* with none recovery may be due all the same */
    if (!disk_is_dead(s->process) && control_refresh(s->control, &changed) == ERR_OK && changed)
        hub_check_all(s->serving.hub);
    server_leave(s, before);
    if (s->up)
        world_after(LOOK_MS, on_look, s, s->life);
}

/* ---- up ---- */

static void on_control_changed(void *to)
{
    hub_check_all(((struct server *)to)->serving.hub);
}

static enum err open_files(struct server *s)
{
    const char *dir = disk_path(s->machine);
    char path[200];
    snprintf(path, sizeof path, "%s/" STORE_FILE, dir);
    enum err e = store_open(dir, STORE_WRITE, &s->control_store);
    if (e == ERR_OK)
        e = store_open(dir, STORE_READ, &s->reader);
    if (e == ERR_OK)
        e = journal_open(dir, JOURNAL_OPEN, &s->journal);
    if (e == ERR_OK)
        e = control_open(store_db(s->control_store), s->journal, &s->control);
    if (e == ERR_OK)
        e = authority_open(dir, &s->authority);
    if (e == ERR_OK)
        e = store_open(dir, STORE_WRITE, &s->writer_store);
    if (e == ERR_OK)
        e = journal_open(dir, JOURNAL_OPEN, &s->writer_journal);
    if (e == ERR_OK)
        e = writer_create(s->writer_store, s->writer_journal, &s->writer);
    return e == ERR_OK ? db_open(path, DB_SERVER, DB_OPEN, INT_MAX, &s->drain) : e;
}

static uint64_t seq_of(struct server *s, uint32_t org)
{
    struct org_state *state;
    if (store_load_org(s->reader, org, 1, &state) != ERR_OK)
        return 0;
    uint64_t seq = org_state_seq(state);
    org_state_destroy(state);
    return seq;
}

/* Nothing that anybody was told of is missing after a crash. */
static void expect_told(struct server *s)
{
    for (size_t i = 0; control_org_at(s->control, i); i++) {
        uint32_t org = control_org_at(s->control, i)->number;
        uint64_t seq = seq_of(s, org), told = s->told[server_org_place(org)];
        if (seq < told)
            world_fail("org %u: the server told of %llu.%llu and stands at %llu.%llu after its start", org, (unsigned long long)(told >> 40),
                       (unsigned long long)(told & 0xffffffffff), (unsigned long long)(seq >> 40), (unsigned long long)(seq & 0xffffffffff));
    }
}

void server_forget_told(struct server *s)
{
    memset(s->told, 0, sizeof s->told);
}

void server_forget_standing(struct server *s)
{
    memset(s->standing, 0, sizeof s->standing);
}

void server_start(struct server *s)
{
    if (s->up)
        return;
    s->stopped = false;
    s->counts.starts++;
    s->process = disk_process(s->machine, dice_make(world_seed(), "server process", s->counts.starts));
    int before = server_enter(s);
    s->serving = (struct serving){.hub = hub_create(), .now_ms = now_of_server, .put_job = put_job, .put_to = s,
                                  .control_changed = on_control_changed};
    arena_init(&s->serving.arena, 4 * LIMIT_ARENA);
    enum err e = open_files(s);
    s->serving.store = s->reader;
    s->serving.control = s->control;
    s->serving.authority = s->authority;
    s->up = true;
    if (e != ERR_OK && !disk_is_dead(s->process)) {
        if (!s->faulty)
            world_fail("the server does not start: %s", err_name(e));
        disk_kill(s->process);
    }
    if (e == ERR_OK)
        expect_told(s);
    if (e == ERR_OK)
        world_tell("the server serves");
    server_look_at_recovery(s);
    server_leave(s, before);
    if (s->up)
        world_after(LOOK_MS, on_look, s, s->life);
}

void server_set_disk(struct server *s, bool full, unsigned faulty_per_mille)
{
    disk_set_full(s->machine, full);
    disk_set_faulty(s->machine, faulty_per_mille);
    s->faulty = full || faulty_per_mille;
}

void server_stop(struct server *s)
{
    if (s->up) {
        int before = server_enter(s);
        run_jobs(s); /* it finishes what it has */
        if (disk_is_dead(s->process))
            die(s);
        else
            close_files(s);
        disk_enter(before);
    }
    s->stopped = true;
}

/* ---- facts ---- */

bool server_is_up(const struct server *s)
{
    return s->up;
}

int server_machine(const struct server *s)
{
    return s->machine;
}

struct store *server_store(struct server *s)
{
    return s->reader;
}

struct control *server_control(struct server *s)
{
    return s->control;
}

struct server_counts server_counts(const struct server *s)
{
    return s->counts;
}

bool server_is_recovering(struct server *s)
{
    int64_t orgs = 0;
    CHECK(sql_integer(store_db(s->reader), 0, &orgs, "SELECT count(*) FROM recovery", "") == ERR_OK);
    return orgs > 0;
}

void server_on_recovered(struct server *s, void (*on_recovered)(void *to), void *to)
{
    s->on_recovered = on_recovered;
    s->to = to;
}

bool server_has_trouble(struct server *s)
{
    return !s->up || s->faulty || server_is_recovering(s);
}

static bool has_stripped(struct server *s)
{
    int64_t entries = 0;
    CHECK(sql_integer(store_db(s->reader), 0, &entries, "SELECT count(*) FROM history WHERE entry_hash IS NOT NULL", "") == ERR_OK);
    return entries > 0;
}

bool server_was_stripped(const struct server *s)
{
    return s->was_stripped;
}

void server_look_at_recovery(struct server *s)
{
    if (!s->up || disk_is_dead(s->process))
        return;
    bool now = server_is_recovering(s), ended = s->recovering && !now;
    s->recovering = now;
    s->was_stripped = s->was_stripped || ((now || ended) && has_stripped(s));
    if (ended) {
        world_tell("recovery is over");
        s->on_recovered(s->to);
    }
}
