/* Sums that several records make together: by hand, then at random against what comes out of all rows at once. */
#include "sync/account.h"
#include "tests/unit/help_errand.h"
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include <string.h>

#define IS assert_string_equal
#define HERE 7u
#define RUNNERS 3
#define WEEKS 3
#define DELIVERIES 24

static struct world w;

static int setup(void **state)
{
    (void)state;
    world_init(&w);
    errand_register();
    for (int i = 1; i <= RUNNERS; i++)
        IS(take_change(&w, 0, make_change(&w, 0, RUNNER, OP_CREATE, i, 0, "name=Li")), "APPLIED");
    return 0;
}

/* The log makes the same sums when it is taken as it is: verify, restore. */
static int teardown(void **state)
{
    (void)state;
    assert_log_makes_rows(&w);
    world_finish(&w);
    return 0;
}

static const char *order(int runner, const char *week, const char *more)
{
    const char *words = arena_format(&w.arena, "runner_id=@%d week=%s entered_by=1 %s", runner, week, more);
    return take_change(&w, 0,
                       make_change_id(&w, 0, ORDER, OP_CREATE, errand_id(ORDER, HERE, rid(runner), week), 0, words));
}

static const char *change_order(enum op op, int runner, const char *week, const char *words)
{
    struct id id = errand_id(ORDER, HERE, rid(runner), week);
    return take_change(&w, 0, make_change_id(&w, 0, ORDER, op, id, seq_now(&w), words));
}

static const char *deliver(enum op op, int record, const char *words)
{
    return take_change(&w, 0, make_change(&w, 0, DELIVERY, op, record, op == OP_CREATE ? 0 : seq_now(&w), words));
}

/* "brought=1 done.w1=1 ordered=2": what the state says of errands. */
static const char *sums(const struct org_state *state)
{
    struct buf b = BUF_INIT;
    const char *name;
    int64_t value;
    for (size_t i = 0; org_state_measure_at(state, i, &name, &value); i++)
        if (strncmp(name, "errand.", 7) == 0)
            buf_format(&b, "%s%s=%lld", b.size ? " " : "", name + 7, (long long)value);
    const char *out = b.size ? arena_text(&w.arena, buf_slice(&b)) : "none";
    buf_finish(&b);
    return out;
}

static void by_hand(void **state)
{
    (void)state;
    IS(sums(w.state), "none");
    IS(order(1, "w1", "amount=10"), "APPLIED");
    IS(sums(w.state), "open.w1=1 ordered=10");
    IS(order(2, "w1", "amount=5"), "APPLIED");
    IS(deliver(OP_CREATE, 21, "runner_id=@1 week=w1 amount=4"), "APPLIED");
    IS(sums(w.state), "brought=4 open.w1=1 ordered=15 part.w1=1");
    IS(deliver(OP_CREATE, 22, "runner_id=@1 week=w1 amount=6"), "APPLIED");
    IS(sums(w.state), "brought=10 done.w1=1 open.w1=1 ordered=15");
    IS(deliver(OP_SET, 22, "amount=5"), "APPLIED");
    IS(sums(w.state), "brought=9 open.w1=1 ordered=15 part.w1=1");
    /* it goes to another account, then to one that was not there */
    IS(deliver(OP_SET, 22, "runner_id=@2"), "APPLIED");
    IS(sums(w.state), "brought=9 done.w1=1 ordered=15 part.w1=1");
    IS(deliver(OP_SET, 22, "week=w3"), "APPLIED");
    IS(sums(w.state), "brought=9 done.w3=1 open.w1=1 ordered=15 part.w1=1");
    IS(deliver(OP_REMOVE, 21, ""), "APPLIED");
    IS(deliver(OP_REMOVE, 22, ""), "APPLIED");
    IS(sums(w.state), "open.w1=2 ordered=15");
    IS(change_order(OP_REMOVE, 1, "w1", ""), "APPLIED");
    IS(change_order(OP_REMOVE, 2, "w1", ""), "APPLIED");
    IS(sums(w.state), "none");
}

static void a_group_and_a_restored_record(void **state)
{
    (void)state;
    IS(order(1, "w1", "amount=10"), "APPLIED");
    struct change *both[2] = {make_change(&w, 0, DELIVERY, OP_CREATE, 21, 0, "runner_id=@1 week=w1 amount=4"),
                              make_change(&w, 0, DELIVERY, OP_SET, 21, 0, "week=w2 amount=3")};
    make_group(&w, both, 2);
    IS(take_group(&w, 0, both, 2), "APPLIED");
    IS(sums(w.state), "brought=3 done.w2=1 open.w1=1 ordered=10");
    uint64_t seen = seq_now(&w);
    IS(deliver(OP_REMOVE, 21, ""), "APPLIED");
    IS(take_change(&w, 1, make_change(&w, 1, DELIVERY, OP_SET, 21, seen, "amount=2")), "CONFLICT");
    struct id conflict = w.last[0].conflicts[0];
    IS(sums(w.state), "open.w1=1 ordered=10");
    struct change *again[2] = {make_change(&w, 0, DELIVERY, OP_SET, 21, seq_now(&w), "runner_id=@1 week=w1 amount=2"),
                               make_change_id(&w, 0, KIND_CONFLICT, OP_ACT, conflict, seq_now(&w), "!resolved")};
    make_group(&w, again, 2);
    IS(take_group(&w, 0, again, 2), "APPLIED");
    IS(sums(w.state), "brought=2 ordered=10 part.w1=1");
}

