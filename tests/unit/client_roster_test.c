/* roster: tables of members and other kinds, as kindergartens keep them. ID numbers are those of area 99 (no such
 * area). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "client/reader/roster.h"
#include "kinds/refusal.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct arena arena;
static struct csv_table table;
static struct roster roster;
static struct roster_fault fault;

static int begin(void **state)
{
    (void)state;
    arena_init(&arena, ROSTER_ARENA);
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_finish(&arena);
    return 0;
}

static enum err try_read(const char *kind, const char *file, const struct roster_map *map, size_t maps)
{
    assert_int_equal(csv_read(slice_text(file), &arena, &table), ERR_OK);
    fault = (struct roster_fault){"?", "?"};
    return roster_read(kind_by_name(kind), &table, map, maps, &arena, &roster, &fault);
}

static void read_ok(const char *kind, const char *file)
{
    assert_int_equal(try_read(kind, file, NULL, 0), ERR_OK);
}

static const struct roster_cell *cell(size_t row, const char *field)
{
    assert_true(row < roster.row_count);
    for (size_t i = 0; i < roster.rows[row].cell_count; i++)
        if (strcmp(roster.rows[row].cells[i].field->name, field) == 0)
            return &roster.rows[row].cells[i];
    return NULL;
}

static void expect_text(size_t row, const char *field, const char *text)
{
    const struct roster_cell *c = cell(row, field);
    if (c == NULL)
        fail_msg("row %zu has no %s", row, field);
    assert_int_equal(c->value.type, CELL_TEXT);
    assert_int_equal(c->value.bytes.size, strlen(text));
    assert_memory_equal(c->value.bytes.data, text, strlen(text));
    assert_false(c->wrong);
}

static void expect_absent(size_t row, const char *field)
{
    assert_null(cell(row, field));
}

static const struct roster_finding *finding(uint32_t line, const char *column)
{
    for (size_t i = 0; i < roster.finding_count; i++) {
        const struct roster_finding *f = &roster.findings[i];
        if (f->line == line &&
            (column == NULL ? f->column == NULL : f->column != NULL && strcmp(f->column, column) == 0))
            return f;
    }
    fail_msg("nothing is said of line %u, column %s", line, column ? column : "(row)");
    return NULL;
}

static void expect_problem(uint32_t line, const char *column, enum severity severity, enum roster_problem problem)
{
    const struct roster_finding *f = finding(line, column);
    assert_int_equal(f->problem, problem);
    assert_int_equal(f->severity, severity);
    assert_null(f->code);
}

static void expect_code(uint32_t line, const char *column, const char *field, const char *code)
{
    const struct roster_finding *f = finding(line, column);
    assert_int_equal(f->problem, ROSTER_NONE);
    assert_string_equal(f->code, code);
    assert_string_equal(f->field->name, field);
    assert_int_equal(f->severity, SEVERITY_BLOCK);
}

/* ---- a roster as it is kept ---- */

static void a_roster(void **state)
{
    (void)state;
    read_ok("member", "青禾区小苗圃幼儿园工会会员花名册,,,,,,,,\r\n"
                      ",,,,,,,,\r\n"
                      "序号,姓 名,性别,\"出生\n年月\",身份证号码,联系电话,工会小组,入会时间,备注（可不填）\r\n"
                      "1,林晓禾,女,1985/6/12,990101198506120024,10012345678,大班组,2010.9.1,\r\n"
                      "2,周小麦,男,１９７４年９月３０日,９９０１０２１９７４０９３０１０３６,100-1234-5679,/"
                      ",20000901,\"爱好:合唱,\r\n瑜伽\"\r\n"
                      ",,,,,,,,\r\n"
                      "3,吕某某,女,—,99011019830507008x,无,小班组,,\r\n"
                      "4,,,,,,,,\r\n"
                      "合计,3人,,,,,,,\r\n"
                      "填表人：某某,,,,,,,2026.9.1,\r\n");
    assert_false(roster.wrong);
    assert_int_equal(roster.header_line, 3);
    assert_int_equal(roster.column_count, 9);
    assert_int_equal(roster.columns[0].use, ROSTER_SERIAL);
    assert_string_equal(roster.columns[8].field->name, "note");
    assert_int_equal(roster.row_count, 3);
    assert_int_equal(roster.rows[0].line, 5);
    assert_int_equal(roster.rows[1].line, 6);
    assert_int_equal(roster.rows[2].line, 9);
    expect_text(0, "name", "林晓禾");
    expect_text(0, "sex", "2");
    expect_text(0, "birth_date", "1985-06-12");
    expect_text(0, "joined_on", "2010-09-01");
    expect_text(1, "birth_date", "1974-09-30");
    expect_text(1, "id_number", "990102197409301036");
    expect_text(1, "mobile", "10012345679");
    expect_text(1, "joined_on", "2000-09-01");
    expect_text(1, "note", "爱好:合唱,\r\n瑜伽");
    expect_text(2, "id_number", "99011019830507008X");
    expect_absent(1, "group_id");
    expect_absent(2, "birth_date");
    expect_absent(2, "mobile");
    expect_absent(0, "note");
    const struct roster_cell *group = cell(0, "group_id"); /* looked up by the caller */
    assert_string_equal(group->written, "大班组");
    assert_int_equal(group->value.type, CELL_ABSENT);
    assert_false(group->wrong);
    expect_problem(1, NULL, SEVERITY_WARN, ROSTER_ABOVE_HEADER);
    expect_problem(11, NULL, SEVERITY_WARN, ROSTER_TOTAL_ROW);
    expect_problem(12, NULL, SEVERITY_WARN, ROSTER_NOTE_ROW);
}

