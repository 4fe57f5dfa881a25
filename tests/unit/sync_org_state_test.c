#include "sync/org_state.h"
#include "tests/unit/help_sync.h"
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static struct world w;

static int setup(void **state)
{
    (void)state;
    world_init(&w);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    world_finish(&w);
    return 0;
}

static void seqs_count_within_an_epoch(void **state)
{
    (void)state;
    static const uint8_t chain[CHAIN_SIZE] = {9};
    struct org_state *s = org_state_create(7, 3);
    assert_true(seq_make(3, 5) == (UINT64_C(3) << 40) + 5 && seq_epoch(seq_make(3, 5)) == 3 &&
                seq_counter(seq_make(3, 5)) == 5);
    assert_true(org_state_seq(s) == 0 && org_state_next(s) == seq_make(3, 1));
    org_state_advance(s, org_state_next(s), chain);
    assert_true(org_state_seq(s) == seq_make(3, 1) && org_state_next(s) == seq_make(3, 2) && org_state_entries(s) == 1);
    assert_memory_equal(org_state_chain(s), chain, CHAIN_SIZE);
    org_state_begin_epoch(s, 5);
    assert_true(org_state_seq(s) == seq_make(3, 1) && org_state_next(s) == seq_make(5, 1));
    org_state_destroy(s);
}

static void numbers(void **state)
{
    (void)state;
    static const uint8_t chain[CHAIN_SIZE] = {9};
    struct org_state *s = org_state_create(7, 1);
    assert_int_equal(org_state_number(s, "a"), 1);
    assert_int_equal(org_state_number(s, "a"), 2);
    assert_int_equal(org_state_number(s, "b"), 1);
    org_state_number_seen(s, "a", 7);
    org_state_number_seen(s, "a", 3);
    assert_int_equal(org_state_number(s, "a"), 8);
    org_state_begin_epoch(s, 2); /* rule 26 */
    assert_int_equal(org_state_number(s, "a"), 1009);
    assert_int_equal(org_state_number(s, "c"), 1001); /* a lost path may have used it */
    org_state_advance(s, seq_make(4, 1), chain);      /* an epoch that begins with an entry */
    assert_int_equal(org_state_number(s, "a"), 3010);
    org_state_destroy(s);
}

static void measures_follow_the_rows(void **state)
{
    (void)state;
    const char *name;
    int64_t value;
    do_create(&w, 0, 1, "name=Li");
    do_create(&w, 0, 2, "name=Wu");
    do_act(&w, 0, 1, S(1), "!submitted joined_on=d");
    assert_int_equal(org_state_measure(w.state, "sheet.total"), 2);
    assert_int_equal(org_state_measure(w.state, "sheet.state.draft"), 1);
    assert_int_equal(org_state_measure(w.state, "sheet.state.submitted"), 1);
    assert_true(org_state_rows(w.state) == 2 && org_state_entries(w.state) == 3);
    do_remove(&w, 0, 2, S(2));
    assert_int_equal(org_state_measure(w.state, "sheet.total"), 1);
    assert_int_equal(org_state_measure(w.state, "sheet.state.draft"), 0);
    assert_int_equal(org_state_rows(w.state), 2); /* a tombstone counts */
    assert_true(org_state_measure_at(w.state, 0, &name, &value) && value == 1);
    assert_string_equal(name, "sheet.state.submitted");
    assert_true(org_state_measure_at(w.state, 1, &name, &value) && value == 1);
    assert_string_equal(name, "sheet.total");
    assert_false(org_state_measure_at(w.state, 2, &name, &value)); /* what comes to nothing is gone */
}

static void make_some(void)
{
    do_create(&w, 0, 1, "name=Li mobile=1");
    do_set(&w, 0, 1, S(1), "note=a");
    do_set(&w, 1, 1, S(1), "note=b");
    take_change(&w, 0, make_change(&w, 0, SLIP, OP_CREATE, 3, 0, "name=a"));
}

static void packed_and_unpacked(void **state)
{
    (void)state;
    struct org_state *out = NULL, *copy;
    struct buf b = BUF_INIT;
    make_some();
    org_state_pack(w.state, &b);
    assert_int_equal(org_state_unpack(7, buf_slice(&b), &out), ERR_OK);
    assert_true(org_state_equal(out, w.state));
    copy = org_state_copy(w.state);
    assert_true(org_state_equal(copy, w.state));
    uint32_t scope;
    enum field_class class;
    struct digest_sum sum;
    static const uint32_t scopes[] = {900, 900, 901, (100 << 16) + 900, (100 << 16) + 900};
    for (size_t i = 0; i < 5; i++) {
        assert_true(org_state_digest_at(out, i, &scope, &class, &sum));
        assert_int_equal(scope, scopes[i]);
        assert_true(digest_equal(sum, org_state_digest(w.state, scope, class)));
    }
    assert_false(org_state_digest_at(out, 5, &scope, &class, &sum));
    assert_int_equal(org_state_number(out, "sheet.member_no"), 2);
    assert_false(org_state_equal(out, w.state)); /* a number was taken */
    org_state_destroy(out);
    org_state_destroy(copy);
    buf_finish(&b);
}

static void damage_is_found_or_harmless(void **state)
{
    (void)state;
    struct org_state *out = NULL;
    struct buf b = BUF_INIT;
    make_some();
    org_state_pack(w.state, &b);
    for (size_t cut = 0; cut < b.size; cut++)
        assert_int_equal(org_state_unpack(7, slice_of(b.data, cut), &out), ERR_CORRUPT);
    buf_byte(&b, 0); /* something left over */
    assert_int_equal(org_state_unpack(7, buf_slice(&b), &out), ERR_CORRUPT);
    b.size--;
    for (size_t i = 0; i < b.size; i++) { /* a byte changed: refused, or another state, never anything worse */
        b.data[i] ^= 0x55;
        if (org_state_unpack(7, buf_slice(&b), &out) == ERR_OK) {
            assert_false(org_state_equal(out, w.state));
            org_state_destroy(out);
        }
        b.data[i] ^= 0x55;
    }
    buf_finish(&b);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(seqs_count_within_an_epoch),  T(numbers), T(measures_follow_the_rows), T(packed_and_unpacked),
        T(damage_is_found_or_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
