/* Every kind's tables are whole, and the walk that says so can fail: each defect below is planted into a copy of a
 * kind. */
#include "help_kinds.h"
#include "kinds/refusal.h"
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void test_all_kinds_are_whole(void **state)
{
    (void)state;
    struct buf problems = BUF_INIT;
    help_kinds_walk_all(&problems);
    assert_string_equal(buf_c_string(&problems), "");
    buf_finish(&problems);
}

/* ---- defects, planted ---- */

static struct kind kind;
static struct field_rule fields[32];
static struct state_rule states[16];
static struct action_rule actions[16];
static struct right_rule rights[8];
static struct rule_text texts[32];

/* A copy of plan_item under another number that may be spoilt. */
static int set_up(void **state)
{
    (void)state;
    const struct kind *k = kind_by_name("plan_item");
    kind = *k;
    memcpy(fields, k->fields, k->field_count * sizeof *fields);
    memcpy(states, k->states, k->state_count * sizeof *states);
    memcpy(actions, k->actions, k->action_count * sizeof *actions);
    memcpy(rights, k->rights, k->right_count * sizeof *rights);
    memcpy(texts, k->texts, k->text_count * sizeof *texts);
    kind.number = 78;
    kind.name = "seventh";
    kind.fields = fields;
    kind.states = states;
    kind.actions = actions;
    kind.rights = rights;
    kind.texts = texts;
    kind.account = NULL; /* it knows plan_item */
    for (size_t i = 0; i < kind.text_count; i++) /* "plan_item.x" would be another kind's */
        texts[i].code = strcmp(texts[i].code, "plan_item.later_date") ? texts[i].code : "seventh.later_date";
    kind_register_extra(&kind);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    kind_register_extra(NULL);
    return 0;
}

static bool walk_says(const char *words)
{
    struct buf problems = BUF_INIT;
    help_kinds_walk_all(&problems);
    bool said = strstr(buf_c_string(&problems), words) != NULL;
    if (!said)
        print_error("wanted: %s\ngot: %s\n", words, (const char *)problems.data);
    buf_finish(&problems);
    return said;
}

static struct field_rule *row(const char *name)
{
    for (size_t i = 0; i < kind.field_count; i++)
        if (strcmp(fields[i].name, name) == 0)
            return &fields[i];
    fail();
    return NULL;
}

/* A sound seventh kind passes: the walk is not tied to the six. */
static void test_seventh_kind_is_walked_too(void **state)
{
    (void)state;
    struct buf problems = BUF_INIT;
    kind = *kind_by_name("union_group");
    kind.number = 78;
    kind.name = "seventh";
    help_kinds_walk_all(&problems);
    assert_string_equal(buf_c_string(&problems), "");
    buf_finish(&problems);
}

static void test_missing_row(void **state)
{
    (void)state;
    size_t at = (size_t)(row("evidence") - fields);
    memmove(&fields[at], &fields[at + 1], (kind.field_count - at - 1) * sizeof *fields);
    kind.field_count--;
    assert_true(walk_says("seventh: field evidence of the message has no row"));
    assert_true(walk_says("seventh: action done takes evidence, which is no field"));
}

static void test_row_without_field(void **state)
{
    (void)state;
    row("category")->name = "colour";
    assert_true(walk_says("seventh: row colour has no field in the message"));
    assert_true(walk_says("seventh: field category of the message has no row"));
}

static void test_row_of_other_type(void **state)
{
    (void)state;
    row("month")->type = FIELD_TEXT;
    assert_true(walk_says("seventh: row month is of another type than its field"));
}

static void test_missing_label(void **state)
{
    (void)state;
    row("month")->label.zh = "";
    states[1].label.en = NULL;
    assert_true(walk_says("seventh: field month has no label in both languages"));
    assert_true(walk_says("seventh: state doing has no label in both languages"));
}

static void test_heading_twice(void **state)
{
    (void)state;
    row("reason")->columns = "原因|月份";
    assert_true(walk_says("seventh: heading 月份 leads to month and reason"));
}

static void test_reference_to_nothing(void **state)
{
    (void)state;
    row("owner_id")->reference = 99;
    assert_true(walk_says("seventh: field owner_id refers to no kind"));
}

static void test_actions_and_states(void **state)
{
    (void)state;
    actions[1].from[0] = "begun";
    actions[2].name = "finished";
    assert_true(walk_says("seventh: action doing comes from begun, which is no state"));
    assert_true(walk_says("seventh: action finished leads to no state"));
    assert_true(walk_says("seventh: state done is never reached"));
    assert_true(walk_says("seventh: a right names done, which is no action"));
}

static void test_required_but_not_allowed(void **state)
{
    (void)state;
    actions[2].allowed[0] = "actual_on";
    actions[2].allowed[1] = NULL;
    assert_true(walk_says("seventh: action done requires evidence but does not allow it"));
}

static void test_writes_what_it_may_not_read(void **state)
{
    (void)state;
    rights[1].access = ACCESS_OPEN;
    assert_true(walk_says("seventh: a role may write what it may not read"));
}

