/* csv_reader and csv_writer: what spreadsheets write is read, what is written is read again as it was. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "base/limits.h"
#include "csv/csv_reader.h"
#include "csv/csv_writer.h"
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct arena arena;
static struct csv_table table;

static int begin(void **state)
{
    (void)state;
    arena_init(&arena, CSV_READ_ARENA);
    table = (struct csv_table){0};
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_finish(&arena);
    return 0;
}

static void read_ok(const char *file)
{
    assert_int_equal(csv_read(slice_text(file), &arena, &table), ERR_OK);
}

static void expect_row(size_t row, uint32_t line, size_t count, ...)
{
    va_list cells;
    va_start(cells, count);
    assert_true(row < table.count);
    assert_int_equal(table.rows[row].line, line);
    assert_int_equal(table.rows[row].count, count);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(table.rows[row].cells[i], va_arg(cells, const char *));
    va_end(cells);
}

static void plain_rows(void **state)
{
    (void)state;
    read_ok("姓名,性别\r\n林晓禾,女\r\n\r\n周小麦,\r\n");
    assert_int_equal(table.count, 3);
    assert_int_equal(table.separator, ',');
    assert_int_equal(table.open_quote, 0);
    expect_row(0, 1, 2, "姓名", "性别");
    expect_row(1, 2, 2, "林晓禾", "女");
    expect_row(2, 4, 2, "周小麦", ""); /* the blank line counts as a line */
}

static void quotes(void **state)
{
    (void)state;
    read_ok("姓名,备注\n\"林,晓禾\",\"第一行\r\n第二行\n\n第四行\"\n周小麦,\"她说“好”，又说\"\"行\"\"\"\n吕,5\"屏\n");
    assert_int_equal(table.count, 4);
    expect_row(1, 2, 2, "林,晓禾", "第一行\r\n第二行\n\n第四行");
    expect_row(2, 6, 2, "周小麦", "她说“好”，又说\"行\"");
    expect_row(3, 7, 2, "吕", "5\"屏");
}

static void line_ends(void **state)
{
    (void)state;
    read_ok("a,b\rc,d\re,\"f\rg\"\rh,i");
    assert_int_equal(table.count, 4);
    expect_row(1, 2, 2, "c", "d");
    expect_row(2, 3, 2, "e", "f\rg");
    expect_row(3, 5, 2, "h", "i");
}

static void separators(void **state)
{
    (void)state;
    read_ok("姓名;性别;备注\n林晓禾;女;a,b\n");
    assert_int_equal(table.separator, ';');
    expect_row(1, 2, 3, "林晓禾", "女", "a,b");
    read_ok("花名册（2026年,第一版）\n序号\t姓名\t性别\n1\t林晓禾\t女\n\t周小麦\t\n");
    assert_int_equal(table.separator, '\t');
    expect_row(2, 3, 3, "1", "林晓禾", "女");
    expect_row(3, 4, 3, "", "周小麦", "");
    read_ok("\"a;b;c\",d\n1,2\n");
    assert_int_equal(table.separator, ',');
    expect_row(0, 1, 2, "a;b;c", "d");
    read_ok("姓名,备注\n林晓禾,a;b;c;d\n");
    assert_int_equal(table.separator, ',');
    read_ok("会员花名册\n姓名\t性别\n");
    assert_int_equal(table.separator, '\t');
    read_ok("姓名,备注\n林,\"第一行;\n第二行;;;;\"\n周,\n");
    assert_int_equal(table.separator, ',');
    read_ok("姓名\n林晓禾\n");
    expect_row(1, 2, 1, "林晓禾");
}

