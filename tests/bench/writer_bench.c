/* Changes a second through the writer: decode, rule 4, decide, accept, rows, history, org state, group commit, checkpointer; no
 * network, no TLS. FOLDER must be there and empty; build with -DCMAKE_BUILD_TYPE=Release.
 *
 *   writer_bench FOLDER [s50|s1] [changes a commit] [commits] [records beforehand]
 *   d=$(mktemp -d); writer_bench $d s50 1000 100 200000; rm -r $d
 *
 * 200 branches of one seat. s50: a branch's changes come 50 in a row, one push each; s1: every push has one change, of the next
 * branch in turn (what a hub of many small clients sees: each change touches pages of its own, so its ceiling is another one).
 * Every tenth change sets a field of an older record, the others create.
 * Pages a commit is what went to the WAL: it does not depend on the machine, so compare it first; then CPU; the rate last, by
 * medians of runs in turn. "before" is made by the writer, too: with valgrind --tool=callgrind --toggle-collect=writer_run keep
 * it 0. */
#include "base/clock.h"
#include "base/limits.h"
#include "server/checkpointer.h"
#include "server/writer/writer.h"
#include "wire/frame.h"
#include "wire/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define BRANCHES 200u
#define OK(x)                                                                                                                    \
    do {                                                                                                                         \
        enum err e_ = (x);                                                                                                       \
        if (e_ != ERR_OK) {                                                                                                      \
            fprintf(stderr, "%s: %s\n", #x, err_name(e_));                                                                       \
            exit(1);                                                                                                             \
        }                                                                                                                        \
    } while (0)

struct branch {
    uint32_t org, seat;
    struct incarnation incarnation;
    uint64_t n;
    struct id recent[64];
    uint64_t made;
};

struct bench {
    const char *dir;
    struct store *store;
    struct journal *journal;
    struct control *control;
    struct writer *writer;
    struct checkpointer *checkpointer;
    struct branch branches[BRANCHES];
    struct arena arena;
    const struct kind *member;
    int64_t tick;
    int64_t wal_longest, frames, pages; /* frames: after the commit before */
    double *took;
    size_t took_count;
};

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double cpu_s(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void make_district(struct bench *b)
{
    OK(store_create(b->dir));
    OK(store_open(b->dir, STORE_WRITE, &b->store));
    OK(journal_open(b->dir, JOURNAL_CREATE, &b->journal));
    OK(control_init(store_db(b->store), b->journal, "青禾区教育工会", "qinghe", "district"));
    OK(control_open(store_db(b->store), b->journal, &b->control));
    for (uint32_t i = 0; i < BRANCHES; i++) {
        char code[32];
        uint8_t secret[16] = {0}, key[32] = {0}, serial[16] = {0};
        struct control_invitation invitation;
        struct branch *at = &b->branches[i];
        snprintf(code, sizeof code, "qh-%03u", i);
        memcpy(secret, &i, sizeof i);
        OK(control_add_org(b->control, code, "青禾幼儿园工会", "branch", NULL, &at->org));
        OK(control_add_invitation(b->control, at->org, "张三", ROLES(union_chair), secret, INT64_MAX, 0));
        OK(control_find_invitation(b->control, secret, &invitation));
        OK(control_add_seat(b->control, invitation.number, key, serial, INT64_MAX, &at->seat));
        random_fill(at->incarnation.bytes, INCARNATION_SIZE);
    }
    OK(writer_create(b->store, b->journal, &b->writer));
    OK(checkpointer_start(b->dir, LIMIT_WAL_PAGES, &b->checkpointer));
}

/* About 300 bytes, as the skeleton's records. */
static ProtobufCMessage *new_member(struct bench *b)
{
    ProtobufCMessage *m = record_new(b->member->descriptor, &b->arena);
    record_put_name(m, "name", cell_text("欧阳小青"), &b->arena);
    record_put_name(m, "sex", cell_text("2"), &b->arena);
    record_put_name(m, "birth_date", cell_text("1990-03-07"), &b->arena);
    record_put_name(m, "mobile", cell_text("13800000000"), &b->arena);
    record_put_name(m, "campus", cell_text("东校区"), &b->arena);
    record_put_name(m, "joined_on", cell_text("2015-09-01"), &b->arena);
    record_put_name(m, "note", cell_text("二〇一五年九月入园，先后任配班、主班教师，热心工会活动，连续三年被评为园级先进工作者；二〇二三年起兼任信息员，"
                                         "负责分园的通知、资料与活动照片的整理归档。"), &b->arena);
    return m;
}

static struct change *next_change(struct bench *b, struct branch *at)
{
    struct change *c = arena_alloc(&b->arena, sizeof *c);
    uint8_t random[10];
    bool sets = at->made > 0 && at->n % 10 == 9;
    random_fill(random, sizeof random);
    *c = (struct change){.n = ++at->n, .org = at->org, .kind_number = b->member->number, .kind = b->member, .made_ms = b->tick};
    c->op = sets ? OP_SET : OP_CREATE;
    if (sets) {
        ProtobufCMessage *m = record_new(b->member->descriptor, &b->arena);
        record_put_name(m, "campus", cell_text(b->tick % 2 ? "西校区" : "南校区"), &b->arena);
        c->patch = m;
        c->id = at->recent[at->n % (at->made < 64 ? at->made : 64)];
        c->base = INT64_MAX; /* whatever stands was seen */
    } else {
        c->patch = new_member(b);
        c->id = id_make(b->tick++, random);
        at->recent[at->made++ % 64] = c->id;
    }
    OK(change_pack(c, &b->arena));
    return c;
}

static struct job *next_push(struct bench *b, struct branch *at, size_t changes)
{
    struct job *job = calloc(1, sizeof *job);
    Wire__Push m = WIRE__PUSH__INIT;
    Wire__Sent *sent = arena_alloc(&b->arena, changes * sizeof *sent), **list = arena_alloc(&b->arena, changes * sizeof *list);
    job->type = JOB_PUSH;
    job->seat = at->seat;
    arena_init(&job->arena, LIMIT_ARENA);
    for (size_t i = 0; i < changes; i++) {
        const struct change *c = next_change(b, at);
        wire__sent__init(&sent[i]);
        sent[i].has_change = 1;
        sent[i].change = (ProtobufCBinaryData){c->bytes.size, (uint8_t *)c->bytes.data};
        list[i] = &sent[i];
    }
    m.has_incarnation = 1;
    m.incarnation = (ProtobufCBinaryData){INCARNATION_SIZE, at->incarnation.bytes};
    m.n_sent = changes;
    m.sent = list;
    wire_pack(&m.base, &job->request);
    return job;
}

static struct job *make_jobs(struct bench *b, size_t changes, size_t a_push, size_t *turn)
{
    struct job *first = NULL, **last = &first;
    arena_reset(&b->arena);
    for (size_t made = 0; made < changes; made += a_push) {
        *last = next_push(b, &b->branches[(*turn)++ % BRANCHES], a_push);
        last = &(*last)->next;
    }
    return first;
}

static void free_jobs(struct job *job)
{
    while (job) {
        struct job *next = job->next;
        if (job->failed != ERR_OK) {
            fprintf(stderr, "failed: %s\n", err_name(job->failed));
            exit(1);
        }
        buf_finish(&job->request);
        buf_finish(&job->answer);
        arena_finish(&job->arena);
        free(job);
        job = next;
    }
}

/* Only the writer's own part is timed: making pushes is the clients'. */
static double run(struct bench *b, size_t commits, size_t changes, size_t a_push, size_t *turn, double *cpu)
{
    struct writer_news news[BRANCHES];
    size_t count;
    double all = 0;
    *cpu = 0;
    for (size_t i = 0; i < commits; i++) {
        struct job *jobs = make_jobs(b, changes, a_push, turn);
        double start = now_s(), busy = cpu_s();
        writer_run(b->writer, jobs, b->tick, random_fill, news, BRANCHES, &count);
        double took = now_s() - start; /* answers would go out here */
        checkpointer_between(b->checkpointer, store_db(b->store));
        all += now_s() - start;
        *cpu += cpu_s() - busy;
        if (b->took)
            b->took[b->took_count++] = took;
        int64_t frames = db_wal_frames(store_db(b->store));
        b->wal_longest = frames > b->wal_longest ? frames : b->wal_longest;
        b->pages += frames >= b->frames ? frames - b->frames : frames; /* fewer: the WAL began anew */
        b->frames = frames;
        free_jobs(jobs);
    }
    return all;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
    struct bench b = {.dir = argc > 1 ? argv[1] : NULL, .tick = 1795400000000};
    size_t turn = 0;
    double cpu;
    int64_t finish_ms, finishes;
    if (argc < 2) {
        fprintf(stderr, "usage: writer_bench FOLDER [s50|s1] [changes a commit] [commits] [records beforehand]\n");
        return 2;
    }
    size_t a_push = argc > 2 && strcmp(argv[2], "s1") == 0 ? 1 : 50;
    size_t changes = argc > 3 ? (size_t)atol(argv[3]) : 1000, commits = argc > 4 ? (size_t)atol(argv[4]) : 100;
    size_t before = argc > 5 ? (size_t)atol(argv[5]) : 0;
    arena_init(&b.arena, (size_t)1 << 30);
    b.member = kind_by_name("member");
    make_district(&b);
    if (before)
        run(&b, before / 2000, 2000, 50, &turn, &cpu);
    b.wal_longest = b.pages = 0;
    b.took = calloc(commits, sizeof *b.took);
    double took = run(&b, commits, changes, a_push, &turn, &cpu);
    qsort(b.took, b.took_count, sizeof *b.took, compare);
    checkpointer_facts(b.checkpointer, &finish_ms, &finishes);
    printf("%s %zu a commit, %zu records before: %.0f changes/s, %.1f us CPU each; commit p50 %.1f p99 %.1f ms, %.1f pages; "
           "WAL %lld pages; %lld finishing passes, longest %lld ms\n",
           a_push == 1 ? "s1" : "s50", changes, before, (double)(commits * changes) / took, cpu * 1e6 / (double)(commits * changes),
           b.took[b.took_count / 2] * 1e3, b.took[b.took_count * 99 / 100] * 1e3, (double)b.pages / (double)commits,
           (long long)b.wal_longest, (long long)finishes, (long long)finish_ms);
    checkpointer_stop(b.checkpointer);
    writer_destroy(b.writer);
    control_close(b.control);
    journal_close(b.journal);
    store_close(b.store);
    free(b.took);
    arena_finish(&b.arena);
    return 0;
}
