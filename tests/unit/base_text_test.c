#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/text.h"
#include <string.h>

#define BYTES(literal) slice_of(literal, sizeof(literal) - 1)

static void clean_text(void **state)
{
    (void)state;
    assert_true(text_is_clean(BYTES("")));
    assert_true(text_is_clean(BYTES("abc 青禾区\n")));
    assert_true(text_is_clean(BYTES("\xF0\xA0\x80\x80")));        /* U+20000 */
    assert_true(text_is_clean(BYTES("\xF4\x8F\xBF\xBF")));        /* U+10FFFF */
    assert_true(text_is_clean(BYTES("\xED\x9F\xBF\xEE\x80\x80"))); /* around the surrogates */
}

static void text_that_is_not(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
    } bad[] = {
        {"a\0b", 3},          {"\0", 1},
        {"\x80", 1},          {"\xBF", 1},          /* continuation alone */
        {"\xC0\x80", 2},      {"\xC1\xBF", 2},      /* not the shortest form */
        {"\xE0\x9F\xBF", 3},  {"\xF0\x8F\xBF\xBF", 4},
        {"\xED\xA0\x80", 3},  {"\xED\xBF\xBF", 3},  /* surrogates */
        {"\xF4\x90\x80\x80", 4}, {"\xF8\x88\x80\x80\x80", 5}, {"\xFE", 1}, {"\xFF", 1},
        {"\xC2", 1},          {"\xE9\x9D", 2},      {"\xF0\xA0\x80", 3}, /* torn */
        {"\xE9\x9D" "a", 3},  {"\xC2\xC2", 2},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(text_is_clean(slice_of(bad[i].bytes, bad[i].size)));
}

static void walking_code_points(void **state)
{
    (void)state;
    struct slice s = BYTES("a\xC2\xA2\xE9\x9D\x92\xF0\xA0\x80\x80");
    static const uint32_t expected[] = {'a', 0xA2, 0x9752, 0x20000};
    struct buf again = BUF_INIT;
    size_t at = 0;
    for (size_t i = 0; i < 4; i++) {
        uint32_t c = text_next(s, &at);
        assert_int_equal(c, expected[i]);
        text_put(&again, c);
    }
    assert_int_equal(at, s.size);
    assert_int_equal(text_next(s, &at), 0);
    assert_true(slice_equal(buf_slice(&again), s));
    buf_finish(&again);
    assert_int_equal(text_codepoints(s), 4);
    assert_int_equal(text_codepoints(BYTES("")), 0);
    at = 0; /* what is not clean is walked without harm */
    assert_int_equal(text_next(BYTES("\xE9"), &at), 0xFFFD);
    assert_int_equal(at, 1);
}

static void assert_folded(const char *in, const char *expected)
{
    struct buf out = BUF_INIT;
    text_fold(slice_text(in), &out);
    assert_string_equal(buf_c_string(&out), expected);
    buf_finish(&out);
}

static void folding(void **state)
{
    (void)state;
    assert_folded("１２３ＡＢｃ！～", "123ABc!~");
    assert_folded("（工会）：５，２００．００", "(工会):5,200.00");
    assert_folded("　 张　三 \r\n", "张 三");
    assert_folded("\xC2\xA0x\xE2\x80\x83", "x");
    assert_folded("", "");
    assert_folded(" \t　", "");
    assert_folded("a  b", "a  b");
    assert_folded("、。《》", "、。《》");
    struct buf out = BUF_INIT;
    buf_text(&out, "left: ");
    text_fold(slice_text("　Ｘ　"), &out);
    assert_string_equal(buf_c_string(&out), "left: X"); /* appends, and trims its own part only */
    buf_finish(&out);
}

static void assert_decoded(struct slice in, const char *expected)
{
    struct buf out = BUF_INIT;
    assert_int_equal(text_decode(in, &out), ERR_OK);
    assert_string_equal(buf_c_string(&out), expected);
    assert_int_equal(out.size, strlen(expected));
    buf_finish(&out);
}

/* GB18030 bytes by Python's codec. */
static void files_in_the_three_encodings(void **state)
{
    (void)state;
    assert_decoded(BYTES(""), "");
    assert_decoded(BYTES("name,mobile\r\n"), "name,mobile\r\n");
    assert_decoded(BYTES("张三,工会小组"), "张三,工会小组");
    assert_decoded(BYTES("\xEF\xBB\xBF张三"), "张三");
    assert_decoded(BYTES("\xEF\xBB\xBF"), "");
    assert_decoded(BYTES("\xD5\xC5\xC8\xFD,\xB9\xA4\xBB\xE1\xD0\xA1\xD7\xE9"), "张三,工会小组");
    assert_decoded(BYTES("\x81\x39\xEE\x39\x95\x32\x82\x36"), "㐀𠀀"); /* four bytes each */
    assert_decoded(BYTES("12\xA2\xE3"), "12€");
}

