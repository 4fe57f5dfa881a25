#include "kinds/kind.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static void test_numbers_are_as_on_the_wire(void **state)
{
    (void)state;
    static const struct {
        uint32_t number;
        const char *name;
    } known[] = {{1, "member"},    {2, "union_group"},  {3, "work_plan"},
                 {4, "plan_item"}, {5, "policy_limit"}, {100, "conflict"}};
    size_t count;
    kind_all(&count);
    assert_int_equal(count, 6);
    for (size_t i = 0; i < 6; i++) {
        assert_non_null(kind_by_number(known[i].number));
        assert_string_equal(kind_by_number(known[i].number)->name, known[i].name);
        assert_ptr_equal(kind_by_name(known[i].name), kind_by_number(known[i].number));
    }
    assert_null(kind_by_number(0));
    assert_null(kind_by_number(6));
    assert_null(kind_by_name("proposal"));
}

static void test_extra_kinds_come_and_go(void **state)
{
    (void)state;
    struct kind seventh = *kind_by_name("union_group"), eighth = seventh;
    seventh.number = 7, seventh.name = "seventh";
    eighth.number = 8, eighth.name = "eighth";
    size_t count;
    kind_register_extra(&seventh);
    kind_register_extra(&eighth);
    const struct kind *const *all = kind_all(&count);
    assert_int_equal(count, 8);
    assert_string_equal(all[0]->name, "member");
    assert_ptr_equal(all[6], &seventh);
    assert_ptr_equal(kind_by_number(8), &eighth);
    assert_ptr_equal(kind_by_name("seventh"), &seventh);
    kind_register_extra(NULL);
    kind_all(&count);
    assert_int_equal(count, 6);
    assert_null(kind_by_name("seventh"));
}

static void test_finding_rules(void **state)
{
    (void)state;
    const struct kind *k = kind_by_name("work_plan");
    assert_string_equal(kind_field(k, "return_reason")->label.zh, "退改原因");
    assert_null(kind_field(k, "wage"));
    assert_string_equal(kind_state(k, "in_force")->label.en, "in force");
    assert_null(kind_state(k, "lost"));
    assert_string_equal(kind_action(k, "returned")->required[0], "return_reason");
    assert_null(kind_action(k, "drafted"));
    assert_string_equal(field_type_name(FIELD_LONG_TEXT), "long_text");
    assert_string_equal(field_type_name(FIELD_TIME_MS), "time");
}

static void test_state_of(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 4096);
    const struct kind *k = kind_by_name("member");
    ProtobufCMessage *m = record_new(k->descriptor, &arena);
    assert_string_equal(kind_state_of(k, m), "applied");
    record_put_name(m, "state", cell_text("retained"), &arena);
    assert_string_equal(kind_state_of(k, m), "retained");
    assert_null(
        kind_state_of(kind_by_name("union_group"), record_new(kind_by_name("union_group")->descriptor, &arena)));
    arena_finish(&arena);
}

/* SM-MEMBERSHIP, SM-PLAN and SM-PLANITEM as they are drawn: from these states and no others. */
static void check_from(const char *kind, const char *action, const char *from)
{
    char joined[256] = "";
    const struct action_rule *a = kind_action(kind_by_name(kind), action);
    assert_non_null(a);
    for (size_t i = 0; a->from[i]; i++) {
        strcat(joined, i ? " " : "");
        strcat(joined, a->from[i]);
    }
    if (strcmp(joined, from) != 0)
        fail_msg("%s %s comes from: %s", kind, action, joined);
}

static void test_moves(void **state)
{
    (void)state;
    check_from("member", "active", "applied retained transferred_out withdrawn lapsed");
    check_from("member", "retained", "active");
    check_from("member", "transferred_out", "active retained");
    check_from("member", "withdrawn", "applied active retained");
    check_from("member", "lapsed", "active");
    check_from("member", "expelled", "active retained");
    check_from("member", "deceased", "applied active retained");
    check_from("policy_limit", "in_force", "draft");
    check_from("policy_limit", "repealed", "draft in_force");
    check_from("work_plan", "discussed", "drafted adopted returned");
    check_from("work_plan", "adopted", "discussed returned");
    check_from("work_plan", "submitted", "adopted returned");
    check_from("work_plan", "acknowledged", "submitted");
    check_from("work_plan", "returned", "submitted acknowledged");
    check_from("work_plan", "in_force", "acknowledged");
    check_from("work_plan", "summarised", "in_force");
    check_from("work_plan", "archived", "summarised");
    check_from("plan_item", "planned", "doing postponed cancelled");
    check_from("plan_item", "doing", "planned postponed done");
    check_from("plan_item", "done", "planned doing postponed");
    check_from("plan_item", "postponed", "planned doing postponed");
    check_from("plan_item", "cancelled", "planned doing postponed");
    check_from("conflict", "resolved", "open");
}

static void test_required_fields(void **state)
{
    (void)state;
    static const struct {
        const char *kind, *fields;
    } required[] = {{"member", "name"},
                    {"union_group", "name"},
                    {"work_plan", "title period"},
                    {"plan_item", "plan_id title"},
                    {"policy_limit", "rule_code value effective_from"}};
    for (size_t i = 0; i < sizeof required / sizeof required[0]; i++) {
        const struct kind *k = kind_by_name(required[i].kind);
        char joined[256] = "";
        for (size_t f = 0; f < k->field_count; f++)
            if (k->fields[f].flags & FIELD_REQUIRED) {
                strcat(joined, *joined ? " " : "");
                strcat(joined, k->fields[f].name);
            }
        assert_string_equal(joined, required[i].fields);
    }
    assert_int_equal(kind_field(kind_by_name("member"), "member_no")->flags, FIELD_SERVER);
    assert_true(kind_field(kind_by_name("plan_item"), "plan_id")->flags & FIELD_IMMUTABLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_are_as_on_the_wire),
        cmocka_unit_test(test_extra_kinds_come_and_go),
        cmocka_unit_test(test_finding_rules),
        cmocka_unit_test(test_state_of),
        cmocka_unit_test(test_moves),
        cmocka_unit_test(test_required_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