static void wrong_values(void **state)
{
    (void)state;
    read_ok("member", "姓名,性别,出生日期,身份证号,手机,民族\n"
                      "林晓禾,女,1985-06-12,990101198506120024,10012345678,汉族\n"
                      "周小麦,未定,1985-02-30,990101199002300018,一二三,汉\n"
                      "吴一禾,男,1990-02-28,9.90101E+17,10012345670,汉族\n");
    assert_true(roster.wrong);
    assert_int_equal(roster.row_count, 3);
    assert_false(roster.rows[0].wrong);
    assert_int_equal(roster.rows[0].finding_count, 0);
    assert_true(roster.rows[1].wrong);
    assert_true(roster.rows[2].wrong);
    expect_code(3, "性别", "sex", REFUSAL_CODE);
    assert_string_equal(finding(3, "性别")->argument[0], "未定");
    expect_code(3, "出生日期", "birth_date", REFUSAL_VALUE);
    assert_null(finding(3, "出生日期")->argument[0]); /* sensitive */
    expect_code(3, "身份证号", "id_number", "member.id_date");
    expect_code(3, "手机", "mobile", "member.mobile_form");
    expect_problem(4, "身份证号", SEVERITY_BLOCK, ROSTER_SHORTENED);
    /* the row's own findings, by column */
    const struct roster_row *row = &roster.rows[1];
    assert_int_equal(row->finding_count, 4);
    static const char *const columns[] = {"性别", "出生日期", "身份证号", "手机"};
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(roster.findings[row->first_finding + i].column, columns[i]);
    assert_int_equal(cell(1, "sex")->value.type, CELL_ABSENT);
    assert_true(cell(1, "sex")->wrong);
    expect_text(1, "ethnicity", "01"); /* what is right of a wrong row is read all the same */
    assert_int_equal(roster.finding_count, 5);
}

static void the_same_twice(void **state)
{
    (void)state;
    read_ok("member", "姓名,身份证号\n"
                      "王小禾,990101198506120024\n"
                      "王小禾,990101199002280141\n"
                      "周小麦,９９０１０１１９８５０６１２００２４\n"
                      "王小禾,\n"
                      "吕小禾,\n"
                      "吕小禾,990102197409301036\n"
                      "林小禾,99010119850612 0024\n");
    assert_int_equal(roster.row_count, 7);
    expect_problem(4, "身份证号", SEVERITY_BLOCK, ROSTER_TWICE);
    assert_int_equal(finding(4, "身份证号")->other_line, 2);
    expect_problem(8, "身份证号", SEVERITY_BLOCK, ROSTER_TWICE);
    assert_int_equal(finding(8, "身份证号")->other_line, 2);
    expect_problem(5, "姓名", SEVERITY_WARN, ROSTER_PERHAPS_TWICE); /* without an ID number: who knows */
    expect_problem(7, "姓名", SEVERITY_WARN, ROSTER_PERHAPS_TWICE);
    assert_int_equal(finding(7, "姓名")->other_line, 6);
    assert_int_equal(roster.finding_count, 4); /* line 3: the same name, another number: another person */
    assert_false(roster.rows[0].wrong);
    assert_true(roster.rows[2].wrong);
    assert_false(roster.rows[3].wrong);
    assert_true(roster.rows[6].wrong);
    assert_int_equal(roster.rows[2].finding_count, 1);
    read_ok("union_group", "小组名称,组长\n大班组,林晓禾\n小班组,\n大班组,周小麦\n");
    expect_problem(4, "小组名称", SEVERITY_BLOCK, ROSTER_TWICE);
}