static void test_role_twice(void **state)
{
    (void)state;
    rights[1].roles |= ROLES(union_chair);
    assert_true(walk_says("seventh: a role has two rows of rights"));
}

static void test_sentence_missing(void **state)
{
    (void)state;
    kind.text_count = 1;
    /* The check of the month still says plan_item.month_missing: of the copy nobody knows that sentence. */
    assert_true(walk_says("seventh: the sentence of plan_item.month_missing: \"no such sentence\""));
}

static void test_undeclared_measure(void **state)
{
    (void)state;
    kind.measure_count = 0;
    kind.measures = NULL;
    assert_true(walk_says("seventh: measures declared but not counted"));
}

static void test_taken_number(void **state)
{
    (void)state;
    kind.number = 4;
    assert_true(walk_says("seventh: number or name is taken by plan_item"));
}

static void test_unknown_naming(void **state)
{
    (void)state;
    static const char *const naming[] = {"headline", NULL};
    kind.naming = naming;
    assert_true(walk_says("seventh: naming names headline, which is no field"));
}

static void test_what_several_records_make(void **state)
{
    (void)state;
    static const struct derived_rule derived[] = {{"overdue", {"已逾期", ""}, FIELD_CODE, NULL, 0}};
    kind.own_rights = rights;
    kind.own_right_count = 1;
    kind.derived = derived;
    kind.derived_count = 1;
    kind.account = kind_by_name("dues_payment")->account;
    kind.similar = "headline";
    row("title")->given_at = "begun";
    assert_true(walk_says("seventh: rights of one's own records, but no field says whose they are"));
    assert_true(walk_says("seventh: derived fields declared but not computed, or computed but not declared"));
    assert_true(walk_says("seventh: derived field overdue has no label in both languages"));
    assert_true(walk_says("seventh: derived field overdue has codes and is none, or lacks them"));
    assert_true(walk_says("seventh: account dues does not name the kind"));
    assert_true(walk_says("seventh: resemblance is asked of headline, which is no short text"));
    assert_true(walk_says("seventh: field title is given at begun, which is no action"));
}

/* ---- sentences that the sources ask for ---- */

static char *file_text(const char *path)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char *text = calloc(1, 1u << 20);
    assert_true(fread(text, 1, (1u << 20) - 1, file) > 0);
    fclose(file);
    return text;
}

static void check_code_of_source(const char *path, const char *code)
{
    const struct kind *k = NULL;
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(code, "."), code);
    k = kind_by_name(name);
    struct buf text = BUF_INIT;
    refusal_text(k, code, NULL, NULL, 0, "no such sentence", LANGUAGE_EN, &text);
    if (strcmp(buf_c_string(&text), "no such sentence") == 0)
        fail_msg("%s: no sentence for %s", path, code);
    buf_finish(&text);
}

static bool is_code_of_a_kind(const char *code)
{
    char name[64];
    size_t size = strcspn(code, ".");
    snprintf(name, sizeof name, "%.*s", (int)size, code);
    return code[size] == '.' && code[size + 1] && code[strlen(code) - 1] != '.' && kind_by_name(name);
}

static bool is_setting(const char *code)
{
    return setting_text(&(struct check_context){.kind = NULL}, code, (struct date){2026, 11, 22}) != NULL;
}

/* Every "kind.word" literal in the room's sources is a code with its sentence. */
static void test_codes_in_sources(void **state)
{
    (void)state;
    glob_t found;
    size_t seen = 0;
    assert_int_equal(glob(PROTO_DIR "/../common/kinds/*.c", 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        if (strstr(found.gl_pathv[i], "/figure")) /* they name measures */
            continue;
        char *text = file_text(found.gl_pathv[i]);
        for (char *at = text; (at = strchr(at, '"')) != NULL; at++) {
            size_t size = strspn(at + 1, "abcdefghijklmnopqrstuvwxyz_.");
            char code[64];
            snprintf(code, sizeof code, "%.*s", (int)size, at + 1);
            if (at[size + 1] != '"' || !is_code_of_a_kind(code) || is_setting(code))
                continue;
            check_code_of_source(found.gl_pathv[i], code);
            seen++;
        }
        free(text);
    }
    globfree(&found);
    assert_true(seen >= 80);
}

int main(void)
{
#define SPOILT(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_kinds_are_whole),
        SPOILT(test_seventh_kind_is_walked_too),
        SPOILT(test_missing_row),
        SPOILT(test_row_without_field),
        SPOILT(test_row_of_other_type),
        SPOILT(test_missing_label),
        SPOILT(test_heading_twice),
        SPOILT(test_reference_to_nothing),
        SPOILT(test_actions_and_states),
        SPOILT(test_required_but_not_allowed),
        SPOILT(test_writes_what_it_may_not_read),
        SPOILT(test_role_twice),
        SPOILT(test_sentence_missing),
        SPOILT(test_undeclared_measure),
        SPOILT(test_taken_number),
        SPOILT(test_unknown_naming),
        SPOILT(test_what_several_records_make),
        cmocka_unit_test(test_codes_in_sources),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