static void what_is_neither_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
    } bad[] = {
        {"a\0b", 3},                                   /* zero byte in ASCII */
        {"\xD5\xC5\0\xC8\xFD", 5},                     /* in GB18030 */
        {"\xFF\xFE\x20\x5F", 4},                       /* UTF-16 */
        {"\xD5\xC5\xC8", 3},                           /* torn GB18030 */
        {"\xEF\xBB\xBF\xD5\xC5\xC8\xFD", 7},           /* a BOM promises UTF-8 */
        {"张三李四王五赵六\xE5\xBC", 26},              /* torn UTF-8, which would pass as GB18030 */
        {"张三李四王五\x80\x31赵六", 26},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct buf out = BUF_INIT;
        buf_text(&out, "kept");
        assert_int_equal(text_decode(slice_of(bad[i].bytes, bad[i].size), &out), ERR_TEXT);
        assert_string_equal(buf_c_string(&out), "kept");
        buf_finish(&out);
    }
}

static void the_nearest_name(void **state)
{
    (void)state;
    static const char *const names[] = {"member", "work_plan", "plan_item", "union_group", "id", "状态", NULL};
    assert_string_equal(text_nearest("membre", names), "member");    /* swapped: 1 */
    assert_string_equal(text_nearest("member", names), "member");
    assert_string_equal(text_nearest("workplan", names), "work_plan");
    assert_string_equal(text_nearest("plan_itmes", names), "plan_item"); /* 2 <= 10 / 3 */
    assert_null(text_nearest("groupunion", names));
    assert_string_equal(text_nearest("ie", names), "id");
    assert_null(text_nearest("xy", names));
    assert_string_equal(text_nearest("状太", names), "状态"); /* counted in code points */
    assert_null(text_nearest("plan", names)); /* 5 from plan_item, 1 is near */
    assert_null(text_nearest("zzzzzzzzzzzz", names));
    assert_string_equal(text_nearest("", (const char *const[]){"a", NULL}), "a");
    static const char *const none[] = {NULL};
    assert_null(text_nearest("member", none));
    char endless[200];
    memset(endless, 'm', sizeof endless - 1);
    endless[sizeof endless - 1] = 0;
    assert_null(text_nearest(endless, names));
    static const char *const close[] = {"cab", "car", NULL};
    assert_string_equal(text_nearest("cat", close), "cab"); /* the first of equals */
    assert_string_equal(text_nearest("car", close), "car");
}

static void a_beginning_that_fits(void **state)
{
    (void)state;
    struct slice text = slice_text("a青b𠀀c"); /* 1, 3, 1, 4, 1 bytes */
    static const size_t fits[] = {0, 1, 1, 1, 4, 5, 5, 5, 5, 9, 10, 10};
    for (size_t size = 0; size < sizeof fits / sizeof *fits; size++)
        assert_int_equal(text_fit(text, size, 100), fits[size]);
    assert_int_equal(text_fit(text, 100, 0), 0);
    assert_int_equal(text_fit(text, 100, 2), 4);
    assert_int_equal(text_fit(text, 100, 4), 9);
    assert_int_equal(text_fit(text, 100, 5), 10);
    assert_int_equal(text_fit(slice_text(""), 10, 10), 0);
}

static void columns_on_a_terminal(void **state)
{
    (void)state;
    assert_int_equal(text_columns(BYTES("")), 0);
    assert_int_equal(text_columns(BYTES("abc")), 3);
    assert_int_equal(text_columns(BYTES("青禾区")), 6);
    assert_int_equal(text_columns(BYTES("（１）、")), 8);
    assert_int_equal(text_columns(BYTES("\xF0\xA0\x80\x80")), 2);
    assert_int_equal(text_columns(BYTES("e\xCC\x81")), 1); /* combining acute */
    assert_int_equal(text_columns(BYTES("ü½")), 2);
}

/* Pairs by hand: of n characters n-1; twice the shared ones by all. */
static void how_alike_two_texts_are(void **state)
{
    (void)state;
#define ALIKE(a, b) text_similarity(slice_text(a), slice_text(b))
    assert_int_equal(ALIKE("改善教师食堂", "改善教师食堂"), 1000);
    assert_int_equal(ALIKE("改善教师食堂", "食堂改善教师"), 800);            /* 4 of 5 and 5 */
    assert_int_equal(ALIKE("改善教师食堂伙食", "改善教师食堂"), 833);        /* 5 of 7 and 5 */
    assert_int_equal(ALIKE("关于改善教师食堂的建议", "改善食堂"), 307);      /* 改善 and 食堂: 2 of 10 and 3 */
    assert_int_equal(ALIKE("增设母婴室", "操场铺设塑胶"), 0);
    assert_int_equal(ALIKE("ＡＢ c, d。", "abcd"), 1000); /* width, case, spaces, stops */
    assert_int_equal(ALIKE("aaa", "aa"), 666);             /* a pair counts as often as both have it */
    assert_int_equal(ALIKE("", ""), 0);
    assert_int_equal(ALIKE("好", "好"), 1000);
    assert_int_equal(ALIKE("好", "好好"), 0);
    char longest[4096];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = 0;
    assert_int_equal(ALIKE(longest, longest), 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clean_text),
        cmocka_unit_test(text_that_is_not),
        cmocka_unit_test(walking_code_points),
        cmocka_unit_test(folding),
        cmocka_unit_test(files_in_the_three_encodings),
        cmocka_unit_test(what_is_neither_is_refused),
        cmocka_unit_test(the_nearest_name),
        cmocka_unit_test(a_beginning_that_fits),
        cmocka_unit_test(columns_on_a_terminal),
        cmocka_unit_test(how_alike_two_texts_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
