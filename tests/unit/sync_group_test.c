/* Rules 15 and 16: changes that succeed or fail together, and the group that ends a conflict. */
#include "tests/unit/help_sync.h"
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#define IS assert_string_equal

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
    assert_log_makes_rows(&w);
    world_finish(&w);
    return 0;
}

/* A group of a set on record 1 and the act on its index-th conflict; words NULL: the act alone (theirs is kept). */
static const char *resolve(int seat, size_t index, uint64_t base, uint64_t conflict_base, const char *words)
{
    struct change *members[2];
    size_t count = 0;
    if (words)
        members[count++] = make_change(&w, seat, SHEET, OP_SET, 1, base, words);
    members[count++] =
        make_change_id(&w, seat, KIND_CONFLICT, OP_ACT, conflict_at(&w, 1, index)->id, conflict_base, "!resolved");
    make_group(&w, members, count);
    return take_group(&w, seat, members, count);
}

/* seq 1: created; 2: note=b by seat 1; 3: the conflict, mine note=c by seat 2. */
static void make_conflict(void)
{
    IS(do_create(&w, 0, 1, "name=Li note=a"), "APPLIED");
    IS(do_set(&w, 0, 1, S(1), "note=b"), "APPLIED");
    IS(do_set(&w, 1, 1, S(1), "note=c"), "CONFLICT");
}

static void rule_15_all_members_apply_one_after_the_other(void **state)
{
    (void)state;
    struct change *m[3] = {make_change(&w, 0, SHEET, OP_CREATE, 1, 0, "name=Li"),
                           make_change(&w, 0, SHEET, OP_SET, 1, 0, "note=n"),
                           make_change(&w, 0, SHEET, OP_CREATE, 2, 0, "name=Wu group_id=@1")};
    make_group(&w, m, 3);
    IS(take_group(&w, 0, m, 3), "APPLIED");
    assert_true(seq_now(&w) == S(3));
    IS(sheet_row(&w, 1), "member_no=0001 name=Li state=draft note=n");
    IS(sheet_row(&w, 2), "member_no=0002 name=Wu group_id=@1 state=draft");
}

static void rule_15_one_refused_refuses_all(void **state)
{
    (void)state;
    struct change *m[3] = {make_change(&w, 0, SHEET, OP_CREATE, 1, 0, "name=Li"),
                           make_change(&w, 0, SHEET, OP_CREATE, 2, 0, "note=n"),
                           make_change(&w, 0, SHEET, OP_CREATE, 3, 0, "name=He")};
    make_group(&w, m, 3);
    IS(take_group(&w, 0, m, 3), "REFUSED GROUP 2 REQUIRED name");
    for (int i = 0; i < 3; i++)
        assert_true(w.last[i].verdict == VERDICT_REFUSED && strcmp(w.last[i].code, "GROUP") == 0);
    assert_true(seq_now(&w) == S(3)); /* each has its entry (rule 3) */
    IS(sheet_row(&w, 1), "unknown");
    IS(do_create(&w, 0, 4, "name=Ma"), "APPLIED");
    IS(sheet_row(&w, 4), "member_no=0001 name=Ma state=draft"); /* no number was lost */
}

static void rule_15_one_that_would_conflict_refuses_all(void **state)
{
    (void)state;
    IS(do_create(&w, 0, 1, "name=Li note=a"), "APPLIED");
    IS(do_set(&w, 0, 1, S(1), "note=b"), "APPLIED");
    struct change *m[2] = {make_change(&w, 1, SHEET, OP_CREATE, 2, 0, "name=Wu"),
                           make_change(&w, 1, SHEET, OP_SET, 1, S(1), "note=c")};
    make_group(&w, m, 2);
    IS(take_group(&w, 1, m, 2), "REFUSED GROUP 2 CONFLICT");
    IS(sheet_row(&w, 2), "unknown");
    IS(sheet_conflicts(&w, 1), "none");
}

static void rule_15_a_group_that_is_not_whole(void **state)
{
    (void)state;
    struct change *m[2] = {make_change(&w, 0, SHEET, OP_CREATE, 1, 0, "name=Li"),
                           make_change(&w, 0, SHEET, OP_CREATE, 2, 0, "name=Wu")};
    make_group(&w, m, 2);
    IS(take_group(&w, 0, m, 1), "REFUSED GROUP FORM");
    struct change *turned[2] = {m[1], m[0]};
    IS(take_group(&w, 0, turned, 2), "REFUSED GROUP FORM");
}