/* ---- at random ---- */
struct place {
    struct id runner;
    char week[8];
    const ProtobufCMessage *list[64];
    size_t count;
};

static void put_in_place(struct place *places, size_t *count, const ProtobufCMessage *row)
{
    struct cell runner = record_get_name(row, "runner_id"), week = record_get_name(row, "week");
    size_t i = 0;
    while (i < *count && !(slice_equal(id_slice(&places[i].runner), runner.bytes) &&
                           slice_equal(slice_text(places[i].week), week.bytes)))
        i++;
    if (i == *count) {
        places[(*count)++] = (struct place){.runner = id_from(runner.bytes)};
        memcpy(places[i].week, week.bytes.data, week.bytes.size);
    }
    assert_true(places[i].count < 64);
    places[i].list[places[i].count++] = row;
}

static void add_row(struct place *places, size_t *count, uint32_t kind, struct id id)
{
    const struct scratch_row *row = scratch_row(w.db, kind, id);
    if (row && row->message)
        put_in_place(places, count, row->message);
}

/* A state of these rows alone, each account put in whole. */
static const char *sums_of_all_rows(void)
{
    static struct place places[RUNNERS * WEEKS + 1];
    char week[8];
    size_t count = 0;
    struct org_state *fresh = org_state_create(HERE, 1);
    memset(places, 0, sizeof places);
    for (int r = 1; r <= RUNNERS; r++)
        for (int i = 1; i <= WEEKS; i++) {
            snprintf(week, sizeof week, "w%d", i);
            add_row(places, &count, ORDER, errand_id(ORDER, HERE, rid(r), week));
        }
    for (int i = 0; i < DELIVERIES; i++)
        add_row(places, &count, DELIVERY, rid(100 + i));
    for (size_t i = 0; i < count; i++)
        org_state_account(fresh, &errand_account, &(struct account_rows){.list = NULL},
                          &(struct account_rows){.list = places[i].list, .count = places[i].count});
    const char *out = sums(fresh);
    org_state_destroy(fresh);
    return out;
}

static unsigned seed;

static int draw(int below)
{
    seed = seed * 1103515245u + 12345u;
    return (int)(seed >> 16 & 0x7fff) % below;
}

static void random_order(void)
{
    const char *week = arena_format(&w.arena, "w%d", 1 + draw(WEEKS)),
               *words = arena_format(&w.arena, "amount=%d", draw(9));
    int runner = 1 + draw(RUNNERS);
    switch (draw(4)) {
    case 0:
        change_order(OP_REMOVE, runner, week, "");
        break;
    case 1:
        change_order(OP_SET, runner, week, draw(3) ? words : "-amount");
        break;
    default:
        order(runner, week, words);
    }
}

static void random_delivery(void)
{
    int record = 100 + draw(DELIVERIES);
    switch (draw(5)) {
    case 0:
        deliver(OP_REMOVE, record, "");
        break;
    case 1:
        deliver(OP_SET, record, arena_format(&w.arena, "runner_id=@%d", 1 + draw(RUNNERS)));
        break;
    case 2:
        deliver(OP_SET, record, arena_format(&w.arena, "week=w%d amount=%d", 1 + draw(WEEKS), draw(5)));
        break;
    default:
        deliver(
            OP_CREATE, record,
            arena_format(&w.arena, "runner_id=@%d week=w%d amount=%d", 1 + draw(RUNNERS), 1 + draw(WEEKS), draw(5)));
    }
}

static void equal_to_all_rows_at_once(void **state)
{
    (void)state;
    size_t changed = 0;
    for (seed = 1; w.count < 900;) {
        const char *before = sums(w.state);
        if (draw(3))
            random_delivery();
        else
            random_order();
        IS(sums(w.state), sums_of_all_rows());
        changed += strcmp(before, sums(w.state)) != 0;
    }
    assert_true(changed > 300); /* it was no idle walk */
}

/* The number of sums that there would be, without making them. */
static void sums_that_there_would_be(void **state)
{
    (void)state;
    IS(order(1, "w1", "amount=10"), "APPLIED");
    size_t now = org_state_measures(w.state);
    struct change *c = make_change(&w, 0, DELIVERY, OP_CREATE, 21, 0, "runner_id=@1 week=w1 amount=4");
    assert_int_equal(account_measures_with(w.state, w.db, c->kind, HERE, c->id, (struct row_side){.exists = false},
                                          (struct row_side){.exists = true, .message = c->patch}),
                     now + 1); /* brought; open becomes part */
    struct change *other = make_change(&w, 0, DELIVERY, OP_CREATE, 22, 0, "runner_id=@2 week=w2 amount=4");
    assert_int_equal(account_measures_with(w.state, w.db, other->kind, HERE, other->id, (struct row_side){.exists = false},
                                          (struct row_side){.exists = true, .message = other->patch}),
                     now + 2); /* brought, done.w2 */
    assert_int_equal(org_state_measures(w.state), now);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(by_hand),
        T(a_group_and_a_restored_record),
        T(equal_to_all_rows_at_once),
        T(sums_that_there_would_be),
    };
    return cmocka_run_group_tests_name("sync_account", tests, NULL, NULL);
}
