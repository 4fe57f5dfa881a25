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
    } known[] = {{1, "member"},           {2, "union_group"},    {3, "work_plan"},     {4, "plan_item"},
                 {5, "policy_limit"},     {6, "proposal"},       {7, "proposal_support"},
                 {8, "proposal_reply"},   {9, "proposal_call"},  {10, "dues_standard"}, {11, "dues_assessment"},
                 {12, "dues_payment"},    {13, "dues_year"},     {14, "dues_usage_report"},
                 {15, "dues_usage_line"}, {16, "work_summary"},  {17, "handover"},      {20, "committee_meeting"}, {18, "membership_change"}, {19, "branch_union"}, {100, "conflict"}};
    size_t count, known_count = sizeof known / sizeof known[0];
    kind_all(&count);
    assert_int_equal(count, known_count);
    for (size_t i = 0; i < known_count; i++) {
        assert_non_null(kind_by_number(known[i].number));
        assert_string_equal(kind_by_number(known[i].number)->name, known[i].name);
        assert_ptr_equal(kind_by_name(known[i].name), kind_by_number(known[i].number));
    }
    assert_null(kind_by_number(0));
    assert_null(kind_by_number(77));
    assert_null(kind_by_name("suggestion"));
}

static void test_extra_kinds_come_and_go(void **state)
{
    (void)state;
    struct kind seventh = *kind_by_name("union_group"), eighth = seventh;
    seventh.number = 77, seventh.name = "seventh";
    eighth.number = 78, eighth.name = "eighth";
    size_t count, before;
    kind_all(&before);
    kind_register_extra(&seventh);
    kind_register_extra(&eighth);
    const struct kind *const *all = kind_all(&count);
    assert_int_equal(count, before + 2);
    assert_string_equal(all[0]->name, "member");
    assert_ptr_equal(all[before], &seventh);
    assert_ptr_equal(kind_by_number(78), &eighth);
    assert_ptr_equal(kind_by_name("seventh"), &seventh);
    kind_register_extra(NULL);
    kind_all(&count);
    assert_int_equal(count, before);
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
    check_from("proposal", "submitted", "draft returned");
    check_from("proposal", "returned", "submitted collated");
    check_from("proposal", "withdrawn", "draft returned submitted collated");
    check_from("proposal", "collated", "submitted");
    check_from("proposal", "merged", "collated under_review");
    check_from("proposal", "under_review", "collated");
    check_from("proposal", "filed", "under_review");
    check_from("proposal", "converted", "under_review");
    check_from("proposal", "declined", "under_review");
    check_from("proposal", "assigned", "filed adopted assigned in_progress reopened");
    check_from("proposal", "in_progress", "assigned reopened");
    check_from("proposal", "replied", "in_progress merged declined converted in_force not_adopted");
    check_from("proposal", "rated", "replied");
    check_from("proposal", "reopened", "rated");
    check_from("proposal", "resulted", "rated");
    check_from("proposal", "closed", "resulted rated in_force not_adopted");
    check_from("proposal", "archived", "closed");
    check_from("proposal", "consulting", "filed");
    check_from("proposal", "to_congress", "consulting");
    check_from("proposal", "adopted", "to_congress");
    check_from("proposal", "not_adopted", "to_congress");
    check_from("proposal", "in_force", "adopted");
    check_from("proposal_call", "open", "draft closed");
    check_from("proposal_call", "closed", "open");
    check_from("dues_assessment", "due", "due exempt reminded");
    check_from("dues_assessment", "exempt", "due reminded");
    check_from("dues_assessment", "reminded", "due reminded");
    check_from("dues_year", "closed", "open");
    check_from("dues_usage_report", "drafted", "audited");
    check_from("dues_usage_report", "audited", "drafted");
    check_from("dues_usage_report", "published", "audited");
    check_from("work_summary", "drafted", "approved");
    check_from("work_summary", "approved", "drafted returned");
    check_from("work_summary", "submitted", "approved returned");
    check_from("work_summary", "acknowledged", "submitted");
    check_from("work_summary", "returned", "submitted acknowledged");
    check_from("work_summary", "archived", "acknowledged");
    check_from("handover", "drafted", "checked");
    check_from("handover", "checked", "drafted");
    check_from("handover", "signed", "checked");
    check_from("handover", "transferred", "signed");
    check_from("branch_union", "approved", "preparing");
    check_from("branch_union", "active", "approved");
    check_from("branch_union", "merged", "approved active");
    check_from("branch_union", "dissolved", "approved active");
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
                    {"policy_limit", "rule_code value effective_from"},
                    {"proposal", "title"},
                    {"proposal_support", "proposal_id member_id text_mark"},
                    {"proposal_reply", "proposal_id mode replied_on"},
                    {"proposal_call", "session"},
                    {"dues_standard", "member_id mode amount_fen effective_from"},
                    {"dues_assessment", "member_id period amount_due_fen"},
                    {"dues_payment", "member_id period amount_fen paid_on"},
                    {"dues_year", "year"},
                    {"dues_usage_report", "period"},
                    {"dues_usage_line", "report_id category amount_fen"},
                    {"membership_change", "member_id to_state effective_on"},
                    {"branch_union", "name"},
                    {"work_summary", "period"},
                    {"committee_meeting", "held_on"},
                    {"handover", "role from_name"}};
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