enum { PLAN = 3, ITEM = 4 };

static void make_plan_with_items(void)
{
    IS(take_change(&w, 0, make_change(&w, 0, PLAN, OP_CREATE, 1, 0, "title=x period_kind=year period=2026")),
       "APPLIED");
    IS(take_change(&w, 0, make_change(&w, 0, ITEM, OP_CREATE, 2, 0, "title=a plan_id=@1")), "APPLIED");
    IS(take_change(&w, 0, make_change(&w, 0, ITEM, OP_CREATE, 3, 0, "title=b plan_id=@1")), "APPLIED");
}

static const char *remove_group(int first, int second, int third)
{
    const int records[3] = {first, second, third};
    struct change *m[3];
    for (int i = 0; i < 3; i++)
        m[i] = make_change(&w, 0, records[i] == 1 ? PLAN : ITEM, OP_REMOVE, records[i], S(3), "");
    make_group(&w, m, 3);
    return take_group(&w, 0, m, 3);
}

/* A plan goes with its items, or after them: none is left without it. */
static void rule_13_no_whole_without_its_parts(void **state)
{
    (void)state;
    make_plan_with_items();
    IS(take_change(&w, 0, make_change(&w, 0, PLAN, OP_REMOVE, 1, S(1), "")), "REFUSED PARTS plan_item");
    IS(remove_group(2, 1, 3), "REFUSED GROUP 2 PARTS"); /* in this order one would be left for a moment */
    IS(row_text(&w, ITEM, rid(2)), "plan_id=@1 title=a state=planned");
    IS(remove_group(2, 3, 1), "APPLIED");
    IS(row_text(&w, PLAN, rid(1)), "removed");
    IS(take_change(&w, 0, make_change(&w, 0, ITEM, OP_CREATE, 4, 0, "title=c plan_id=@1")),
       "REFUSED REFERENCE plan_id work_plan");
}

static void rule_13_parts_one_by_one(void **state)
{
    (void)state;
    make_plan_with_items();
    IS(take_change(&w, 0, make_change(&w, 0, ITEM, OP_REMOVE, 2, S(2), "")), "APPLIED");
    IS(take_change(&w, 0, make_change(&w, 0, PLAN, OP_REMOVE, 1, S(1), "")), "REFUSED PARTS plan_item");
    IS(take_change(&w, 0, make_change(&w, 0, ITEM, OP_REMOVE, 3, S(3), "")), "APPLIED");
    IS(take_change(&w, 0, make_change(&w, 0, PLAN, OP_REMOVE, 1, S(1), "")), "APPLIED");
}

/* Each is found by its reason, and can be entered anew by itself. */
static void rule_32_a_revoked_seat_s_group(void **state)
{
    (void)state;
    struct change *m[2] = {make_change(&w, 0, SHEET, OP_CREATE, 1, 0, "name=Li"),
                           make_change(&w, 0, SHEET, OP_CREATE, 2, 0, "name=Wu")};
    make_group(&w, m, 2);
    w.seats[0].state = SEAT_REVOKED;
    IS(take_group(&w, 0, m, 2), "REFUSED SEAT_REVOKED");
    IS(w.last[1].code, "SEAT_REVOKED");
    assert_int_equal(w.count, 2);
    IS(w.log[0].code, "SEAT_REVOKED");
    IS(w.log[1].code, "SEAT_REVOKED");
    w.seats[0].state = SEAT_SUSPENDED;
    m[0] = make_change(&w, 0, SHEET, OP_CREATE, 1, 0, "name=Li");
    m[1] = make_change(&w, 0, SHEET, OP_CREATE, 2, 0, "name=Wu");
    make_group(&w, m, 2);
    IS(take_group(&w, 0, m, 2), "REFUSED GROUP 1 SEAT_SUSPENDED");
}

static void rule_16_mine_is_set(void **state)
{
    (void)state;
    make_conflict();
    IS(resolve(0, 0, S(2), S(3), "note=c"), "APPLIED");
    IS(sheet_row(&w, 1), "member_no=0001 name=Li state=draft note=c");
    IS(sheet_conflicts(&w, 1), "resolved note: mine note=c by 2, theirs note=b by 1");
}

