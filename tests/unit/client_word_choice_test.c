/* word_choice: fields, states, steps and kinds by the words that people use for them; the nearest of what is none. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/tr.h"
#include "client/command/word_choice.h"

#include <stdlib.h>
#include <string.h>

static struct word_choices choices;

static const char *found(const char *word)
{
    size_t at = word_choice_find(&choices, word);
    return at == WORD_CHOICE_NONE ? "" : choices.list[at].name;
}

static void near_is(const char *word, enum language language, const char *wanted)
{
    struct buf out = BUF_INIT, expected = BUF_INIT;
    word_choice_near(&choices, word, language, &out);
    if (*wanted)
        buf_format(&expected, "; did you mean %s?", wanted);
    assert_string_equal(out.size ? buf_c_string(&out) : "", expected.size ? buf_c_string(&expected) : "");
    buf_finish(&out);
    buf_finish(&expected);
}

static void fields(void **state)
{
    (void)state;
    word_choices_of_fields(kind_by_name("member"), &choices);
    static const char *const pairs[][2] = {{"mobile", "mobile"},        {"手机号", "mobile"}, {"手机", "mobile"},  {"联系电话", "mobile"}, {"身份证号", "id_number"},
                                           {"ｍｏｂｉｌｅ", "mobile"}, {" 手机 ", "mobile"}, {"姓名", "name"},    {"手", ""},             {"", ""},
                                           {"mobile|手机", ""},         {"工会小组", "group_id"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        assert_string_equal(found(pairs[i][0]), pairs[i][1]);
    near_is("moble", LANGUAGE_EN, "mobile");
    near_is("moble", LANGUAGE_ZH, "手机号");
    near_is("手机号吗", LANGUAGE_ZH, "手机号"); /* one sign of four */
    near_is("我的工会小组是", LANGUAGE_ZH, "工会小组"); /* a part of the word */
    near_is("毫不相干的栏目", LANGUAGE_ZH, "");
    near_is("", LANGUAGE_EN, "");
}

/* A step is called by its name, its label or the state that it leads to; a state by what rosters call it. */
static void steps_and_states(void **state)
{
    (void)state;
    word_choices_of_actions(kind_by_name("member"), &choices);
    assert_string_equal(found("active"), "active");
    assert_string_equal(found("批准在籍"), "active");
    assert_string_equal(found("在籍"), "active");
    assert_string_equal(found("批准"), "");
    near_is("批准", LANGUAGE_ZH, "批准在籍");
    word_choices_of_states(kind_by_name("member"), &choices);
    assert_string_equal(found("在籍"), "active");
    assert_string_equal(found("在册"), "active");
    near_is("actve", LANGUAGE_EN, "active");
    word_choices_of_actions(kind_by_name("union_group"), &choices);
    assert_int_equal(choices.count, 0);
    assert_string_equal(found("在籍"), "");
    near_is("在籍", LANGUAGE_ZH, "");
}

static void kinds_and_all(void **state)
{
    (void)state;
    struct buf out = BUF_INIT;
    word_choices_of_kinds(&choices);
    assert_string_equal(found("会员"), "member");
    assert_string_equal(found("work_plan"), "work_plan");
    near_is("workplan", LANGUAGE_EN, "work_plan");
    near_is("小组", LANGUAGE_ZH, "工会小组");
    word_choices_of_states(kind_by_name("policy_limit"), &choices);
    word_choice_all(&choices, "States", LANGUAGE_EN, &out);
    assert_string_equal(buf_c_string(&out), "States: draft (draft) in_force (in force) repealed (repealed)");
    buf_finish(&out);
    word_choice_all(&choices, "状态", LANGUAGE_ZH, &out);
    assert_string_equal(buf_c_string(&out), "状态：草稿、生效、停用");
    buf_finish(&out);
}

int main(void)
{
    setenv("BANYAN_LANG", "en", 1);
    tr_init();
    const struct CMUnitTest tests[] = {cmocka_unit_test(fields), cmocka_unit_test(steps_and_states), cmocka_unit_test(kinds_and_all)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
