/* Rule 4, with holes (rule 27) and forked incarnations (rule 5). */
#include "sync/intake.h"
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

static void check(const struct incarnation_runs *r, uint64_t n, enum intake expected, uint64_t expected_missing)
{
    uint64_t missing = 0;
    assert_int_equal(intake_of(r, n, &missing), expected);
    assert_int_equal(missing, expected_missing);
}

static void rule_04_the_first_ones(void **state)
{
    (void)state;
    struct incarnation_runs none = {NULL, 0, 0};
    check(&none, 1, INTAKE_DECIDE, 0);
    check(&none, 2, INTAKE_GAP, 1);
}

static void rule_04_one_run(void **state)
{
    (void)state;
    static const struct intake_run runs[] = {{1, 5}};
    struct incarnation_runs r = {runs, 1, 0};
    check(&r, 1, INTAKE_PROCESSED, 0);
    check(&r, 5, INTAKE_PROCESSED, 0);
    check(&r, 6, INTAKE_DECIDE, 0);
    check(&r, 7, INTAKE_GAP, 6);
    check(&r, 700, INTAKE_GAP, 6);
}

static void rule_27_holes(void **state)
{
    (void)state;
    static const struct intake_run runs[] = {{2, 2}, {6, 1}}; /* 2 3 . . 6 */
    struct incarnation_runs r = {runs, 2, 0};
    check(&r, 1, INTAKE_DECIDE, 0);
    check(&r, 3, INTAKE_PROCESSED, 0);
    check(&r, 4, INTAKE_DECIDE, 0);
    check(&r, 5, INTAKE_DECIDE, 0);
    check(&r, 6, INTAKE_PROCESSED, 0);
    check(&r, 7, INTAKE_DECIDE, 0);
    check(&r, 8, INTAKE_GAP, 1);
    static const struct intake_run from_one[] = {{1, 3}, {6, 1}};
    check(&(struct incarnation_runs){from_one, 2, 0}, 9, INTAKE_GAP, 4);
}

static void holes_from_somewhere_on(void **state)
{
    (void)state;
    static const struct intake_run runs[] = {{2, 2}, {6, 1}}; /* 2 3 . . 6 */
    struct incarnation_runs r = {runs, 2, 0};
    assert_int_equal(intake_hole(&r, 0), 1);
    assert_int_equal(intake_hole(&r, 2), 4);
    assert_int_equal(intake_hole(&r, 5), 5);
    assert_int_equal(intake_hole(&r, 6), 7);
    assert_int_equal(intake_hole(&r, 90), 90);
    r.start = 4;
    assert_int_equal(intake_hole(&r, 1), 5);
}

static void rule_05_a_fork_starts_behind_its_parent(void **state)
{
    (void)state;
    struct incarnation_runs r = {NULL, 0, 6}; /* forked at 7 */
    check(&r, 7, INTAKE_DECIDE, 0);
    check(&r, 8, INTAKE_GAP, 7);
    static const struct intake_run runs[] = {{7, 1}};
    r = (struct incarnation_runs){runs, 1, 6};
    check(&r, 7, INTAKE_PROCESSED, 0);
    check(&r, 8, INTAKE_DECIDE, 0);
    check(&r, 9, INTAKE_GAP, 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rule_04_the_first_ones),
        cmocka_unit_test(rule_04_one_run),
        cmocka_unit_test(rule_27_holes),
        cmocka_unit_test(holes_from_somewhere_on),
        cmocka_unit_test(rule_05_a_fork_starts_behind_its_parent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
