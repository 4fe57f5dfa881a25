/* The arithmetic of dues: periods, sums of wages, who owes which month, what an account stands at. All wanted values by hand. */
#include "help_books.h"
#include "kinds/dues.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static struct books w;

static int set_up(void **state)
{
    (void)state;
    books_make(&w);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    books_finish(&w);
    return 0;
}

static struct date day(const char *text)
{
    struct date d = {0};
    if (*text)
        assert_int_equal(date_parse(text, &d), ERR_OK);
    return d;
}

/* ---- periods ---- */

static void check_span(const char *period, const char *first, const char *last, size_t months)
{
    struct dues_period p;
    struct date list[DUES_MONTHS_MAX];
    char text[DUES_PERIOD_SIZE];
    assert_true(dues_period_read(period, &p));
    dues_period_text(p, text);
    assert_string_equal(text, period);
    assert_int_equal(dues_period_months(p, list), months);
    assert_int_equal(date_compare(dues_period_first(p), day(first)), 0);
    assert_int_equal(date_compare(dues_period_last(p), day(last)), 0);
    for (size_t i = 1; i < months; i++)
        assert_true(date_compare(list[i - 1], list[i]) < 0 && list[i].day == 1);
}

static void test_periods(void **state)
{
    (void)state;
    check_span("2026-10", "2026-10-01", "2026-10-31", 1);
    check_span("2028-02", "2028-02-01", "2028-02-29", 1);
    check_span("2026-12", "2026-12-01", "2026-12-31", 1);
    check_span("2026-1", "2026-09-01", "2027-01-31", 5);
    check_span("2026-2", "2027-02-01", "2027-08-31", 7);
    check_span("2026", "2026-01-01", "2026-12-31", 12);
    static const char *const none[] = {"2026-13", "2026-00", "2026-3", "2026-H1", "2026-Q3", "26-10", "2026-1 ", "2026年", "", "1800-01"};
    struct dues_period p;
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_false(dues_period_read(none[i], &p));
    assert_false(dues_period_read(NULL, &p));
}

static void test_periods_as_people_write_them(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {{"2026年10月", "2026-10"}, {"2026年9月份", "2026-09"},        {"２０２６／１０", "2026-10"}, {"2026.1", "2026-01"},
                                           {"202610", "2026-10"},     {"2026学年第一学期", "2026-1"}, {"2026年", "2026"},       {"2026-1", "2026-1"},
                                           {"2026-10", "2026-10"},    {"十月", "十月"},                 {"2026", "2026"}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        struct buf out = BUF_INIT;
        dues_period_normalise(slice_text(pairs[i][0]), &out);
        assert_string_equal(buf_c_string(&out), pairs[i][1]);
        buf_finish(&out);
    }
}

static bool overlap(const char *a, const char *b)
{
    struct dues_period x, y;
    assert_true(dues_period_read(a, &x) && dues_period_read(b, &y));
    assert_int_equal(dues_periods_overlap(x, y), dues_periods_overlap(y, x));
    return dues_periods_overlap(x, y);
}

static void test_overlaps(void **state)
{
    (void)state;
    assert_true(overlap("2026-10", "2026-1"));
    assert_true(overlap("2027-01", "2026-1"));
    assert_false(overlap("2027-02", "2026-1"));
    assert_true(overlap("2026", "2026-1"));
    assert_true(overlap("2027", "2026-2"));
    assert_false(overlap("2026-10", "2026-11"));
}

/* ---- sums ---- */

static int64_t fen(const char *yuan)
{
    struct cell cell;
    static const struct field_rule f = {.name = "amount", .type = FIELD_FEN};
    assert_int_equal(value_parse(&f, yuan, &w.arena, &cell), ERR_OK);
    return cell.integer;
}

/* The sample table of the domain: 0.5 %, the part of the wage below ten yuan dropped. */
static void test_examples(void **state)
{
    (void)state;
    char line[256], wage[64], base[64], dues[64];
    int rows = 0;
    FILE *file = fopen(TEST_DATA "/dues_examples.tsv", "r");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    for (; fgets(line, sizeof line, file); rows++) {
        int64_t sum = -1;
        assert_int_equal(sscanf(line, "%63s %63s %63s", wage, base, dues), 3);
        assert_true(dues_of_wage(fen(wage), 5, 1000, &sum));
        if (sum != fen(dues))
            fail_msg("%s makes %lld, not %s", wage, (long long)sum, dues);
        assert_int_equal(fen(wage) - fen(wage) % 1000, fen(base));
    }
    fclose(file);
    assert_int_equal(rows, 15);
}

