/* Sentences: every generic code in both languages, with and without its arguments, and no hole ever shown. */
#include "kinds/kind.h"
#include "kinds/refusal.h"
#include "kinds/sentence.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static char text[1024];

static const char *say(const char *kind, const char *code, const char *field, enum language language, const char *a0,
                       const char *a1, const char *a2)
{
    struct buf out = BUF_INIT;
    const char *arguments[] = {a0, a1, a2};
    refusal_text(kind ? kind_by_name(kind) : NULL, code, field, arguments, 3, "fallback", language, &out);
    snprintf(text, sizeof text, "%s", buf_c_string(&out));
    buf_finish(&out);
    return text;
}

static const char *next(const char *kind, const char *code, enum language language)
{
    struct buf out = BUF_INIT;
    refusal_next(kind ? kind_by_name(kind) : NULL, code, language, &out);
    snprintf(text, sizeof text, "%s", buf_c_string(&out));
    buf_finish(&out);
    return text;
}

#define ZH LANGUAGE_ZH
#define EN LANGUAGE_EN

static void check_whole(const char *code, const char *sentence)
{
    if (strcmp(sentence, "fallback") == 0 || strpbrk(sentence, "%[]|") || strlen(sentence) < 9 ||
        strstr(sentence, "“”"))
        fail_msg("%s: %s", code, sentence);
}

static void test_every_code_with_and_without_words(void **state)
{
    (void)state;
    const char *const *codes = refusal_codes();
    size_t count = 0;
    for (; codes[count]; count++) {
        for (enum language l = ZH; l <= EN; l++) {
            check_whole(codes[count], say(NULL, codes[count], NULL, l, NULL, NULL, NULL));
            check_whole(codes[count], say("member", codes[count], "name", l, "active", "石榴", "2026-11-22"));
            check_whole(codes[count], next(NULL, codes[count], l));
            check_whole(codes[count], next("member", codes[count], l));
        }
    }
    assert_int_equal(count, 35);
}

static void test_sentences(void **state)
{
    (void)state;
    assert_string_equal(say("member", REFUSAL_REQUIRED, "name", ZH, NULL, NULL, NULL), "“姓名”（name）还没有填。");
    assert_string_equal(say("member", REFUSAL_REQUIRED, "name", EN, NULL, NULL, NULL), "“name” is missing.");
    assert_string_equal(say("plan_item", REFUSAL_VALUE, "month", ZH, "13", NULL, NULL),
                        "“月份”的写法不对：13（要求：1 到 12，也可写 9月、九月）。");
    assert_string_equal(say("plan_item", REFUSAL_VALUE, "month", EN, "13", NULL, NULL),
                        "The form of “month” is wrong: 13 (wanted: 1 to 12; also 9月, 九月).");
    assert_string_equal(say("member", REFUSAL_CODE, "sex", ZH, "女人", NULL, NULL), "“性别”里没有“女人”这个选项。");
    assert_string_equal(say("member", REFUSAL_TOO_LONG, "name", ZH, "170", NULL, NULL),
                        "“姓名”写得太长了，最多约 170 个字。");
    assert_string_equal(say("member", REFUSAL_TOO_LONG, NULL, EN, NULL, NULL, NULL), "This is too long.");
    assert_string_equal(say("work_plan", REFUSAL_STATE_MOVED, NULL, ZH, "returned", "17", "1795309320000"),
                        "这一步办不了：记录现在是“退改”，由席位 17 办理，时间 2026-11-22 09:02。");
    assert_string_equal(say("work_plan", REFUSAL_STATE_MOVED, NULL, EN, "removed", "云雀", "last week"),
                        "This step is not open: the record is “removed” now, by 云雀, on last week.");
    assert_string_equal(say("member", REFUSAL_DELETED, NULL, EN, "3", "0", NULL),
                        "The record was removed by seat 3 on 1970-01-01 08:00; your change is not in it.");
    assert_string_equal(say("member", REFUSAL_GROUP, "name", ZH, "2", "REQUIRED", NULL),
                        "这几项改动要一起成功，第 2 项没有通过，所以都没有保存。“姓名”（name）还没有填。");
    assert_string_equal(say("member", REFUSAL_GROUP, NULL, EN, "2", "CONFLICT", NULL),
                        "These changes go together; number 2 was refused, so none was saved.");
    assert_string_equal(say("work_plan", REFUSAL_STATE_MOVED, NULL, ZH, NULL, NULL, NULL),
                        "这一步办不了：记录已经换了状态。");
    assert_string_equal(say("work_plan", REFUSAL_NOT_EDITABLE, NULL, EN, "submitted", NULL, NULL),
                        "This record cannot be changed or removed now: it is “submitted”.");
    assert_string_equal(say("work_plan", REFUSAL_RIGHT, NULL, ZH, "acknowledged", NULL, NULL),
                        "您的角色不能这样处理工作计划（阅）。可以办的：区教育工会干部。");
    assert_string_equal(say("work_plan", REFUSAL_RIGHT, NULL, ZH, "remove", NULL, NULL),
                        "您的角色不能这样处理工作计划（删除）。可以办的：工会主席、工会委员。");
    assert_string_equal(say("dues_payment", REFUSAL_RIGHT, NULL, EN, "add", NULL, NULL),
                        "Your role may not do this (add) to a payment of dues. Who may: group leader, accountant.");
    assert_string_equal(say("dues_payment", REFUSAL_RIGHT, NULL, EN, "set", NULL, NULL), /* nobody may */
                        "Your role may not do this (change) to a payment of dues.");
    assert_null(strstr(next(NULL, REFUSAL_RIGHT, ZH), "主席")); /* who is refused may be the chair */
    assert_null(strstr(next(NULL, REFUSAL_RIGHT, EN), "chair"));
    assert_string_equal(say("plan_item", REFUSAL_REFERENCE, "plan_id", ZH, "work_plan", NULL, NULL),
                        "“所属计划”所指的工作计划记录找不到，可能已经删除。");
    assert_string_equal(say("member", "member.id_old", "id_number", ZH, NULL, NULL, NULL),
                        "这是 15 位的旧身份证号，已经停用。");
    assert_string_equal(say("member", "member.date_future", "joined_on", ZH, NULL, NULL, NULL),
                        "“入会时间”填的日期还没有到。");
    assert_string_equal(next("member", "member.id_old", EN), "Enter the 18 characters of the present card.");
    assert_string_equal(next("member", REFUSAL_CODE, ZH),
                        "请从选项里选一个；可用 banyan describe member 查看全部选项。");
}

