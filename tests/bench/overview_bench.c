/* How long the district's board takes: totals and every branch's row at once (what `banyand overview` does before it prints), and
 * page by page (what serve answers a seat, one page a request). One thread, no network; build with -DCMAKE_BUILD_TYPE=Release.
 *
 *   overview_bench FOLDER BRANCHES [rounds]
 *   d=$(mktemp -d); overview_bench $d 150; rm -r $d
 *
 * FOLDER must be there and empty. Branches are of the sizes that a district has (15 % of 8 members, 25 % of 20, 40 % of 45, 15 % of 80,
 * 5 % of 150), each with a year's work: dues assessed and paid in twelve months, proposals in all their states with ratings, two
 * plans of 40 items, a summary, the statement on dues. The board reads packed rows, never records, so that the states alone are
 * made. Milliseconds are medians of the rounds, of CPU too, for the district's officer; the bar for 150 branches: 20 ms of CPU for
 * all pages. Exit status 1 when it is missed. Instructions: valgrind --tool=callgrind --toggle-collect=overview_make overview_bench
 * FOLDER 150 1 */
#include "base/limits.h"
#include "kinds/dues.h"
#include "server/overview.h"
#include "wire/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PAGE_SIZE LIMIT_PAGE_SIZE
#define BAR_MS 20.0 /* of 150 branches */
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

/* words: name, value ...; a value of digits for a field of money. */
static ProtobufCMessage *record(struct bench *b, const struct kind *k, const char *const *words, size_t count)
{
    ProtobufCMessage *m = record_new(k->descriptor, &b->arena);
    for (size_t i = 0; i + 1 < count; i += 2)
        record_put_name(m, words[i], strstr(words[i], "_fen") ? cell_integer(atoll(words[i + 1])) : cell_text(words[i + 1]), &b->arena);
    return m;
}

static void add_row(struct bench *b, struct org_state *state, const char *kind, const char *const *words, size_t count)
{
    const struct kind *k = kind_by_name(kind);
    ProtobufCMessage *m = record(b, k, words, count);
    struct id id = id_make((int64_t)++b->made, (const uint8_t[10]){0});
    org_state_row(state, k, id, (struct row_side){0}, (struct row_side){.exists = true, .seq = seq_make(1, b->made), .message = m});
}
#define ADD(kind, ...) add_row(b, state, kind, (const char *[]){__VA_ARGS__}, sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *))

/* Nine of ten pay; of the others half in part. */
static void add_dues(struct bench *b, struct org_state *state, int members)
{
    char period[16], day[16];
    for (int month = 1; month <= 12; month++) {
        snprintf(period, sizeof period, "2026-%02d", month);
        snprintf(day, sizeof day, "2026-%02d-20", month);
        arena_reset(&b->arena);
        for (int i = 0; i < members; i++) {
            const struct kind *due = kind_by_name("dues_assessment"), *paid = kind_by_name("dues_payment");
            const ProtobufCMessage *rows[] = {
                record(b, due, (const char *[]){"period", period, "amount_due_fen", "2500", "state", i == 7 ? "exempt" : "due"}, 6),
                record(b, paid, (const char *[]){"period", period, "amount_fen", i % 20 ? "2500" : "1200", "paid_on", day}, 6)};
            org_state_account(state, &dues_account, &(struct account_rows){.list = NULL}, &(struct account_rows){.list = rows, .count = i % 20 == 1 ? 1 : 2});
        }
    }
}

static void add_proposals(struct bench *b, struct org_state *state, int count)
{
    static const char *const states[] = {"assigned", "in_progress", "replied", "rated", "resulted", "closed"};
    static const char *const decisions[] = {"filed", "filed", "filed", "merged", "declined", "converted"};
    static const char *const ratings[] = {"satisfied", "satisfied", "basically", "unsatisfied"};
    char due[16];
    for (int i = 0; i < count; i++) {
        snprintf(due, sizeof due, "2026-%02d-%02d", i % 12 + 1, i % 28 + 1);
        ADD("proposal", "title", "提案", "state", states[i % 6], "decision", decisions[i % 6], "submitted_on", "2026-05-10", "replied_on", "2026-05-30",
            "due_on", due, "rating", ratings[i % 4], "result", "done");
    }
}

static void add_plans(struct bench *b, struct org_state *state)
{
    static const char *const items[] = {"planned", "doing", "done", "cancelled"};
    static const char *const periods[] = {"2025-2", "2026-1"};
    char due[16];
    for (int plan = 0; plan < 2; plan++) {
        ADD("work_plan", "title", "工作计划", "period", periods[plan], "state", "submitted");
        for (int i = 0; i < 40; i++) {
            snprintf(due, sizeof due, "2026-%02d-%02d", plan * 6 + i % 6 + 1, i % 4 * 7 + 1);
            ADD("plan_item", "title", "活动", "due_on", due, "state", items[i / 10]);
        }
    }
    ADD("work_summary", "period", "2025-2", "state", "submitted");
    ADD("dues_usage_report", "period", "2026", "state", "published");
    ADD("branch_union", "name", "工会", "state", "active");
}

static void fill(struct bench *b, struct org_state *state, unsigned number)
{
    static const char *const states[] = {"active", "active", "active", "active", "active", "active", "active", "active", "retained", "withdrawn"};
    static const int sizes[] = {8, 8, 8, 20, 20, 20, 20, 20, 45, 45, 45, 45, 45, 45, 45, 45, 80, 80, 80, 150};
    int members = sizes[number % 20];
    for (int i = 0; i < members; i++)
        ADD("member", "name", "张三", "state", states[i % 10], "joined_on", "2020-09-01");
    add_proposals(b, state, 3 + members * 35 / 100);
    add_plans(b, state);
    add_dues(b, state, members);
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
        fill(b, state, i);
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
    struct overview_ask ask = {.org = 1, .roles = ROLES(district_officer), .today = {2026, 11, 22}, .now_ms = 1795400000000, .size_max = size_max};
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

/* The median of CPU milliseconds. */
static double measure(struct bench *b, const char *what, size_t size_max, size_t rounds)
{
    static struct figures f;
    for (size_t i = 0; i < rounds; i++)
        one_round(b, size_max, &f, i);
    qsort(f.ms, rounds, sizeof f.ms[0], compare);
    qsort(f.cpu_ms, rounds, sizeof f.cpu_ms[0], compare);
    printf("%s: %zu branches, %zu totals, %zu bytes in %zu pages: %.1f ms, %.1f ms CPU (%.2f a page)\n", what, f.branches, f.totals,
           f.bytes, f.pages, f.ms[rounds / 2], f.cpu_ms[rounds / 2], f.cpu_ms[rounds / 2] / (double)f.pages);
    return f.cpu_ms[rounds / 2];
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
    unsigned branches = (unsigned)atoi(argv[2]);
    make_district(&b, argv[1], branches);
    (void)measure(&b, "at once", 0, rounds);
    double bar = BAR_MS * branches / 150, took = measure(&b, "in pages", PAGE_SIZE, rounds);
    printf("bar %.0f ms: %s\n", bar, took <= bar ? "met" : "MISSED");
    control_close(b.control);
    journal_close(b.journal);
    store_close(b.store);
    arena_finish(&b.arena);
    return took <= bar ? 0 : 1;
}
