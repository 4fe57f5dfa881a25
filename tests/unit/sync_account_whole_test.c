/* Sums of a whole and its parts (account.h): a plan's items count as their plan stands, whichever of the two changes. */
#include "help_sync.h"
#include "sync/org_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

enum { PLAN = 3, ITEM = 4 };

static const char *change(struct world *w, uint32_t kind, enum op op, int record, const char *words)
{
    return take_change(w, 0, make_change(w, 0, kind, op, record, op == OP_CREATE ? 0 : seq_now(w), words));
}

#define DO(kind, op, record, words) assert_string_equal(change(&w, kind, op, record, words), "APPLIED")

static int64_t due(const struct world *w)
{
    return org_state_measure(w->state, "plan_item.due.2026-10-31");
}

static int64_t planned(const struct world *w)
{
    return org_state_measure(w->state, "plan_item.2026-10.planned");
}

static void items_count_as_their_plan_stands(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    DO(PLAN, OP_CREATE, 1, "title=x period=2026-1");
    DO(PLAN, OP_CREATE, 2, "title=y period=2026");
    DO(ITEM, OP_CREATE, 11, "title=a plan_id=@1 due_on=2026-10-31");
    DO(ITEM, OP_CREATE, 12, "title=b plan_id=@1 due_on=2026-10-31");
    DO(ITEM, OP_CREATE, 13, "title=c plan_id=@2 due_on=2026-10-31");
    assert_int_equal(due(&w), 0);
    assert_int_equal(org_state_measure(w.state, "plan_item.state.planned"), 3);
    DO(PLAN, OP_ACT, 1, "!discussed");
    assert_int_equal(due(&w), 0);
    DO(PLAN, OP_ACT, 1, "!adopted adopted_on=2026-09-05 adopted_by=z");
    assert_int_equal(due(&w), 2);
    assert_int_equal(planned(&w), 2);
    DO(ITEM, OP_ACT, 11, "!done evidence=e");
    assert_int_equal(due(&w), 1);
    assert_int_equal(planned(&w), 1);
    assert_int_equal(org_state_measure(w.state, "plan_item.2026-10.done"), 1);
    DO(ITEM, OP_CREATE, 14, "title=d plan_id=@1 due_on=2026-10-31");
    assert_int_equal(due(&w), 2);
    DO(ITEM, OP_SET, 14, "due_on=2026-11-30");
    assert_int_equal(due(&w), 1);
    assert_int_equal(org_state_measure(w.state, "plan_item.due.2026-11-30"), 1);
    DO(ITEM, OP_REMOVE, 14, "");
    assert_int_equal(org_state_measure(w.state, "plan_item.due.2026-11-30"), 0);
    DO(PLAN, OP_ACT, 1, "!discussed"); /* talked over once more */
    assert_int_equal(due(&w), 0);
    assert_int_equal(planned(&w), 0);
    assert_int_equal(org_state_measure(w.state, "plan_item.2026-10.done"), 0);
    world_finish(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(items_count_as_their_plan_stands)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
