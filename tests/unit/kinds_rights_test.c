/* rights.md, its table written out again by hand: every kind, every role, every right, every action. */
#include "help_kinds.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

/* Of each role in the order of ROLE_LIST: what it reads, then A (adds), A+S (and sets) or AS (and removes), then the actions
 * it may do ("" none). */
#define ROLE_NAMES                                                                                                     \
    "union_chair committee_member group_leader accountant audit_member proposal_group handler delegate "               \
    "information_officer "                                                                                             \
    "district_officer district_finance district_auditor"
static const struct {
    const char *kind;
    const char *cells[ROLE_COUNT];
    const char *all_actions;
} table[] = {
    {"member",
     {"R AS *", "R AS", "r", "r", "r", "r", "r", "r", "r", "r", "Σ", "Σ"},
     " active retained transferred_out withdrawn lapsed expelled deceased "},
    {"union_group", {"R AS", "R AS", "R", "R", "R", "R", "R", "R", "R", "R", "Σ", "Σ"}, ""},
    {"policy_limit",
     {"R", "R", "R", "R", "R", "R", "R", "R", "R", "R AS in_force repealed", "R", "R"},
     " in_force repealed "},
    {"work_plan",
     {"R AS discussed adopted submitted in_force summarised archived", "R AS discussed", "R", "R", "R", "R", "R", "R",
      "R", "R acknowledged returned", "R", "R"},
     " discussed adopted submitted acknowledged returned in_force summarised archived "},
    {"plan_item",
     {"R AS *", "R AS *", "R", "R", "R", "R", "R doing done postponed", "R", "R", "R", "R", "R"},
     " planned doing done postponed cancelled "},
    {"proposal",
     {"R AS *", "R AS submitted withdrawn", "R A", "R A", "R A", "R AS *", "R A in_progress replied resulted", "R A",
      "R A", "Σ", "Σ", "Σ"},
     " submitted returned withdrawn collated merged under_review filed converted declined assigned in_progress replied "
     "rated reopened resulted closed archived consulting to_congress adopted not_adopted in_force "},
    {"proposal_support",
     {"R A+S", "R A+S", "R A+S", "R A+S", "R A+S", "R A+S", "R A+S", "R A+S", "R A+S", "Σ", "Σ", "Σ"},
     ""},
    {"proposal_reply", {"R A+S", "R", "R", "R", "R", "R A+S", "R A+S", "R", "R", "Σ", "Σ", "Σ"}, ""},
    {"proposal_call", {"R AS *", "R", "R", "R", "R", "R AS *", "R", "R", "R", "R", "Σ", "Σ"}, " open closed "},
    {"dues_standard", {"R", "r", "r", "R AS", "R", "-", "-", "-", "-", "Σ", "Σ", "Σ"}, ""},
    {"dues_assessment", {"R", "R", "R", "R A+X *", "R", "-", "-", "-", "-", "Σ", "Σ", "Σ"}, " due exempt reminded "},
    {"dues_payment", {"R", "R", "R A", "R A", "R", "-", "-", "-", "-", "Σ", "Σ", "Σ"}, ""},
    {"dues_year", {"R", "R", "R", "R A+S *", "R", "-", "-", "-", "-", "Σ", "Σ", "Σ"}, " closed "},
    {"dues_usage_report",
     {"R published drafted", "R", "R", "R AS", "R audited drafted", "R", "R", "R", "R", "R", "R", "R"},
     " drafted audited published "},
    {"dues_usage_line", {"R", "R", "R", "R A+S", "R", "R", "R", "R", "R", "R", "R", "R"}, ""},
    {"membership_change", {"R A", "R", "r", "r", "r", "r", "r", "r", "r", "r", "Σ", "Σ"}, ""},
    {"branch_union",
     {"R A+S active", "R", "R", "R", "R", "R", "R", "R", "R", "R approved merged dissolved", "R", "R"},
     " approved active merged dissolved "},
    {"work_summary",
     {"R AS drafted approved submitted archived", "R AS", "R", "R", "R", "R", "R", "R", "R", "R acknowledged returned", "R", "R"},
     " drafted approved submitted acknowledged returned archived "},
    {"committee_meeting", {"R AS", "R AS", "R", "R", "R", "R", "R", "R", "R", "Σ", "Σ", "Σ"}, ""},
    {"handover",
     {"R AS *", "R A+S checked", "R", "R A+S checked", "R checked", "R", "R", "R", "R", "R", "R", "R"},
     " drafted checked signed transferred "},
};