static void full_width_commas(void **state)
{
    (void)state;
    read_ok("姓名，手机，备注\n林晓禾，130，好\n周文,131,\"来，去\"\n");
    expect_row(0, 1, 3, "姓名", "手机", "备注");
    expect_row(1, 2, 3, "林晓禾", "130", "好");
    expect_row(2, 3, 3, "周文", "131", "来，去");
    read_ok("\n姓名，备注\n林晓禾,来，去\n周文,\n");
    expect_row(0, 2, 2, "姓名", "备注");
    expect_row(1, 3, 2, "林晓禾", "来，去"); /* it has a separator: in it such a comma is one of the text's */
    read_ok("姓名；性别，备注\n");
    expect_row(0, 1, 2, "姓名；性别", "备注");
    read_ok("姓名，性别\n林晓禾;女\n周文;男\n");
    assert_int_equal(table.separator, ';');
    expect_row(0, 1, 2, "姓名", "性别");
    read_ok("意见\n好，很好\n"); /* one column */
    expect_row(1, 2, 1, "好，很好");
    read_ok("姓名,备注\n林晓禾，女\n");
    expect_row(1, 2, 1, "林晓禾，女");
}

static void spaces(void **state)
{
    (void)state;
    read_ok("a , b,\" c \"\n \t \nx,　y　,\n");
    assert_int_equal(table.count, 2);
    expect_row(0, 1, 3, "a", "b", " c ");
    expect_row(1, 3, 3, "x", "　y　", "");
}

static void a_quote_left_open(void **state)
{
    (void)state;
    read_ok("姓名,备注\n林晓禾,好\n周小麦,\"从这里\n到最后\n吕,x\n");
    assert_int_equal(table.open_quote, 3);
    assert_int_equal(table.count, 3);
    expect_row(2, 3, 2, "周小麦", "从这里\n到最后\n吕,x\n");
    read_ok("a,\"b\"");
    assert_int_equal(table.open_quote, 0);
    read_ok("a,\"b");
    assert_int_equal(table.open_quote, 1);
    expect_row(0, 1, 2, "a", "b");
}

static void to_gb18030(const char *utf8, struct buf *out)
{
    iconv_t cd = iconv_open("GB18030", "UTF-8");
    char *in = strdup(utf8), *from = in, bytes[4096], *to = bytes;
    size_t in_left = strlen(utf8), out_left = sizeof bytes;
    assert_int_equal(iconv(cd, &from, &in_left, &to, &out_left), 0);
    buf_append(out, bytes, sizeof bytes - out_left);
    iconv_close(cd);
    free(in);
}

static void encodings(void **state)
{
    (void)state;
    struct buf gb = BUF_INIT;
    read_ok("\xef\xbb\xbf姓名,性别\n林晓禾,女\n");
    expect_row(0, 1, 2, "姓名", "性别");
    to_gb18030("姓名,备注\r\n吕㐂,\"两\r\n行\"\r\n", &gb);
    assert_int_equal(csv_read(buf_slice(&gb), &arena, &table), ERR_OK);
    expect_row(0, 1, 2, "姓名", "备注");
    expect_row(1, 2, 2, "吕㐂", "两\r\n行");
    buf_finish(&gb);
    assert_int_equal(csv_read(slice_of("a,b\0c\n", 6), &arena, &table), ERR_TEXT);
    assert_int_equal(csv_read(slice_of("a,\xff\xff\n", 5), &arena, &table), ERR_TEXT);
}

static void limits(void **state)
{
    (void)state;
    struct buf file = BUF_INIT;
    for (size_t i = 0; i < LIMIT_IMPORT_ROWS; i++)
        buf_text(&file, "林\n");
    assert_int_equal(csv_read(buf_slice(&file), &arena, &table), ERR_OK);
    assert_int_equal(table.count, LIMIT_IMPORT_ROWS);
    buf_text(&file, "林\n");
    assert_int_equal(csv_read(buf_slice(&file), &arena, &table), ERR_TOO_LONG);
    buf_finish(&file);
    for (size_t i = 1; i < CSV_COLUMNS_MAX; i++)
        buf_text(&file, ",");
    assert_int_equal(csv_read(buf_slice(&file), &arena, &table), ERR_OK);
    assert_int_equal(table.rows[0].count, CSV_COLUMNS_MAX);
    buf_text(&file, ",");
    assert_int_equal(csv_read(buf_slice(&file), &arena, &table), ERR_TOO_LONG);
    while (file.size <= LIMIT_IMPORT_FILE)
        buf_text(&file, "\n\n\n\n\n\n\n\n");
    assert_int_equal(csv_read(buf_slice(&file), &arena, &table), ERR_TOO_LONG);
    buf_finish(&file);
    struct arena small;
    arena_init(&small, 64);
    assert_int_equal(csv_read(slice_text("a,b,c\nd,e,f\ng,h,i\n"), &small, &table), ERR_MEMORY);
    arena_finish(&small);
    read_ok("");
    assert_int_equal(table.count, 0);
}

