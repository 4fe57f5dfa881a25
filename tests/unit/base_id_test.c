#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/id.h"
#include <string.h>

/* RFC 9562, appendix A.6: 2022-02-22 19:22:22 UTC = 0x017F22E279B0 ms, rand_a CC3, rand_b 18C4DC0C0C07398F. */
static void the_example_of_the_rfc(void **state)
{
    (void)state;
    static const uint8_t random[10] = {0xFC, 0xC3, 0xD8, 0xC4, 0xDC, 0x0C, 0x0C, 0x07, 0x39, 0x8F};
    struct id id = id_make(1645557742000, random);
    char text[ID_TEXT_SIZE];
    id_text(id, text);
    assert_string_equal(text, "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
}

static void ids_are_ordered_by_time(void **state)
{
    (void)state;
    static const uint8_t high[10] = {255, 255, 255, 255, 255, 255, 255, 255, 255, 255}, low[10] = {0};
    struct id earlier = id_make(1000, high), later = id_make(1001, low);
    assert_int_equal(id_compare(earlier, later), -1);
    assert_int_equal(id_compare(later, earlier), 1);
    assert_int_equal(id_compare(later, later), 0);
    assert_true(id_compare(id_make(1000, low), earlier) < 0);
    assert_false(id_equal(earlier, later));
    assert_true(id_is_zero((struct id){0}));
    assert_false(id_is_zero(id_make(0, low)));
    assert_true(id_compare(id_make(-5, low), later) < 0); /* a clock before 1970 is 1970 */
}

static void text_is_read_in_all_its_forms(void **state)
{
    (void)state;
    struct id a, b, c;
    assert_int_equal(id_parse("017f22e2-79b0-7cc3-98c4-dc0c0c07398f", &a), ERR_OK);
    assert_int_equal(id_parse("017F22E279B07CC398C4DC0C0C07398F", &b), ERR_OK);
    assert_int_equal(id_parse("017f22e279b0-7CC3-98c4dc0c0c07398f", &c), ERR_OK);
    assert_true(id_equal(a, b) && id_equal(a, c));
    assert_int_equal(a.bytes[0], 0x01);
    assert_int_equal(a.bytes[15], 0x8f);
    assert_true(id_equal(id_from(id_slice(&a)), a));
}

static void other_text_is_refused_and_leaves_the_output(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
                                      "017f22e2-79b0-7cc3-98c4-dc0c0c07398f0",
                                      "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
                                      "017f-22e2-79b0-7cc3-98c4dc0c0c07398f",
                                      "017f22e2--79b0-7cc3-98c4-dc0c0c07398f",
                                      "-017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
                                      "017f22e2-79b0-7cc3-98c4-dc0c0c07398f-",
                                      " 017f22e2-79b0-7cc3-98c4-dc0c0c07398f"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct id id = {{42}};
        assert_int_equal(id_parse(bad[i], &id), ERR_VALUE);
        assert_int_equal(id.bytes[0], 42);
    }
}

static void prefixes(void **state)
{
    (void)state;
    struct id id, prefix;
    unsigned bits;
    assert_int_equal(id_parse("017f22e2-79b0-7cc3-98c4-dc0c0c07398f", &id), ERR_OK);
    assert_int_equal(id_parse_prefix("017F2", &prefix, &bits), ERR_OK);
    assert_int_equal(bits, 20);
    assert_true(id_has_prefix(id, prefix, bits));
    assert_int_equal(id_parse_prefix("017f22e2-79b", &prefix, &bits), ERR_OK);
    assert_int_equal(bits, 44);
    assert_true(id_has_prefix(id, prefix, bits));
    assert_int_equal(id_parse_prefix("017f3", &prefix, &bits), ERR_OK);
    assert_false(id_has_prefix(id, prefix, bits));
    assert_true(id_has_prefix(id, prefix, 16)); /* the half byte is not looked at */
    assert_int_equal(id_parse_prefix("117f", &prefix, &bits), ERR_OK);
    assert_false(id_has_prefix(id, prefix, bits));
    assert_int_equal(id_parse_prefix("017f22e279b07cc398c4dc0c0c07398f", &prefix, &bits), ERR_OK);
    assert_int_equal(bits, 128);
    assert_true(id_has_prefix(id, prefix, bits));
    assert_true(id_has_prefix(id, prefix, 0));
    assert_false(id_has_prefix(id, prefix, 129));
    bits = 7;
    assert_int_equal(id_parse_prefix("017", &prefix, &bits), ERR_VALUE);
    assert_int_equal(id_parse_prefix("017x", &prefix, &bits), ERR_VALUE);
    assert_int_equal(bits, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_of_the_rfc),
        cmocka_unit_test(ids_are_ordered_by_time),
        cmocka_unit_test(text_is_read_in_all_its_forms),
        cmocka_unit_test(other_text_is_refused_and_leaves_the_output),
        cmocka_unit_test(prefixes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
