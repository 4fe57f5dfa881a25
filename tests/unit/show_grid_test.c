/* Columns on a terminal. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "show/grid.h"

#include <stdio.h>

static void prints(struct grid *g, const char *expected)
{
    struct buf out = BUF_INIT;
    grid_print(g, &out);
    assert_string_equal(buf_c_string(&out), expected);
    buf_finish(&out);
    grid_destroy(g);
}

static void columns_line_up(void **state)
{
    (void)state;
    struct grid *g = grid_create(3);
    static const char *const cells[] = {"a", "bb", "c", "ddd", "e", "the last is free", "", "", ""};
    for (size_t i = 0; i < 9; i++)
        grid_cell(g, cells[i]);
    prints(g, "a    bb  c\n"
              "ddd  e   the last is free\n"
              "         \n");
}

static void chinese_takes_two(void **state)
{
    (void)state;
    struct grid *g = grid_create(2);
    grid_cell(g, "青禾");
    grid_cell(g, "1");
    grid_cell(g, "abc");
    grid_cell(g, "2");
    grid_cell(g, "é");
    grid_cell(g, "3");
    prints(g, "青禾  1\n"
              "abc   2\n"
              "é     3\n");
}

/* What other people wrote moves no cursor and forges no line. */
static void a_cell_is_one_line_of_plain_text(void **state)
{
    (void)state;
    struct grid *g = grid_create(2);
    grid_cell(g, "a\nb\tc\x1b[31m");
    grid_cell(g, "x");
    grid_cell(g, "\xC2\x9B"
                 "2J\xE2\x80\xA8z\x7f"); /* CSI as one character; a line separator */
    grid_cell(g, NULL);
    prints(g, "a b c [31m  x\n"
              " 2J z       \n");
}

static void formatted_and_taken(void **state)
{
    (void)state;
    struct grid *g = grid_create(2);
    struct buf cell = BUF_INIT;
    grid_format(g, "%d/%s", 7, "x");
    buf_text(&cell, "taken");
    grid_take(g, &cell);
    assert_int_equal(cell.size, 0);
    grid_take(g, &cell);
    grid_cell(g, "");
    prints(g, "7/x  taken\n"
              "     \n");
}

static void many_rows_and_none(void **state)
{
    (void)state;
    struct grid *g = grid_create(1);
    struct buf out = BUF_INIT, expected = BUF_INIT;
    for (int i = 0; i < 1000; i++) {
        grid_format(g, "%d", i);
        buf_format(&expected, "%d\n", i);
    }
    grid_print(g, &out);
    assert_string_equal(buf_c_string(&out), buf_c_string(&expected));
    grid_destroy(g);
    buf_finish(&out);
    buf_finish(&expected);
    prints(grid_create(5), "");
    grid_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_line_up),
        cmocka_unit_test(chinese_takes_two),
        cmocka_unit_test(a_cell_is_one_line_of_plain_text),
        cmocka_unit_test(formatted_and_taken),
        cmocka_unit_test(many_rows_and_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