static void test_sums_of_other_settings(void **state)
{
    (void)state;
    int64_t sum = -7;
    assert_true(dues_of_wage(567890, 10, 100, &sum)); /* 1 %, below one yuan dropped: 5,678 */
    assert_int_equal(sum, 5678);
    assert_true(dues_of_wage(567890, 5, 1, &sum)); /* nothing dropped: 2839.45 fen, down to the fen */
    assert_int_equal(sum, 2839);
    assert_true(dues_of_wage(567890, 0, 1000, &sum));
    assert_int_equal(sum, 0);
    sum = -7;
    assert_false(dues_of_wage(-1, 5, 1000, &sum));
    assert_false(dues_of_wage(100, -5, 1000, &sum));
    assert_false(dues_of_wage(100, 5, 0, &sum));
    assert_false(dues_of_wage(INT64_MAX, 5, 1000, &sum));
    assert_int_equal(sum, -7);
}

static ProtobufCMessage *standard(const char *mode, const char *amount, const char *from)
{
    return help_record(kind_by_name("dues_standard"), &w.arena, F("mode", mode, "amount_fen", amount, "effective_from", from));
}

static void test_newest_standard_counts(void **state)
{
    (void)state;
    const ProtobufCMessage *list[] = {standard("rate", "20", "2026-01-01"), standard("rate", "28.35", "2026-10-01"), standard("flat", "30", "2026-11-01")};
    assert_ptr_equal(dues_standard_at(list, 3, day("2026-10-01")), list[1]);
    assert_ptr_equal(dues_standard_at(list, 3, day("2026-09-30")), list[0]);
    assert_ptr_equal(dues_standard_at(list, 3, day("2027-01-01")), list[2]);
    assert_null(dues_standard_at(list, 3, day("2025-12-31")));
    assert_null(dues_standard_at(list, 0, day("2026-10-01")));
    assert_int_equal(dues_amount(list[1], 1), 2835);
    assert_int_equal(dues_amount(list[1], 5), 14175);
    assert_int_equal(dues_amount(list[2], 5), 3000);
    assert_int_equal(dues_amount(list[2], 0), 0);
    assert_int_equal(dues_amount(standard("delivered", "12.5", "2026-01-01"), 3), 3750);
}

/* ---- who owes ---- */

#define MEMBER(...) help_record(kind_by_name("member"), &w.arena, F("name", "石榴", __VA_ARGS__))
#define MOVE(from, to, on) help_record(kind_by_name("membership_change"), &w.arena, F("from_state", from, "to_state", to, "effective_on", on))

static void test_active_by_the_member_alone(void **state)
{
    (void)state;
    ProtobufCMessage *m = MEMBER("state", "active", "joined_on", "2026-10-15");
    assert_false(dues_was_active(m, NULL, 0, day("2026-10-01")));
    assert_true(dues_was_active(m, NULL, 0, day("2026-10-15")));
    m = MEMBER("state", "active", "joined_on", "2020-01-01", "state_effective_on", "2026-11-01");
    assert_false(dues_was_active(m, NULL, 0, day("2026-10-31")));
    assert_true(dues_was_active(m, NULL, 0, day("2026-11-01")));
    assert_true(dues_was_active(MEMBER("state", "active"), NULL, 0, day("2020-01-01")));
    assert_false(dues_was_active(MEMBER("state", "retained", "joined_on", "2020-01-01"), NULL, 0, day("2026-10-01")));
    assert_false(dues_was_active(MEMBER("joined_on", "2020-01-01"), NULL, 0, day("2026-10-01"))); /* applied */
    m = MEMBER("state", "transferred_out", "joined_on", "2020-01-01", "state_effective_on", "2026-10-15"); /* who left in October owes it */
    assert_true(dues_was_active(m, NULL, 0, day("2026-10-01")));
    assert_false(dues_was_active(m, NULL, 0, day("2026-10-15")));
    assert_false(dues_was_active(m, NULL, 0, day("2026-11-01")));
    assert_false(dues_was_active(m, NULL, 0, day("2019-12-01"))); /* had not joined */
    m = MEMBER("state", "deceased", "joined_on", "1990-01-01", "state_effective_on", "2027-01-05", "retained_reason", "retired");
    assert_false(dues_was_active(m, NULL, 0, day("2027-01-01"))); /* a retired member who died */
    m = MEMBER("state", "retained", "joined_on", "1990-01-01", "state_effective_on", "2027-02-01", "retained_reason", "retired");
    assert_true(dues_was_active(m, NULL, 0, day("2027-01-01")));
}