/* ---- headings ---- */

static void headings(void **state)
{
    (void)state;
    read_ok("member", "NAME,*性别*,【必填】政治面貌：,教职工姓名,籍贯,,No.,会员编号,id,ID Number\n"
                      "林晓禾,女,党员,别人,青禾,x,1,3,0199d3a0-0000-7000-8000-000000000001,990101198506120024\n"
                      "周小麦,女,群众,,,,2,,no,\n");
    static const enum roster_use uses[] = {ROSTER_FIELD,   ROSTER_FIELD,    ROSTER_FIELD,  ROSTER_SECOND,
                                           ROSTER_UNKNOWN, ROSTER_NAMELESS, ROSTER_SERIAL, ROSTER_NUMBERED,
                                           ROSTER_ID,      ROSTER_FIELD};
    assert_int_equal(roster.column_count, 10);
    for (size_t i = 0; i < 10; i++)
        assert_int_equal(roster.columns[i].use, uses[i]);
    expect_text(0, "name", "林晓禾");
    expect_text(0, "political_status", "01");
    expect_text(0, "member_no", "3");
    expect_text(0, "id_number", "990101198506120024");
    assert_true(roster.rows[0].has_id);
    assert_false(roster.rows[1].has_id);
    expect_problem(1, "教职工姓名", SEVERITY_WARN, ROSTER_SECOND_COLUMN);
    expect_problem(1, "籍贯", SEVERITY_WARN, ROSTER_UNKNOWN_COLUMN);
    expect_problem(1, "", SEVERITY_WARN, ROSTER_NAMELESS_COLUMN);
    expect_problem(3, "id", SEVERITY_BLOCK, ROSTER_NOT_AN_ID);
}

static void overrides(void **state)
{
    (void)state;
    static const struct roster_map by_heading[] = {{"name", "老师"}, {"手机号", "短号"}};
    const char *file = "老师,姓名,短号,联系电话\n林晓禾,假名,10012345678,10000000000\n";
    assert_int_equal(try_read("member", file, by_heading, 2), ERR_OK);
    expect_text(0, "name", "林晓禾");
    expect_text(0, "mobile", "10012345678");
    assert_int_equal(roster.columns[1].use, ROSTER_SECOND);
    assert_int_equal(roster.columns[3].use, ROSTER_SECOND);
    static const struct roster_map by_number[] = {{"note", "2"}, {"name", "1"}};
    assert_int_equal(try_read("member", file, by_number, 2), ERR_OK);
    expect_text(0, "name", "林晓禾");
    expect_text(0, "note", "假名");
    /* headings that only the overrides know */
    assert_int_equal(try_read("member", "花名册\n甲,乙\n林晓禾,10012345678\n",
                              (struct roster_map[]){{"name", "甲"}, {"mobile", "乙"}}, 2),
                     ERR_OK);
    assert_int_equal(roster.header_line, 2);
    expect_text(0, "name", "林晓禾");
}

static void overrides_that_fit_nothing(void **state)
{
    (void)state;
    const char *file = "姓名,性别\n林晓禾,女\n";
    assert_int_equal(try_read("member", file, (struct roster_map[]){{"nme", "姓名"}}, 1), ERR_NOT_FOUND);
    assert_string_equal(fault.field, "nme");
    assert_null(fault.column);
    assert_int_equal(try_read("member", file, (struct roster_map[]){{"name", "名"}}, 1), ERR_NOT_FOUND);
    assert_null(fault.field);
    assert_string_equal(fault.column, "名");
    assert_int_equal(try_read("member", file, (struct roster_map[]){{"name", "3"}}, 1), ERR_NOT_FOUND);
    assert_int_equal(try_read("member", file, (struct roster_map[]){{"name", "1"}, {"姓名", "2"}}, 2), ERR_AMBIGUOUS);
    assert_int_equal(try_read("member", file, (struct roster_map[]){{"name", "1"}, {"note", "姓名"}}, 2),
                     ERR_AMBIGUOUS);
    assert_string_equal(fault.field, "note");
    assert_int_equal(try_read("member", "甲,乙\n1,2\n", NULL, 0), ERR_NOT_FOUND);
    assert_null(fault.field);
    assert_null(fault.column);
    assert_int_equal(try_read("member", "", NULL, 0), ERR_NOT_FOUND);
}

