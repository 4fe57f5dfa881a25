/* Ids that one process makes: in the order of making, whatever the clock and the chance. */
#include "client/replica/replica_inner.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

static void fill_high(void *out, size_t size)
{
    memset(out, 0xff, size);
}

static unsigned next_byte;
static void fill_falling(void *out, size_t size)
{
    next_byte -= 1;
    memset(out, (int)(next_byte & 0xff), size);
}

static void test_ids_of_one_millisecond_are_in_order(void **state)
{
    (void)state;
    struct replica r = {.fill = fill_falling};
    struct id before = inner_id(&r, 1000);
    for (int i = 0; i < 20000; i++) { /* the largest import: over 4,096 it runs into the milliseconds that follow */
        struct id id = inner_id(&r, 1000);
        assert_true(id_compare(before, id) < 0);
        before = id;
    }
    assert_in_range(r.id_ms, 1004, 1005);
}

static void test_order_holds_when_the_clock_goes_back_a_little(void **state)
{
    (void)state;
    struct replica r = {.fill = fill_falling};
    struct id first = inner_id(&r, 50000), second = inner_id(&r, 49000);
    assert_true(id_compare(first, second) < 0);
    assert_int_equal(r.id_ms, 50000);
}

static void test_a_clock_that_was_set_right_is_followed(void **state)
{
    (void)state;
    struct replica r = {.fill = fill_high};
    (void)inner_id(&r, 9000000); /* the id of a wrong clock */
    struct id id = inner_id(&r, 1000);
    /* 1000 ms; version 7 with place 0x3ff; variant and the rest all ones */
    static const uint8_t wanted[ID_SIZE] = {0, 0, 0, 0, 0x03, 0xe8, 0x73, 0xff, 0xbf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    assert_memory_equal(id.bytes, wanted, ID_SIZE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ids_of_one_millisecond_are_in_order),
        cmocka_unit_test(test_order_holds_when_the_clock_goes_back_a_little),
        cmocka_unit_test(test_a_clock_that_was_set_right_is_followed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
