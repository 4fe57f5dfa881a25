/* The board and the seats: the JSON of cli.md, and what people read. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/tr.h"
#include "show/board.h"
#include "show/board_figures.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define NOW INT64_C(1795314600000) /* 2026-11-22T02:30:00Z, half past ten in China */
#define MINUTE INT64_C(60000)

static int setup(void **state)
{
    (void)state;
    setenv("BANYAN_LANG", "en", 1);
    tr_init();
    return 0;
}

static void assert_document(json_t *document, const char *expected)
{
    json_error_t error;
    json_t *wanted = json_loads(expected, 0, &error);
    if (!wanted)
        fail_msg("%s at %d", error.text, error.position);
    if (!json_equal(document, wanted)) {
        char *got = json_dumps(document, JSON_INDENT(1));
        print_error("%s\n", got);
        free(got);
        fail_msg("another document");
    }
    json_decref(wanted);
    json_decref(document);
}

static void assert_text(struct buf *out, const char *expected)
{
    assert_string_equal(buf_c_string(out), expected);
    buf_finish(out);
}

/* ---- times ---- */

static void times(void **state)
{
    (void)state;
    struct buf out = BUF_INIT;
    json_t *time = show_time_json(NOW);
    assert_string_equal(json_string_value(time), "2026-11-22T02:30:00Z");
    json_decref(time);
    assert_true(json_is_null(show_time_json(0)));
    show_moment(NOW, &out);
    assert_text(&out, "2026-11-22 10:30");
    show_moment(INT64_C(1795276740000), &out); /* 15:59Z on the 21st: one minute before midnight in China */
    assert_text(&out, "2026-11-21 23:59");
    show_moment(INT64_C(1795276800000), &out);
    assert_text(&out, "2026-11-22 00:00");
}

static void ages(void **state)
{
    (void)state;
    static const struct {
        int64_t minutes;
        const char *text;
    } cases[] = {{0, "just now"},      {1, "1 minutes ago"},           {119, "119 minutes ago"},
                 {120, "2 hours ago"}, {47 * 60 + 59, "47 hours ago"}, {48 * 60, "2 days ago"}};
    struct buf out = BUF_INIT;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        show_age(NOW - cases[i].minutes * MINUTE, NOW, &out);
        assert_text(&out, cases[i].text);
    }
    show_age(NOW + 5 * MINUTE, NOW, &out); /* a clock that is off */
    assert_text(&out, "just now");
    show_age(0, NOW, &out);
    assert_text(&out, "never");
}

/* ---- the board ---- */

struct board {
    Wire__Overview o;
    Wire__Org district, orgs[2];
    Wire__OverviewBranch branches[2], *branch_list[2];
    Wire__Report report;
    Wire__Measure measures[6], *own[3], *total[3];
};

static Wire__Measure measure(const char *name, int64_t value)
{
    Wire__Measure m = WIRE__MEASURE__INIT;
    m.name = (char *)name;
    m.has_value = 1;
    m.value = value;
    return m;
}

static void make_board(struct board *b)
{
    b->o = (Wire__Overview)WIRE__OVERVIEW__INIT;
    b->district = b->orgs[0] = b->orgs[1] = (Wire__Org)WIRE__ORG__INIT;
    b->branches[0] = b->branches[1] = (Wire__OverviewBranch)WIRE__OVERVIEW_BRANCH__INIT;
    b->report = (Wire__Report)WIRE__REPORT__INIT;
    b->district.code = "qinghe";
    b->district.name = "青禾区教育工会";
    b->orgs[0].code = "qh-01";
    b->orgs[0].name = "青禾第一幼儿园工会";
    b->orgs[1].code = "qh-02";
    b->report.queued = 3;
    b->report.oldest_queued_ms = NOW - 3 * 24 * 60 * MINUTE;
    b->report.refused = 1;
    b->report.conflicts = 2;
    b->measures[0] = measure("member.state.active", 40);
    b->measures[1] = measure("plan_item.overdue", 5);
    b->measures[2] = measure("work_plan.total", 2);
    b->measures[3] = measure("member.state.active", 61);
    b->measures[4] = measure("work_plan.2026-1.missing", 1);
    b->measures[5] = measure("work_plan.2026-1.submitted", 1);
    for (size_t i = 0; i < 3; i++) {
        b->own[i] = &b->measures[i];
        b->total[i] = &b->measures[3 + i];
    }
    b->branches[0].org = &b->orgs[0];
    b->branches[0].last_contact_ms = NOW - 5 * MINUTE;
    b->branches[0].report = &b->report;
    b->branches[0].measure = b->own;
    b->branches[0].n_measure = 3;
    static uint32_t few[] = {11, 977}; /* dues, and a kind of a newer server */
    b->branches[1].org = &b->orgs[1];  /* nothing more is known of it */
    b->branches[1].withheld = few;
    b->branches[1].n_withheld = 2;
    b->o.withheld = few;
    b->o.n_withheld = 1;
    b->branch_list[0] = &b->branches[0];
    b->branch_list[1] = &b->branches[1];
    b->o.as_of_ms = NOW;
    b->o.org = &b->district;
    b->o.branch = b->branch_list;
    b->o.n_branch = 2;
    b->o.total = b->total;
    b->o.n_total = 3;
}