static void rule_16_theirs_is_kept(void **state)
{
    (void)state;
    make_conflict();
    IS(resolve(1, 0, 0, S(3), NULL), "APPLIED");
    IS(sheet_row(&w, 1), "member_no=0001 name=Li state=draft note=b");
    IS(sheet_conflicts(&w, 1), "resolved note: mine note=c by 2, theirs note=b by 1");
}

static void rule_16_of_two_at_once_the_second_is_refused(void **state)
{
    (void)state;
    make_conflict();
    IS(resolve(0, 0, S(2), S(3), "note=d"), "APPLIED");
    IS(resolve(1, 0, 0, S(3), NULL), "REFUSED GROUP 1 STATE_MOVED state");
    IS(resolve(1, 0, S(5), S(3), "note=c"), "REFUSED GROUP 2 STATE_MOVED state");
    IS(resolve(1, 0, S(2), S(3), "note=c"), "REFUSED GROUP 1 CONFLICT");
    IS(sheet_row(&w, 1), "member_no=0001 name=Li state=draft note=d");
}

static void rule_16_theirs_moved_on_meanwhile(void **state)
{
    (void)state;
    make_conflict();
    IS(do_set(&w, 0, 1, S(3), "note=z"), "APPLIED");
    IS(resolve(1, 0, S(2), S(3), "note=c"), "REFUSED GROUP 1 CONFLICT");
    IS(sheet_conflicts(&w, 1), "open note: mine note=c by 2, theirs note=b by 1");
}

static void rule_16_mine_moved_on_meanwhile(void **state)
{
    (void)state;
    make_conflict();
    IS(do_set(&w, 1, 1, S(1), "note=d"), "CONFLICT"); /* seq 4 */
    IS(resolve(0, 0, 0, S(3), NULL), "REFUSED GROUP 1 CHANGED_SINCE");
    IS(resolve(1, 0, 0, S(3), NULL), "APPLIED"); /* who wrote it knows it */
}

static void rule_16_who_may_set_the_field_resolves(void **state)
{
    (void)state;
    make_conflict();
    w.seats[3].roles = ROLES(accountant); /* reads all, sets nothing */
    IS(resolve(3, 0, 0, S(3), NULL), "REFUSED GROUP 1 RIGHT");
    w.seats[3].roles = ROLES(group_leader);
    IS(resolve(3, 0, 0, S(3), NULL), "APPLIED");
}

static void rule_16_sensitive_values_need_whom_may_read_them(void **state)
{
    (void)state;
    IS(do_create(&w, 0, 1, "name=Li mobile=1"), "APPLIED");
    IS(do_set(&w, 0, 1, S(1), "mobile=2"), "APPLIED");
    IS(do_set(&w, 1, 1, S(1), "mobile=3"), "CONFLICT");
    IS(resolve(3, 0, 0, S(3), NULL), "REFUSED GROUP 1 RIGHT");
    IS(resolve(2, 0, 0, S(3), NULL), "APPLIED");
}

static void rule_16_conflict_records_are_not_set_or_made(void **state)
{
    (void)state;
    make_conflict();
    struct id id = conflict_at(&w, 1, 0)->id;
    IS(take_change(&w, 0, make_change_id(&w, 0, KIND_CONFLICT, OP_SET, id, S(3), "field=sex")), "REFUSED RIGHT set");
    IS(take_change(&w, 0, make_change_id(&w, 0, KIND_CONFLICT, OP_REMOVE, id, S(3), "")), "REFUSED RIGHT remove");
    IS(take_change(&w, 0, make_change_id(&w, 0, KIND_CONFLICT, OP_CREATE, rid(8), 0, "field=sex")),
       "REFUSED RIGHT add");
    IS(take_change(&w, 0, make_change_id(&w, 0, KIND_CONFLICT, OP_ACT, rid(8), 0, "!resolved")),
       "REFUSED UNKNOWN_RECORD");
}

/* seq 1: created; 2: removed by seat 1; 3: the conflict, mine note=c by seat 2. */
static void make_removed(void)
{
    IS(do_create(&w, 0, 1, "name=Li note=a mobile=1"), "APPLIED");
    IS(do_act(&w, 0, 1, 0, "!submitted joined_on=d"), "APPLIED");
    IS(do_remove(&w, 0, 1, S(2)), "APPLIED");
    IS(do_set(&w, 1, 1, S(1), "note=c"), "CONFLICT");
}

