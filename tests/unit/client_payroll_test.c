/* Pay sheets as pay offices keep them. */
#include "client/reader/payroll.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

struct read {
    struct arena arena;
    struct csv_table table;
    struct roster sheet;
    const struct payroll_total *totals;
    size_t total_count;
};

static void read_sheet(const char *text, struct read *out)
{
    struct roster_fault fault;
    arena_init(&out->arena, CSV_READ_ARENA + ROSTER_ARENA);
    assert_int_equal(csv_read(slice_text(text), &out->arena, &out->table), ERR_OK);
    assert_int_equal(payroll_join_headings(&out->table, &out->arena), ERR_OK);
    assert_int_equal(roster_read(&payroll_sheet, &out->table, NULL, 0, &out->arena, &out->sheet, &fault), ERR_OK);
    out->totals = payroll_totals(&out->table, &out->sheet, &out->arena, &out->total_count);
    assert_non_null(out->totals);
}

static int64_t dues(const struct read *r, size_t row)
{
    const struct roster_cell *cell = payroll_cell(&r->sheet.rows[row], "amount_fen");
    return cell ? cell->value.integer : -1;
}

static const char *name(const struct read *r, size_t row)
{
    return payroll_cell(&r->sheet.rows[row], "member_id")->written;
}

static void reads_the_dues_and_no_wage(void **state)
{
    (void)state;
    struct read r;
    read_sheet("小苗圃幼儿园2026年10月工资表,,,,,,\n"
               "序号,姓名,基本工资,应发工资,工会会费,扣款合计,实发工资\n"
               "1,周 文,5000.00,6000.00,25.00,400,5600\n"
               "2,王敏,\"4,100.00\",4800.00,20.50,300,4500\n"
               "3,赵云,4000,4500,,200,4300\n"
               "合计,,13100.00,15300.00,45.50,900,14400\n"
               "制表：李静,,,,,,\n", &r);
    assert_int_equal(r.sheet.row_count, 3);
    assert_int_equal(payroll_dues_column(&r.sheet), 4);
    assert_string_equal(name(&r, 0), "周文");
    assert_int_equal(dues(&r, 0), 2500);
    assert_int_equal(dues(&r, 1), 2050);
    assert_int_equal(dues(&r, 2), -1);
    for (size_t i = 0; i < r.sheet.column_count; i++)
        assert_true(r.sheet.columns[i].use == ROSTER_FIELD ? i == 1 || i == 4 : true);
    assert_int_equal(r.total_count, 1);
    assert_int_equal(r.totals[0].line, 6);
    assert_int_equal(r.totals[0].said_fen, 4550);
    assert_int_equal(r.totals[0].rows_fen, 4550);
    arena_finish(&r.arena);
}

static void joins_two_lines_of_headings(void **state)
{
    (void)state;
    struct read r;
    read_sheet("10月工资发放表\n"
               "序号,姓名,应发,,扣款,,实发\n"
               ",,基本工资,绩效,公积金,会费,\n"
               "1,周文,5000,800,600,25,5175\n", &r);
    assert_int_equal(r.sheet.header_line, 3);
    assert_int_equal(r.sheet.row_count, 1);
    assert_string_equal(name(&r, 0), "周文");
    assert_int_equal(dues(&r, 0), 2500);
    arena_finish(&r.arena);
}

/* 10 + 20 = 30; 5 + 5 = 10; all: 40, where 41 is said. */
static void compares_sums_in_between_and_the_last(void **state)
{
    (void)state;
    struct read r;
    read_sheet("姓名,会费\n"
               "周文,10\n"
               "王敏,20\n"
               "小计,30\n"
               "赵云,5\n"
               "李静,5\n"
               "小计,10\n"
               "合计,41\n"
               "总计,\n", &r);
    assert_int_equal(r.total_count, 3);
    assert_int_equal(r.totals[0].rows_fen, 3000);
    assert_int_equal(r.totals[1].said_fen, 1000);
    assert_int_equal(r.totals[1].rows_fen, 1000);
    assert_int_equal(r.totals[2].said_fen, 4100);
    assert_int_equal(r.totals[2].rows_fen, 4000);
    arena_finish(&r.arena);
}

static void takes_the_better_of_two_columns(void **state)
{
    (void)state;
    struct read r;
    read_sheet("姓名,扣款金额,会费\n周文,400,25\n", &r);
    assert_int_equal(dues(&r, 0), 2500);
    arena_finish(&r.arena);
    read_sheet("姓名,缴费金额,缴费日期,所属月份\n周文,25,2026-10-15,2026年10月\n", &r);
    assert_int_equal(dues(&r, 0), 2500);
    assert_true(payroll_has_column(&r.sheet, "paid_on"));
    assert_string_equal((const char *)payroll_cell(&r.sheet.rows[0], "period")->value.bytes.data, "2026-10");
    arena_finish(&r.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_dues_and_no_wage),
        cmocka_unit_test(joins_two_lines_of_headings),
        cmocka_unit_test(compares_sums_in_between_and_the_last),
        cmocka_unit_test(takes_the_better_of_two_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
