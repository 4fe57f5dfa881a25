/* Small numbers on the board: what is withheld of branches with few members or few answers, and that no question brings a sum from
 * which it could be found by subtracting. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "help_server.h"

#include "base/log.h"
#include "kinds/dues.h"
#include "server/overview.h"

#include <stdio.h>
#include <string.h>

#define MEMBER 1u
#define PROPOSAL 6u
#define ASSESSMENT 11u
#define PAYMENT 12u
#define OFFICER ROLES(district_officer)
#define ASSESSED "dues_assessment.assessed_fen.2026-10"
#define PAID "dues_assessment.paid_fen.2026-10"

static int setup(void **state)
{
    static struct help_server s;
    log_set_level(LOG_ERROR);
    server_make(&s);
    *state = &s;
    return 0;
}

static int teardown(void **state)
{
    server_remove(*state);
    return 0;
}

/* ---- branches, straight into their packed state ---- */

static ProtobufCMessage *record(struct help_server *s, uint32_t kind, const char *words)
{
    ProtobufCMessage *m = record_new(kind_by_number(kind)->descriptor, &s->arena);
    char *copy = arena_text(&s->arena, slice_text(words)), *rest = NULL;
    for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        char *value = strchr(word, '=');
        int64_t number = 0;
        *value++ = 0;
        struct cell cell = cell_text(value);
        if (sscanf(value, "%ld", &number) == 1 && strstr(word, "_fen"))
            cell = cell_integer(number);
        record_put_name(m, word, cell, &s->arena);
    }
    return m;
}

static void add_row(struct org_state *state, uint32_t kind, ProtobufCMessage *m)
{
    static int next;
    org_state_row(state, kind_by_number(kind), member_id(++next), (struct row_side){0},
                  (struct row_side){.exists = true, .seq = 1, .message = m});
}

static struct org_state *load(struct help_server *s, uint32_t org)
{
    struct org_state *state;
    assert_int_equal(store_load_org(s->store, org, 1, &state), ERR_OK);
    return state;
}

static void save(struct help_server *s, struct org_state *state)
{
    assert_int_equal(store_begin(s->store), ERR_OK);
    assert_int_equal(store_put_org(s->store, state), ERR_OK);
    assert_int_equal(store_commit(s->store), ERR_OK);
    org_state_destroy(state);
}

/* So many owe 10 yuan for the period; the first paid ones have paid it. */
static void add_dues(struct help_server *s, struct org_state *state, const char *period, int count, int paid)
{
    char due[80], money[80];
    snprintf(due, sizeof due, "period=%s amount_due_fen=1000 state=due", period);
    snprintf(money, sizeof money, "period=%s amount_fen=1000 paid_on=2026-10-20", period);
    for (int i = 0; i < count; i++) {
        const ProtobufCMessage *rows[] = {record(s, ASSESSMENT, due), record(s, PAYMENT, money)};
        org_state_account(state, &dues_account, &(struct account_rows){.list = NULL},
                          &(struct account_rows){.list = rows, .count = i < paid ? 2 : 1});
    }
}

static void make_members(struct help_server *s, uint32_t org, int members, const char *period, int owing, int paid)
{
    struct org_state *state = load(s, org);
    for (int i = 0; i < members; i++)
        add_row(state, MEMBER, record(s, MEMBER, "name=Li state=active"));
    add_dues(s, state, period, owing, paid);
    save(s, state);
}

/* members active members; each owes 10 yuan for October, the first paid ones have paid it. */
static void make_branch(struct help_server *s, uint32_t org, int members, int paid)
{
    make_members(s, org, members, "2026-10", members, paid);
}

/* Rated proposals of 2026. */
static void add_answers(struct help_server *s, uint32_t org, const char *rating, int count)
{
    struct org_state *state = load(s, org);
    char words[100];
    snprintf(words, sizeof words, "title=x state=closed submitted_on=2026-11-01 rating=%s", rating);
    for (int i = 0; i < count; i++)
        add_row(state, PROPOSAL, record(s, PROPOSAL, words));
    save(s, state);
}

/* ---- the board ---- */