static void the_board_as_json(void **state)
{
    (void)state;
    struct board b;
    make_board(&b);
    assert_document(
        show_overview_json(&b.o, NULL, -1, LANGUAGE_EN),
        "{\"as_of\": \"2026-11-22T02:30:00Z\", \"org\": \"qinghe\", \"org_name\": \"青禾区教育工会\","
        " \"totals\": {\"member.state.active\": 61, \"work_plan.2026-1.missing\": 1, \"work_plan.2026-1.submitted\": "
        "1},"
        " \"branches\": [{\"code\": \"qh-01\", \"name\": \"青禾第一幼儿园工会\", \"last_contact\": "
        "\"2026-11-22T02:25:00Z\","
        " \"queued\": 3, \"oldest_queued_at\": \"2026-11-19T02:30:00Z\", \"refused\": 1, \"conflicts\": 2, \"broken\": 0, \"rewritten\": 0, \"copies\": 0,"
        " \"measures\": {\"member.state.active\": 40, \"plan_item.overdue\": 5, \"work_plan.total\": 2}},"
        " {\"code\": \"qh-02\", \"name\": \"\", \"last_contact\": null, \"queued\": 0, \"oldest_queued_at\": null,"
        " \"refused\": 0, \"conflicts\": 0, \"broken\": 0, \"rewritten\": 0, \"copies\": 0, \"measures\": {}, \"suppressed\": [\"dues_assessment\", 977]}],"
        " \"suppressed\": [\"dues_assessment\"]}");
    json_t *old = show_overview_json(&b.o, NULL, 90500, LANGUAGE_EN);
    assert_int_equal(json_integer_value(json_object_get(old, "age_seconds")), 90);
    json_decref(old);
}

static void the_board_as_text(void **state)
{
    (void)state;
    struct board b;
    struct buf out = BUF_INIT;
    make_board(&b);
    show_overview_text(&b.o, NULL, -1, NOW, LANGUAGE_EN, &out);
    assert_text(&out, "青禾区教育工会 (qinghe)  2026-11-22 10:30\n"
                      "\n"
                      "Code   Branch              Last contact   Queued  Oldest      Refused/conflicts  Members  Plans "
                      " Items done  Overdue work  Owing dues\n"
                      "qh-01  青禾第一幼儿园工会  5 minutes ago  3       3 days ago  1/2                40       2     "
                      " 0           5             0\n"
                      "qh-02                      never          0       -           0/0                0        0     "
                      " 0           0             -\n"
                      "\n"
                      "members · active                           61\n"
                      "work plan · 2026-1 · branches without one  1\n"
                      "work plans · 2026-1 submitted              1\n"
                      "assessment of dues: the totals leave out branches with so few members or answers that single people could be "
                      "told.\n");
    show_overview_text(&b.o, NULL, 7200000, NOW, LANGUAGE_EN, &out);
    assert_non_null(
        strstr(buf_c_string(&out), "The server cannot be reached; this is its last answer, from 2 hours ago\n"));
    buf_finish(&out);
    Wire__Measure stored = measure("dues_assessment.state.due", 22); /* what is owed follows from the payments: owing dues, above */
    b.total[1] = &stored;
    show_overview_text(&b.o, NULL, -1, NOW, LANGUAGE_EN, &out);
    assert_null(strstr(buf_c_string(&out), "assessments of dues"));
    assert_non_null(strstr(buf_c_string(&out), "work plans · 2026-1 submitted"));
    b.total[1] = &b.measures[4];
    buf_finish(&out);
    b.report.broken = 3; /* rule 6: a line of its own, where there is something to say */
    show_overview_text(&b.o, NULL, -1, NOW, LANGUAGE_EN, &out);
    assert_non_null(strstr(buf_c_string(&out), "0           0             -\n"
                                               "qh-01 青禾第一幼儿园工会: 3 changes that were made there are lost: "));
    assert_null(strstr(strstr(buf_c_string(&out), "are lost") + 1, "are lost"));
    buf_finish(&out);
}

