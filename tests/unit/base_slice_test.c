#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/slice.h"
#include <string.h>

static void slices_compare_as_memcmp_shorter_first(void **state)
{
    (void)state;
    assert_true(slice_equal(slice_text("abc"), slice_text("abc")));
    assert_false(slice_equal(slice_text("abc"), slice_text("abd")));
    assert_false(slice_equal(slice_text("abc"), slice_text("ab")));
    assert_true(slice_equal(slice_text(NULL), slice_text("")));
    assert_true(slice_compare(slice_text("ab"), slice_text("abc")) < 0);
    assert_true(slice_compare(slice_text("b"), slice_text("abc")) > 0);
    assert_true(slice_compare(slice_text("\xff"), slice_text("a")) > 0);
    assert_int_equal(slice_compare(slice_text("x"), slice_text("x")), 0);
    assert_int_equal(slice_compare(slice_text(""), slice_text(NULL)), 0);
}

static void numbers_are_big_endian(void **state)
{
    (void)state;
    struct buf b = BUF_INIT;
    buf_u32(&b, 0x01020304);
    buf_u64(&b, 0x1122334455667788);
    buf_byte(&b, 0xff);
    static const uint8_t expected[] = {1, 2, 3, 4, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0xff};
    assert_int_equal(b.size, sizeof expected);
    assert_memory_equal(b.data, expected, sizeof expected);
    buf_finish(&b);
    assert_null(b.data);
    assert_int_equal(b.size, 0);
}

static void text_and_formats_are_appended(void **state)
{
    (void)state;
    struct buf b = BUF_INIT;
    buf_text(&b, "a");
    buf_format(&b, "%d-%s", 42, "青禾");
    buf_text(&b, NULL);
    assert_string_equal(buf_c_string(&b), "a42-青禾");
    assert_int_equal(b.size, 10); /* the zero does not count */
    buf_text(&b, "!");
    assert_string_equal(buf_c_string(&b), "a42-青禾!");
    buf_finish(&b);
}

static void an_empty_buf_is_an_empty_string(void **state)
{
    (void)state;
    struct buf b = BUF_INIT;
    assert_string_equal(buf_c_string(&b), "");
    assert_int_equal(b.size, 0);
    buf_finish(&b);
}

static void it_grows_and_is_eaten_from_the_front(void **state)
{
    (void)state;
    struct buf b = BUF_INIT;
    for (int i = 0; i < 10000; i++)
        buf_byte(&b, (uint8_t)i);
    assert_int_equal(b.size, 10000);
    buf_consume(&b, 9990); /* 9990 = 39 * 256 + 6 */
    assert_int_equal(b.size, 10);
    assert_int_equal(b.data[0], 6);
    assert_int_equal(b.data[9], 15);
    buf_consume(&b, 0);
    assert_int_equal(b.data[0], 6);
    buf_consume(&b, 10);
    assert_int_equal(b.size, 0);
    buf_finish(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slices_compare_as_memcmp_shorter_first),
        cmocka_unit_test(numbers_are_big_endian),
        cmocka_unit_test(text_and_formats_are_appended),
        cmocka_unit_test(an_empty_buf_is_an_empty_string),
        cmocka_unit_test(it_grows_and_is_eaten_from_the_front),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