static Wire__Overview ask(struct help_server *s, uint32_t org, role_set roles)
{
    Wire__Overview o = WIRE__OVERVIEW__INIT;
    struct overview_ask question = {.org = org, .roles = roles, .today = {2026, 11, 22}, .now_ms = NOW_MS};
    assert_int_equal(overview_make(s->store, s->control, &question, &s->arena, &o), ERR_OK);
    return o;
}

#define NONE INT64_MIN

static const Wire__Measure *find(Wire__Measure *const *list, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i]->name, name) == 0)
            return list[i];
    return NULL;
}

static int64_t total(const Wire__Overview *o, const char *name)
{
    const Wire__Measure *m = find(o->total, o->n_total, name);
    return m ? m->value : NONE;
}

static int64_t pooled(const Wire__Overview *o, const char *name)
{
    const Wire__Measure *m = find(o->total, o->n_total, name);
    return m && m->has_pooled ? m->pooled : 0;
}

static const Wire__OverviewBranch *branch(const Wire__Overview *o, uint32_t org)
{
    for (size_t i = 0; i < o->n_branch; i++)
        if (o->branch[i]->org->number == org)
            return o->branch[i];
    fail_msg("no branch %u", org);
    return NULL;
}

static int64_t of(const Wire__Overview *o, uint32_t org, const char *name)
{
    const Wire__OverviewBranch *b = branch(o, org);
    const Wire__Measure *m = find(b->measure, b->n_measure, name);
    return m ? m->value : NONE;
}

static void assert_kinds(const uint32_t *list, size_t count, uint32_t only)
{
    assert_int_equal(count, only ? 1 : 0);
    if (only)
        assert_int_equal(list[0], only);
}

/* ---- money ---- */

static void one_small_branch_is_in_no_sum(void **state)
{
    struct help_server *s = *state;
    make_branch(s, s->branch, 5, 4);
    make_branch(s, s->other, 4, 1);
    for (int i = 0; i < 3; i++) {
        const role_set readers[] = {OFFICER, ROLES(district_finance), 0};
        Wire__Overview o = ask(s, 1, readers[i]);
        assert_int_equal(of(&o, s->branch, ASSESSED), 5000);
        assert_int_equal(of(&o, s->branch, PAID), 4000);
        assert_int_equal(of(&o, s->branch, "dues_assessment.arrears"), 1);
        assert_kinds(branch(&o, s->branch)->withheld, branch(&o, s->branch)->n_withheld, 0);
        const Wire__OverviewBranch *small = branch(&o, s->other);
        for (size_t m = 0; m < small->n_measure; m++)
            assert_null(strstr(small->measure[m]->name, "dues"));
        assert_int_equal(of(&o, s->other, "member.state.active"), 4); /* how many they are is no secret */
        assert_kinds(small->withheld, small->n_withheld, ASSESSMENT);
        assert_int_equal(total(&o, ASSESSED), 5000); /* 9000 less 5000 would tell */
        assert_int_equal(total(&o, "dues_assessment.arrears_fen"), 1000);
        assert_int_equal(total(&o, "member.state.active"), 9);
        assert_kinds(o.withheld, o.n_withheld, ASSESSMENT);
        assert_int_equal(pooled(&o, ASSESSED), 0);
    }
    Wire__Overview o = ask(s, s->other, OFFICER); /* nor by asking for it alone */
    assert_int_equal(total(&o, ASSESSED), NONE);
    assert_kinds(o.withheld, o.n_withheld, ASSESSMENT);
}

static void several_small_ones_stand_in_the_totals_together(void **state)
{
    struct help_server *s = *state;
    uint32_t third = server_add_branch(s, "qh-03");
    make_branch(s, s->branch, 5, 5);
    make_branch(s, s->other, 2, 1);
    make_branch(s, third, 2, 2);
    Wire__Overview o = ask(s, 1, OFFICER); /* two of them, but four people */
    assert_int_equal(total(&o, ASSESSED), 5000);
    assert_kinds(o.withheld, o.n_withheld, ASSESSMENT);
    make_branch(s, third, 1, 0); /* five people now */
    o = ask(s, 1, OFFICER);
    assert_int_equal(total(&o, ASSESSED), 10000);
    assert_int_equal(pooled(&o, ASSESSED), 5000);
    assert_int_equal(total(&o, PAID), 8000);
    assert_int_equal(pooled(&o, PAID), 3000);
    assert_kinds(o.withheld, o.n_withheld, 0);
    assert_int_equal(of(&o, s->other, ASSESSED), NONE);
    assert_int_equal(of(&o, third, ASSESSED), NONE);
    assert_kinds(branch(&o, third)->withheld, branch(&o, third)->n_withheld, ASSESSMENT);
}

