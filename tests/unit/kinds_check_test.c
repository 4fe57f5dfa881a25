/* What kind_check_result and kind_check_value find, kind by kind: each finding by code, field and severity, and nothing
 * else. */
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

#define PLAN_ID "0192f0c1-2345-7abc-8def-0123456789ab"
#define OTHER_ID "0192f0c1-2345-7abc-8def-0123456789ac"

static struct arena arena;
static const ProtobufCMessage *plan; /* what PLAN_ID points to; NULL: nothing */

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, 1 << 20);
    plan = NULL;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_finish(&arena);
    return 0;
}

static const ProtobufCMessage *related(const void *to, uint32_t kind, struct id id)
{
    struct id plan_id;
    assert_ptr_equal(to, &arena);
    assert_int_equal(id_parse(PLAN_ID, &plan_id), ERR_OK);
    return kind == 3 && id_equal(id, plan_id) ? plan : NULL;
}

/* "BLOCK REQUIRED name;WARN member.id_area id_number;" for before -> after by action. Records: {"field", "value", ...,
 * NULL}. */
static const char *found(const char *kind, const char *const *before, const char *action, const char *const *after)
{
    const struct kind *k = kind_by_name(kind);
    struct findings list = {.count = 0};
    struct check_context c = {.kind = k,
                              .action = action,
                              .related = related,
                              .related_to = &arena,
                              .today = {2026, 11, 22},
                              .arena = &arena};
    c.before = before ? help_record(k, &arena, before) : NULL;
    c.after = help_record(k, &arena, after);
    kind_check_result(&c, &list);
    struct buf out = BUF_INIT;
    for (size_t i = 0; i < list.count; i++)
        buf_format(&out, "%s %s %s;", list.list[i].severity == SEVERITY_BLOCK ? "BLOCK" : "WARN", list.list[i].code,
                   list.list[i].field);
    const char *text = arena_text(&arena, buf_slice(&out));
    buf_finish(&out);
    return text ? text : "";
}

#define NEW(kind, ...) found(kind, NULL, NULL, (const char *const[]){__VA_ARGS__, NULL})
#define R(...) ((const char *const[]){__VA_ARGS__, NULL})

/* ---- generic ---- */

static void test_only_the_name_is_required(void **state)
{
    (void)state;
    assert_string_equal(NEW("member", "name", "石榴"), "");
    assert_string_equal(NEW("member", "sex", "女"), "BLOCK REQUIRED name;");
}

static void put(ProtobufCMessage *m, const char *name, struct cell cell)
{
    record_put_name(m, name, cell, &arena);
}

/* One value on a record that is else in order. */
static const char *found_raw(const char *kind, const char *name, struct cell cell)
{
    const struct kind *k = kind_by_name(kind);
    ProtobufCMessage *m = record_new(k->descriptor, &arena);
    struct findings list = {.count = 0};
    put(m, "name", cell_text("石榴"));
    put(m, name, cell);
    struct check_context c = {.kind = k, .after = m, .today = {2026, 11, 22}, .arena = &arena};
    kind_check_result(&c, &list);
    assert_true(list.count <= 1);
    return list.count ? list.list[0].code : "";
}

