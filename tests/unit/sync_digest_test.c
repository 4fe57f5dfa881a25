/* Digests (rule 30): their bytes, their classes, and that order does not matter. */
#include "conflict.pb-c.h"
#include "sync/digest.h"
#include "tests/unit/help_sync.h"
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
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

static const ProtobufCMessage *message(const char *words)
{
    return make_change(&w, 0, SHEET, OP_SET, 1, 0, words)->patch;
}

static void assert_sum(struct digest_sum sum, const char *hex)
{
    uint8_t bytes[16];
    char text[33];
    digest_bytes(sum, bytes);
    for (int i = 0; i < 16; i++)
        snprintf(text + 2 * i, 3, "%02x", bytes[i]);
    assert_string_equal(text, hex);
}

static void bytes_are_those_of_the_protocol(void **state)
{
    (void)state;
    /* computed apart from this program, from the text in digest.h */
    const struct kind *k = kind_by_number(SHEET);
    const ProtobufCMessage *row = message("name=Li mobile=1 note=n #57=x");
    assert_sum(digest_row(k, rid(1), S(5), row, CLASS_OPEN), "2ca699c79d7615ac67742380a2182cc5");
    assert_sum(digest_row(k, rid(1), S(5), row, CLASS_SENSITIVE), "348b746d8cf30e90769c2621d5a2d56b");
    assert_sum(digest_row(k, rid(1), S(5), NULL, CLASS_OPEN), "ebde8cc2a523c4a33984ef782d0754c8");
    assert_sum(digest_row(k, rid(1), S(5), NULL, CLASS_SENSITIVE), "00000000000000000000000000000000");
    Record__Conflict c = RECORD__CONFLICT__INIT; /* integers */
    c.has_n = 1;
    c.n = -2;
    assert_sum(digest_row(kind_by_number(KIND_CONFLICT), rid(1), S(5), &c.base, CLASS_OPEN),
               "b4703931f9a44dd650ee810e6e1674f8");
}

static void each_class_counts_its_own_fields(void **state)
{
    (void)state;
    const struct kind *k = kind_by_number(SHEET);
    const ProtobufCMessage *a = message("name=Li mobile=1"), *b = message("name=Li mobile=2"),
                           *c = message("name=Li mobile=1 note=n");
#define SUM(row, class) digest_row(k, rid(1), S(5), row, class)
    assert_true(digest_equal(SUM(a, CLASS_OPEN), SUM(b, CLASS_OPEN)));
    assert_false(digest_equal(SUM(a, CLASS_SENSITIVE), SUM(b, CLASS_SENSITIVE)));
    assert_true(digest_equal(SUM(a, CLASS_SENSITIVE), SUM(c, CLASS_SENSITIVE)));
    assert_false(digest_equal(SUM(a, CLASS_OPEN), SUM(c, CLASS_OPEN)));
    assert_false(digest_equal(SUM(a, CLASS_OPEN), digest_row(k, rid(2), S(5), a, CLASS_OPEN)));
    assert_false(digest_equal(SUM(a, CLASS_OPEN), digest_row(k, rid(1), S(6), a, CLASS_OPEN)));
    struct digest_sum none = digest_row(kind_by_number(SLIP), rid(1), S(5),
                                        make_change(&w, 0, SLIP, OP_SET, 1, 0, "name=a")->patch, CLASS_SENSITIVE);
    assert_true(digest_equal(none, (struct digest_sum){{0, 0}})); /* a kind without sensitive fields */
}

static void sums_wrap_and_come_back(void **state)
{
    (void)state;
    struct digest_sum sum = {{UINT64_MAX, 5}}, row = {{2, UINT64_MAX}};
    digest_add(&sum, row);
    assert_true(sum.lane[0] == 1 && sum.lane[1] == 4);
    digest_subtract(&sum, row);
    assert_true(sum.lane[0] == UINT64_MAX && sum.lane[1] == 5);
}

static void scopes(void **state)
{
    (void)state;
    Record__Conflict c = RECORD__CONFLICT__INIT;
    c.has_record_kind = 1;
    c.record_kind = 900;
    assert_int_equal(digest_scope(kind_by_number(SHEET), NULL), 900);
    assert_int_equal(digest_scope(kind_by_number(KIND_CONFLICT), &c.base), (100 << 16) + 900);
}

/* The same records at the same seqs, reached by different ways. */
static void equal_rows_have_equal_digests(void **state)
{
    (void)state;
    struct org_state *a = org_state_create(7, 1), *b = org_state_create(7, 1);
    const struct kind *k = kind_by_number(SHEET);
    const ProtobufCMessage *x = message("name=Li mobile=1"), *y = message("name=Wu");
    struct row_side nothing = {.exists = false}, dead = {.exists = true, .dead = true, .seq = 9};
#define SIDE(m, s) ((struct row_side){.exists = true, .seq = s, .message = m})
    org_state_row(a, k, rid(1), nothing, SIDE(x, 3));
    org_state_row(a, k, rid(2), nothing, SIDE(y, 4));
    org_state_row(a, k, rid(3), nothing, dead);
    org_state_row(b, k, rid(3), nothing, SIDE(y, 1));
    org_state_row(b, k, rid(2), nothing, SIDE(x, 2));
    org_state_row(b, k, rid(3), SIDE(y, 1), dead);
    org_state_row(b, k, rid(2), SIDE(x, 2), SIDE(y, 4));
    assert_false(digest_equal(org_state_digest(a, 900, CLASS_OPEN), org_state_digest(b, 900, CLASS_OPEN)));
    org_state_row(b, k, rid(1), nothing, SIDE(x, 3));
    assert_true(digest_equal(org_state_digest(a, 900, CLASS_OPEN), org_state_digest(b, 900, CLASS_OPEN)));
    assert_true(digest_equal(org_state_digest(a, 900, CLASS_SENSITIVE), org_state_digest(b, 900, CLASS_SENSITIVE)));
    assert_true(org_state_equal(a, b));
    org_state_destroy(a);
    org_state_destroy(b);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(bytes_are_those_of_the_protocol), T(each_class_counts_its_own_fields), T(sums_wrap_and_come_back), T(scopes),
        T(equal_rows_have_equal_digests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
