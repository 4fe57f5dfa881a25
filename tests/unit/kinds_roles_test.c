#include "kinds/kind.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static void test_parse_and_text(void **state)
{
    (void)state;
    role_set set = 0;
    const char *bad = "untouched";
    assert_int_equal(role_set_parse("accountant, union_chair", &set, &bad), ERR_OK);
    assert_int_equal(set, ROLES(union_chair) | ROLES(accountant));
    assert_string_equal(bad, "untouched");
    struct buf text = BUF_INIT;
    role_set_text(set, &text);
    assert_string_equal(buf_c_string(&text), "union_chair,accountant");
    buf_finish(&text);
    assert_int_equal(role_set_parse("工会主席,信息员", &set, &bad), ERR_OK);
    assert_int_equal(set, ROLES(union_chair) | ROLES(information_officer));
    assert_int_equal(role_set_parse("district_officer,district_finance,district_auditor", &set, &bad), ERR_OK);
    assert_int_equal(set, ROLES_DISTRICT);
}

static void check_bad(const char *text, const char *word)
{
    role_set set = 77;
    const char *bad = NULL;
    assert_int_equal(role_set_parse(text, &set, &bad), ERR_VALUE);
    assert_int_equal(set, 77);
    if (word)
        assert_ptr_equal(bad, text + strlen(text) - strlen(word));
    else
        assert_null(bad);
}

static void test_what_is_refused(void **state)
{
    (void)state;
    check_bad("union_chair,king", "king");
    check_bad("", "");
    check_bad("union_chair,", "");
    check_bad("union_chair,district_officer", NULL); /* branch and district */
    check_bad("audit_member,accountant", NULL);      /* the accounts and their audit */
}

static void test_as_people_write_them(void **state)
{
    (void)state;
    role_set set = 0;
    const char *bad = NULL;
    assert_int_equal(role_set_parse("工会主席，会计、信息员", &set, &bad), ERR_OK);
    assert_int_equal(set, ROLES(union_chair) | ROLES(accountant) | ROLES(information_officer));
    check_bad("会计，国王", "国王");
    assert_string_equal(role_nearest("主席"), "工会主席");
    assert_int_equal(role_set_parse("主席、委员", &set, &bad), ERR_OK); /* the union left out */
    assert_int_equal(set, ROLES(union_chair) | ROLES(committee_member));
    assert_string_equal(role_nearest("小组长,x"), "工会小组长");
    assert_string_equal(role_nearest("工会主任"), "工会主席"); /* one of four characters */
    assert_string_equal(role_nearest("union_chiar"), "union_chair");
    assert_null(role_nearest("国王"));
    assert_null(role_nearest(""));
}

static void test_roles_of_a_newer_program(void **state)
{
    (void)state;
    struct buf unknown = BUF_INIT;
    assert_int_equal(role_set_known("union_chair,archivist,handler,gardener", &unknown), ROLES(union_chair) | ROLES(handler));
    assert_string_equal(buf_c_string(&unknown), "archivist,gardener");
    unknown.size = 0;
    assert_int_equal(role_set_known("archivist", &unknown), 0);
    assert_string_equal(buf_c_string(&unknown), "archivist");
    unknown.size = 0;
    assert_int_equal(role_set_known("", &unknown), 0);
    assert_int_equal(role_set_known("accountant,audit_member", &unknown), ROLES(accountant) | ROLES(audit_member)); /* not ours to judge */
    assert_int_equal(unknown.size, 0);
    buf_finish(&unknown);
}

static void test_labels(void **state)
{
    (void)state;
    assert_string_equal(label_in(role_label(ROLE_audit_member), LANGUAGE_ZH), "经审委员");
    assert_string_equal(label_in(role_label(ROLE_audit_member), LANGUAGE_EN), "audit member");
    assert_string_equal(role_name(ROLE_district_auditor), "district_auditor");
    assert_int_equal(ROLES_DISTRICT & ROLES_BRANCH, 0);
    assert_int_equal(ROLE_COUNT, 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse_and_text),
        cmocka_unit_test(test_what_is_refused),
        cmocka_unit_test(test_as_people_write_them),
        cmocka_unit_test(test_roles_of_a_newer_program),
        cmocka_unit_test(test_labels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
