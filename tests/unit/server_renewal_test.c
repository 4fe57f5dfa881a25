/* A newer server program takes over the folder of an older one: fields that the older one kept without knowing them become values, and
 * what the sums say of them is counted then, not when it came. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "help_server.h"
#include "tests/versions/versions.h"

#include "sync/org_state.h"

#include <string.h>

static struct help_server s;
static struct pen pen;

static void runs(enum version v)
{
    kind_use(version_kinds(v));
}

/* What a program of that version writes, this server's takes. */
static struct change *written_by(enum version v, int record, uint64_t base, const char *words)
{
    enum version server = VERSION_ONE_BACK;
    runs(v);
    struct change *c = base ? pen_set(&pen, record, base, words) : pen_create(&pen, record, words);
    runs(server);
    return c;
}

static int setup(void **state)
{
    (void)state;
    for (enum version v = 0; v < VERSIONS; v++)
        (void)version_kinds(v);
    runs(VERSION_ONE_BACK);
    server_make(&s);
    pen = pen_of(&s, s.chair, s.branch, 1);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    server_remove(&s);
    kind_use(NULL);
    return 0;
}

static void renew(enum version v)
{
    server_close(&s);
    runs(v);
    server_open(&s);
}

static struct digest_sum digest_of_members(enum field_class class)
{
    struct org_state *state;
    assert_int_equal(store_load_org(s.store, s.branch, 1, &state), ERR_OK);
    struct digest_sum sum = org_state_digest(state, s.member, class);
    org_state_destroy(state);
    return sum;
}

/* By hand: what a row with these fields counts. */
static struct digest_sum expected(enum field_class class)
{
    const struct kind *k = kind_by_name("member");
    ProtobufCMessage *m = record_new(k->descriptor, &s.arena);
    record_put_name(m, "name", cell_text("Li"), &s.arena);
    record_put_name(m, "state", cell_text("applied"), &s.arena);
    record_put_name(m, "member_no", cell_text("0001"), &s.arena);
    record_put_name(m, AHEAD_FIELD, cell_text("Lili"), &s.arena);
    record_put_name(m, AHEAD_SENSITIVE, cell_text("A12345"), &s.arena);
    return digest_row(k, member_id(1), S(2), m, class);
}

static void test_values_that_were_unknown_count(void **state)
{
    (void)state;
    assert_string_equal(push_one(&pen, written_by(VERSION_AHEAD, 1, 0, "name=Li")), "1 APPLIED");
    assert_string_equal(push_one(&pen, written_by(VERSION_AHEAD, 1, S(1), AHEAD_FIELD "=Lili " AHEAD_SENSITIVE "=A12345")), "2 APPLIED");
    server_verify(&s);
    renew(VERSION_AHEAD);
    server_verify(&s);
    assert_true(digest_equal(digest_of_members(CLASS_OPEN), expected(CLASS_OPEN)));
    assert_true(digest_equal(digest_of_members(CLASS_SENSITIVE), expected(CLASS_SENSITIVE)));
    /* And what is changed afterwards goes out of the sums as it went in. */
    assert_string_equal(push_one(&pen, pen_set(&pen, 1, S(2), "-" AHEAD_SENSITIVE)), "3 APPLIED");
    server_verify(&s);
}

/* Two versions at once, and a second opening changes nothing. */
static void test_twice(void **state)
{
    (void)state;
    assert_string_equal(push_one(&pen, written_by(VERSION_TODAY, 1, 0, "name=Li")), "1 APPLIED");
    renew(VERSION_TODAY);
    server_verify(&s);
    renew(VERSION_AHEAD);
    renew(VERSION_AHEAD);
    server_verify(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(test_values_that_were_unknown_count, setup, teardown),
                                       cmocka_unit_test_setup_teardown(test_twice, setup, teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