static void test_forms_of_a_foreign_peer(void **state)
{
    (void)state;
    assert_string_equal(found_raw("member", "name", cell_text("")), "REQUIRED");
    assert_string_equal(found_raw("member", "name", cell_text(" 　")), "REQUIRED");
    assert_string_equal(found_raw("member", "campus", cell_text("")), "VALUE");
    assert_string_equal(found_raw("member", "campus", cell_text("  ")), "VALUE");
    assert_string_equal(found_raw("member", "campus", cell_text("一\x1b[2J")), "VALUE");
    assert_string_equal(found_raw("member", "campus", cell_text("一\n二")), "VALUE");
    assert_string_equal(found_raw("member", "note", cell_text("一\n\t二\r\n")), "");
    assert_string_equal(found_raw("member", "note", cell_text("一\x07")), "VALUE");
    assert_string_equal(found_raw("member", "note", cell_text("一\xc2\x9b二")), "VALUE"); /* C1: a terminal's CSI */
    assert_string_equal(found_raw("member", "sex", cell_text("女")), "CODE");
    assert_string_equal(found_raw("member", "sex", cell_text("")), "CODE");
    assert_string_equal(found_raw("member", "state", cell_text("promoted")), "CODE");
    assert_string_equal(found_raw("member", "joined_on", cell_text("2026/9/1")), "VALUE");
    assert_string_equal(found_raw("member", "joined_on", cell_text("2026-09-31")), "VALUE");
    assert_string_equal(found_raw("member", "mobile", cell_text("100 1234 5678")), "VALUE");
    assert_string_equal(found_raw("member", "group_id", cell_bytes(slice_of("abc", 3))), "VALUE");
}

static void test_too_long(void **state)
{
    (void)state;
    char *text = calloc(1, LIMIT_TEXT_LONG + 2);
    memset(text, 'a', LIMIT_TEXT_SHORT + 1);
    assert_string_equal(found_raw("member", "name", cell_text(text)), "TOO_LONG");
    assert_string_equal(found_raw("member", "note", cell_text(text)), "");
    memset(text, 'a', LIMIT_TEXT_LONG + 1);
    assert_string_equal(found_raw("member", "note", cell_text(text)), "TOO_LONG");
    free(text);
}

static void test_arguments_are_quoted_but_never_sensitive(void **state)
{
    (void)state;
    const struct kind *k = kind_by_name("member");
    ProtobufCMessage *m = record_new(k->descriptor, &arena);
    struct findings list = {.count = 0};
    put(m, "name", cell_text("石榴"));
    put(m, "sex", cell_text("女人"));
    put(m, "birth_date", cell_text("12.6.1985"));
    struct check_context c = {.kind = k, .after = m, .arena = &arena};
    kind_check_result(&c, &list);
    assert_int_equal(list.count, 2);
    assert_string_equal(list.list[0].argument[0], "女人");
    assert_string_equal(list.list[1].field, "birth_date");
    assert_null(list.list[1].argument[0]);
    /* Long ones are cut at a character. */
    char text[400] = "";
    for (int i = 0; i < 100; i++)
        strcat(text, "园");
    put(m, "sex", cell_text(text));
    list.count = 0;
    kind_check_result(&c, &list);
    assert_int_equal(strlen(list.list[0].argument[0]), 60);
}

static void test_what_stands_is_not_judged_anew(void **state)
{
    (void)state;
    const struct kind *k = kind_by_name("member");
    ProtobufCMessage *before = record_new(k->descriptor, &arena);
    struct findings list = {.count = 0};
    put(before, "name", cell_text("石榴"));
    put(before, "sex", cell_text("unheard of"));
    ProtobufCMessage *after = record_copy(before, &arena);
    put(after, "campus", cell_text("东园"));
    struct check_context c = {.kind = k, .before = before, .after = after, .arena = &arena};
    kind_check_result(&c, &list);
    assert_int_equal(list.count, 0);
    put(after, "sex", cell_text("unheard of too"));
    kind_check_result(&c, &list);
    assert_int_equal(list.count, 1);
    assert_string_equal(list.list[0].code, "CODE");
}

static void test_full_list_keeps_what_blocks(void **state)
{
    (void)state;
    struct findings list = {.count = 0};
    for (int i = 0; i < FINDINGS_MAX; i++)
        findings_add(&list, SEVERITY_WARN, "member.id_area", "id_number", NULL, NULL);
    assert_null(findings_block(&list));
    findings_add(&list, SEVERITY_BLOCK, REFUSAL_REQUIRED, "name", NULL, NULL);
    findings_add(&list, SEVERITY_WARN, "member.id_age", "id_number", NULL, NULL);
    assert_int_equal(list.count, FINDINGS_MAX);
    assert_string_equal(findings_block(&list)->code, "REQUIRED");
}