static void rule_13_a_resolve_group_restores(void **state)
{
    (void)state;
    make_removed();
    IS(resolve(1, 0, S(3), S(4), "note=c"), "REFUSED GROUP 1 REQUIRED name"); /* all required fields */
    IS(resolve(1, 0, S(3), S(4), "name=Li note=c mobile=1"), "APPLIED");
    /* the number is its own again, the state the first one */
    IS(sheet_row(&w, 1), "member_no=0001 name=Li mobile=1 state=draft note=c");
    assert_true(scratch_row(w.db, SHEET, rid(1))->stamps.first == S(7));
    IS(do_create(&w, 0, 2, "name=Wu"), "APPLIED");
    IS(sheet_row(&w, 2), "member_no=0002 name=Wu state=draft");
}

static void rule_13_nothing_else_restores(void **state)
{
    (void)state;
    make_removed();
    struct change *m[2] = {make_change(&w, 1, SHEET, OP_SET, 1, S(3), "name=Li"),
                           make_change(&w, 1, SHEET, OP_CREATE, 2, 0, "name=Wu")};
    make_group(&w, m, 2);
    IS(take_group(&w, 1, m, 2), "REFUSED GROUP 1 CONFLICT");
    IS(do_create(&w, 0, 3, "name=He note=a"), "APPLIED"); /* seq 7 */
    IS(do_set(&w, 0, 3, S(7), "note=b"), "APPLIED");
    IS(do_set(&w, 1, 3, S(7), "note=c"), "CONFLICT");
    struct change *n[2] = {make_change(&w, 1, SHEET, OP_SET, 1, S(3), "name=Li"),
                           make_change_id(&w, 1, KIND_CONFLICT, OP_ACT, conflict_at(&w, 3, 0)->id, S(9), "!resolved")};
    make_group(&w, n, 2); /* the conflict of another record */
    IS(take_group(&w, 1, n, 2), "REFUSED GROUP 1 CONFLICT");
    IS(do_remove(&w, 0, 3, S(9)), "APPLIED");
    IS(do_set(&w, 1, 3, S(9), "campus=c"), "CONFLICT");
    struct change *o[2] = {make_change(&w, 1, SHEET, OP_SET, 1, S(3), "name=Li"),
                           make_change_id(&w, 1, KIND_CONFLICT, OP_ACT, conflict_at(&w, 3, 1)->id, S(13), "!resolved")};
    make_group(&w, o, 2); /* the one about the removal of another record */
    IS(take_group(&w, 1, o, 2), "REFUSED GROUP 1 CONFLICT");
    struct change *p[2] = {make_change(&w, 1, SHEET, OP_SET, 3, S(12), "name=He"),
                           make_change_id(&w, 1, KIND_CONFLICT, OP_ACT, conflict_at(&w, 3, 0)->id, S(9), "!resolved")};
    make_group(&w, p, 2); /* of this one, but about a field */
    IS(take_group(&w, 1, p, 2), "REFUSED GROUP 1 CONFLICT");
    IS(sheet_row(&w, 1), "removed");
    IS(sheet_row(&w, 3), "removed");
}

static void rule_13_the_values_are_dropped(void **state)
{
    (void)state;
    make_removed();
    IS(resolve(0, 0, 0, S(4), NULL), "APPLIED");
    IS(sheet_row(&w, 1), "removed");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(rule_15_all_members_apply_one_after_the_other),
        T(rule_15_one_refused_refuses_all),
        T(rule_15_one_that_would_conflict_refuses_all),
        T(rule_15_a_group_that_is_not_whole),
        T(rule_13_no_whole_without_its_parts),
        T(rule_13_parts_one_by_one),
        T(rule_32_a_revoked_seat_s_group),
        T(rule_16_mine_is_set),
        T(rule_16_theirs_is_kept),
        T(rule_16_of_two_at_once_the_second_is_refused),
        T(rule_16_theirs_moved_on_meanwhile),
        T(rule_16_mine_moved_on_meanwhile),
        T(rule_16_who_may_set_the_field_resolves),
        T(rule_16_sensitive_values_need_whom_may_read_them),
        T(rule_16_conflict_records_are_not_set_or_made),
        T(rule_13_a_resolve_group_restores),
        T(rule_13_nothing_else_restores),
        T(rule_13_the_values_are_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