/* Three small branches in two districts: the city's total must not be the two pooled ones and the third. */
static void no_level_above_tells_what_the_level_below_withholds(void **state)
{
    struct help_server *s = *state;
    uint32_t district, near, far, apart, alone;
    assert_int_equal(db_exec(store_db(s->store), "UPDATE org SET level='city' WHERE number=1"), ERR_OK);
    server_close(s);
    server_open(s);
    assert_int_equal(control_add_org(s->control, "d-1", "区一", "district", NULL, &district), ERR_OK);
    assert_int_equal(control_add_org(s->control, "d-1-1", "园一", "branch", "d-1", &near), ERR_OK);
    assert_int_equal(control_add_org(s->control, "d-1-2", "园二", "branch", "d-1", &far), ERR_OK);
    assert_int_equal(control_add_org(s->control, "d-2-0", "区二", "district", NULL, &apart), ERR_OK);
    assert_int_equal(control_add_org(s->control, "d-2-1", "园三", "branch", "d-2-0", &alone), ERR_OK);
    make_branch(s, near, 3, 0);
    make_branch(s, far, 4, 0);
    make_branch(s, alone, 4, 0);
    Wire__Overview city = ask(s, 1, OFFICER), one = ask(s, district, OFFICER), two = ask(s, apart, OFFICER);
    assert_int_equal(total(&one, ASSESSED), 7000);
    assert_int_equal(total(&two, ASSESSED), NONE);
    assert_int_equal(total(&city, ASSESSED), 7000);
    assert_int_equal(pooled(&city, ASSESSED), 7000);
    assert_kinds(city.withheld, city.n_withheld, ASSESSMENT);
}

/* Four who owe by the month and one who owes by the term are two pools, each of one branch. */
static void periods_are_judged_apart(void **state)
{
    struct help_server *s = *state;
    make_members(s, s->branch, 4, "2026-10", 4, 3);
    make_members(s, s->other, 1, "2026-1", 1, 0);
    Wire__Overview o = ask(s, 1, OFFICER);
    assert_int_equal(total(&o, ASSESSED), NONE);
    assert_int_equal(total(&o, "dues_assessment.assessed_fen.2026-1"), NONE);
    assert_int_equal(total(&o, "dues_assessment.members.2026-1"), NONE);
    assert_int_equal(total(&o, "dues_assessment.arrears_fen"), NONE);
    assert_kinds(o.withheld, o.n_withheld, ASSESSMENT);
}

/* October is told of both together; the term of one of them is not, and so nothing that holds both periods. */
static void what_holds_every_period_is_told_when_each_is(void **state)
{
    struct help_server *s = *state;
    make_members(s, s->branch, 3, "2026-10", 3, 0);
    make_members(s, s->other, 3, "2026-10", 3, 1);
    Wire__Overview o = ask(s, 1, OFFICER);
    assert_int_equal(total(&o, ASSESSED), 6000);
    assert_int_equal(total(&o, "dues_assessment.arrears_fen"), 5000);
    make_members(s, s->other, 0, "2025-2", 1, 0);
    o = ask(s, 1, OFFICER);
    assert_int_equal(total(&o, ASSESSED), 6000);
    assert_int_equal(pooled(&o, ASSESSED), 6000);
    assert_int_equal(total(&o, "dues_assessment.assessed_fen.2025-2"), NONE);
    assert_int_equal(total(&o, "dues_assessment.arrears_fen"), NONE); /* 6000 less the 5000 that are owed for October */
    assert_kinds(o.withheld, o.n_withheld, ASSESSMENT);
    make_members(s, s->branch, 0, "2025-2", 3, 0); /* two branches, but four people */
    o = ask(s, 1, OFFICER);
    assert_int_equal(total(&o, "dues_assessment.assessed_fen.2025-2"), NONE);
    make_members(s, s->other, 0, "2025-2", 1, 0);
    o = ask(s, 1, OFFICER);
    assert_int_equal(total(&o, "dues_assessment.assessed_fen.2025-2"), 5000);
    assert_int_equal(total(&o, "dues_assessment.arrears_fen"), 10000);
    assert_kinds(o.withheld, o.n_withheld, 0);
}