/* Who moved joined long ago, but not here. */
static void test_active_after_a_move(void **state)
{
    (void)state;
    ProtobufCMessage *m = MEMBER("state", "active", "joined_on", "2006-09-01", "transferred_in_on", "2026-11-02", "state_effective_on", "2026-11-02");
    assert_false(dues_was_active(m, NULL, 0, day("2026-11-01")));
    assert_true(dues_was_active(m, NULL, 0, day("2026-12-01")));
    assert_false(dues_was_active(MEMBER("state", "active", "joined_on", "2006-09-01", "transferred_in_on", "2026-11-02"), NULL, 0, day("2026-11-01")));
    m = MEMBER("state", "withdrawn", "joined_on", "2006-09-01", "transferred_in_on", "2026-11-02", "state_effective_on", "2027-01-20");
    assert_false(dues_was_active(m, NULL, 0, day("2026-10-01")));
    assert_false(dues_was_active(m, NULL, 0, day("2026-11-01")));
    assert_true(dues_was_active(m, NULL, 0, day("2026-12-01")));
    assert_true(dues_was_active(m, NULL, 0, day("2027-01-01")));
    assert_false(dues_was_active(m, NULL, 0, day("2027-02-01")));
    const ProtobufCMessage *moves[] = {MOVE("active", "withdrawn", "2027-01-20")};
    assert_false(dues_was_active(m, moves, 1, day("2026-10-01")));
    assert_true(dues_was_active(m, moves, 1, day("2026-12-01")));
}

static void test_active_by_the_ledger(void **state)
{
    (void)state;
    ProtobufCMessage *m = MEMBER("state", "withdrawn", "joined_on", "2020-09-01");
    const ProtobufCMessage *moves[] = {MOVE("retained", "active", "2026-06-01"), MOVE("active", "retained", "2026-03-10"),
                                       MOVE("active", "withdrawn", "2026-11-02")};
    struct dues_period year, month;
    assert_false(dues_was_active(m, moves, 3, day("2020-08-01"))); /* had not joined */
    assert_true(dues_was_active(m, moves, 3, day("2026-03-01")));
    assert_false(dues_was_active(m, moves, 3, day("2026-03-10")));
    assert_false(dues_was_active(m, moves, 3, day("2026-05-31")));
    assert_true(dues_was_active(m, moves, 3, day("2026-06-01")));
    assert_true(dues_was_active(m, moves, 3, day("2026-11-01")));
    assert_false(dues_was_active(m, moves, 3, day("2026-12-01")));
    assert_true(dues_period_read("2026", &year) && dues_period_read("2026-11", &month));
    assert_int_equal(dues_months_owed(m, moves, 3, year), 9); /* January to March, June to November */
    assert_int_equal(dues_months_owed(m, moves, 3, month), 1);
}

/* Two moves of one day, told apart by what each goes on from; in both orders. */
static void test_two_moves_of_a_day(void **state)
{
    (void)state;
    ProtobufCMessage *m = MEMBER("state", "retained");
    const ProtobufCMessage *a = MOVE("applied", "active", "2026-10-01"), *b = MOVE("active", "retained", "2026-10-01");
    const ProtobufCMessage *orders[][2] = {{a, b}, {b, a}};
    for (size_t i = 0; i < 2; i++) {
        assert_false(dues_was_active(m, orders[i], 2, day("2026-10-01")));
        assert_false(dues_was_active(m, orders[i], 2, day("2026-09-01")));
    }
}

/* ---- what an account stands at ---- */

static struct dues_entry entries[8];
static size_t entry_count;

static void pays(const char *amount, const char *on, int reverses)
{
    struct dues_entry *e = &entries[entry_count++];
    assert_int_equal(id_parse(books_ref(&w, (unsigned)entry_count), &e->id), ERR_OK);
    e->payment = reverses ? help_record(kind_by_name("dues_payment"), &w.arena,
                                        F("amount_fen", amount, "paid_on", on, "reverses_id", books_ref(&w, (unsigned)reverses)))
                          : help_record(kind_by_name("dues_payment"), &w.arena, F("amount_fen", amount, "paid_on", on));
}