static enum access access_of_letter(const char *cell)
{
    if (cell[0] == '-')
        return ACCESS_NONE;
    if (strncmp(cell, "Σ", strlen("Σ")) == 0)
        return ACCESS_SUM;
    return cell[0] == 'R' ? ACCESS_FULL : ACCESS_OPEN;
}

static bool cell_has(const char *cell, const char *text)
{
    char padded[512], word[64];
    snprintf(padded, sizeof padded, " %s ", cell);
    snprintf(word, sizeof word, " %s ", text);
    return strstr(padded, word);
}

static bool cell_holds(const char *cell, const char *action)
{
    return cell_has(cell, "*") || cell_has(cell, action);
}

static void check_cell(const struct kind *k, enum role r, const char *cell)
{
    role_set roles = 1u << r;
    struct kind by_table = *k; /* some records may be read by more */
    by_table.row_access = NULL;
    if (kind_access(&by_table, NULL, roles) != access_of_letter(cell))
        fail_msg("%s %s reads otherwise", k->name, role_name(r));
    bool all = cell_has(cell, "AS"), sets = all || cell_has(cell, "A+S"), removes = all || cell_has(cell, "A+X");
    bool adds = sets || removes || cell_has(cell, "A");
    if (kind_may(k, roles, RIGHT_ADD) != adds || kind_may(k, roles, RIGHT_SET) != sets ||
        kind_may(k, roles, RIGHT_REMOVE) != removes)
        fail_msg("%s %s adds, sets or removes otherwise", k->name, role_name(r));
    for (size_t i = 0; i < k->action_count; i++)
        if (kind_may_act(k, roles, k->actions[i].name) != cell_holds(cell, k->actions[i].name))
            fail_msg("%s %s does %s otherwise", k->name, role_name(r), k->actions[i].name);
}

static void test_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const struct kind *k = kind_by_name(table[i].kind);
        assert_non_null(k);
        for (size_t a = 0; a < k->action_count; a++)
            if (!cell_holds(table[i].all_actions, k->actions[a].name))
                fail_msg("%s: action %s is not in the table", k->name, k->actions[a].name);
        for (enum role r = 0; r < ROLE_COUNT; r++)
            check_cell(k, r, table[i].cells[r]);
    }
}

static void test_order_of_roles(void **state)
{
    (void)state;
    char names[512] = "";
    for (enum role r = 0; r < ROLE_COUNT; r++) {
        strcat(names, r ? " " : "");
        strcat(names, role_name(r));
    }
    assert_string_equal(names, ROLE_NAMES);
}

static void test_owners(void **state)
{
    (void)state;
    assert_int_equal(kind_by_name("policy_limit")->owner, OWNER_ABOVE);
    assert_int_equal(kind_by_name("conflict")->owner, OWNER_ANY);
    assert_int_equal(kind_by_name("member")->owner, OWNER_BRANCH);
    assert_int_equal(kind_by_name("union_group")->owner, OWNER_BRANCH);
    assert_int_equal(kind_by_name("work_plan")->owner, OWNER_BRANCH);
    assert_int_equal(kind_by_name("plan_item")->owner, OWNER_BRANCH);
}

static void test_several_roles_add_up(void **state)
{
    (void)state;
    const struct kind *member = kind_by_name("member");
    role_set both = ROLES(accountant) | ROLES(committee_member);
    assert_int_equal(kind_access(member, NULL, both), ACCESS_FULL);
    assert_true(kind_may(member, both, RIGHT_SET));
    assert_int_equal(kind_access(member, NULL, 0), ACCESS_NONE);
    assert_false(kind_may(member, 0, RIGHT_ADD));
    assert_false(kind_may_act(member, ROLES(union_chair), "promoted"));
}