/* ---- rows ---- */

static void ragged_rows(void **state)
{
    (void)state;
    read_ok("member", "姓名,性别,备注\n林晓禾,女,好,多\n周小麦,女\n吕小禾,女,好,,\n");
    expect_problem(2, NULL, SEVERITY_BLOCK, ROSTER_TOO_MANY_CELLS);
    assert_true(roster.rows[0].wrong);
    expect_problem(3, NULL, SEVERITY_WARN, ROSTER_TOO_FEW_CELLS);
    assert_false(roster.rows[1].wrong);
    assert_int_equal(roster.finding_count, 2);
    read_ok("member", "姓名,备注\n林晓禾,\"好\n周小麦,女\n");
    assert_int_equal(roster.row_count, 1);
    expect_problem(2, NULL, SEVERITY_BLOCK, ROSTER_OPEN_QUOTE);
    assert_true(roster.wrong);
}

static void rows_that_are_no_records(void **state)
{
    (void)state;
    read_ok(
        "member",
        "姓名,性别,备注\n林晓禾,女,\n姓名,性别,备注\n小计：1人,,\n周小麦,男,\n,,总计 2人\n备注：以上为在职会员,,\n");
    assert_int_equal(roster.row_count, 2);
    expect_problem(3, NULL, SEVERITY_WARN, ROSTER_HEADER_AGAIN);
    expect_problem(4, NULL, SEVERITY_WARN, ROSTER_TOTAL_ROW);
    expect_problem(6, NULL, SEVERITY_WARN, ROSTER_TOTAL_ROW);
    expect_problem(7, NULL, SEVERITY_WARN, ROSTER_NOTE_ROW);
    read_ok("member", "姓名\n");
    assert_int_equal(roster.row_count, 0);
    assert_false(roster.wrong);
}

static void what_spreadsheets_do_to_cells(void **state)
{
    (void)state;
    read_ok("member", "姓名,身份证号,手机\n林晓禾,\"=\"\"990101198506120024\"\"\",'10012345678\n"
                      "周小麦,\"\t990102197409301036\",1.00123E+10\n");
    expect_text(0, "id_number", "990101198506120024");
    expect_text(0, "mobile", "10012345678");
    expect_text(1, "id_number", "990102197409301036");
    expect_problem(3, "手机", SEVERITY_BLOCK, ROSTER_SHORTENED);
}

/* 25569 is 1970-01-01 by a spreadsheet's count, 31210 is 5641 days later. */
static void dates_as_rosters_have_them(void **state)
{
    (void)state;
    read_ok("member", "姓名,出生年月,身份证号,参加工作时间,入会时间\n"
                      "林晓禾,1985年6月,990101198506120024,2007.8,2010年9月\n"
                      "周小麦,27302,,200008,２００１-０９\n"
                      "吕某某,31210,,1998/3,2015/13\n"
                      "何某某,,,20028,123\n");
    expect_absent(0, "birth_date"); /* the day is not made up */
    expect_problem(2, "出生年月", SEVERITY_WARN, ROSTER_MONTH_BIRTH);
    expect_text(0, "work_start_on", "2007-08-01");
    expect_text(0, "joined_on", "2010-09-01");
    expect_problem(2, "入会时间", SEVERITY_WARN, ROSTER_MONTH_ONLY);
    assert_false(roster.rows[0].wrong);
    expect_text(1, "birth_date", "1974-09-30");
    expect_problem(3, "出生年月", SEVERITY_WARN, ROSTER_COUNTED_DATE);
    expect_text(1, "work_start_on", "2000-08-01");
    expect_text(1, "joined_on", "2001-09-01");
    expect_text(2, "birth_date", "1985-06-12");
    expect_text(2, "work_start_on", "1998-03-01");
    assert_true(roster.rows[2].wrong); /* there is no thirteenth month */
    expect_code(4, "入会时间", "joined_on", REFUSAL_VALUE);
    expect_text(3, "work_start_on", "1954-10-31");
    assert_true(roster.rows[3].wrong); /* 123: neither */
}

static void names_made_equally_wide(void **state)
{
    (void)state;
    read_ok("member", "姓名,工会小组,备注\n林　禾,大 班,爱 好\n欧阳 晓 麦,,\nAnna Lin,,\n古丽 巴哈 尔汗,,\n");
    expect_text(0, "name", "林禾");
    assert_string_equal(cell(0, "group_id")->written, "大班");
    expect_text(0, "note", "爱 好");
    expect_text(1, "name", "欧阳晓麦");
    expect_text(2, "name", "Anna Lin");
    expect_text(3, "name", "古丽 巴哈 尔汗"); /* longer ones have their spaces for a reason */
}

