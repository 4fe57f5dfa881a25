#include "help_kinds.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static const struct code_list *list_of(const char *kind, const char *field)
{
    return kind_field(kind_by_name(kind), field)->codes;
}

static void check_match(const char *field, const char *word, const char *name)
{
    const struct code *c = code_match(list_of("member", field), word);
    if (!c || strcmp(c->name, name) != 0)
        fail_msg("%s: %s is %s", field, word, c ? c->name : "nothing");
}

static void test_words_of_rosters(void **state)
{
    (void)state;
    static const char *const words[][3] = {
        {"sex", "男", "1"},
        {"sex", "女", "2"},
        {"sex", "男性", "1"},
        {"sex", "female", "2"},
        {"sex", "Male", "1"},
        {"sex", "２", "2"},
        {"education", "本科", "21"},
        {"education", "大学本科", "21"},
        {"education", "专科", "31"},
        {"education", "大专", "31"},
        {"education", "中专", "41"},
        {"education", "硕士", "14"},
        {"education", "研究生", "14"},
        {"education", "博士", "11"},
        {"education", "大学本科毕业", "21"},
        {"education", "21", "21"},
        {"education", "高中", "61"},
        {"political_status", "党员", "01"},
        {"political_status", "中共党员", "01"},
        {"political_status", "团员", "03"},
        {"political_status", "群众", "13"},
        {"political_status", "预备党员", "02"},
        {"political_status", "九三学社", "10"},
        {"political_status", "1", "01"},
        {"political_status", "13", "13"},
        {"ethnicity", "汉", "01"},
        {"ethnicity", "汉族", "01"},
        {"ethnicity", "蒙古", "02"},
        {"ethnicity", "Han", "01"},
        {"ethnicity", "达斡尔族", "31"},
        {"ethnicity", "3", "03"},
        {"ethnicity", "土家", "15"},
        {"ethnicity", "土", "30"},
        {"employment_type", "在编", "established"},
        {"employment_type", "编制内", "established"},
        {"employment_type", "聘用", "contract"},
        {"employment_type", "合同", "contract"},
        {"employment_type", "聘用（合同）", "contract"},
        {"employment_type", "劳务派遣", "dispatched"},
        {"post", "教师", "teacher"},
        {"post", " 保 育 员 ", "caretaker"},
        {"post", "园长", "principal"},
        {"post", "副园长", "vice_principal"},
        {"title", "一级教师", "first"},
        {"title", "小学高级教师", "first"},
        {"title", "高级教师", "senior"},
        {"title", "未定级", "none"},
        {"state", "在籍", "active"},
        {"state", "保留会籍", "retained"},
        {"state", "active", "active"},
        {"state", "已退会", "withdrawn"},
        {"retained_reason", "退休", "retired"},
        {"retained_reason", "出国（境）", "abroad"},
        {"id_type", "身份证", "111"},
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        check_match(words[i][0], words[i][1], words[i][2]);
}

static void test_unknown_words(void **state)
{
    (void)state;
    assert_null(code_match(list_of("member", "sex"), "nan"));
    assert_null(code_match(list_of("member", "sex"), ""));
    assert_null(code_match(list_of("member", "sex"), "  "));
    assert_null(code_match(list_of("member", "sex"), "|"));
    assert_null(code_match(list_of("member", "ethnicity"), "族"));
    assert_null(code_match(list_of("member", "education"), "本"));
    assert_null(code_match(list_of("member", "education"), "1")); /* only a zero is ever left out */
    assert_null(code_find(list_of("member", "sex"), "女"));
    assert_null(code_find(list_of("member", "ethnicity"), "1"));
}

static void check_label(const struct code_list *list, const char *name, const char *zh)
{
    const struct code *c = code_find(list, name);
    if (!c || strcmp(c->label.zh, zh) != 0)
        fail_msg("%s %s is %s", list->name, name, c ? c->label.zh : "missing");
}

/* Spot checks against the standards; how many codes each list has, by count of the standard's own tables. */
static void test_standards(void **state)
{
    (void)state;
    assert_int_equal(list_of("member", "sex")->count, 4);
    assert_int_equal(list_of("member", "ethnicity")->count, 56 + 3);
    assert_int_equal(list_of("member", "education")->count, 40);
    assert_int_equal(list_of("member", "political_status")->count, 13);
    check_label(list_of("member", "ethnicity"), "05", "维吾尔族");
    check_label(list_of("member", "ethnicity"), "29", "柯尔克孜族");
    check_label(list_of("member", "ethnicity"), "56", "基诺族");
    check_label(list_of("member", "education"), "28", "大学普通班毕业");
    check_label(list_of("member", "education"), "83", "小学肄业");
    check_label(list_of("member", "political_status"), "11", "台盟盟员");
    check_label(list_of("member", "sex"), "9", "未说明的性别");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_of_rosters),
        cmocka_unit_test(test_unknown_words),
        cmocka_unit_test(test_standards),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
