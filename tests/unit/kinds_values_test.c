#include "help_kinds.h"
#include "base/limits.h"
#include "kinds/refusal.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct arena arena;

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, 1 << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_finish(&arena);
    return 0;
}

static const struct field_rule *field(const char *kind, const char *name)
{
    const struct field_rule *f = kind_field(kind_by_name(kind), name);
    assert_non_null(f);
    return f;
}

static void check_text(const struct field_rule *f, const char *written, const char *wanted)
{
    struct cell cell = {0};
    enum err e = value_parse(f, written, &arena, &cell);
    if (e)
        fail_msg("%s=%s: %s", f->name, written, err_name(e));
    assert_int_equal(cell.type, CELL_TEXT);
    assert_true(slice_equal(cell.bytes, slice_text(wanted)));
    assert_int_equal(cell.bytes.data[cell.bytes.size], 0);
}

static void check_integer(const struct field_rule *f, const char *written, int64_t wanted)
{
    struct cell cell = {0};
    assert_int_equal(value_parse(f, written, &arena, &cell), ERR_OK);
    assert_int_equal(cell.type, CELL_INTEGER);
    assert_int_equal(cell.integer, wanted);
}

static void check_bad(const struct field_rule *f, const char *written, enum err wanted)
{
    struct cell cell = {.type = CELL_BOOL, .integer = 7};
    enum err e = value_parse(f, written, &arena, &cell);
    if (e != wanted)
        fail_msg("%s=%s: %s", f->name, written, err_name(e));
    assert_int_equal(cell.type, CELL_BOOL);
    assert_int_equal(cell.integer, 7);
}

static void test_text_keeps_its_punctuation(void **state)
{
    (void)state;
    check_text(field("member", "name"), "　石榴 ", "石榴");
    check_text(field("work_plan", "title"), "２０２６学年工会工作计划（草案），Ａ", "2026学年工会工作计划（草案），A");
    check_text(field("member", "name"), "欧阳\n小小", "欧阳 小小");
    check_text(field("member", "note"), "\n第一行，\n第二行（１）\n", "第一行，\n第二行（１）");
}

static void test_empty_is_absent(void **state)
{
    (void)state;
    static const char *const fields[] = {"name", "birth_date", "sex", "note", "id_number", "mobile"};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        struct cell cell = {.type = CELL_BOOL};
        assert_int_equal(value_parse(field("member", fields[i]), " 　", &arena, &cell), ERR_OK);
        assert_int_equal(cell.type, CELL_ABSENT);
    }
    struct cell cell = {.type = CELL_BOOL};
    assert_int_equal(value_parse(field("plan_item", "month"), "", &arena, &cell), ERR_OK);
    assert_int_equal(cell.type, CELL_ABSENT);
    check_bad(field("member", "id_number"), "--", ERR_VALUE);
}

static void test_dates(void **state)
{
    (void)state;
    const struct field_rule *f = field("member", "joined_on");
    static const char *const forms[] = {"2026-09-01",   "2026/9/1",           "2026.9.1",   "20260901",
                                        "2026年9月1日", "２０２６年９月１日", " 2026-9-1 ", "2026-09-01 00:00:00",
                                        "2026/9/1 0:00"};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        check_text(f, forms[i], "2026-09-01");
    check_bad(f, "2026-02-30", ERR_VALUE);
    check_bad(f, "2026-09", ERR_VALUE);
    check_bad(f, "去年", ERR_VALUE);
}

static void test_codes(void **state)
{
    (void)state;
    check_text(field("member", "sex"), "女", "2");
    check_text(field("member", "education"), "　本科 ", "21");
    check_text(field("member", "state"), "在籍", "active");
    check_text(field("work_plan", "period_kind"), "学期", "term");
    check_bad(field("member", "sex"), "未婚", ERR_VALUE);
}

static void test_integers(void **state)
{
    (void)state;
    const struct field_rule *f = field("plan_item", "position");
    check_integer(f, "１２", 12);
    check_integer(f, "1,200", 1200);
    check_integer(f, "-3", -3);
    check_integer(f, "9223372036854775807", INT64_MAX);
    check_bad(f, "9223372036854775808", ERR_VALUE);
    check_bad(f, "1.5", ERR_VALUE);
    check_bad(f, "12个", ERR_VALUE);
    check_bad(f, "-", ERR_VALUE);
    check_bad(f, ",5", ERR_VALUE);
}

static const struct field_rule fen = {.name = "amount_fen", .label = {"金额", "sum"}, .type = FIELD_FEN};

static void test_money(void **state)
{
    (void)state;
    check_integer(&fen, "12.50", 1250);
    check_integer(&fen, "12.5", 1250);
    check_integer(&fen, "5,200.00", 520000);
    check_integer(&fen, "￥10", 1000);
    check_integer(&fen, "１２．５０元", 1250);
    check_integer(&fen, "-0.05", -5);
    check_integer(&fen, "0", 0);
    check_bad(&fen, "12.505", ERR_VALUE);
    check_bad(&fen, "12.5.0", ERR_VALUE);
    check_bad(&fen, "元", ERR_VALUE);
    check_bad(&fen, "92233720368547758.08", ERR_VALUE);
    check_integer(&fen, "92233720368547758.07", INT64_MAX);
}