static json_t *measures_of(json_t *document, size_t branch)
{
    return json_object_get(json_array_get(json_object_get(document, "branches"), branch), "measures");
}

/* 40 active members of 50 staff. The server keeps back what it has of answers; one branch's and this one's together it tells. */
static void the_figures_of_a_board(void **state)
{
    (void)state;
    struct board b;
    Wire__Measure list[2] = {measure("branch_union.staff", 50), measure("member.state.active", 40)}, *measures[] = {&list[1], &list[0]};
    Wire__Measure all[2] = {measure("proposal.basically.2026", 5), measure("proposal.unsatisfied.2026", 1)}, *totals[] = {&all[0], &all[1]};
    uint32_t proposals[] = {6};
    make_board(&b);
    all[0].has_pooled = all[1].has_pooled = 1;
    all[0].pooled = 4; /* the fifth is some branch's that shows it, none of these */
    all[1].pooled = 1;
    b.branches[0].measure = measures; /* in no order: looked up all the same, and left as it is */
    b.branches[0].n_measure = 2;
    b.branches[0].withheld = proposals;
    b.branches[0].n_withheld = 1;
    b.o.total = totals;
    b.o.n_total = 2;
    struct board_figures *figures = board_figures_make(&b.o, "2026");
    b.o.branch[0] = &b.branches[1]; /* sorted since */
    b.o.branch[1] = &b.branches[0];
    assert_ptr_equal(measures[0], &list[1]);
    json_t *document = show_overview_json(&b.o, figures, -1, LANGUAGE_EN);
    assert_true(json_real_value(json_object_get(measures_of(document, 1), "membership_rate")) == 80.0);
    assert_true(json_is_null(json_object_get(measures_of(document, 1), "proposal_satisfaction_rate")));
    json_t *sums = json_object_get(document, "totals");
    assert_true(json_real_value(json_object_get(sums, "membership_rate")) == 80.0);
    assert_true(json_real_value(json_object_get(sums, "proposal_satisfaction_rate")) == 80.0); /* 4 of 5 */
    json_decref(document);
    size_t count, at = 0;
    const struct figure *known = figure_all(&count);
    while (strcmp(known[at].name, "proposal_satisfaction_rate") != 0)
        at++;
    assert_true(board_figures_at(figures, &b.branches[0], at).suppressed);
    assert_false(board_figures_at(figures, &b.branches[1], at).suppressed); /* keeps dues back, not proposals */
    board_figures_free(figures);
    assert_true(board_figures_take("2026-10") && board_figures_take("") && !board_figures_take("October"));
}

/* What a server leaves out is empty, and nothing falls over. */
static void a_board_of_nothing(void **state)
{
    (void)state;
    Wire__Overview o = WIRE__OVERVIEW__INIT;
    Wire__OverviewBranch branch = WIRE__OVERVIEW_BRANCH__INIT, *branches[] = {&branch};
    Wire__Measure nameless = WIRE__MEASURE__INIT, *measures[] = {&nameless};
    struct buf out = BUF_INIT;
    o.branch = branches;
    o.n_branch = 1;
    o.total = branch.measure = measures;
    o.n_total = branch.n_measure = 1;
    json_t *document = show_overview_json(&o, NULL, -1, LANGUAGE_EN);
    assert_true(json_is_object(document));
    assert_int_equal(json_array_size(json_object_get(document, "branches")), 1);
    json_decref(document);
    show_overview_text(&o, NULL, -1, NOW, LANGUAGE_ZH, &out);
    assert_true(out.size > 0);
    buf_finish(&out);
}