static void other_kinds(void **state)
{
    (void)state;
    read_ok("policy_limit", "规则代码\t取值\t生效日期\ndues.rate_permille\t5\t2026年1月1日\n");
    expect_text(0, "rule_code", "dues.rate_permille");
    expect_text(0, "effective_from", "2026-01-01");
    read_ok("plan_item", "序号,月份,工作内容,负责人\n3,９,收缴工会费,会计\n4,13,筹备教代会,\n");
    assert_int_equal(roster.columns[0].use, ROSTER_FIELD); /* a plan's lines do have a position */
    assert_int_equal(cell(0, "position")->value.integer, 3);
    assert_int_equal(cell(0, "month")->value.integer, 9);
    assert_string_equal(cell(0, "owner_id")->written, "会计");
    expect_code(3, "月份", "month", REFUSAL_VALUE);
}

/* ---- ID numbers: every vector, in a roster of its own ---- */

static void id_number_vectors(void **state)
{
    (void)state;
    FILE *file = fopen(TEST_DATA "/id_number_vectors.tsv", "r");
    char line[512];
    size_t count = 0;
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    while (fgets(line, sizeof line, file) != NULL) {
        struct buf csv = BUF_INIT;
        char *rest = line, *number = strsep(&rest, "\t"), *expected = strsep(&rest, "\t");
        /* whether a date lies in the future is judged with the day at hand, where the record is written */
        bool future = strstr(rest, "future") != NULL;
        buf_format(&csv, "姓名,身份证号\n林晓禾,%s\n", number);
        read_ok("member", buf_c_string(&csv));
        bool valid = strncmp(expected, "valid", 5) == 0;
        if (roster.wrong != !valid && !future)
            fail_msg("%s: expected %s", number, expected);
        buf_finish(&csv);
        arena_reset(&arena);
        count++;
    }
    fclose(file);
    assert_int_equal(count, 22);
}

/* ---- sentences ---- */

static void sentences(void **state)
{
    (void)state;
    struct buf out = BUF_INIT;
    read_ok("member", "姓名,性别,身份证号\n林晓禾,未定,990101198506120024\n周小麦,女,990101198506120024\n");
    roster_finding_text(kind_by_name("member"), finding(2, "性别"), LANGUAGE_ZH, &out);
    assert_non_null(strstr(buf_c_string(&out), "未定"));
    buf_finish(&out);
    roster_finding_text(kind_by_name("member"), finding(3, "身份证号"), LANGUAGE_ZH, &out);
    assert_non_null(strchr(buf_c_string(&out), '2'));
    assert_null(strchr(buf_c_string(&out), '%'));
    buf_finish(&out);
    for (int p = ROSTER_UNKNOWN_COLUMN; p <= ROSTER_NOT_AN_ID; p++) {
        struct roster_finding f = {.problem = (enum roster_problem)p, .other_line = 7};
        roster_finding_text(kind_by_name("member"), &f, LANGUAGE_EN, &out);
        assert_true(out.size > 0);
        assert_null(strstr(buf_c_string(&out), "%u"));
        buf_finish(&out);
    }
}

static void a_roster_of_many(void **state)
{
    (void)state;
    struct buf csv = BUF_INIT;
    buf_text(&csv, "姓名,备注,联系电话\n");
    for (int i = 0; i < 19999; i++)
        buf_format(&csv, "林%d,%d,100%08d\n", i / 2, i, i);
    read_ok("member", buf_c_string(&csv));
    assert_int_equal(roster.row_count, 19999);
    assert_int_equal(roster.finding_count, 9999); /* each name but the last stands twice */
    assert_false(roster.wrong);
    buf_finish(&csv);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(a_roster),
        TEST(wrong_values),
        TEST(the_same_twice),
        TEST(headings),
        TEST(overrides),
        TEST(overrides_that_fit_nothing),
        TEST(ragged_rows),
        TEST(rows_that_are_no_records),
        TEST(what_spreadsheets_do_to_cells),
        TEST(dates_as_rosters_have_them),
        TEST(names_made_equally_wide),
        TEST(other_kinds),
        TEST(id_number_vectors),
        TEST(sentences),
        TEST(a_roster_of_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