static void test_references(void **state)
{
    (void)state;
    plan = help_record(kind_by_name("work_plan"), &arena, R("title", "计划", "period", "2026-1"));
    assert_string_equal(NEW("plan_item", "title", "例会", "plan_id", PLAN_ID), "");
    assert_string_equal(NEW("plan_item", "title", "例会", "plan_id", OTHER_ID), "BLOCK REFERENCE plan_id;");
    assert_string_equal(NEW("member", "name", "石榴", "group_id", OTHER_ID), "BLOCK REFERENCE group_id;");
    /* One that was there when it was set may go. */
    assert_string_equal(
        found("member", R("name", "石榴", "group_id", OTHER_ID), NULL, R("name", "小苗", "group_id", OTHER_ID)), "");
}

/* ---- member ---- */

static void test_id_number_against_the_rest(void **state)
{
    (void)state;
    assert_string_equal(
        NEW("member", "name", "石榴", "id_number", "11010519491231002X", "sex", "女", "birth_date", "1949-12-31"), "");
    assert_string_equal(
        NEW("member", "name", "石榴", "id_number", "11010519491231002X", "sex", "男", "birth_date", "1949-12-30"),
        "WARN member.birth_mismatch birth_date;WARN member.sex_mismatch sex;");
    /* Not stated is no mismatch; and what nobody touched is not warned of again. */
    assert_string_equal(NEW("member", "name", "石榴", "id_number", "11010519491231002X", "sex", "9"), "");
    assert_string_equal(found("member", R("name", "石榴", "id_number", "11010519491231002X", "sex", "男"), NULL,
                              R("name", "石榴", "id_number", "11010519491231002X", "sex", "男", "campus", "东园")),
                        "");
    assert_string_equal(found("member", R("name", "石榴", "id_number", "11010519491231002X"), NULL,
                              R("name", "石榴", "id_number", "11010519491231002X", "sex", "男")),
                        "WARN member.sex_mismatch sex;");
}

static void test_other_documents_are_not_judged(void **state)
{
    (void)state;
    assert_string_equal(NEW("member", "name", "石榴", "id_type", "护照", "id_number", "E12345678"), "");
    assert_string_equal(NEW("member", "name", "石榴", "id_number", "E12345678"), "BLOCK member.id_length id_number;");
    assert_string_equal(NEW("member", "name", "石榴", "id_type", "111", "id_number", "990101850612002"),
                        "BLOCK member.id_old id_number;");
    const struct kind *k = kind_by_name("member");
    const struct field_rule *f = kind_field(k, "id_number");
    struct findings list = {.count = 0};
    kind_check_value(k, f, cell_text("E12345678"), &list);
    assert_int_equal(list.count, 0); /* without the record it may be a passport */
    kind_check_value(k, f, cell_text("990102197409301030"), &list);
    assert_int_equal(list.count, 1);
    assert_string_equal(list.list[0].code, "member.id_check");
    kind_check_value(k, f, cell_text("990101850612002"), &list);
    assert_string_equal(list.list[1].code, "member.id_old");
}

static void test_phones(void **state)
{
    (void)state;
    assert_string_equal(NEW("member", "name", "石榴", "mobile", "13912345678"), "");
    assert_string_equal(NEW("member", "name", "石榴", "mobile", "10012345678"), "WARN member.mobile_prefix mobile;");
    assert_string_equal(NEW("member", "name", "石榴", "mobile", "021-55550000"), "WARN member.mobile_prefix mobile;");
    assert_string_equal(NEW("member", "name", "石榴", "mobile", "+85255550000"), "WARN member.mobile_prefix mobile;");
    assert_string_equal(NEW("member", "name", "石榴", "mobile", "123456"), "BLOCK member.mobile_short mobile;");
    assert_string_equal(NEW("member", "name", "石榴", "mobile", "10012345678/10012345679"),
                        "BLOCK member.mobile_form mobile;");
    assert_string_equal(NEW("member", "name", "石榴", "mobile", "无"), "BLOCK member.mobile_form mobile;");
    assert_string_equal(NEW("member", "name", "石榴", "mobile", "1001234567810012"), "BLOCK member.mobile_long mobile;");
}

