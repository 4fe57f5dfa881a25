/* The core alone, without a database: changes opened, decided and accepted a second, members of about 300 bytes. First
 * all are created, then each is set (two fields of it), then set again by somebody else apart (a third of them clash).
 * Build with -DCMAKE_BUILD_TYPE=Release; one thread, nothing touches the disk.
 *
 *   sync_bench [MEMBERS] */
#include "base/clock.h"
#include "membership.pb-c.h"
#include "sync/accept.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ORG 2u
#define BATCH 100u /* changes a commit: one scratch, one arena */

struct server {
    struct scratch *scratch;
    struct org_state *state;
    struct arena arena;
    uint64_t rows;
};

static void need(enum err e)
{
    if (e == ERR_OK)
        return;
    fprintf(stderr, "sync_bench: %s\n", err_text(e));
    exit(1);
}

static struct id id_of(uint32_t n)
{
    uint8_t random[10] = {(uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n};
    return id_make(1790000000000 + n / 4, random);
}

static const ProtobufCMessage *member(struct arena *arena)
{
    static uint8_t text[] =
        "由区教育工会统一编号的测试会员，备注里写着转入前的单位、原会员证号和需要补交的材料，等材料齐全后再核对一次";
    Record__Member *m = arena_alloc(arena, sizeof *m);
    record__member__init(m);
    m->name = "测试会员";
    m->sex = "2";
    m->birth_date = "1988-05-17";
    m->ethnicity = "01";
    m->mobile = "13800000000";
    m->education = "21";
    m->work_start_on = "2010-09-01";
    m->campus = "青禾总园";
    m->joined_on = "2011-03-01";
    m->note = (char *)text;
    return &m->base;
}

static struct slice packed(enum op op, uint32_t record, uint64_t n, uint64_t base, const ProtobufCMessage *patch,
                           struct arena *arena)
{
    struct change c = {.n = n,
                       .org = ORG,
                       .kind_number = 1,
                       .kind = kind_by_number(1),
                       .id = id_of(record),
                       .base = base,
                       .op = op,
                       .patch = patch,
                       .made_ms = 1790000000000};
    need(change_pack(&c, arena));
    return c.bytes;
}

static void load(struct server *s, const struct scratch_keys *keys)
{
    for (size_t i = 0; i < keys->count; i++) {
        const struct scratch_key *k = &keys->list[i];
        if (k->type == SCRATCH_ROW)
            scratch_add_row(s->scratch, &(struct scratch_row){.kind = k->kind, .id = k->id});
        else if (k->type == SCRATCH_CONFLICTS)
            scratch_add_conflicts_loaded(s->scratch, k->id);
        else if (k->type == SCRATCH_CHILDREN)
            scratch_add_children_loaded(s->scratch, k);
        else
            scratch_add_identity(s->scratch, k->org, k->seq, NULL);
    }
}

static enum verdict take(struct server *s, struct slice bytes, uint32_t seat)
{
    static const uint8_t salt[SALT_SIZE] = {1};
    struct change c;
    struct decision d;
    struct entry e;
    struct scratch_keys missing;
    struct decide_context context = {.seat = {seat, ROLES(union_chair), SEAT_ACTIVE},
                                     .org = {ORG, true, true, true},
                                     .today = {2026, 11, 21},
                                     .received_ms = 1790000000000,
                                     .seq = org_state_next(s->state)};
    need(change_open(bytes, &s->arena, &c));
    memset(context.incarnation.bytes, (int)seat, INCARNATION_SIZE);
    for (missing.count = 1; missing.count;) {
        missing.count = 0;
        decide(&context, &c, s->scratch, &s->arena, &d, &missing);
        load(s, &missing);
    }
    struct identity who = {.seat = seat, .incarnation = context.incarnation, .n = c.n};
    memcpy(who.hash, c.hash, HASH_SIZE);
    accept_decision(&d, &c, &who, context.received_ms, salt, s->scratch, s->state, &s->arena, &e);
    return d.verdict;
}

static void run(struct server *s, const char *what, const struct slice *changes, uint32_t count, uint32_t seat)
{
    unsigned verdicts[6] = {0};
    struct buf state = BUF_INIT;
    int64_t start = clock_monotonic_ms();
    for (uint32_t i = 0; i < count; i++) {
        verdicts[take(s, changes[i], seat)]++;
        if (i % BATCH == BATCH - 1) {
            arena_reset(&s->arena);
            state.size = 0;
            org_state_pack(s->state, &state);
        }
    }
    int64_t took = clock_monotonic_ms() - start;
    printf("%-28s %8.0f a second   applied %u merged %u conflict %u refused %u\n", what,
           1000.0 * count / (double)(took ? took : 1), verdicts[VERDICT_APPLIED], verdicts[VERDICT_MERGED],
           verdicts[VERDICT_CONFLICT], verdicts[VERDICT_REFUSED]);
    buf_finish(&state);
}

int main(int argc, char **argv)
{
    uint32_t count = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 20000;
    struct server s = {.scratch = scratch_create((size_t)8 << 30), .state = org_state_create(ORG, 1)};
    struct arena made;
    struct slice *changes = calloc(count, sizeof *changes);
    arena_init(&s.arena, (size_t)1 << 30);
    arena_init(&made, (size_t)8 << 30);
    for (uint32_t i = 0; i < count; i++)
        changes[i] = packed(OP_CREATE, i, i + 1, 0, member(&made), &made);
    printf("a change that creates: %zu bytes\n", changes[0].size);
    run(&s, "create", changes, count, 1);
    for (uint32_t i = 0; i < count; i++) {
        Record__Member set = RECORD__MEMBER__INIT;
        set.campus = i % 3 ? "青禾南园" : "青禾总园";
        set.post = "teacher";
        changes[i] = packed(OP_SET, i, count + i + 1, seq_make(1, i + 1), &set.base, &made);
    }
    run(&s, "set two fields", changes, count, 1);
    for (uint32_t i = 0; i < count; i++) {
        Record__Member set = RECORD__MEMBER__INIT;
        set.mobile = "13900000000";
        set.campus = i % 2 ? NULL : "青禾北园";
        changes[i] = packed(OP_SET, i, i + 1, seq_make(1, i + 1), &set.base, &made);
    }
    run(&s, "set apart, some clash", changes, count, 2);
    scratch_destroy(s.scratch);
    org_state_destroy(s.state);
    arena_finish(&s.arena);
    arena_finish(&made);
    free(changes);
    return 0;
}
