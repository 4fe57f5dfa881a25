/* Bases and seqs on paths that restores gave up (rules 8, 26). Epoch 2 left epoch 1 at 10, epoch 3 left epoch 1 at 5:
 * what epoch 1 gave out behind 5 and all of epoch 2 are abandoned. Epoch 4 left epoch 3 at 7. */
#include "sync/decide.h"
#include "sync/org_state.h"
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

static const struct lineage_epoch epochs[] = {{1, 0, 0}, {2, 1, 10}, {3, 1, 5}, {4, 3, 7}};
static const struct lineage lineage = {epochs, 4};

static void bases(void **state)
{
    (void)state;
#define BASE(e, c) lineage_base(&lineage, seq_make(e, c))
    assert_true(lineage_base(&lineage, 0) == 0);
    assert_true(BASE(1, 3) == seq_make(1, 3));
    assert_true(BASE(1, 9) == seq_make(1, 5));
    assert_true(BASE(2, 1) == seq_make(1, 5)); /* epoch 2 hangs at 1:10, of which 1:5 survives */
    assert_true(BASE(3, 7) == seq_make(3, 7));
    assert_true(BASE(3, 8) == seq_make(3, 7));
    assert_true(BASE(4, 999) == seq_make(4, 999));
    assert_true(BASE(9, 1) == 0); /* never given */
}

static void hung_before_the_point(void **state)
{
    (void)state;
    static const struct lineage_epoch list[] = {{1, 0, 0}, {2, 1, 4}, {3, 1, 8}};
    static const struct lineage l = {list, 3};
    assert_true(lineage_base(&l, seq_make(2, 6)) == seq_make(1, 4)); /* it had seen no more of epoch 1 */
    assert_true(lineage_base(&l, seq_make(1, 8)) == seq_make(1, 8));
}

static void seqs(void **state)
{
    (void)state;
#define HOLDS(e, c) lineage_holds(&lineage, seq_make(e, c))
    assert_true(HOLDS(1, 5) && HOLDS(3, 7) && HOLDS(4, 1));
    assert_false(HOLDS(1, 6) || HOLDS(2, 1) || HOLDS(3, 8) || HOLDS(5, 1));
}

/* Given up or not: what stood on the way to a seq. */
static void paths(void **state)
{
    (void)state;
#define LEADS(e, c, f, d) lineage_leads(&lineage, seq_make(e, c), seq_make(f, d))
    assert_true(LEADS(1, 7, 1, 9) && LEADS(1, 9, 1, 9) && !LEADS(1, 9, 1, 8));
    assert_true(LEADS(1, 10, 2, 1) && !LEADS(1, 11, 2, 1)); /* epoch 2 hangs at 1:10 */
    assert_true(LEADS(1, 5, 4, 1) && !LEADS(1, 6, 4, 1));   /* by 3:7 and 1:5 */
    assert_true(LEADS(3, 7, 4, 1) && !LEADS(3, 8, 4, 1) && !LEADS(2, 1, 4, 1));
    assert_true(!LEADS(1, 1, 9, 1) && !LEADS(1, 1, 0, 0)); /* never given; no base */
}

static void without_any_restore(void **state)
{
    (void)state;
    static const struct lineage none = {NULL, 0}, one = {epochs, 1};
    assert_true(lineage_base(&none, seq_make(1, 7)) == seq_make(1, 7) && lineage_holds(&none, seq_make(1, 7)));
    assert_true(lineage_base(&one, seq_make(1, 7)) == seq_make(1, 7) && lineage_holds(&one, seq_make(1, 7)));
}

static void damaged_lists_end(void **state)
{
    (void)state;
    static const struct lineage_epoch round[] = {{1, 2, 3}, {2, 1, 3}};
    static const struct lineage l = {round, 2};
    assert_true(lineage_base(&l, seq_make(2, 1)) == seq_make(2, 1));
    assert_true(lineage_base(&l, seq_make(1, 5)) == seq_make(1, 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bases),
        cmocka_unit_test(hung_before_the_point),
        cmocka_unit_test(seqs), cmocka_unit_test(paths),
        cmocka_unit_test(without_any_restore),
        cmocka_unit_test(damaged_lists_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