static void test_dates_of_members(void **state)
{
    (void)state;
    assert_string_equal(NEW("member", "name", "石榴", "birth_date", "2026-11-23"),
                        "BLOCK member.birth_future birth_date;");
    assert_string_equal(NEW("member", "name", "石榴", "birth_date", "2026-11-22"), "");
    assert_string_equal(NEW("member", "name", "石榴", "birth_date", "1800-01-01"), "WARN member.birth_age birth_date;");
    assert_string_equal(NEW("member", "name", "石榴", "birth_date", "1799-12-31"), "BLOCK VALUE birth_date;");
    assert_string_equal(NEW("union_group", "name", "大班组", "formed_on", "2199-12-31"), "WARN FUTURE formed_on;");
    assert_string_equal(NEW("union_group", "name", "大班组", "formed_on", "2026-11-22"), "");
    assert_string_equal(NEW("union_group", "name", "大班组", "formed_on", "2200-01-01"), "BLOCK VALUE formed_on;");
    assert_string_equal(NEW("member", "name", "石榴", "birth_date", "1905-11-22"), "WARN member.birth_age birth_date;");
    assert_string_equal(NEW("member", "name", "石榴", "birth_date", "1905-11-23"), "");
    assert_string_equal(NEW("member", "name", "石榴", "joined_on", "2062-09-01"), "WARN member.date_future joined_on;");
}

/* ---- work_plan ---- */

static void test_period(void **state)
{
    (void)state;
    static const char *const good[][2] = {
        {"学期", "2026-1"}, {"term", "2026-2"}, {"年度", "2026"}, {"半年", "2026-H1"}, {"季度", "2026-Q3"}};
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(NEW("work_plan", "title", "计划", "period_kind", good[i][0], "period", good[i][1]), "");
    assert_string_equal(NEW("work_plan", "title", "计划", "period", "2026-1"), "");
    assert_string_equal(NEW("work_plan", "title", "计划"), "BLOCK REQUIRED period;");
    assert_string_equal(NEW("work_plan", "title", "计划", "period", "2026-3"), "BLOCK work_plan.period period;");
    assert_string_equal(NEW("work_plan", "title", "计划", "period", "本学期"), "BLOCK work_plan.period period;");
    assert_string_equal(NEW("work_plan", "title", "计划", "period_kind", "year", "period", "2026-1"),
                        "BLOCK work_plan.period_kind period_kind;");
}

#define PLAN "title", "计划", "period", "2026-1"
static void test_return_needs_its_own_reason(void **state)
{
    (void)state;
    assert_string_equal(found("work_plan", R(PLAN, "state", "submitted"), "returned", R(PLAN, "state", "returned")),
                        "BLOCK REQUIRED return_reason;");
    assert_string_equal(found("work_plan", R(PLAN, "state", "submitted"), "returned",
                              R(PLAN, "state", "returned", "return_reason", "缺少措施")),
                        "");
    assert_string_equal(found("work_plan", R(PLAN, "state", "submitted", "return_reason", "缺少措施"), "returned",
                              R(PLAN, "state", "returned", "return_reason", "缺少措施")),
                        "BLOCK work_plan.return_reason return_reason;");
    assert_string_equal(found("work_plan", R(PLAN, "state", "submitted", "return_reason", "缺少措施"), "returned",
                              R(PLAN, "state", "returned", "return_reason", "还缺负责人")),
                        "");
    /* Sent twice: no second return. */
    assert_string_equal(found("work_plan", R(PLAN, "state", "returned", "return_reason", "缺少措施"), "returned",
                              R(PLAN, "state", "returned", "return_reason", "缺少措施")),
                        "");
}