/* Exactly the four of rights.md. */
static void test_sensitive_fields(void **state)
{
    (void)state;
    const struct kind *k = kind_by_name("member");
    size_t sensitive = 0;
    for (size_t i = 0; i < k->field_count; i++)
        sensitive += (k->fields[i].flags & FIELD_SENSITIVE) != 0;
    assert_int_equal(sensitive, 4);
    static const char *const names[] = {"id_type", "id_number", "mobile", "birth_date"};
    for (size_t i = 0; i < 4; i++)
        assert_true(kind_field(k, names[i])->flags & FIELD_SENSITIVE);
}

static ProtobufCMessage *a_member(struct arena *arena)
{
    static const char *const values[] = {"name",       "石榴",        "sex",  "女",        "birth_date",
                                         "1985-06-12", "id_type",     "111",  "id_number", "990101198506120024",
                                         "mobile",     "10012345678", "note", "班长",      NULL};
    return help_record(kind_by_name("member"), arena, values);
}

static void test_strip_leaves_open_fields(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 16);
    const struct kind *k = kind_by_name("member");
    ProtobufCMessage *m = a_member(&arena);
    assert_false(kind_strip(k, m, ACCESS_FULL, &arena));
    assert_true(cell_equal(record_get_name(m, "mobile"), cell_text("10012345678")));
    assert_true(kind_strip(k, m, ACCESS_OPEN, &arena));
    assert_int_equal(record_get_name(m, "mobile").type, CELL_ABSENT);
    assert_int_equal(record_get_name(m, "id_type").type, CELL_ABSENT);
    assert_int_equal(record_get_name(m, "id_number").type, CELL_ABSENT);
    assert_int_equal(record_get_name(m, "birth_date").type, CELL_ABSENT);
    assert_true(cell_equal(record_get_name(m, "name"), cell_text("石榴")));
    assert_true(cell_equal(record_get_name(m, "note"), cell_text("班长")));
    assert_false(kind_strip(k, m, ACCESS_OPEN, &arena));
    assert_true(kind_strip(k, m, ACCESS_SUM, &arena));
    assert_true(record_is_empty(m));
    arena_finish(&arena);
}

/* A newer peer's field may be sensitive: who reads open fields alone does not get it. */
static void test_strip_takes_unknown_fields(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 16);
    uint8_t data[] = {1};
    ProtobufCMessageUnknownField unknown = {
        .tag = 99, .wire_type = PROTOBUF_C_WIRE_TYPE_VARINT, .len = 1, .data = data};
    ProtobufCMessage *m = a_member(&arena);
    m->n_unknown_fields = 1;
    m->unknown_fields = &unknown;
    assert_false(kind_strip(kind_by_name("member"), m, ACCESS_FULL, &arena));
    assert_int_equal(m->n_unknown_fields, 1);
    assert_true(kind_strip(kind_by_name("member"), m, ACCESS_OPEN, &arena));
    assert_int_equal(m->n_unknown_fields, 0);
    arena_finish(&arena);
}

/* ---- conflict records: "who may read the record sees it, who may set the field resolves it" ---- */

static ProtobufCMessage *a_conflict(struct arena *arena, int64_t record_kind)
{
    const struct kind *k = kind_by_number(KIND_CONFLICT);
    ProtobufCMessage *m = record_new(k->descriptor, arena);
    record_put_name(m, "record_kind", cell_integer(record_kind), arena);
    record_put_name(m, "mine_sensitive", cell_bytes(slice_text("x")), arena);
    return m;
}

static void test_conflicts_are_read_like_their_record(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 16);
    const struct kind *k = kind_by_number(KIND_CONFLICT);
    ProtobufCMessage *of_member = a_conflict(&arena, 1), *of_plan = a_conflict(&arena, 3);
    assert_int_equal(kind_access(k, of_member, ROLES(union_chair)), ACCESS_FULL);
    assert_int_equal(kind_access(k, of_member, ROLES(handler)), ACCESS_OPEN);
    assert_int_equal(kind_access(k, of_member, ROLES(district_finance)), ACCESS_SUM);
    assert_int_equal(kind_access(k, of_plan, ROLES(district_finance)), ACCESS_FULL);
    assert_int_equal(kind_access(k, a_conflict(&arena, 77), ROLES(union_chair)), ACCESS_NONE);
    assert_int_equal(kind_access(k, a_conflict(&arena, KIND_CONFLICT), ROLES(union_chair)), ACCESS_NONE);
    assert_int_equal(kind_access(k, a_conflict(&arena, -1), ROLES(union_chair)), ACCESS_NONE);
    assert_true(kind_strip(k, of_member, ACCESS_OPEN, &arena));
    assert_int_equal(record_get_name(of_member, "mine_sensitive").type, CELL_ABSENT);
    arena_finish(&arena);
}