/* Of a large branch too: one of its six owes for the term. */
static void one_person_of_a_large_branch_is_not_told(void **state)
{
    struct help_server *s = *state;
    make_branch(s, s->branch, 6, 6);
    make_members(s, s->branch, 0, "2026-1", 1, 0);
    Wire__Overview o = ask(s, 1, OFFICER);
    assert_int_equal(of(&o, s->branch, ASSESSED), 6000);
    assert_int_equal(of(&o, s->branch, "dues_assessment.assessed_fen.2026-1"), NONE);
    assert_int_equal(of(&o, s->branch, "dues_assessment.members.2026-1"), NONE);
    assert_int_equal(of(&o, s->branch, "dues_assessment.arrears_fen"), NONE);
    assert_int_equal(total(&o, ASSESSED), 6000);
    assert_int_equal(total(&o, "dues_assessment.assessed_fen.2026-1"), NONE);
    assert_kinds(branch(&o, s->branch)->withheld, branch(&o, s->branch)->n_withheld, ASSESSMENT);
    make_branch(s, s->other, 4, 4); /* who owe nothing for the term */
    o = ask(s, 1, OFFICER);
    assert_int_equal(total(&o, ASSESSED), 6000);
    assert_int_equal(total(&o, "dues_assessment.assessed_fen.2026-1"), NONE);
    assert_int_equal(total(&o, "dues_assessment.arrears_fen"), NONE);
    o = ask(s, s->branch, ROLES(union_chair));
    assert_int_equal(of(&o, s->branch, "dues_assessment.assessed_fen.2026-1"), 1000);
}

/* How many paid what nobody assessed is not counted: each branch may be one person. */
static void money_without_an_assessment_needs_five_branches(void **state)
{
    struct help_server *s = *state;
    uint32_t orgs[5] = {s->branch, s->other, server_add_branch(s, "qh-03"), server_add_branch(s, "qh-04"), server_add_branch(s, "qh-05")};
    for (int i = 0; i < 5; i++) {
        Wire__Overview o = ask(s, 1, OFFICER);
        assert_int_equal(total(&o, "dues_payment.unassessed_fen.2026-10"), NONE);
        make_members(s, orgs[i], 4, "2026-10", 0, 0);
        struct org_state *packed = load(s, orgs[i]);
        const ProtobufCMessage *row = record(s, PAYMENT, "period=2026-10 amount_fen=700 paid_on=2026-10-20");
        org_state_account(packed, &dues_account, &(struct account_rows){.list = NULL}, &(struct account_rows){.list = &row, .count = 1});
        save(s, packed);
    }
    Wire__Overview o = ask(s, 1, OFFICER);
    assert_int_equal(total(&o, "dues_payment.unassessed_fen.2026-10"), 3500);
    assert_int_equal(pooled(&o, "dues_payment.unassessed_fen.2026-10"), 3500);
}

static void who_reads_the_records_sees_their_sums(void **state)
{
    struct help_server *s = *state;
    make_branch(s, s->other, 2, 1);
    Wire__Overview o = ask(s, s->other, ROLES(union_chair));
    assert_int_equal(of(&o, s->other, ASSESSED), 2000);
    assert_int_equal(total(&o, PAID), 1000);
    assert_kinds(o.withheld, o.n_withheld, 0);
    o = ask(s, s->other, ROLES(handler)); /* reads no dues */
    assert_int_equal(of(&o, s->other, ASSESSED), NONE);
    o = ask(s, s->other, ROLES(handler) | ROLES(accountant));
    assert_int_equal(of(&o, s->other, ASSESSED), 2000);
}