/* ---- plan_item ---- */

#define ITEM "title", "例会", "plan_id", PLAN_ID
static void test_months_and_quarters(void **state)
{
    (void)state;
    plan = help_record(kind_by_name("work_plan"), &arena, R(PLAN));
    assert_string_equal(NEW("plan_item", ITEM, "month", "9"), "");
    assert_string_equal(NEW("plan_item", ITEM, "quarter", "4"), "");
    assert_string_equal(NEW("plan_item", ITEM, "month", "13"), "BLOCK VALUE month;");
    assert_string_equal(NEW("plan_item", ITEM, "month", "0"), "BLOCK VALUE month;");
    assert_string_equal(NEW("plan_item", ITEM, "quarter", "5"), "BLOCK VALUE quarter;");
    assert_string_equal(NEW("plan_item", ITEM, "month", "7", "month_to", "8"), "");
    assert_string_equal(NEW("plan_item", ITEM, "month", "9", "month_to", "9"), "");
    assert_string_equal(NEW("plan_item", ITEM, "month", "11", "month_to", "1"), "");
    assert_string_equal(NEW("plan_item", ITEM, "month", "3", "month_to", "1"), "BLOCK plan_item.month_span month_to;");
    assert_string_equal(NEW("plan_item", ITEM, "month_to", "1"), "BLOCK plan_item.month_missing month;");
    assert_string_equal(NEW("plan_item", ITEM, "month", "9", "quarter", "3"),
                        "BLOCK plan_item.month_or_quarter quarter;");
    assert_string_equal(NEW("plan_item", "plan_id", PLAN_ID), "BLOCK REQUIRED title;");
    assert_string_equal(NEW("plan_item", "title", "例会"), "BLOCK REQUIRED plan_id;");
}

static void test_plan_of_an_item_never_changes(void **state)
{
    (void)state;
    plan = help_record(kind_by_name("work_plan"), &arena, R(PLAN));
    assert_string_equal(found("plan_item", R("title", "例会", "plan_id", OTHER_ID), NULL, R(ITEM)),
                        "BLOCK IMMUTABLE_FIELD plan_id;");
}

static void test_archived_plan_stands(void **state)
{
    (void)state;
    plan = help_record(kind_by_name("work_plan"), &arena, R(PLAN, "state", "archived"));
    assert_string_equal(NEW("plan_item", ITEM), "BLOCK plan_item.plan_archived plan_id;");
    assert_string_equal(found("plan_item", R(ITEM), NULL, R("title", "大会", "plan_id", PLAN_ID)),
                        "BLOCK plan_item.plan_archived plan_id;");
    assert_string_equal(found("plan_item", R(ITEM), "doing", R(ITEM, "state", "doing")),
                        "BLOCK plan_item.plan_archived plan_id;");
    plan = help_record(kind_by_name("work_plan"), &arena, R(PLAN, "state", "summarised"));
    assert_string_equal(found("plan_item", R(ITEM), "doing", R(ITEM, "state", "doing")), "");
}

static void test_done_postponed_cancelled(void **state)
{
    (void)state;
    plan = help_record(kind_by_name("work_plan"), &arena, R(PLAN));
    assert_string_equal(found("plan_item", R(ITEM), "done", R(ITEM, "state", "done")), "BLOCK REQUIRED evidence;");
    assert_string_equal(found("plan_item", R(ITEM), "done",
                              R(ITEM, "state", "done", "evidence", "会议纪要", "actual_on", "2026-11-22")),
                        "");
    assert_string_equal(found("plan_item", R(ITEM), "done",
                              R(ITEM, "state", "done", "evidence", "会议纪要", "actual_on", "2026-11-23")),
                        "WARN plan_item.actual_future actual_on;");
    assert_string_equal(found("plan_item", R(ITEM), "postponed", R(ITEM, "state", "postponed")),
                        "BLOCK REQUIRED due_on;BLOCK REQUIRED reason;");
    assert_string_equal(found("plan_item", R(ITEM), "cancelled", R(ITEM, "state", "cancelled")),
                        "BLOCK REQUIRED reason;");
    assert_string_equal(found("plan_item", R(ITEM), "cancelled", R(ITEM, "state", "cancelled", "reason", "合并到下月")),
                        "");
}

