/* Sums of several records over a real database: random changes in pushes, a restore, entries handed back stripped and
 * whole. After each the sums are those of all rows at once, and verify finds nothing. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "help_errand.h"
#include "help_recovery.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IS assert_string_equal
#define RUNNERS 3
#define PLACES 64

static struct help_server s;
static struct pen pen;
static struct id runners[RUNNERS];
static unsigned seed;

static int setup(void **state)
{
    (void)state;
    kind_register_extra(NULL);
    errand_register();
    server_make(&s);
    pen = pen_of(&s, s.chair, s.branch, 1);
    for (int i = 0; i < RUNNERS; i++) {
        runners[i] = member_id(i + 1);
        assert_non_null(
            strstr(push_one(&pen, pen_write(&pen, OP_CREATE, RUNNER, runners[i], 0, "name=Li")), "APPLIED"));
    }
    seed = 1;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    server_verify(&s);
    server_remove(&s);
    kind_register_extra(NULL);
    return 0;
}

/* ---- random changes ---- */
static int draw(int below)
{
    seed = seed * 1103515245u + 12345u;
    return (int)(seed >> 16 & 0x7fff) % below;
}

static struct change *write_down(uint32_t kind, enum op op, struct id id, int runner, const char *words)
{
    struct change *c = pen_write(&pen, op, kind, id, op == OP_CREATE ? 0 : server_seq(&s, s.branch), "");
    ProtobufCMessage *patch = errand_message(kind, words, runners, &s.arena);
    if (runner >= 0)
        record_put_name(patch, "runner_id", cell_bytes(id_slice(&runners[runner])), &s.arena);
    c->patch = patch;
    assert_int_equal(change_pack(c, &s.arena), ERR_OK);
    return c;
}

static struct change *random_order(void)
{
    int runner = draw(RUNNERS), op = draw(4);
    const char *week = arena_format(&s.arena, "w%d", 1 + draw(3));
    struct id id = errand_id(ORDER, s.branch, runners[runner], week);
    if (op == 0)
        return write_down(ORDER, OP_REMOVE, id, -1, "");
    if (op == 1)
        return write_down(ORDER, OP_SET, id, -1, arena_format(&s.arena, "amount=%d", draw(9)));
    const char *words = arena_format(&s.arena, "week=%s amount=%d entered_by=%u", week, draw(9), s.chair);
    return write_down(ORDER, OP_CREATE, id, runner, words);
}

static struct change *random_delivery(void)
{
    struct id id = member_id(100 + draw(20));
    switch (draw(5)) {
    case 0:
        return write_down(DELIVERY, OP_REMOVE, id, -1, "");
    case 1:
        return write_down(DELIVERY, OP_SET, id, draw(RUNNERS), "");
    case 2:
        return write_down(DELIVERY, OP_SET, id, -1, arena_format(&s.arena, "week=w%d amount=%d", 1 + draw(3), draw(5)));
    default:
        return write_down(DELIVERY, OP_CREATE, id, draw(RUNNERS),
                          arena_format(&s.arena, "week=w%d amount=%d", 1 + draw(3), draw(5)));
    }
}

/* A push of up to eight; now and then the last two go together. */
static void random_push(void)
{
    struct change *list[8];
    size_t count = 1 + (size_t)draw(8);
    for (size_t i = 0; i < count; i++)
        list[i] = draw(3) ? random_delivery() : random_order();
    if (count > 2 && draw(2))
        pen_group(&list[count - 2], 2);
    assert_null(strstr(push(&pen, list, count), "WIRE"));
}

/* ---- sums ---- */
static const char *sums(const struct org_state *state)
{
    struct buf b = BUF_INIT;
    const char *name;
    int64_t value;
    for (size_t i = 0; org_state_measure_at(state, i, &name, &value); i++)
        if (strncmp(name, "errand.", 7) == 0)
            buf_format(&b, "%s%s=%lld", b.size ? " " : "", name + 7, (long long)value);
    const char *out = b.size ? arena_text(&s.arena, buf_slice(&b)) : "none";
    buf_finish(&b);
    return out;
}

