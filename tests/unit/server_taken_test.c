/* Which entry is noted for a change that was taken in twice: the lower one, in whatever order they come, so that what a
 * cut leaves of the log is still noted. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "help_server.h"

#include "server/store/store_cut.h"
#include "server/store/store_taken.h"
#include "sync/origin.h"

#include <string.h>

static struct help_server s;

static int setup(void **state)
{
    (void)state;
    server_make(&s);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    server_remove(&s);
    return 0;
}

/* The second seat's entry at that seq, which takes in what the chair made as its change 1. */
static void put(uint64_t counter, struct change *made)
{
    struct store_incarnation of_second = {.seat = s.second, .incarnation = {{2}}};
    assert_int_equal(store_put_incarnation(s.store, &of_second), ERR_OK);
    struct store_entry line = {.org = s.branch, .kind = s.member, .record = made->id, .incarnation_row = of_second.row};
    struct entry *e = &line.entry;
    uint32_t of;
    *e = (struct entry){
        .seq = S(counter), .verdict = VERDICT_APPLIED, .received_ms = NOW_MS, .salt = slice_text("0123456789abcdef")};
    e->identity = (struct identity){.seat = s.second, .n = counter};
    assert_int_equal(origin_hand_in(made->bytes, s.chair, (struct incarnation){{1}}, slice_text("signature"), counter,
                                    &s.arena, &e->change),
                     ERR_OK);
    change_hash(e->change, e->identity.hash);
    assert_int_equal(store_put_entry(s.store, &line), ERR_OK);
    assert_int_equal(store_note_taken(s.store, &line, &of), ERR_OK);
    assert_int_equal(of, s.chair);
}

static uint64_t noted(const struct change *made)
{
    struct store_taken *list;
    size_t count;
    assert_int_equal(store_read_taken(s.store, &s.arena, &list, &count), ERR_OK);
    if (count == 0)
        return 0;
    assert_int_equal(count, 1);
    assert_int_equal(list[0].seat, s.chair);
    assert_int_equal(list[0].n, 1);
    assert_int_equal(list[0].org, s.branch);
    assert_memory_equal(list[0].hash, made->hash, HASH_SIZE);
    return seq_counter(list[0].seq);
}

static struct change *made_by_chair(void)
{
    struct pen p = pen_of(&s, s.chair, s.branch, 1);
    return pen_create(&p, 1, "name=Li");
}

static void test_lower_stands(void **state)
{
    struct change *made = made_by_chair();
    size_t cut = 0;
    (void)state;
    assert_int_equal(store_begin(s.store), ERR_OK);
    put(12, made);
    assert_int_equal(noted(made), 12);
    put(11, made); /* a fuller copy of what came stripped */
    assert_int_equal(noted(made), 11);
    put(13, made);
    assert_int_equal(noted(made), 11);
    assert_int_equal(store_cut_entries(s.store, s.branch, S(12), &cut), ERR_OK);
    assert_int_equal(noted(made), 11);
    store_rollback(s.store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(test_lower_stands, setup, teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
