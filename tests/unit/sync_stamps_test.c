#include "sync/stamps.h"
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

static struct arena a;

static int setup(void **state)
{
    (void)state;
    arena_init(&a, 1 << 20);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_finish(&a);
    return 0;
}

static void fields_that_nobody_wrote_since_have_the_rows_first(void **state)
{
    (void)state;
    struct stamps s = {.first = 100};
    assert_int_equal(stamps_get(&s, 5), 100);
    stamps_set(&s, 7, 130, &a);
    stamps_set(&s, 3, 120, &a);
    stamps_set(&s, 7, 140, &a);
    assert_int_equal(s.count, 2);
    assert_true(s.pairs[0].tag == 3 && s.pairs[1].tag == 7);
    assert_int_equal(stamps_get(&s, 3), 120);
    assert_int_equal(stamps_get(&s, 7), 140);
    assert_int_equal(stamps_get(&s, 5), 100);
    assert_int_equal(stamps_newest(&s), 140);
    assert_int_equal(stamps_newest(&(struct stamps){.first = 9}), 9);
}

static void many_in_any_order(void **state)
{
    (void)state;
    struct stamps s = {.first = 1}, kept;
    for (uint32_t i = 0; i < 3000; i++)
        stamps_set(&s, 1 + i * 7 % 3001, 10 + i, &a); /* 3001 is a prime: each tag once */
    assert_int_equal(s.count, 3000);
    for (size_t i = 1; i < s.count; i++)
        assert_true(s.pairs[i - 1].tag < s.pairs[i].tag);
    for (uint32_t i = 0; i < 3000; i++)
        assert_int_equal(stamps_get(&s, 1 + i * 7 % 3001), 10 + i);
    assert_true(a.used < 1 << 19); /* not a copy for each */
    kept = stamps_copy(&s, &a);
    stamps_set(&s, 1, 99999, &a);
    assert_int_equal(stamps_get(&kept, 1), 10);
    struct stamps back;
    assert_int_equal(stamps_unpack(stamps_pack(&kept, &a), &a, &back), ERR_OK);
    stamps_set(&back, 5000, 7777, &a);
    assert_true(back.count == 3001 && stamps_get(&back, 5000) == 7777 && stamps_get(&back, 1) == 10);
}

static void packed(void **state)
{
    (void)state;
    static const uint8_t expected[] = {0x64, 0x03, 0x14, 0x07, 0xac, 0x02}; /* 100; 3: +20; 7: +300 */
    struct stamps s = {.first = 100}, out = {.first = 1};
    stamps_set(&s, 7, 400, &a);
    stamps_set(&s, 3, 120, &a);
    struct slice bytes = stamps_pack(&s, &a);
    assert_int_equal(bytes.size, sizeof expected);
    assert_memory_equal(bytes.data, expected, sizeof expected);
    assert_int_equal(stamps_unpack(bytes, &a, &out), ERR_OK);
    assert_true(out.first == 100 && out.count == 2 && stamps_get(&out, 7) == 400 && stamps_get(&out, 3) == 120);
    assert_int_equal(stamps_unpack((struct slice){0}, &a, &out), ERR_OK);
    assert_true(out.first == 0 && out.count == 0);
}

static void damaged(void **state)
{
    (void)state;
    static const uint8_t cases[][6] = {
        {1, 0x64, 0},                      /* sizes come first; fine up to here: control */
        {2, 0x64, 0x03},                   /* a tag without its seq */
        {3, 0x64, 0x00, 0x01},             /* tag 0 */
        {5, 0x64, 0x07, 0x01, 0x03, 0x01}, /* not ascending */
        {1, 0x80},                         /* a varint that does not end */
    };
    struct stamps out = {.first = 5};
    assert_int_equal(stamps_unpack(slice_of(cases[0] + 1, cases[0][0]), &a, &out), ERR_OK);
    out.first = 5;
    for (size_t i = 1; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(stamps_unpack(slice_of(cases[i] + 1, cases[i][0]), &a, &out), ERR_CORRUPT);
        assert_int_equal(out.first, 5);
    }
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {T(fields_that_nobody_wrote_since_have_the_rows_first), T(many_in_any_order),
                                       T(packed), T(damaged)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
