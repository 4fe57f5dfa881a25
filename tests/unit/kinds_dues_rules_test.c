/* The rules of the dues kinds, one by one, what an account counts, and what is derived. */
#include "help_books.h"
#include "kinds/dues.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

enum { LIN = 1, WANG = 2, A = 20, PAY = 30, YEAR = 60, REPORT = 70, LINE = 80 };

static struct books w;

static int set_up(void **state)
{
    (void)state;
    books_make(&w);
    books_put(&w, "member", LIN, F("name", "林晓岚", "state", "active", "joined_on", "2020-09-01"));
    books_put(&w, "member", WANG, F("name", "王芳", "state", "active", "joined_on", "2020-09-01"));
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
#define DO(kind, n, action, ...) assert_string_equal(books_do(&w, kind, n, action, F(__VA_ARGS__)), "")

static void assessed(unsigned n, unsigned member, const char *period, const char *amount)
{
    DO("dues_assessment", n, NULL, "member_id", REF(member), "period", period, "amount_due_fen", amount);
}

static void paid(unsigned n, unsigned member, const char *amount, const char *on)
{
    books_put(&w, "dues_payment", n, F("member_id", REF(member), "period", "2026-10", "amount_fen", amount, "paid_on", on));
}

#define PAYS(n, ...) TRY("dues_payment", n, NULL, "member_id", REF(LIN), "period", "2026-10", __VA_ARGS__)

/* ---- own group ---- */

static void test_a_leader_enters_payments_of_the_own_group(void **state)
{
    (void)state;
    enum { OURS = 90, THEIRS = 91, NOBODYS = 92 };
    books_put(&w, "union_group", OURS, F("name", "大班组", "leader_seat", "7"));
    books_put(&w, "union_group", THEIRS, F("name", "中班组", "leader_seat", "8"));
    books_put(&w, "union_group", NOBODYS, F("name", "后勤组"));
    w.seat = 7;
    w.roles = ROLES(group_leader);
    static const char no[] = "BLOCK dues_payment.own_group member_id;WARN dues_payment.no_assessment period;";
    static const char yes[] = "WARN dues_payment.no_assessment period;";
    const unsigned groups[] = {0, OURS, THEIRS, NOBODYS};
    for (size_t i = 0; i < 4; i++) {
        if (groups[i])
            books_do(&w, "member", LIN, NULL, F("group_id", REF(groups[i])));
        assert_string_equal(PAYS(PAY, "amount_fen", "20", "paid_on", "2026-10-20"), groups[i] == OURS ? yes : no);
    }
    w.late = true; /* a right that it passed once (rule 27) */
    assert_string_equal(PAYS(PAY, "amount_fen", "20", "paid_on", "2026-10-20"), yes);
    w.late = false;
    w.roles |= ROLES(accountant); /* who keeps the accounts enters them all */
    assert_string_equal(PAYS(PAY, "amount_fen", "20", "paid_on", "2026-10-20"), yes);
    w.roles = ROLES(accountant);
    assert_string_equal(PAYS(PAY, "amount_fen", "20", "paid_on", "2026-10-20"), yes);
    w.roles = ROLES(group_leader) | ROLES(handler); /* another role that gives nothing here */
    assert_string_equal(PAYS(PAY, "amount_fen", "20", "paid_on", "2026-10-20"), no);
    w.blind = true; /* nothing can be looked up: the server says it */
    assert_string_equal(PAYS(PAY, "amount_fen", "20", "paid_on", "2026-10-20"), "");
}

/* ---- standards ---- */

static void test_standard(void **state)
{
    (void)state;
    DO("dues_standard", 10, NULL, "member_id", REF(LIN), "mode", "rate", "amount_fen", "28.35", "effective_from", "2026-10-01");
    assert_string_equal(TRY("dues_standard", 11, NULL, "member_id", REF(LIN), "mode", "定额", "amount_fen", "30", "effective_from", "2026-10-01"),
                        "WARN dues_standard.same_day effective_from;");
    assert_string_equal(TRY("dues_standard", 11, NULL, "member_id", REF(WANG), "mode", "定额", "amount_fen", "30", "effective_from", "2026-10-01"), "");
    assert_string_equal(TRY("dues_standard", 10, NULL, "amount_fen", "30"), "");
    assert_string_equal(TRY("dues_standard", 10, NULL, "amount_fen", "-1"), "BLOCK VALUE amount_fen;");
    assert_string_equal(TRY("dues_standard", 10, NULL, "member_id", REF(WANG)), "BLOCK IMMUTABLE_FIELD member_id;");
    assert_string_equal(books_measures(&w, "dues_standard"), "mode.rate=1;");
    assert_int_equal(kind_field(kind_by_name("dues_standard"), "amount_fen")->flags & FIELD_SENSITIVE, FIELD_SENSITIVE);
}

/* ---- assessments ---- */

static void test_who_owes_nothing_is_not_assessed(void **state)
{
    (void)state;
    books_put(&w, "membership_change", 90, F("member_id", REF(LIN), "from_state", "active", "to_state", "retained", "effective_on", "2026-10-02"));
    assert_string_equal(TRY("dues_assessment", A, NULL, "member_id", REF(LIN), "period", "2026-10", "amount_due_fen", "10"), "");
    assert_string_equal(TRY("dues_assessment", A, NULL, "member_id", REF(LIN), "period", "2026-11", "amount_due_fen", "10"),
                        "BLOCK dues_assessment.not_owing period;");
    assert_string_equal(TRY("dues_assessment", A, NULL, "member_id", REF(LIN), "period", "2026-1", "amount_due_fen", "10"), "");
    assert_string_equal(TRY("dues_assessment", A, NULL, "member_id", REF(LIN), "period", "十月", "amount_due_fen", "10"), "BLOCK VALUE period;");
    w.blind = true;
    assert_string_equal(TRY("dues_assessment", A, NULL, "member_id", REF(LIN), "period", "2026-11", "amount_due_fen", "10"), "");
}

static void test_overlapping_periods(void **state)
{
    (void)state;
    assessed(A, LIN, "2026-10", "28.35");
    assert_string_equal(TRY("dues_assessment", A + 1, NULL, "member_id", REF(LIN), "period", "2026-1", "amount_due_fen", "100"),
                        "WARN dues_assessment.overlap period;");
    assert_string_equal(TRY("dues_assessment", A + 1, NULL, "member_id", REF(LIN), "period", "2026-11", "amount_due_fen", "100"), "");
    assert_string_equal(TRY("dues_assessment", A + 1, NULL, "member_id", REF(WANG), "period", "2026-1", "amount_due_fen", "100"), "");
}

static void test_steps_of_an_assessment(void **state)
{
    (void)state;
    assessed(A, LIN, "2026-10", "28.35");
    assert_string_equal(TRY("dues_assessment", A, "exempt", ), "BLOCK REQUIRED exempt_reason;");
    assert_string_equal(TRY("dues_assessment", A, "reminded", ), "BLOCK REQUIRED reminded_on;");
    DO("dues_assessment", A, "reminded", "reminded_on", "2026-11-05");
    DO("dues_assessment", A, "exempt", "exempt_reason", "休产假");
    assert_string_equal(books_measures(&w, "dues_assessment"), "dues_assessment.exempt.2026-10=1;state.exempt=1;");
    DO("dues_assessment", A, "due", );
    assert_string_equal(TRY("dues_assessment", A, NULL, "period", "2026-11"), "BLOCK IMMUTABLE_FIELD period;");
}

/* What keeps assessment A; its first argument behind it. */
static const char *keeps(void)
{
    struct findings found = {.count = 0};
    struct check_context c = books_context(&w, "dues_assessment", A);
    c.before = c.after;
    c.kind->check_remove(&c, &found);
    assert_true(found.count <= 1);
    return found.count ? arena_format(&w.arena, "%s %s", found.list[0].code, found.list[0].argument[0] ? found.list[0].argument[0] : "") : "";
}

static void test_what_keeps_an_assessment(void **state)
{
    (void)state;
    assessed(A, LIN, "2026-10", "28.35");
    assert_string_equal(keeps(), "");
    books_put(&w, "dues_payment", PAY, F("member_id", REF(LIN), "period", "2026-11", "amount_fen", "5", "paid_on", "2026-10-20"));
    paid(PAY + 1, WANG, "5", "2026-10-20");
    assert_string_equal(keeps(), ""); /* of another period, of another member */
    paid(PAY + 2, LIN, "10", "2026-10-20");
    assert_string_equal(keeps(), "dues_assessment.remove_paid 10.00");
    books_put(&w, "dues_payment", PAY + 3, F("member_id", REF(LIN), "period", "2026-10", "amount_fen", "-10", "paid_on", "2026-10-21", "reverses_id", REF(PAY + 2)));
    assert_string_equal(keeps(), "");
    books_put(&w, "dues_year", YEAR, F("year", "2026", "closed_on", "2026-12-31", "state", "closed"));
    assert_string_equal(keeps(), "dues_assessment.remove_closed ");
    w.blind = true;
    assert_string_equal(keeps(), "");
}

static void test_who_is_exempt_and_has_paid(void **state)
{
    (void)state;
    assessed(A, LIN, "2026-10", "28.35");
    assert_string_equal(TRY("dues_assessment", A, "exempt", "exempt_reason", "休产假"), "");
    paid(PAY, LIN, "10", "2026-10-20");
    assert_string_equal(TRY("dues_assessment", A, "exempt", "exempt_reason", "休产假"), "WARN dues_assessment.exempt_paid -;");
    assert_string_equal(TRY("dues_assessment", A, "reminded", "reminded_on", "2026-11-05"), "");
}

static void test_identity(void **state)
{
    (void)state;
    const struct kind *k = kind_by_name("dues_assessment");
    struct buf a = BUF_INIT, b = BUF_INIT;
    struct date day;
    assessed(A, LIN, "2026-1", "28.35");
    assert_true(k->identity_key(books_row(&w, "dues_assessment", A), &day, &a));
    assert_int_equal(date_compare(day, (struct date){2026, 9, 1}), 0);
    assert_int_equal(a.size, ID_SIZE + 6);
    books_put(&w, "dues_assessment", A + 1, F("member_id", REF(LIN), "period", "2026-1", "amount_due_fen", "99", "state", "due"));
    assert_true(k->identity_key(books_row(&w, "dues_assessment", A + 1), &day, &b));
    assert_true(slice_equal(buf_slice(&a), buf_slice(&b)));
    books_put(&w, "dues_assessment", A + 2, F("member_id", REF(LIN)));
    assert_false(k->identity_key(books_row(&w, "dues_assessment", A + 2), &day, &b));
    buf_finish(&a);
    buf_finish(&b);
}

/* ---- payments ---- */

static void test_sums_of_payments(void **state)
{
    (void)state;
    assessed(A, LIN, "2026-10", "28.35");
    assert_string_equal(PAYS(PAY, "amount_fen", "28.35", "paid_on", "2026-10-12"), "");
    assert_string_equal(PAYS(PAY, "amount_fen", "0", "paid_on", "2026-10-12"), "BLOCK dues_payment.zero amount_fen;");
    assert_string_equal(PAYS(PAY, "amount_fen", "-5", "paid_on", "2026-10-12"), "BLOCK dues_payment.negative amount_fen;");
    assert_string_equal(PAYS(PAY, "amount_fen", "28.36", "paid_on", "2026-10-12"), "BLOCK dues_payment.more_than_owed amount_fen;");
    assert_string_equal(PAYS(PAY, "amount_fen", "28.36", "paid_on", "2026-10-12", "reason", "多交一分，本人同意"), "");
    assert_string_equal(PAYS(PAY, "amount_fen", "10", "paid_on", "2026-11-23"), "WARN dues_payment.future paid_on;");
    paid(PAY, LIN, "10", "2026-10-12");
    assert_string_equal(PAYS(PAY + 1, "amount_fen", "18.36", "paid_on", "2026-10-20"), "BLOCK dues_payment.more_than_owed amount_fen;");
    assert_string_equal(PAYS(PAY + 1, "amount_fen", "18.35", "paid_on", "2026-10-20"), "");
    books_put(&w, "dues_assessment", A, F("state", "exempt"));
    assert_string_equal(PAYS(PAY + 1, "amount_fen", "5", "paid_on", "2026-10-20"), "BLOCK dues_payment.more_than_owed amount_fen;");
}

/* Today is 2026-11-22; 92 days on is 2027-02-22. */
static void test_payments_of_days_to_come(void **state)
{
    (void)state;
    assessed(A, LIN, "2026-10", "28.35");
    assert_string_equal(PAYS(PAY, "amount_fen", "28.35", "paid_on", "2026-11-22"), "");
    assert_string_equal(PAYS(PAY, "amount_fen", "28.35", "paid_on", "2026-11-23"), "WARN dues_payment.future paid_on;");
    assert_string_equal(PAYS(PAY, "amount_fen", "28.35", "paid_on", "2027-02-22"), "WARN dues_payment.future paid_on;");
    assert_string_equal(PAYS(PAY, "amount_fen", "28.35", "paid_on", "2027-02-23"), "BLOCK dues_payment.far_future paid_on;");
    assert_string_equal(PAYS(PAY, "amount_fen", "28.35", "paid_on", "2062-10-20"), "BLOCK dues_payment.far_future paid_on;");
}

static void test_without_an_assessment(void **state)
{
    (void)state;
    assert_string_equal(PAYS(PAY, "amount_fen", "28.35", "paid_on", "2026-10-12"), "WARN dues_payment.no_assessment period;");
    paid(PAY, LIN, "28.35", "2026-10-12");
    assert_string_equal(books_measures(&w, "dues_payment"), "dues_payment.unassessed_fen.2026-10=2835;total=1;");
}

static void test_possible_doubles(void **state)
{
    (void)state;
    assessed(A, LIN, "2026-10", "28.35");
    paid(PAY, LIN, "28.35", "2026-10-12");
    assert_string_equal(PAYS(PAY + 1, "amount_fen", "28.35", "paid_on", "2026-10-12"), "WARN dues_payment.possible_double amount_fen;");
    assert_string_equal(PAYS(PAY + 1, "amount_fen", "28.35", "paid_on", "2026-10-13"), "BLOCK dues_payment.more_than_owed amount_fen;");
    paid(PAY + 1, LIN, "28.35", "2026-10-12");
    assert_string_equal(books_measures(&w, "dues_payment"),
                        "dues_assessment.assessed_fen.2026-10=2835;dues_assessment.members.2026-10=1;dues_assessment.paid_fen.2026-10=5670;"
                        "dues_assessment.paid_up.2026-10=1;dues_assessment.surplus_fen.2026-10=2835;dues_payment.possible_doubles=1;total=2;");
    books_put(&w, "dues_payment", PAY + 2, F("member_id", REF(LIN), "period", "2026-10", "amount_fen", "-28.35", "paid_on", "2026-10-15",
                                             "reverses_id", REF(PAY + 1), "reason", "重复"));
    assert_string_equal(books_measures(&w, "dues_payment"),
                        "dues_assessment.assessed_fen.2026-10=2835;dues_assessment.members.2026-10=1;dues_assessment.paid_fen.2026-10=2835;"
                        "dues_assessment.paid_up.2026-10=1;reversals=1;total=3;");
    books_put(&w, "dues_payment", PAY + 3, F("member_id", REF(LIN), "period", "2026-10", "amount_fen", "-28.35", "paid_on", "2026-10-16",
                                             "reverses_id", REF(PAY), "reason", "错记"));
    assert_string_equal(books_measures(&w, "dues_payment"), /* two reversals, and one double: none is left, not one less than none */
                        "dues_assessment.assessed_fen.2026-10=2835;dues_assessment.members.2026-10=1;"
                        "dues_assessment.owing.2026-10-31=1;dues_assessment.owing_fen.2026-10-31=2835;reversals=2;total=4;");
    assert_string_equal(PAYS(PAY + 4, "amount_fen", "28.35", "paid_on", "2026-10-12"), ""); /* all that was before is taken back */
}

/* The same twice is taken, whatever it comes to (rights.md); a third time it is more than is owed, as any other payment. */
static void test_the_same_again_and_again(void **state)
{
    (void)state;
    assessed(A, LIN, "2026-10", "43.25");
    paid(PAY, LIN, "20.50", "2026-10-12");
    assert_string_equal(PAYS(PAY + 1, "amount_fen", "20.50", "paid_on", "2026-10-12"), "WARN dues_payment.possible_double amount_fen;");
    paid(PAY + 1, LIN, "20.50", "2026-10-12");
    assert_string_equal(PAYS(PAY + 2, "amount_fen", "20.50", "paid_on", "2026-10-12"), "BLOCK dues_payment.more_than_owed amount_fen;");
    assert_string_equal(PAYS(PAY + 2, "amount_fen", "20.50", "paid_on", "2026-10-12", "reason", "代缴"), "WARN dues_payment.possible_double amount_fen;");
    assert_string_equal(PAYS(PAY + 2, "amount_fen", "2.25", "paid_on", "2026-10-12"), "");
    assert_string_equal(books_measures(&w, "dues_payment"),
                        "dues_assessment.assessed_fen.2026-10=4325;dues_assessment.members.2026-10=1;dues_assessment.owing.2026-10-31=1;"
                        "dues_assessment.owing_fen.2026-10-31=225;dues_assessment.paid_fen.2026-10=4100;dues_payment.possible_doubles=1;total=2;");
    paid(PAY + 2, LIN, "20.50", "2026-10-12");
    assert_string_equal(books_measures(&w, "dues_payment"),
                        "dues_assessment.assessed_fen.2026-10=4325;dues_assessment.members.2026-10=1;dues_assessment.paid_fen.2026-10=6150;"
                        "dues_assessment.paid_up.2026-10=1;dues_assessment.surplus_fen.2026-10=1825;dues_payment.possible_doubles=2;total=3;");
}

#define REVERSES(n, of, member, period, ...)                                                                           \
    TRY("dues_payment", n, NULL, "member_id", REF(member), "period", period, "reverses_id", REF(of), "paid_on", "2026-11-05", __VA_ARGS__)

static void test_reversals(void **state)
{
    (void)state;
    assessed(A, LIN, "2026-10", "28.35");
    paid(PAY, LIN, "28.35", "2026-10-12");
    assert_string_equal(REVERSES(PAY + 1, PAY, LIN, "2026-10", "amount_fen", "-28.35"), "BLOCK dues_payment.reversal_reason reason;");
    assert_string_equal(REVERSES(PAY + 1, PAY, LIN, "2026-10", "amount_fen", "-28.35", "reason", "记错人"), "");
    assert_string_equal(REVERSES(PAY + 1, PAY, LIN, "2026-10", "amount_fen", "-10", "reason", "记错"), "BLOCK dues_payment.reversal_amount reverses_id;");
    assert_string_equal(REVERSES(PAY + 1, PAY, LIN, "2026-10", "amount_fen", "28.35", "reason", "记错"), "BLOCK dues_payment.reversal_amount reverses_id;");
    assert_string_equal(REVERSES(PAY + 1, PAY, WANG, "2026-10", "amount_fen", "-28.35", "reason", "记错"), "BLOCK dues_payment.reversal_other reverses_id;");
    assert_string_equal(REVERSES(PAY + 1, PAY, LIN, "2026-11", "amount_fen", "-28.35", "reason", "记错"), "BLOCK dues_payment.reversal_other reverses_id;");
    assert_string_equal(REVERSES(PAY + 1, 99, LIN, "2026-10", "amount_fen", "-28.35", "reason", "记错"), "BLOCK REFERENCE reverses_id;");
    books_put(&w, "dues_payment", PAY + 1,
              F("member_id", REF(LIN), "period", "2026-10", "amount_fen", "-28.35", "paid_on", "2026-11-05", "reverses_id", REF(PAY), "reason", "记错人"));
    assert_string_equal(REVERSES(PAY + 2, PAY, LIN, "2026-10", "amount_fen", "-28.35", "reason", "再冲"), "BLOCK dues_payment.reversed_already reverses_id;");
    assert_string_equal(REVERSES(PAY + 2, PAY + 1, LIN, "2026-10", "amount_fen", "28.35", "reason", "再冲"),
                        "BLOCK dues_payment.reverses_reversal reverses_id;");
}

/* ---- a closed year ---- */

static void test_closed_year_takes_reversals_alone(void **state)
{
    (void)state;
    assessed(A, LIN, "2026-10", "28.35");
    paid(PAY, LIN, "10", "2026-10-12");
    DO("dues_year", YEAR, NULL, "year", "2026年");
    assert_string_equal(TRY("dues_year", YEAR, "closed", ), "BLOCK REQUIRED closed_on;");
    assert_string_equal(TRY("dues_year", YEAR, "closed", "closed_on", "2025-12-31"), "BLOCK dues_year.early closed_on;");
    assert_string_equal(PAYS(PAY + 1, "amount_fen", "5", "paid_on", "2026-10-20"), "");
    w.today = (struct date){2026, 12, 31};
    DO("dues_year", YEAR, "closed", "closed_on", "2026-12-31");
    assert_string_equal(PAYS(PAY + 1, "amount_fen", "5", "paid_on", "2026-10-20"), "BLOCK dues_payment.year_closed paid_on;");
    w.today = (struct date){2027, 1, 20};
    assert_string_equal(PAYS(PAY + 1, "amount_fen", "5", "paid_on", "2027-01-10"), "");
    assert_string_equal(TRY("dues_payment", PAY + 1, NULL, "member_id", REF(LIN), "period", "2026-10", "amount_fen", "-10", "paid_on", "2026-12-30",
                            "reverses_id", REF(PAY), "reason", "记错"),
                        "");
    assert_string_equal(TRY("dues_assessment", A + 1, NULL, "member_id", REF(LIN), "period", "2026-12", "amount_due_fen", "10"),
                        "BLOCK dues_assessment.year_closed period;");
    assert_string_equal(TRY("dues_assessment", A + 1, NULL, "member_id", REF(WANG), "period", "2026-1", "amount_due_fen", "10"),
                        "BLOCK dues_assessment.year_closed period;");
    assert_string_equal(TRY("dues_assessment", A, "due", "amount_due_fen", "30"), "BLOCK dues_assessment.year_closed period;");
    assert_string_equal(TRY("dues_assessment", A, "reminded", "reminded_on", "2027-01-05"), "");
    assert_string_equal(TRY("dues_assessment", A + 1, NULL, "member_id", REF(LIN), "period", "2027-01", "amount_due_fen", "10"), "");
    assert_string_equal(books_measures(&w, "dues_year"), "2026.closed=1;");
    assert_string_equal(TRY("dues_year", YEAR + 1, NULL, "year", "2026-10"), "BLOCK dues_year.year year;");
}

/* ---- what is derived ---- */

static void test_derived_state(void **state)
{
    (void)state;
    assessed(A, LIN, "2026-11", "28.35");
    assert_string_equal(books_derived(&w, "dues_assessment", A), "state=due;paid_fen=0;balance_fen=2835;due_by=2026-11-30;");
    books_put(&w, "dues_payment", PAY, F("member_id", REF(LIN), "period", "2026-11", "amount_fen", "10", "paid_on", "2026-11-12"));
    books_put(&w, "dues_payment", PAY + 1, F("member_id", REF(WANG), "period", "2026-11", "amount_fen", "99", "paid_on", "2026-11-12"));
    books_put(&w, "dues_payment", PAY + 2, F("member_id", REF(LIN), "period", "2026-10", "amount_fen", "99", "paid_on", "2026-11-12"));
    assert_string_equal(books_derived(&w, "dues_assessment", A), "state=part_paid;paid_fen=1000;balance_fen=1835;due_by=2026-11-30;");
    w.today = (struct date){2026, 12, 1};
    assert_string_equal(books_derived(&w, "dues_assessment", A), "state=arrears;paid_fen=1000;balance_fen=1835;due_by=2026-11-30;");
    books_put(&w, "policy_limit", 61, F("rule_code", "dues.grace_days", "value", "15", "effective_from", "2026-01-01", "state", "in_force"));
    assert_string_equal(books_derived(&w, "dues_assessment", A), "state=part_paid;paid_fen=1000;balance_fen=1835;due_by=2026-12-15;");
    w.blind = true;
    assert_string_equal(books_derived(&w, "dues_assessment", A), "");
}

static void test_what_an_account_counts(void **state)
{
    (void)state;
    assessed(A, LIN, "2026-10", "28.35");
    assessed(A + 1, WANG, "2026-10", "36");
    paid(PAY, LIN, "10", "2026-10-12");
    paid(PAY + 1, WANG, "36", "2026-10-12");
    assert_string_equal(books_measures(&w, "dues_assessment"),
                        "dues_assessment.assessed_fen.2026-10=6435;dues_assessment.members.2026-10=2;dues_assessment.owing.2026-10-31=1;"
                        "dues_assessment.owing_fen.2026-10-31=1835;dues_assessment.paid_fen.2026-10=4600;dues_assessment.paid_up.2026-10=1;state.due=2;");
}

/* Rule 29: the period's books stay as they were; nobody owes what is open, and nothing new is assessed. */
static void test_who_was_erased(void **state)
{
    (void)state;
    assessed(A, LIN, "2026-10", "28.35");
    assessed(A + 1, WANG, "2026-10", "36");
    paid(PAY, LIN, "10", "2026-10-12");
    paid(PAY + 1, WANG, "36", "2026-10-12");
    books_put(&w, "member", LIN, F("name", "", "state", "active", "joined_on", "2020-09-01"));
    assert_string_equal(books_measures(&w, "dues_assessment"),
                        "dues_assessment.assessed_fen.2026-10=6435;dues_assessment.members.2026-10=2;"
                        "dues_assessment.paid_fen.2026-10=4600;dues_assessment.paid_up.2026-10=1;state.due=2;");
    assert_string_equal(books_derived(&w, "dues_assessment", A), "state=dropped;paid_fen=1000;balance_fen=0;due_by=2026-10-31;");
    assert_string_equal(TRY("dues_assessment", A + 2, NULL, "member_id", REF(LIN), "period", "2026-11", "amount_due_fen", "10"),
                        "BLOCK dues_assessment.not_owing period;");
    assert_string_equal(TRY("dues_assessment", A + 2, NULL, "member_id", REF(WANG), "period", "2026-11", "amount_due_fen", "10"), "");
}

/* As many as may belong to one member (LIMIT_CHILDREN): a rule that saw the half of them would take a payment for one that is owed. */
static void each_of_many(const void *to, uint32_t kind, const char *field, struct cell value, kind_each *each, void *each_to)
{
    const ProtobufCMessage *const *rows = to;
    (void)kind;
    (void)field;
    (void)value;
    for (unsigned i = 0; i < 2048; i++)
        assert_true(each(each_to, (struct id){{(uint8_t)(i >> 8), (uint8_t)i}}, rows[i % 2]));
}

static void test_rules_see_all_rows_of_a_member(void **state)
{
    (void)state;
    const struct kind *k = kind_by_name("dues_payment");
    const ProtobufCMessage *rows[] = {help_record(k, &w.arena, F("member_id", REF(LIN), "period", "2026-10", "amount_fen", "1")),
                                      help_record(k, &w.arena, F("member_id", REF(LIN), "period", "2026-11", "amount_fen", "1"))};
    struct check_context c = {.kind = k, .after = rows[0], .children = each_of_many, .related_to = rows, .arena = &w.arena};
    struct dues_rows all = dues_rows_of(&c, k->number, rows[0], NULL), october = dues_rows_of(&c, k->number, rows[0], "2026-10");
    assert_int_equal(all.count, 2048);
    assert_int_equal(october.count, 1024);
    assert_int_equal(october.list[1023].id.bytes[1], 0xfe);
    assert_ptr_equal(all.list[2047].payment, rows[1]);
}

/* ---- the statement that is published ---- */

static void test_report_balances_before_it_is_published(void **state)
{
    (void)state;
    DO("dues_usage_report", REPORT, NULL, "period", "2026", "opening_fen", "1200.50", "received_fen", "14000");
    assert_string_equal(TRY("dues_usage_report", REPORT, "audited", ), "BLOCK dues_usage_report.sums closing_fen;");
    DO("dues_usage_report", REPORT, NULL, "closing_fen", "3000.50");
    DO("dues_usage_line", LINE, NULL, "report_id", REF(REPORT), "category", "文体活动", "amount_fen", "8000");
    DO("dues_usage_line", LINE + 1, NULL, "report_id", REF(REPORT), "category", "expense.rights.warmth", "amount_fen", "4000");
    assert_string_equal(books_do(&w, "dues_usage_report", REPORT, "audited", F()), "WARN dues_usage_report.balance closing_fen;");
    assert_string_equal(TRY("dues_usage_report", REPORT, "published", "published_on", "2026-11-20"), "BLOCK dues_usage_report.balance closing_fen;");
    assert_string_equal(TRY("dues_usage_line", LINE, NULL, "amount_fen", "8200"), "BLOCK dues_usage_line.report_done report_id;");
    DO("dues_usage_report", REPORT, "drafted", );
    DO("dues_usage_line", LINE, NULL, "amount_fen", "8200");
    DO("dues_usage_report", REPORT, "audited", );
    assert_string_equal(TRY("dues_usage_report", REPORT, "published", ), "BLOCK REQUIRED published_on;");
    DO("dues_usage_report", REPORT, "published", "published_on", "2026-11-20", "session", "五届四次教代会");
    assert_string_equal(books_measures(&w, "dues_usage_report"), "2026.published=1;");
    assert_string_equal(books_measures(&w, "dues_usage_line"), "total=2;");
    assert_string_equal(TRY("dues_usage_report", REPORT + 1, NULL, "period", "2026-1"), "BLOCK dues_usage_report.period period;");
}

static void test_what_a_published_report_does_not_say(void **state)
{
    (void)state;
    static const char said[] = "WARN dues_payment.report_published paid_on;WARN dues_payment.no_assessment period;";
    books_put(&w, "dues_usage_report", REPORT, F("period", "2025", "state", "published"));
    books_put(&w, "dues_usage_report", REPORT + 1, F("period", "2026", "state", "audited"));
    assert_string_equal(PAYS(PAY, "amount_fen", "5", "paid_on", "2025-12-31"), said);
    assert_string_equal(PAYS(PAY, "amount_fen", "5", "paid_on", "2026-10-20"), "WARN dues_payment.no_assessment period;");
}

static void test_a_closing_balance_below_zero(void **state)
{
    (void)state;
    static const char said[] = "WARN dues_usage_report.negative closing_fen;";
    assert_string_equal(TRY("dues_usage_report", REPORT, NULL, "period", "2026", "opening_fen", "0", "received_fen", "5", "closing_fen", "0"), "");
    assert_string_equal(books_do(&w, "dues_usage_report", REPORT, NULL, F("period", "2026", "opening_fen", "0", "received_fen", "5", "closing_fen", "-3")), said);
    assert_string_equal(TRY("dues_usage_report", REPORT, NULL, "opening_fen", "1"), "");
    assert_string_equal(TRY("dues_usage_report", REPORT, "audited", ),
                        "WARN dues_usage_report.negative closing_fen;WARN dues_usage_report.balance closing_fen;");
}

static void test_lines_of_a_closed_year(void **state)
{
    (void)state;
    DO("dues_usage_report", REPORT, NULL, "period", "2026");
    books_put(&w, "dues_year", YEAR, F("year", "2026", "closed_on", "2026-12-31", "state", "closed"));
    assert_string_equal(TRY("dues_usage_line", LINE, NULL, "report_id", REF(REPORT), "category", "文体活动", "amount_fen", "8000"),
                        "BLOCK dues_usage_line.year_closed report_id;");
}

static void test_off_by_is_told(void **state)
{
    (void)state;
    const struct kind *k = kind_by_name("dues_usage_report");
    struct findings found = {.count = 0};
    books_put(&w, "dues_usage_report", REPORT, F("period", "2026", "opening_fen", "0", "received_fen", "100", "closing_fen", "99.50", "state", "published"));
    struct check_context c = books_context(&w, "dues_usage_report", REPORT);
    c.action = "published";
    k->check(&c, &found);
    assert_int_equal(found.count, 1);
    assert_string_equal(found.list[0].argument[0], "0.50");
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(test_a_leader_enters_payments_of_the_own_group),
        T(test_standard),
        T(test_who_owes_nothing_is_not_assessed),
        T(test_overlapping_periods),
        T(test_steps_of_an_assessment),
        T(test_what_keeps_an_assessment),
        T(test_who_is_exempt_and_has_paid),
        T(test_identity),
        T(test_sums_of_payments),
        T(test_payments_of_days_to_come),
        T(test_without_an_assessment),
        T(test_possible_doubles),
        T(test_the_same_again_and_again),
        T(test_reversals),
        T(test_closed_year_takes_reversals_alone),
        T(test_derived_state),
        T(test_what_an_account_counts),
        T(test_who_was_erased),
        T(test_rules_see_all_rows_of_a_member),
        T(test_report_balances_before_it_is_published),
        T(test_what_a_published_report_does_not_say),
        T(test_a_closing_balance_below_zero),
        T(test_lines_of_a_closed_year),
        T(test_off_by_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
