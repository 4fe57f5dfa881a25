/* How long the district's board takes: totals and every branch's row at once (what `banyand overview` does before it prints), and
 * page by page (what serve answers a seat, one page a request). One thread, no network; build with -DCMAKE_BUILD_TYPE=Release.
 *
 *   overview_bench FOLDER BRANCHES [rounds]
 *   d=$(mktemp -d); overview_bench $d 2000; rm -r $d
 *
 * FOLDER must be there and empty. Each branch has 40 members, two plans and 80 items in all their states, 24 due days among them:
 * the board reads packed rows, never records, so the states alone are made. Milliseconds are medians of the rounds, of CPU too;
 * instructions: valgrind --tool=callgrind --toggle-collect=overview_make overview_bench FOLDER 150 1 */
#include "base/limits.h"
#include "server/overview.h"
#include "wire/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PAGE_SIZE (64u << 10)
#define ROUNDS_MAX 1000u
#define OK(x)                                                                                                                    \
    do {                                                                                                                         \
        enum err e_ = (x);                                                                                                       \
        if (e_ != ERR_OK) {                                                                                                      \
            fprintf(stderr, "%s: %s\n", #x, err_name(e_));                                                                       \
            exit(1);                                                                                                             \
        }                                                                                                                        \
    } while (0)

struct bench {
    struct store *store;
    struct journal *journal;
    struct control *control;
    struct arena arena;
    uint64_t made; /* rows */
};

static double seconds(clockid_t which)
{
    struct timespec t;
    clock_gettime(which, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- a district ---- */

static void add_row(struct bench *b, struct org_state *state, const char *kind, const char *const *words, size_t count)
{
    const struct kind *k = kind_by_name(kind);
    ProtobufCMessage *m = record_new(k->descriptor, &b->arena);
    struct id id = id_make((int64_t)++b->made, (const uint8_t[10]){0});
    for (size_t i = 0; i + 1 < count; i += 2)
        record_put_name(m, words[i], cell_text(words[i + 1]), &b->arena);
    org_state_row(state, k, id, (struct row_side){0}, (struct row_side){.exists = true, .seq = seq_make(1, b->made), .message = m});
}

static void fill(struct bench *b, struct org_state *state)
{
    static const char *const members[] = {"active", "active", "active", "suspended", "left"};
    static const char *const items[] = {"planned", "doing", "done", "cancelled"};
    static const char *const periods[] = {"2026-1", "2026-2"};
    char due[16];
    for (int i = 0; i < 40; i++)
        add_row(b, state, "member", (const char *[]){"name", "张三", "state", members[i % 5]}, 4);
    for (int i = 0; i < 2; i++)
        add_row(b, state, "work_plan", (const char *[]){"title", "工作计划", "period", periods[i], "state", "submitted"}, 6);
    for (int i = 0; i < 80; i++) {
        snprintf(due, sizeof due, "2026-%02d-%02d", i % 12 + 1, i % 2 ? 15 : 28);
        add_row(b, state, "plan_item", (const char *[]){"title", "活动", "due_on", due, "state", items[i / 20]}, 6);
    }
}

static void make_district(struct bench *b, const char *dir, unsigned branches)
{
    OK(store_create(dir));
    OK(store_open(dir, STORE_WRITE, &b->store));
    OK(journal_open(dir, JOURNAL_CREATE, &b->journal));
    OK(control_init(store_db(b->store), b->journal, "青禾区教育工会", "qinghe", "district"));
    OK(control_open(store_db(b->store), b->journal, &b->control));
    for (unsigned i = 0; i < branches; i++) {
        char code[32];
        uint32_t org;
        snprintf(code, sizeof code, "qh-%05u", i);
        OK(control_add_org(b->control, code, "青禾区小苗圃幼儿园工会", "branch", NULL, &org));
        struct org_state *state = org_state_create(org, 1);
        arena_reset(&b->arena);
        fill(b, state);
        OK(store_begin(b->store));
        OK(store_put_org(b->store, state));
        OK(store_commit(b->store));
        org_state_destroy(state);
    }
}

/* ---- the board ---- */

struct figures {
    double ms[ROUNDS_MAX], cpu_ms[ROUNDS_MAX];
    size_t pages, bytes, totals, branches;
};

/* The whole board, in pages of that size; 0: at once. */
static void one_round(struct bench *b, size_t size_max, struct figures *f, size_t round)
{
    struct overview_ask ask = {.org = 1, .today = {2026, 11, 22}, .now_ms = 1795400000000, .size_max = size_max};
    char last[256];
    double start = seconds(CLOCK_MONOTONIC), busy = seconds(CLOCK_THREAD_CPUTIME_ID);
    f->pages = f->bytes = f->totals = f->branches = 0;
    for (bool done = false; !done; f->pages++) {
        Wire__Overview out = WIRE__OVERVIEW__INIT;
        arena_reset(&b->arena);
        OK(overview_make(b->store, b->control, &ask, &b->arena, &out));
        f->bytes += protobuf_c_message_get_packed_size(&out.base);
        f->totals += out.n_total;
        f->branches += out.n_branch;
        done = out.done;
        if (out.n_branch) {
            ask.after_branch = out.branch[out.n_branch - 1]->org->number;
        } else if (out.n_total) {
            snprintf(last, sizeof last, "%s", out.total[out.n_total - 1]->name);
            ask.after_total = last;
        }
    }
    f->ms[round] = (seconds(CLOCK_MONOTONIC) - start) * 1e3;
    f->cpu_ms[round] = (seconds(CLOCK_THREAD_CPUTIME_ID) - busy) * 1e3;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void measure(struct bench *b, const char *what, size_t size_max, size_t rounds)
{
    static struct figures f;
    for (size_t i = 0; i < rounds; i++)
        one_round(b, size_max, &f, i);
    qsort(f.ms, rounds, sizeof f.ms[0], compare);
    qsort(f.cpu_ms, rounds, sizeof f.cpu_ms[0], compare);
    printf("%s: %zu branches, %zu totals, %zu bytes in %zu pages: %.1f ms, %.1f ms CPU (%.2f a page)\n", what, f.branches, f.totals,
           f.bytes, f.pages, f.ms[rounds / 2], f.cpu_ms[rounds / 2], f.cpu_ms[rounds / 2] / (double)f.pages);
}

int main(int argc, char **argv)
{
    struct bench b = {0};
    if (argc < 3) {
        fprintf(stderr, "usage: overview_bench FOLDER BRANCHES [rounds]\n");
        return 2;
    }
    size_t rounds = argc > 3 ? (size_t)atol(argv[3]) : 21;
    rounds = rounds < 1 ? 1 : rounds > ROUNDS_MAX ? ROUNDS_MAX : rounds;
    arena_init(&b.arena, 32u * LIMIT_ARENA);
    make_district(&b, argv[1], (unsigned)atoi(argv[2]));
    measure(&b, "at once", 0, rounds);
    measure(&b, "in pages", PAGE_SIZE, rounds);
    control_close(b.control);
    journal_close(b.journal);
    store_close(b.store);
    arena_finish(&b.arena);
    return 0;
}
