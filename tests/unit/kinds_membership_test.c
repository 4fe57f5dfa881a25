/* The ledger of membership, the union's own record, completeness, and what ends a membership asks for. */
#include "help_books.h"
#include "kinds/credit_code.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

enum { LIN = 1, M = 20, U = 50 };

static struct books w;

static int set_up(void **state)
{
    (void)state;
    books_make(&w);
    books_put(&w, "member", LIN, F("name", "林晓岚", "state", "active", "joined_on", "2020-09-01"));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    books_finish(&w);
    return 0;
}

#define REF(n) books_ref(&w, n)
#define TRY(kind, n, action, ...) books_try(&w, kind, n, action, F(__VA_ARGS__))
#define MOVE(n, ...) TRY("membership_change", n, NULL, "member_id", REF(LIN), __VA_ARGS__)

/* ---- members ---- */

static void test_ends_of_membership(void **state)
{
    (void)state;
    assert_string_equal(TRY("member", LIN, "retained", ), "WARN member.retained_why retained_reason;");
    assert_string_equal(TRY("member", LIN, "retained", "retained_reason", "退休"), "");
    assert_string_equal(TRY("member", LIN, "expelled", ), "BLOCK REQUIRED group_opinion;BLOCK REQUIRED decided_by;BLOCK REQUIRED approval_no;");
    assert_string_equal(TRY("member", LIN, "expelled", "group_opinion", "同意", "decided_by", "工会委员会", "approval_no", "青教工〔2026〕7号"), "");
    assert_string_equal(TRY("member", LIN, "transferred_out", "to_branch", "QH-002"), "");
    assert_string_equal(TRY("member", LIN, "transferred_out", ), "");
    assert_string_equal(TRY("member", LIN, "lapsed", ), "BLOCK REQUIRED reason;BLOCK REQUIRED decided_by;");
    assert_string_equal(TRY("member", LIN, "lapsed", "reason", "劝说三次仍不参加"), "BLOCK REQUIRED decided_by;");
}

/* Dues go by these days. LIN joined in 2020. */
static void test_days_of_a_step(void **state)
{
    (void)state;
    static const char early[] = "WARN member.step_before_joining state_effective_on;", order[] = "WARN member.step_order state_effective_on;";
    books_put(&w, "member", LIN, F("joined_on", "2020-09-01"));
    assert_string_equal(TRY("member", LIN, "withdrawn", "state_effective_on", "2026-11-22"), "");
    assert_string_equal(TRY("member", LIN, "withdrawn", "state_effective_on", "2026-11-23"), "WARN member.step_future state_effective_on;");
    assert_string_equal(TRY("member", LIN, "withdrawn", "state_effective_on", "2020-08-31"), early);
    assert_string_equal(TRY("member", LIN, "withdrawn", "state_effective_on", "2020-09-01"), "");
    books_put(&w, "member", LIN, F("transferred_in_on", "2025-03-01"));
    assert_string_equal(TRY("member", LIN, "withdrawn", "state_effective_on", "2025-02-28"), early);
    books_put(&w, "member", LIN, F("state_effective_on", "2026-05-01"));
    assert_string_equal(TRY("member", LIN, "transferred_out", "state_effective_on", "2026-04-30"), order);
    assert_string_equal(TRY("member", LIN, NULL, "state_effective_on", "2026-04-30"), ""); /* put right */
    assert_string_equal(TRY("member", LIN, NULL, "note", "甲"), "");
}

#define LAPSE() TRY("member", LIN, "lapsed", "reason", "劝说三次仍不参加", "decided_by", "工会委员会")

static void test_lapse_after_months_without_dues(void **state)
{
    (void)state;
    assert_string_equal(LAPSE(), "");
    books_put(&w, "dues_payment", 30, F("member_id", REF(LIN), "period", "2026-5", "amount_fen", "10", "paid_on", "2026-05-22"));
    assert_string_equal(LAPSE(), ""); /* six months to the day */
    books_put(&w, "dues_payment", 31, F("member_id", REF(LIN), "period", "2026-05", "amount_fen", "10", "paid_on", "2026-05-23"));
    assert_string_equal(LAPSE(), "WARN member.lapse_early -;");
    books_put(&w, "policy_limit", 60, F("rule_code", "membership.lapse_months", "value", "3", "effective_from", "2026-01-01", "state", "in_force"));
    assert_string_equal(LAPSE(), "");
}