/* ---- writing ---- */

static void exact_bytes(void **state)
{
    (void)state;
    struct buf out = BUF_INIT;
    struct csv_writer w = csv_begin(&out, CSV_FOR_SPREADSHEETS);
    csv_write_text(&w, slice_text("姓名"));
    csv_write_text(&w, slice_text("a,b"));
    csv_write_text(&w, slice_text("说\"好\""));
    csv_end_row(&w);
    csv_write_text(&w, slice_text("=1+1"));
    csv_write_plain(&w, slice_text("-5"));
    csv_write_text(&w, slice_text("-5"));
    csv_write_text(&w, slice_text("@家"));
    csv_write_text(&w, slice_text("+86"));
    csv_write_text(&w, slice_text("'好"));
    csv_write_text(&w, slice_text("'=1"));
    csv_end_row(&w);
    csv_write_text(&w, slice_text(""));
    csv_end_row(&w);
    assert_string_equal(buf_c_string(&out), "\xef\xbb\xbf姓名,\"a,b\",\"说\"\"好\"\"\"\r\n"
                                            "'=1+1,-5,'-5,'@家,'+86,'好,''=1\r\n\"\"\r\n");
    buf_finish(&out);
    (void)csv_begin(&out, CSV_FOR_PROGRAMS);
    assert_int_equal(out.size, 0);
}

/* Excel has 15 digits for a number and reads 2026-1 as a month; ="..." is text to Excel, WPS and LibreOffice alike. */
static void what_would_be_counted(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"990101198506120024", "=\"990101198506120024\""}, {"11010519491231002X", "=\"11010519491231002X\""},
        {"007", "=\"007\""},       {"2026-1", "=\"2026-1\""},     {"1e5", "=\"1e5\""},  {"9月1日", "=\"9月1日\""},
        {"MAR1", "=\"MAR1\""},     {"1,234", "\"=\"\"1,234\"\"\""}, {"12号楼", "12号楼"}, {"3（大班）", "3（大班）"},
        {"QH-小苗圃", "QH-小苗圃"}, {"-5", "'-5"},              {"+86 1", "'+86 1"}, {"=1+1", "'=1+1"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        for (int use = CSV_FOR_PROGRAMS; use <= CSV_FOR_SPREADSHEETS; use++) {
            struct buf out = BUF_INIT;
            struct csv_writer w = csv_begin(&out, (enum csv_use)use);
            csv_write_text(&w, slice_text(pairs[i][0]));
            bool guarded = pairs[i][1][0] == '\'', comma = strchr(pairs[i][0], ',') != NULL;
            if (use == CSV_FOR_SPREADSHEETS)
                assert_string_equal(buf_c_string(&out) + 3, pairs[i][1]);
            else if (!comma)
                assert_string_equal(buf_c_string(&out), pairs[i][guarded ? 1 : 0]);
            buf_finish(&out);
        }
}

/* A text that begins with U+FEFF, as the first of a file: it is no mark of the file. */
static void a_mark_within_a_cell(void **state)
{
    (void)state;
    struct buf out = BUF_INIT;
    struct csv_writer w = csv_begin(&out, CSV_FOR_PROGRAMS);
    csv_write_text(&w, slice_text("\xef\xbb\xbf姓名"));
    csv_write_text(&w, slice_text("性别"));
    csv_end_row(&w);
    read_ok(buf_c_string(&out));
    expect_row(0, 1, 2, "\xef\xbb\xbf姓名", "性别");
    buf_finish(&out);
}