static const char *sums_kept(void)
{
    struct org_state *state;
    assert_int_equal(store_load_org(s.store, s.branch, 1, &state), ERR_OK);
    const char *out = sums(state);
    org_state_destroy(state);
    return out;
}

struct place {
    struct cell runner, week;
    const ProtobufCMessage *list[PLACES];
    size_t count;
};

static size_t sort_into_places(struct place *places, uint32_t kind, size_t count)
{
    struct row *rows;
    size_t found;
    bool more;
    assert_int_equal(store_read_rows(s.store, s.branch, kind, NULL, kind, SIZE_MAX, &s.arena, &rows, &found, &more),
                     ERR_OK);
    for (size_t i = 0; i < found; i++) {
        size_t at = 0;
        if (!rows[i].message)
            continue;
        struct cell runner = record_get_name(rows[i].message, "runner_id"),
                    week = record_get_name(rows[i].message, "week");
        if (runner.type == CELL_ABSENT || week.type == CELL_ABSENT)
            continue; /* it came stripped */
        while (at < count && !(cell_equal(places[at].runner, runner) && cell_equal(places[at].week, week)))
            at++;
        if (at == count)
            places[count++] = (struct place){.runner = runner, .week = week};
        assert_true(count < PLACES && places[at].count < PLACES);
        places[at].list[places[at].count++] = rows[i].message;
    }
    return count;
}

static const char *sums_of_all_rows(void)
{
    static struct place places[PLACES];
    struct org_state *fresh = org_state_create(s.branch, 1);
    size_t count = sort_into_places(places, DELIVERY, sort_into_places(places, ORDER, 0));
    for (size_t i = 0; i < count; i++)
        org_state_account(fresh, &errand_account, &(struct account_rows){.list = NULL},
                          &(struct account_rows){.list = places[i].list, .count = places[i].count});
    const char *out = sums(fresh);
    org_state_destroy(fresh);
    return out;
}

/* ---- tests ---- */
static void pushes_keep_the_sums(void **state)
{
    (void)state;
    for (int i = 0; i < 80; i++) {
        random_push();
        IS(sums_kept(), sums_of_all_rows());
        if (i % 20 == 19) {
            server_verify(&s);
            server_close(&s);
            server_open(&s);
        }
    }
    assert_non_null(strstr(sums_kept(), "ordered="));
}

/* Entries come back stripped of amounts, newest halves first filled, until all are whole. */
static void what_is_handed_back_makes_the_same_sums(void **state)
{
    (void)state;
    struct entry *whole;
    uint32_t accountant = server_add_seat(&s, s.branch, "accountant");
    for (int i = 0; i < 10; i++)
        random_push();
    server_backup(&s, "b1");
    size_t first = server_entries(&s, s.branch, &whole);
    for (int i = 0; i < 25; i++)
        random_push();
    const char *before = sums_kept();
    size_t count = server_entries(&s, s.branch, &whole), rest = count - first;
    struct entry *stripped = arena_alloc(&s.arena, rest * sizeof *stripped);
    size_t cut = 0;
    for (size_t i = 0; i < rest; i++) {
        stripped[i] = whole[first + i];
        entry_strip(&stripped[i], ROLES(accountant), &s.arena);
        cut += stripped[i].stripped;
    }
    assert_true(rest > 60 && cut > 20);
    server_restore(&s, "b1");
    IS(sums_kept(), sums_of_all_rows());
    assert_int_equal(hand_back(&s, accountant, s.branch, stripped, rest, false), whole[count - 1].seq);
    IS(sums_kept(), sums_of_all_rows());
    server_verify(&s);
    for (size_t from = rest; from > 0;) { /* fuller copies, the newest first */
        size_t part = from < 17 ? from : 17;
        from -= part;
        hand_back(&s, s.second, s.branch, &whole[first + from], part, from == 0);
        IS(sums_kept(), sums_of_all_rows());
    }
    IS(sums_kept(), before);
    server_verify(&s);
    server_end_recovery(&s);
    random_push();
    IS(sums_kept(), sums_of_all_rows());
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(pushes_keep_the_sums),
        T(what_is_handed_back_makes_the_same_sums),
    };
    return cmocka_run_group_tests_name("server_account", tests, NULL, NULL);
}