static void test_completeness(void **state)
{
    (void)state;
    assert_string_equal(books_derived(&w, "member", LIN), "completeness=16;"); /* 2 of 12 */
    books_put(&w, "member", LIN, F("id_number", "990101198506120024"));
    assert_string_equal(books_derived(&w, "member", LIN), "completeness=33;"); /* and the type that goes without saying: 4 */
    books_put(&w, "member", LIN,
              F("id_type", "111", "sex", "2", "birth_date", "1985-06-12", "ethnicity", "01", "education", "21", "political_status", "13",
                "mobile", "10012345678", "post", "teacher"));
    assert_string_equal(books_derived(&w, "member", LIN), "completeness=91;"); /* 11 */
    books_put(&w, "member", LIN, F("employment_type", "established"));
    assert_string_equal(books_derived(&w, "member", LIN), "completeness=100;");
    books_put(&w, "member", M, F("name", "王芳", "state", "retained"));
    books_put(&w, "member", M + 1, F("name", "石榴"));
    assert_string_equal(books_measures(&w, "member"),
                        "completeness_count=2;completeness_sum=108;state.active=1;state.applied=1;state.retained=1;total=3;");
}

/* ---- the ledger ---- */

static void test_moves(void **state)
{
    (void)state;
    assert_string_equal(MOVE(M, "from_state", "applied", "to_state", "active", "effective_on", "2026-09-01"), "");
    assert_string_equal(MOVE(M, "to_state", "active", "effective_on", "2026-09-01"), "");
    assert_string_equal(MOVE(M, "from_state", "active", "to_state", "active", "effective_on", "2026-09-01"), "BLOCK membership_change.same to_state;");
    assert_string_equal(MOVE(M, "from_state", "deceased", "to_state", "active", "effective_on", "2026-09-01"), "BLOCK membership_change.move to_state;");
    assert_string_equal(MOVE(M, "from_state", "expelled", "to_state", "active", "effective_on", "2026-09-01"), "BLOCK membership_change.move to_state;");
    books_put(&w, "member", LIN, F("state", "withdrawn"));
    assert_string_equal(MOVE(M, "to_state", "withdrawn", "effective_on", "2026-09-01"), "BLOCK membership_change.move to_state;");
    assert_string_equal(MOVE(M, "from_state", "active", "to_state", "withdrawn", "effective_on", "2026-12-01"),
                        "WARN membership_change.future effective_on;");
    assert_string_equal(MOVE(M, "from_state", "active", "effective_on", "2026-09-01"), "BLOCK REQUIRED to_state;");
}

static void test_ledger_against_roster(void **state)
{
    (void)state;
    assert_string_equal(MOVE(M, "from_state", "active", "to_state", "retained", "effective_on", "2026-03-01"),
                        "WARN membership_change.differs to_state;");
    books_put(&w, "membership_change", M, F("member_id", REF(LIN), "from_state", "retained", "to_state", "active", "effective_on", "2026-06-01"));
    assert_string_equal(MOVE(M + 1, "from_state", "active", "to_state", "retained", "effective_on", "2026-03-01"), ""); /* what came before */
}

static void a_move(unsigned n, const char *from, const char *to, const char *on, const char *from_branch)
{
    books_put(&w, "membership_change", n, F("member_id", REF(LIN), "from_state", from, "to_state", to, "effective_on", on, "from_branch", from_branch));
}

static void a_member(unsigned n, const char *state, const char *joined, const char *came, const char *since)
{
    books_put(&w, "member", n, F("name", "石榴", "state", state, "joined_on", joined, "transferred_in_on", came, "state_effective_on", since));
}

/* From the roster alone; months before anybody asks are no sums. */
static void test_coming_and_going_by_month(void **state)
{
    (void)state;
    a_member(M, "active", "2026-09-01", "", "");
    a_member(M + 1, "active", "2019-09-01", "2026-09-30", "2026-09-30");
    a_member(M + 2, "retained", "2026-09-02", "", "2026-10-07");
    a_member(M + 3, "transferred_out", "2020-09-01", "2025-01-01", "2026-10-01");
    a_member(M + 4, "withdrawn", "2020-09-01", "", "2026-10-03");
    a_member(M + 5, "lapsed", "", "", "2026-10-31");
    a_member(M + 6, "expelled", "2024-12-31", "", "2026-11-01");
    a_member(M + 7, "deceased", "2020-09-01", "", "2026-10-06");
    a_member(M + 8, "withdrawn", "", "", "2026-10-10"); /* had only applied */
    a_member(M + 9, "applied", "2026-10-01", "", "");
    a_member(M + 10, "transferred_out", "2025-02-01", "", ""); /* the day is not known */
    assert_string_equal(books_measures(&w, "member"),
                        "completeness_count=4;completeness_sum=64;deceased.2026-10=1;expelled.2026-11=1;in.2025-01=1;in.2026-09=1;"
                        "joined.2025-02=1;joined.2026-09=2;left.2026-10=2;out.2026-10=1;state.active=3;state.applied=1;state.deceased=1;"
                        "state.expelled=1;state.lapsed=1;state.retained=1;state.transferred_out=2;state.withdrawn=2;total=12;");
}