/* As Excel has it, quoted or not, and a guarded one, which somebody wrote. */
static void kept_numbers_are_read(void **state)
{
    (void)state;
    read_ok("姓名,工号\n林,=\"007\"\n周,\"=\"\"008\"\"\"\n吕,\"'=\"\"009\"\"\"\n何,\"=\"\"a\"\"&\"\"b\"\"\"\n");
    expect_row(1, 2, 2, "林", "007");
    expect_row(2, 3, 2, "周", "008");
    expect_row(3, 4, 2, "吕", "=\"009\"");
    expect_row(4, 5, 2, "何", "=\"a\"&\"b\"");
}

static const char *const awkward[] = {
    "",    "姓名",     " 前后 ",       "\t表\t",       "a,b",          "a;b",        "a\tb",
    "\"",  "\"\"",     "\"a\"",        "a\"b",         "行1\n行2",     "行1\r\n行2", "行\r尾",
    "\n",  "\r\n\r\n", "=SUM(A1)",     "+1",           "-1",           "@x",         "'",
    "''",  "'=x",      "''=x",         "'a",           "\t=x",         "\r",         " =x",
    "'\t", "，；：“”", "　全角空格　", "😀𠮷",          "a,\"b\nc\",d", "001",        "11010519491231002X",
    "1e5", "'-'",      "N/A",          "\xef\xbb\xbf",  "=\"007\"",     "2026-1",     "1,234",         "'=\"1\"",
};
#define AWKWARD (sizeof awkward / sizeof awkward[0])

static void expect_same(const char *const *cells, size_t rows, size_t columns, enum csv_use use)
{
    struct buf out = BUF_INIT;
    struct csv_writer w = csv_begin(&out, use);
    for (size_t r = 0; r < rows; r++) {
        for (size_t c = 0; c < columns; c++)
            csv_write_text(&w, slice_text(cells[r * columns + c]));
        csv_end_row(&w);
    }
    assert_int_equal(csv_read(buf_slice(&out), &arena, &table), ERR_OK);
    assert_int_equal(table.open_quote, 0);
    assert_int_equal(table.count, rows);
    for (size_t r = 0; r < rows; r++) {
        assert_int_equal(table.rows[r].count, columns);
        for (size_t c = 0; c < columns; c++)
            assert_string_equal(table.rows[r].cells[c], cells[r * columns + c]);
    }
    buf_finish(&out);
    arena_reset(&arena);
}

/* Each beside each, alone, and all in one row: with a header of two columns, as every file has. */
static void what_is_written_is_read_again(void **state)
{
    (void)state;
    const char *cells[4] = {"姓名", "备注"};
    for (size_t a = 0; a < AWKWARD; a++) {
        for (size_t b = 0; b < AWKWARD; b++) {
            cells[2] = awkward[a];
            cells[3] = awkward[b];
            expect_same(cells, 2, 2, CSV_FOR_SPREADSHEETS);
        }
        const char *alone[2] = {"备注", awkward[a]};
        expect_same(alone, 2, 1, CSV_FOR_PROGRAMS);
    }
    expect_same(awkward, 1, AWKWARD, CSV_FOR_SPREADSHEETS);
}

/* The same with cells made of every mixture of four awkward bytes. */
static void mixtures(void **state)
{
    (void)state;
    static const char signs[] = {'\'', '=', '"', ',', '\n', '\r', ' ', 'a'};
    char cell[5] = "";
    for (int i = 0; i < 8 * 8 * 8 * 8; i++) {
        int rest = i;
        for (int k = 0; k < 4; k++, rest /= 8)
            cell[k] = signs[rest % 8];
        const char *cells[4] = {"姓名", "备注", cell, "b"};
        expect_same(cells, 2, 2, CSV_FOR_PROGRAMS);
    }
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(plain_rows),  TEST(quotes), TEST(a_mark_within_a_cell),
        TEST(line_ends),   TEST(separators), TEST(full_width_commas),
        TEST(spaces),      TEST(a_quote_left_open),
        TEST(encodings),   TEST(limits),
        TEST(exact_bytes), TEST(what_is_written_is_read_again),
        TEST(mixtures),    TEST(what_would_be_counted),
        TEST(kept_numbers_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