static void test_yes_and_no(void **state)
{
    (void)state;
    static const struct field_rule f = {.name = "is_temporary", .label = {"临时", "temporary"}, .type = FIELD_BOOL};
    struct cell cell;
    assert_int_equal(value_parse(&f, "是", &arena, &cell), ERR_OK);
    assert_true(cell.type == CELL_BOOL && cell.integer == 1);
    assert_int_equal(value_parse(&f, "０", &arena, &cell), ERR_OK);
    assert_true(cell.type == CELL_BOOL && cell.integer == 0);
    check_bad(&f, "也许", ERR_VALUE);
}

static void test_limits_and_dirt(void **state)
{
    (void)state;
    char *text = calloc(1, LIMIT_TEXT_LONG + 2);
    memset(text, 'a', LIMIT_TEXT_SHORT);
    check_text(field("member", "name"), text, text);
    text[LIMIT_TEXT_SHORT] = 'a';
    check_bad(field("member", "name"), text, ERR_TOO_LONG);
    memset(text, 'a', LIMIT_TEXT_LONG + 1);
    check_bad(field("member", "note"), text, ERR_TOO_LONG);
    free(text);
    check_bad(field("member", "name"), "\xff\xfe", ERR_TEXT);
    check_bad(field("member", "group_id"), "第一小组", ERR_BUG);
    check_bad(field("conflict", "mine"), "00", ERR_VALUE);
    struct arena small;
    arena_init(&small, 0);
    struct cell cell;
    assert_int_equal(value_parse(field("member", "name"), "石榴", &small, &cell), ERR_MEMORY);
    arena_finish(&small);
}

static void test_which_refusal(void **state)
{
    (void)state;
    assert_string_equal(value_refusal(field("member", "sex"), ERR_VALUE), "CODE");
    assert_string_equal(value_refusal(field("member", "joined_on"), ERR_VALUE), "VALUE");
    assert_string_equal(value_refusal(field("member", "name"), ERR_TOO_LONG), "TOO_LONG");
}

/* ---- for people ---- */

static void check_shown(const struct field_rule *f, struct cell cell, enum language language, enum value_mask mask,
                        const char *wanted)
{
    struct buf out = BUF_INIT;
    value_text(f, cell, language, mask, &out);
    assert_string_equal(buf_c_string(&out), wanted);
    buf_finish(&out);
}

static void test_shown_whole(void **state)
{
    (void)state;
    check_shown(field("member", "sex"), cell_text("2"), LANGUAGE_ZH, VALUE_WHOLE, "女性");
    check_shown(field("member", "sex"), cell_text("2"), LANGUAGE_EN, VALUE_WHOLE, "female");
    check_shown(field("member", "sex"), cell_text("7"), LANGUAGE_EN, VALUE_WHOLE, "7");
    check_shown(field("plan_item", "month"), cell_integer(9), LANGUAGE_ZH, VALUE_WHOLE, "9");
    check_shown(&fen, cell_integer(-1205), LANGUAGE_ZH, VALUE_WHOLE, "-12.05");
    check_shown(&fen, cell_integer(INT64_MIN), LANGUAGE_ZH, VALUE_WHOLE, "-92233720368547758.08");
    check_shown(field("member", "note"), (struct cell){0}, LANGUAGE_ZH, VALUE_WHOLE, "");
    check_shown(field("conflict", "mine_at_ms"), cell_integer(0), LANGUAGE_ZH, VALUE_WHOLE, "1970-01-01T00:00:00Z");
    struct id id;
    assert_int_equal(id_parse("0192f0c1-2345-7abc-8def-0123456789ab", &id), ERR_OK);
    check_shown(field("member", "group_id"), cell_bytes(id_slice(&id)), LANGUAGE_ZH, VALUE_WHOLE,
                "0192f0c1-2345-7abc-8def-0123456789ab");
}

static void test_shown_masked(void **state)
{
    (void)state;
    check_shown(field("member", "id_number"), cell_text("990101198506120024"), LANGUAGE_ZH, VALUE_MASKED,
                "990***********0024");
    check_shown(field("member", "mobile"), cell_text("10012345678"), LANGUAGE_ZH, VALUE_MASKED, "100****5678");
    check_shown(field("member", "mobile"), cell_text("1234567"), LANGUAGE_ZH, VALUE_MASKED, "1******");
    check_shown(field("member", "birth_date"), cell_text("1985-06-12"), LANGUAGE_ZH, VALUE_MASKED, "****-06-12");
    check_shown(field("member", "id_type"), cell_text("111"), LANGUAGE_ZH, VALUE_MASKED, "居****");
    check_shown(field("member", "id_number"), (struct cell){0}, LANGUAGE_ZH, VALUE_MASKED, "");
    check_shown(field("member", "name"), cell_text("石榴"), LANGUAGE_ZH, VALUE_MASKED, "石榴");
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(test_text_keeps_its_punctuation),
        T(test_empty_is_absent),
        T(test_dates),
        T(test_codes),
        T(test_integers),
        T(test_money),
        T(test_yes_and_no),
        T(test_limits_and_dirt),
        T(test_which_refusal),
        T(test_shown_whole),
        T(test_shown_masked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