static void stands(const char *assessment_state, const char *today, const char *state, const char *paid, const char *balance)
{
    ProtobufCMessage *a = help_record(kind_by_name("dues_assessment"), &w.arena,
                                      F("period", "2026-10", "amount_due_fen", "28.35", "state", assessment_state));
    struct dues_standing s = dues_standing_of(a, entries, entry_count, dues_due_by(a, 0), day(today));
    assert_string_equal(s.state, state);
    assert_int_equal(s.paid_fen, fen(paid));
    assert_int_equal(s.balance_fen, fen(balance));
}

static void test_standings(void **state)
{
    (void)state;
    entry_count = 0;
    stands("due", "2026-10-31", "due", "0", "28.35");
    stands("due", "2026-11-01", "arrears", "0", "28.35");
    stands("reminded", "2026-11-01", "arrears", "0", "28.35");
    stands("exempt", "2026-11-01", "exempt", "0", "0");
    pays("10", "2026-10-12", 0);
    stands("due", "2026-10-31", "part_paid", "10", "18.35");
    stands("due", "2026-11-01", "arrears", "10", "18.35");
    pays("18.35", "2026-10-31", 0);
    stands("due", "2026-12-01", "paid", "28.35", "0");
    entry_count = 1;
    pays("18.35", "2026-11-01", 0);
    stands("due", "2026-12-01", "settled", "28.35", "0");
    pays("5", "2026-11-20", 0); /* more than is owed */
    stands("due", "2026-12-01", "settled", "33.35", "-5");
}

static void test_reversals_cancel_out(void **state)
{
    (void)state;
    entry_count = 0;
    pays("28.35", "2026-10-12", 0);
    pays("-28.35", "2026-11-05", 1);
    stands("due", "2026-11-06", "arrears", "0", "28.35");
    pays("28.35", "2026-10-20", 0); /* entered anew, with its own day */
    stands("due", "2026-11-06", "paid", "28.35", "0");
    entry_count = 2;
    pays("28.35", "2026-11-05", 0);
    stands("due", "2026-11-06", "settled", "28.35", "0");
}

/* Every order of three payments gives the same. */
static void test_order_of_payments_is_all_one(void **state)
{
    (void)state;
    static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    static const char *const amounts[] = {"10", "10", "8.35"}, *const days[] = {"2026-10-05", "2026-10-05", "2026-11-02"};
    for (size_t i = 0; i < 6; i++) {
        entry_count = 0;
        for (size_t j = 0; j < 3; j++)
            pays(amounts[orders[i][j]], days[orders[i][j]], 0);
        stands("due", "2026-12-01", "settled", "28.35", "0");
    }
}

static void test_due_by(void **state)
{
    (void)state;
    const struct kind *k = kind_by_name("dues_assessment");
    ProtobufCMessage *a = help_record(k, &w.arena, F("period", "2026-1"));
    assert_int_equal(date_compare(dues_due_by(a, 0), day("2027-01-31")), 0);
    assert_int_equal(date_compare(dues_due_by(a, 10), day("2027-02-10")), 0);
    a = help_record(k, &w.arena, F("period", "2026-10", "due_on", "2026-11-15"));
    assert_int_equal(date_compare(dues_due_by(a, 10), day("2026-11-15")), 0);
    assert_false(date_is_valid(dues_due_by(help_record(k, &w.arena, F("period", "2026-10")), 0)) &&
                 date_is_valid(dues_due_by(record_new(k->descriptor, &w.arena), 0)));
}

static void test_nothing_due_is_paid(void **state)
{
    (void)state;
    ProtobufCMessage *a = help_record(kind_by_name("dues_assessment"), &w.arena, F("period", "2026-10", "amount_due_fen", "0"));
    struct dues_standing s = dues_standing_of(a, NULL, 0, dues_due_by(a, 0), day("2026-12-01"));
    assert_string_equal(s.state, "paid");
    assert_int_equal(s.balance_fen, 0);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(test_periods),
        T(test_periods_as_people_write_them),
        T(test_overlaps),
        T(test_examples),
        T(test_sums_of_other_settings),
        T(test_newest_standard_counts),
        T(test_active_by_the_member_alone), T(test_active_after_a_move),
        T(test_active_by_the_ledger),
        T(test_two_moves_of_a_day),
        T(test_standings),
        T(test_reversals_cancel_out),
        T(test_order_of_payments_is_all_one),
        T(test_due_by),
        T(test_nothing_due_is_paid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