static void test_nobody_writes_conflicts_by_hand(void **state)
{
    (void)state;
    const struct kind *k = kind_by_number(KIND_CONFLICT);
    role_set all = (1u << ROLE_COUNT) - 1;
    assert_false(kind_may(k, all, RIGHT_ADD));
    assert_false(kind_may(k, all, RIGHT_SET));
    assert_false(kind_may(k, all, RIGHT_REMOVE));
}

static void test_who_resolves(void **state)
{
    (void)state;
    const struct kind *conflict = kind_by_number(KIND_CONFLICT), *member = kind_by_name("member"),
                      *plan = kind_by_name("work_plan");
    assert_true(kind_may_act(conflict, ROLES(union_chair), "resolved"));
    assert_true(kind_may_act(conflict, ROLES(district_officer), "resolved")); /* of settings */
    assert_true(kind_may_act(conflict, ROLES(handler), "resolved")); /* of replies */
    assert_false(kind_may_act(conflict, ROLES(district_finance), "resolved"));
    assert_false(kind_may_act(conflict, ROLES(union_chair), "open"));
    assert_true(kind_may_resolve(member, ROLES(committee_member), "mobile"));
    assert_true(kind_may_resolve(member, ROLES(committee_member), "*"));
    assert_false(kind_may_resolve(member, ROLES(accountant), "name"));
    assert_false(kind_may_resolve(member, ROLES(committee_member), "state")); /* state actions are the chair's */
    assert_true(kind_may_resolve(member, ROLES(union_chair), "state"));
    assert_false(kind_may_resolve(plan, ROLES(district_officer), "title"));
    assert_true(kind_may_resolve(plan, ROLES(district_officer), "state"));
}

/* Readings by the district are recorded (PROTOCOL.md "Readings"). Today there are none to record but a transferred member's file: who
 * gives a district role sensitive fields has to record its ROWS, HISTORY and SEATS too, before they go. */
static void test_no_district_role_reads_sensitive_fields(void **state)
{
    size_t count, sensitive = 0;
    const struct kind *const *kinds = kind_all(&count);
    (void)state;
    for (size_t i = 0; i < count; i++)
        for (size_t f = 0; f < kinds[i]->field_count; f++)
            if (kinds[i]->fields[f].flags & FIELD_SENSITIVE && kinds[i]->number != KIND_CONFLICT) {
                assert_true(kind_access(kinds[i], NULL, ROLES_DISTRICT) < ACCESS_FULL);
                sensitive++;
            }
    assert_true(sensitive >= 7); /* of member 4, of dues_standard 1, of membership_change 2 */
}

static void test_who_of_a_field_narrows(void **state)
{
    (void)state;
    struct field_rule f = *kind_field(kind_by_name("member"), "note");
    assert_true(kind_may_set_field(kind_by_name("member"), ROLES(committee_member), &f));
    assert_false(kind_may_set_field(kind_by_name("member"), ROLES(accountant), &f));
    f.who = ROLES(union_chair);
    assert_false(kind_may_set_field(kind_by_name("member"), ROLES(committee_member), &f));
    assert_true(kind_may_set_field(kind_by_name("member"), ROLES(union_chair) | ROLES(committee_member), &f));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_order_of_roles),
        cmocka_unit_test(test_owners),
        cmocka_unit_test(test_several_roles_add_up),
        cmocka_unit_test(test_sensitive_fields),
        cmocka_unit_test(test_strip_leaves_open_fields),
        cmocka_unit_test(test_strip_takes_unknown_fields),
        cmocka_unit_test(test_conflicts_are_read_like_their_record),
        cmocka_unit_test(test_nobody_writes_conflicts_by_hand),
        cmocka_unit_test(test_who_resolves),
        cmocka_unit_test(test_no_district_role_reads_sensitive_fields),
        cmocka_unit_test(test_who_of_a_field_narrows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