/* Rule 29: nobody is there any more, but that somebody came stays in the month's figure. */
static void test_who_was_erased(void **state)
{
    (void)state;
    books_put(&w, "member", LIN, F("state", "applied"));
    books_put(&w, "member", M, F("state", "active", "joined_on", "2026-09-01"));
    books_put(&w, "member", M + 1, F("state", "withdrawn", "joined_on", "2020-09-01", "state_effective_on", "2026-10-03"));
    assert_string_equal(books_measures(&w, "member"), "erased=2;joined.2026-09=1;left.2026-10=1;state.applied=1;total=1;");
    assert_true(kind_by_name("member")->gone(books_row(&w, "member", M)));
}

static void test_identity_of_a_move(void **state)
{
    (void)state;
    const struct kind *k = kind_by_name("membership_change");
    struct buf key = BUF_INIT;
    struct date day;
    a_move(M, "active", "retained", "2026-10-07", "");
    assert_true(k->identity_key(books_row(&w, "membership_change", M), &day, &key));
    assert_int_equal(date_compare(day, (struct date){2026, 10, 7}), 0);
    assert_int_equal(key.size, ID_SIZE + strlen("retained2026-10-07"));
    buf_finish(&key);
    a_move(M + 1, "active", "", "2026-10-07", "");
    assert_false(k->identity_key(books_row(&w, "membership_change", M + 1), &day, &key));
    buf_finish(&key);
}

/* ---- the union itself ---- */

static enum credit_code_defect read(const char *code)
{
    return credit_code_read(slice_text(code));
}

/* Check characters worked out apart, with the published weights. */
static void test_credit_codes(void **state)
{
    (void)state;
    assert_int_equal(read("81990100MJ00000012"), CREDIT_CODE_VALID);
    assert_int_equal(read("81990100123456789M"), CREDIT_CODE_VALID);
    assert_int_equal(read("12990100MB1A2B3C4D"), CREDIT_CODE_NO_UNION);
    assert_int_equal(read("81990100MJ00000021"), CREDIT_CODE_CHECK);
    assert_int_equal(read("81990100MJ000000I3"), CREDIT_CODE_FORM);
    assert_int_equal(read("81990100MJ"), CREDIT_CODE_FORM);
    assert_int_equal(read(""), CREDIT_CODE_FORM);
    struct buf out = BUF_INIT;
    credit_code_normalise(slice_text("８１990100-mj00 000012"), &out);
    assert_string_equal(buf_c_string(&out), "81990100MJ00000012");
    buf_finish(&out);
}

static void test_union(void **state)
{
    (void)state;
    assert_string_equal(TRY("branch_union", U, NULL, "name", "青禾区第一幼儿园工会", "unified_credit_code", "81990100MJ00000012", "bank_account", "0427",
                            "area_code", "990100", "staff_count", "52", "ownership", "公办", "union_type", "单独"),
                        "");
    assert_string_equal(TRY("branch_union", U, NULL, "name", "工会", "unified_credit_code", "81", "bank_account", "0000000000000427", "area_code", "9901"),
                        "WARN branch_union.credit_form unified_credit_code;WARN branch_union.area_code area_code;BLOCK branch_union.bank_account bank_account;");
    assert_string_equal(TRY("branch_union", U, NULL, "name", "工会", "unified_credit_code", "81990100MJ00000021"), "WARN branch_union.credit_check unified_credit_code;");
    assert_string_equal(TRY("branch_union", U, NULL, "name", "工会", "unified_credit_code", "12990100MB1A2B3C4D"), "WARN branch_union.credit_other unified_credit_code;");
    books_put(&w, "branch_union", U, F("name", "工会", "staff_count", "52"));
    assert_string_equal(TRY("branch_union", U, "approved", ), "BLOCK REQUIRED approval_doc_no;");
    assert_string_equal(books_measures(&w, "branch_union"), "state.preparing=1;");
    books_put(&w, "branch_union", U, F("state", "active"));
    assert_string_equal(books_measures(&w, "branch_union"), "staff=52;state.active=1;");
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(test_ends_of_membership),
        T(test_lapse_after_months_without_dues),
        T(test_completeness),
        T(test_days_of_a_step),
        T(test_moves),
        T(test_ledger_against_roster),
        T(test_coming_and_going_by_month),
        T(test_who_was_erased),
        T(test_identity_of_a_move),
        T(test_credit_codes),
        T(test_union),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