/* ---- answers ---- */

static void few_answers_are_not_told(void **state)
{
    struct help_server *s = *state;
    make_branch(s, s->branch, 6, 6);
    make_branch(s, s->other, 6, 6);
    add_answers(s, s->branch, "satisfied", 3);
    add_answers(s, s->branch, "unsatisfied", 1);
    Wire__Overview o = ask(s, 1, OFFICER);
    assert_int_equal(of(&o, s->branch, "proposal.satisfied.2026"), NONE);
    assert_int_equal(of(&o, s->branch, "proposal.unsatisfied.2026"), NONE);
    assert_int_equal(of(&o, s->branch, "proposal.received.2026"), 4);
    assert_int_equal(total(&o, "proposal.satisfied.2026"), NONE);
    assert_kinds(branch(&o, s->branch)->withheld, branch(&o, s->branch)->n_withheld, PROPOSAL);
    assert_kinds(o.withheld, o.n_withheld, PROPOSAL);
    add_answers(s, s->other, "basically", 1); /* five answers from two branches */
    o = ask(s, 1, OFFICER);
    assert_int_equal(total(&o, "proposal.satisfied.2026"), 3);
    assert_int_equal(pooled(&o, "proposal.basically.2026"), 1);
    assert_int_equal(of(&o, s->other, "proposal.basically.2026"), NONE);
    assert_kinds(o.withheld, o.n_withheld, 0);
    add_answers(s, s->branch, "basically", 1); /* five answers there: enough, and the other one is alone again */
    o = ask(s, 1, OFFICER);
    assert_int_equal(of(&o, s->branch, "proposal.satisfied.2026"), 3);
    assert_int_equal(of(&o, s->branch, "proposal.basically.2026"), 1);
    assert_int_equal(total(&o, "proposal.basically.2026"), 1);
    assert_int_equal(pooled(&o, "proposal.basically.2026"), 0);
    assert_kinds(o.withheld, o.n_withheld, PROPOSAL);
}

/* Answers of another year are another question. */
static void years_are_not_added_up(void **state)
{
    struct help_server *s = *state;
    make_branch(s, s->branch, 6, 6);
    add_answers(s, s->branch, "satisfied", 5);
    struct org_state *branch_state = load(s, s->branch);
    add_row(branch_state, PROPOSAL, record(s, PROPOSAL, "title=x state=closed submitted_on=2025-11-01 rating=satisfied"));
    save(s, branch_state);
    Wire__Overview o = ask(s, 1, OFFICER);
    assert_int_equal(of(&o, s->branch, "proposal.satisfied.2026"), 5);
    assert_int_equal(of(&o, s->branch, "proposal.satisfied.2025"), NONE);
    assert_int_equal(total(&o, "proposal.satisfied.2025"), NONE);
}

static void many_answers_of_few_people_are_not_told(void **state)
{
    struct help_server *s = *state;
    make_branch(s, s->branch, 4, 0);
    add_answers(s, s->branch, "satisfied", 9);
    Wire__Overview o = ask(s, 1, OFFICER);
    assert_int_equal(of(&o, s->branch, "proposal.satisfied.2026"), NONE);
    assert_int_equal(total(&o, "proposal.satisfied.2026"), NONE);
    assert_int_equal(o.n_withheld, 2);
    assert_int_equal(o.withheld[0], ASSESSMENT);
    assert_int_equal(o.withheld[1], PROPOSAL);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(one_small_branch_is_in_no_sum),
        T(several_small_ones_stand_in_the_totals_together),
        T(no_level_above_tells_what_the_level_below_withholds),
        T(periods_are_judged_apart),
        T(what_holds_every_period_is_told_when_each_is),
        T(one_person_of_a_large_branch_is_not_told),
        T(money_without_an_assessment_needs_five_branches),
        T(who_reads_the_records_sees_their_sums),
        T(few_answers_are_not_told),
        T(years_are_not_added_up),
        T(many_answers_of_few_people_are_not_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