static void test_codes_of_a_newer_version(void **state)
{
    (void)state;
    assert_string_equal(say("member", "member.blood_type", "name", ZH, NULL, NULL, NULL), "fallback");
    struct buf out = BUF_INIT;
    refusal_text(NULL, "member.blood_type", NULL, NULL, 0, NULL, EN, &out);
    assert_string_equal(buf_c_string(&out), "member.blood_type");
    buf_finish(&out);
    check_whole("unknown", next("member", "member.blood_type", ZH));
    /* Another kind's code is not this kind's. */
    assert_string_equal(say("member", "work_plan.period", NULL, ZH, NULL, NULL, NULL), "fallback");
    /* A field of a newer version is named as it is. */
    assert_string_equal(say("member", REFUSAL_REQUIRED, "blood_type", ZH, NULL, NULL, NULL), "“blood_type”还没有填。");
}

static const char *write_out(const char *template, const char *a0)
{
    struct buf out = BUF_INIT;
    const char *arguments[] = {a0};
    struct sentence_words words = {kind_by_name("member"), "name", arguments, 1, ZH};
    sentence_write(template, &words, &out);
    snprintf(text, sizeof text, "%s", buf_c_string(&out));
    buf_finish(&out);
    return text;
}

static void test_templates(void **state)
{
    (void)state;
    assert_string_equal(write_out("a[b%1c]d", "X"), "abXcd");
    assert_string_equal(write_out("a[b%1c]d", NULL), "ad");
    assert_string_equal(write_out("a[b%1c]d", ""), "ad");
    assert_string_equal(write_out("[%1|nobody]", NULL), "nobody");
    assert_string_equal(write_out("[%1|%2|%f]", NULL), "姓名");
    assert_string_equal(write_out("[%1 %2]", "X"), "");
    assert_string_equal(write_out("%1", "a [b] 100% |"), "a [b] 100% |"); /* words are never read as templates */
    assert_string_equal(write_out("[%1]", "%f"), "%f");
    assert_string_equal(write_out("100%", NULL), "100%");
    assert_string_equal(write_out("[%w1]|[%w2]", "9"), "席位 9|");
    assert_string_equal(write_out("%t1", "1795309320000"), "2026-11-22 09:02");
    assert_string_equal(write_out("%t1", "99999999999999999999"), "99999999999999999999");
    assert_string_equal(write_out("a[b", NULL), "ab");
    assert_string_equal(write_out("", NULL), "");
}

static const char *step(const char *kind, const char *action, const char *state, enum language l)
{
    static struct buf out;
    out.size = 0;
    refusal_step(kind ? kind_by_name(kind) : NULL, action, state, l, &out);
    return out.size ? buf_c_string(&out) : "";
}

static void test_steps_that_are_not_open(void **state)
{
    (void)state;
    assert_string_equal(step("work_plan", "submitted", "drafted", ZH), "“上报”这一步在这些状态时办：已通过、退改。现在可以办的步骤：商议（discussed）。");
    assert_string_equal(step("work_plan", "submitted", "drafted", EN),
                        "The step “submit” is taken from: adopted, returned. Steps from here: discuss (discussed).");
    assert_string_equal(step("work_plan", "submitted", NULL, EN), "The step “submit” is taken from: adopted, returned.");
    assert_string_equal(step("work_plan", "submitted", "archived", EN), "The step “submit” is taken from: adopted, returned."); /* the end */
    assert_string_equal(step("work_plan", "nowhere", "drafted", EN), "");
    assert_string_equal(step(NULL, "submitted", "drafted", EN), "");
}

/* Sending it again is offered where it can help, and there alone. */
static void test_what_may_help(void **state)
{
    (void)state;
    assert_int_equal(refusal_way(REFUSAL_VALUE), REFUSAL_WAY_VALUES);
    assert_int_equal(refusal_way("dues_payment.more_than_owed"), REFUSAL_WAY_VALUES);
    assert_int_equal(refusal_way(REFUSAL_RIGHT), REFUSAL_WAY_RIGHT);
    assert_int_equal(refusal_way(REFUSAL_STATE_MOVED), REFUSAL_WAY_STATE);
    assert_int_equal(refusal_way(REFUSAL_CHANGED_SINCE), REFUSAL_WAY_AGAIN);
    assert_int_equal(refusal_way(REFUSAL_IMMUTABLE), REFUSAL_WAY_NONE);
    assert_int_equal(refusal_way(REFUSAL_ERASED), REFUSAL_WAY_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_code_with_and_without_words),
        cmocka_unit_test(test_steps_that_are_not_open),
        cmocka_unit_test(test_what_may_help),
        cmocka_unit_test(test_sentences),
        cmocka_unit_test(test_codes_of_a_newer_version),
        cmocka_unit_test(test_templates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