/* ---- seats ---- */

static void seats(void **state)
{
    (void)state;
    Wire__Seats s = WIRE__SEATS__INIT;
    Wire__Seat one = WIRE__SEAT__INIT, two = WIRE__SEAT__INIT, *list[] = {&one, &two};
    Wire__Report report = WIRE__REPORT__INIT;
    struct buf out = BUF_INIT;
    one.number = 7;
    one.person = "李四";
    one.branch = "qh-01";
    one.roles = "union_chair,proposal_group";
    one.state = "suspended";
    one.last_contact_ms = NOW - 5 * MINUTE;
    one.report = &report;
    one.version = "0.1.0";
    report.queued = 2;
    report.oldest_queued_ms = NOW - MINUTE;
    report.broken = 4;
    two.number = 8;
    two.state = "dreaming"; /* of a newer server */
    s.seat = list;
    s.n_seat = 2;
    assert_document(show_seats_json(&s), "[{\"id\": 7, \"name\": \"李四\", \"branch\": \"qh-01\", \"roles\": "
                                         "[\"union_chair\", \"proposal_group\"], \"state\": \"suspended\","
                                         " \"last_contact\": \"2026-11-22T02:25:00Z\", \"queued\": 2, "
                                         "\"oldest_queued_at\": \"2026-11-22T02:29:00Z\", \"broken\": 4, \"rewritten\": 0, \"version\": \"0.1.0\"},"
                                         " {\"id\": 8, \"name\": null, \"branch\": null, \"roles\": [], \"state\": "
                                         "\"dreaming\", \"last_contact\": null, \"queued\": 0,"
                                         " \"oldest_queued_at\": null, \"broken\": 0, \"rewritten\": 0, \"version\": null}]");
    show_seats_text(&s, NOW, LANGUAGE_EN, &out);
    assert_text(&out, "Seat  Person  Branch  Roles                       State      Last contact   Queued\n"
                      "7     李四    qh-01   union chair proposal group  suspended  5 minutes ago  2\n"
                      "8                                                 dreaming   never          0\n");
}

/* NOW is 10:30 in China. */
static void roles_that_were_changed(void **state)
{
    (void)state;
    Wire__Seats s = WIRE__SEATS__INIT;
    Wire__Seat one = WIRE__SEAT__INIT, two = WIRE__SEAT__INIT, *list[] = {&one, &two};
    struct buf out = BUF_INIT;
    one.number = 7;
    one.roles = "accountant";
    one.roles_ms = NOW;
    one.roles_by = 3;
    one.roles_by_person = "王敏";
    two = one;
    two.number = 8;
    two.roles_by = 0; /* the operator */
    two.roles_by_person = NULL;
    s.seat = list;
    s.n_seat = 2;
    json_t *document = show_seats_json(&s);
    json_t *first = json_array_get(document, 0), *second = json_array_get(document, 1);
    assert_string_equal(json_string_value(json_object_get(first, "roles_at")), "2026-11-22T02:30:00Z");
    assert_int_equal(json_integer_value(json_object_get(first, "roles_by")), 3);
    assert_string_equal(json_string_value(json_object_get(first, "roles_by_name")), "王敏");
    assert_int_equal(json_integer_value(json_object_get(second, "roles_by")), 0);
    assert_null(json_object_get(second, "roles_by_name"));
    json_decref(document);
    show_seats_text(&s, NOW, LANGUAGE_EN, &out);
    assert_non_null(strstr(buf_c_string(&out), "accountant (2026-11-22 10:30 王敏)"));
    assert_non_null(strstr(buf_c_string(&out), "accountant (2026-11-22 10:30 the server's operator)"));
    buf_finish(&out);
}

static void one_document_a_line_behind(void **state)
{
    (void)state;
    struct buf out = BUF_INIT;
    json_t *list = json_pack("[i, n]", 1);
    show_json(list, &out);
    assert_text(&out, "[\n 1,\n null\n]\n");
    json_decref(list);
}

#define T(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(times),
        T(ages),
        T(the_board_as_json),
        T(the_board_as_text),
        T(the_figures_of_a_board),
        T(a_board_of_nothing),
        T(seats),
        T(roles_that_were_changed),
        T(one_document_a_line_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