static void test_postponed_to_a_later_day(void **state)
{
    (void)state;
    plan = help_record(kind_by_name("work_plan"), &arena, R(PLAN));
#define BEFORE R(ITEM, "due_on", "2026-10-31")
#define LATER(day) R(ITEM, "state", "postponed", "reason", "天气", "due_on", day)
    assert_string_equal(found("plan_item", BEFORE, "postponed", LATER("2026-11-30")), "");
    assert_string_equal(found("plan_item", BEFORE, "postponed", LATER("2026-10-31")),
                        "BLOCK plan_item.later_date due_on;");
    assert_string_equal(found("plan_item", BEFORE, "postponed", LATER("2026-10-01")),
                        "BLOCK plan_item.later_date due_on;");
    assert_string_equal(found("plan_item", R(ITEM), "postponed", LATER("2026-10-01")), "");
    assert_string_equal(found("plan_item", LATER("2026-11-30"), "postponed", LATER("2026-12-31")), "");
    assert_string_equal(found("plan_item", LATER("2026-11-30"), "postponed", LATER("2026-11-30")), ""); /* sent twice */
}

/* ---- policy_limit ---- */

#define LIMIT(code, from) "rule_code", code, "value", "5", "effective_from", from
static void test_settings(void **state)
{
    (void)state;
    assert_string_equal(NEW("policy_limit", LIMIT("dues.rate_permille", "2026-09-01")), "");
    assert_string_equal(NEW("policy_limit", LIMIT("proposal.reply_days", "2026-09-01"), "effective_to", "2026-09-01"),
                        "");
    assert_string_equal(NEW("policy_limit", LIMIT("proposal.reply_days", "2026-09-01"), "effective_to", "2026-08-31"),
                        "BLOCK policy_limit.dates effective_to;");
    static const char *const bad[] = {"dues", "Dues.rate", "dues.", ".dues", "dues..rate", "dues rate", "会费.比例"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_string_equal(NEW("policy_limit", LIMIT(bad[i], "2026-09-01")),
                            "BLOCK policy_limit.rule_code rule_code;");
    assert_string_equal(NEW("policy_limit", "rule_code", "dues.rate_permille"),
                        "BLOCK REQUIRED value;BLOCK REQUIRED effective_from;");
    assert_string_equal(NEW("policy_limit", "rule_code", "dues.rate_permille", "value", "0.5%", "effective_from", "2026-09-01"),
                        "BLOCK policy_limit.number value;");
    assert_string_equal(NEW("policy_limit", "rule_code", "benefit.festival", "value", "每人", "effective_from", "2026-09-01"),
                        "WARN policy_limit.unknown rule_code;"); /* no rule reads it: it may say what it likes */
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(test_only_the_name_is_required),
        T(test_forms_of_a_foreign_peer),
        T(test_too_long),
        T(test_arguments_are_quoted_but_never_sensitive),
        T(test_what_stands_is_not_judged_anew),
        T(test_full_list_keeps_what_blocks),
        T(test_references),
        T(test_id_number_against_the_rest),
        T(test_other_documents_are_not_judged),
        T(test_phones),
        T(test_dates_of_members),
        T(test_period),
        T(test_return_needs_its_own_reason),
        T(test_months_and_quarters),
        T(test_plan_of_an_item_never_changes),
        T(test_archived_plan_stands),
        T(test_done_postponed_cancelled),
        T(test_postponed_to_a_later_day),
        T(test_settings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
