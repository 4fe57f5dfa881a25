/* Rows a second into and out of a kind's table, on a fresh file: straight from packed bytes in one transaction (a
 * snapshot), and loaded, changed and saved by message (a change applied). Medians of five rounds, with the disk's syncs in
 * them. Build with -DCMAKE_BUILD_TYPE=Release; the file is made in FOLDER (/tmp) and removed.
 *
 *   table_bench [FOLDER] */
#include "base/arena.h"
#include "base/clock.h"
#include "membership.pb-c.h"
#include "table/table.h"
#include "wire/wire.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define KIND 1u
#define ROUNDS 5
#define APPLIED 10000u

static const struct table_spec spec = {"member", KIND, &record__member__descriptor, NULL};

static void need(enum err e)
{
    if (e == ERR_OK)
        return;
    fprintf(stderr, "table_bench: %s\n", err_text(e));
    exit(1);
}

static struct id id_of(uint32_t n)
{
    uint8_t random[10] = {(uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n};
    return id_make(1790000000000 + n / 4, random);
}

/* About 270 bytes in 13 fields, the way a kindergarten's roster fills a member. */
static struct slice packed_member(uint32_t n, struct arena *arena)
{
    static uint8_t group[16];
    Record__Member m = RECORD__MEMBER__INIT;
    m.member_no = arena_format(arena, "QH03-%06u", n);
    m.name = "测试会员";
    m.sex = "2";
    m.birth_date = "1988-05-17";
    m.ethnicity = "01";
    m.education = "20";
    m.id_type = "id_card";
    m.mobile = arena_format(arena, "13800%06u", n % 1000000);
    m.post = "主班教师，负责大班语言领域教研与年级组日常工作的安排";
    m.employment_type = "contract";
    m.work_start_on = "2012-09-01";
    m.has_group_id = 1;
    m.group_id = (ProtobufCBinaryData){16, group};
    m.joined_on = "2013-03-01";
    m.state = "active";
    m.note = "原园区合并后转入，档案已随工会关系移交，材料齐全";
    return wire_pack_arena(&m.base, arena);
}

struct load {
    struct arena arena;
    struct slice *rows;
    uint32_t count;
};

static struct load make_load(uint32_t count)
{
    struct load l = {.count = count, .rows = calloc(count, sizeof *l.rows)};
    CHECK(l.rows != NULL);
    arena_init(&l.arena, (size_t)count * 1024);
    for (uint32_t i = 0; i < count; i++)
        l.rows[i] = packed_member(i, &l.arena);
    return l;
}

static void remove_files(const char *path)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    char name[300];
    for (size_t i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        unlink(name);
    }
}

static double rate(uint32_t count, int64_t begun_ms)
{
    int64_t ms = clock_monotonic_ms() - begun_ms;
    return 1000.0 * count / (double)(ms > 0 ? ms : 1);
}

/* The file and its tables made, every row in one transaction, synced. */
static double snapshot(const struct load *l, const char *path, struct db **db, struct table_set **set)
{
    int64_t begun = clock_monotonic_ms();
    need(db_open(path, DB_CLIENT, DB_CREATE, 1, db));
    need(table_set_open(*db, &spec, 1, set));
    need(db_begin(*db));
    for (uint32_t i = 0; i < l->count; i++)
        need(table_save_packed(*set, KIND, id_of(i), 2, i + 1, l->rows[i]));
    need(db_commit(*db));
    return rate(l->count, begun);
}

static double load_all(const struct load *l, struct table_set *set, struct arena *arena)
{
    struct row row;
    int64_t begun = clock_monotonic_ms();
    for (uint32_t i = 0; i < l->count; i++) {
        arena_reset(arena);
        need(table_load(set, KIND, id_of(i), arena, &row));
    }
    return rate(l->count, begun);
}

/* Load, change, save: APPLIED rows spread over the table, `batch` a transaction. */
static double apply(const struct load *l, struct db *db, struct table_set *set, struct arena *arena, uint32_t batch)
{
    struct row row;
    int64_t begun = clock_monotonic_ms();
    for (uint32_t i = 0; i < APPLIED; i++) {
        if (i % batch == 0)
            need(db_begin(db));
        arena_reset(arena);
        need(table_load(set, KIND, id_of((uint32_t)((uint64_t)i * l->count / APPLIED)), arena, &row));
        row.seq += 1;
        record_put_name(row.message, "note", cell_text("改过"), arena);
        need(table_save(set, &row));
        if ((i + 1) % batch == 0)
            need(db_commit(db));
    }
    return rate(APPLIED, begun);
}

static double save_new(const struct load *l, struct db *db, struct table_set *set, struct arena *arena, uint32_t batch)
{
    int64_t begun = clock_monotonic_ms();
    for (uint32_t i = 0; i < APPLIED; i++) {
        struct row row = {.id = id_of(l->count + i), .kind = KIND, .org = 2, .seq = i + 1};
        if (i % batch == 0)
            need(db_begin(db));
        arena_reset(arena);
        need(wire_open(&record__member__descriptor, l->rows[i % l->count], arena, &row.message));
        need(table_save(set, &row));
        if ((i + 1) % batch == 0)
            need(db_commit(db));
    }
    return rate(APPLIED, begun);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print_median(const char *what, uint32_t rows, double rates[ROUNDS])
{
    qsort(rates, ROUNDS, sizeof *rates, ascending);
    printf("%-44s %7u rows: %8.0f rows/s (%.0f-%.0f, n %d)\n", what, rows, rates[ROUNDS / 2], rates[0],
           rates[ROUNDS - 1], ROUNDS);
}

static void run(const char *path, uint32_t count)
{
    static const char *const names[] = {
        "snapshot: packed, one transaction, file made", "load by id", "load, change, save: 100 a transaction",
        "load, change, save: 1000 a transaction", "unpack, save new: 1000 a transaction"};
    double rates[5][ROUNDS];
    struct load l = make_load(count);
    struct arena arena;
    arena_init(&arena, 1u << 20);
    for (int i = 0; i < ROUNDS; i++) {
        struct db *db;
        struct table_set *set;
        remove_files(path);
        rates[0][i] = snapshot(&l, path, &db, &set);
        rates[1][i] = load_all(&l, set, &arena);
        rates[2][i] = apply(&l, db, set, &arena, 100);
        rates[3][i] = apply(&l, db, set, &arena, 1000);
        rates[4][i] = save_new(&l, db, set, &arena, 1000);
        table_set_close(set);
        db_close(db);
    }
    printf("a row is %zu bytes packed\n", l.rows[0].size);
    for (int i = 0; i < 5; i++)
        print_median(names[i], count, rates[i]);
    remove_files(path);
    arena_finish(&arena);
    arena_finish(&l.arena);
    free(l.rows);
}

int main(int argc, char **argv)
{
    char path[256];
    snprintf(path, sizeof path, "%s/table_bench.%d.db", argc > 1 ? argv[1] : "/tmp", (int)getpid());
    run(path, 10000);
    run(path, 200000);
    return 0;
}
