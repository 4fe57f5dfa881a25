/* The board against rows made by hand: sums up the tree, dated measures, missing plans, roles, what seats reported. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "help_server.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "server/overview.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLAN 3u
#define ITEM 4u

static const struct date today = {2026, 11, 22};

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

static Wire__Overview make_board(struct help_server *s, uint32_t org, role_set roles)
{
    Wire__Overview o = WIRE__OVERVIEW__INIT;
    struct overview_ask ask = {.org = org, .roles = roles, .today = today, .now_ms = NOW_MS};
    assert_int_equal(overview_make(s->store, s->control, &ask, &s->arena, &o), ERR_OK);
    return o;
}

#define NONE INT64_MIN

static int64_t value_in(Wire__Measure *const *list, size_t count, const char *name)
{
    int64_t value = NONE;
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            assert_true(strcmp(list[i - 1]->name, list[i]->name) < 0); /* in order, each once */
        if (strcmp(list[i]->name, name) == 0)
            value = list[i]->value;
    }
    return value;
}

static int64_t total(const Wire__Overview *o, const char *name)
{
    return value_in(o->total, o->n_total, name);
}

static int64_t of_branch(const Wire__Overview *o, const char *code, const char *name)
{
    for (size_t i = 0; i < o->n_branch; i++)
        if (strcmp(o->branch[i]->org->code, code) == 0)
            return value_in(o->branch[i]->measure, o->branch[i]->n_measure, name);
    fail_msg("no branch %s", code);
    return NONE;
}

/* Rows straight into the org's packed state, as commits leave them. */
struct branch_state {
    struct help_server *s;
    struct org_state *state;
    int next;
};

static struct branch_state state_open(struct help_server *s, uint32_t org)
{
    struct branch_state b = {.s = s};
    assert_int_equal(store_load_org(s->store, org, 1, &b.state), ERR_OK);
    return b;
}

static void state_save(struct branch_state *b)
{
    assert_int_equal(store_begin(b->s->store), ERR_OK);
    assert_int_equal(store_put_org(b->s->store, b->state), ERR_OK);
    assert_int_equal(store_commit(b->s->store), ERR_OK);
    org_state_destroy(b->state);
}

/* Counted as an item of a plan that is carried out. */
static void add_in_force(struct branch_state *b, const ProtobufCMessage *item)
{
    ProtobufCMessage *plan = record_new(kind_by_number(PLAN)->descriptor, &b->s->arena);
    record_put_name(plan, "state", cell_text("in_force"), &b->s->arena);
    const ProtobufCMessage *rows[] = {item, plan};
    org_state_account(b->state, kind_by_number(ITEM)->account, &(struct account_rows){.list = NULL}, &(struct account_rows){.list = rows, .count = 2});
}

/* "period=2026-1 state=submitted" */
static void state_add(struct branch_state *b, uint32_t kind, const char *words)
{
    const struct kind *k = kind_by_number(kind);
    ProtobufCMessage *m = record_new(k->descriptor, &b->s->arena);
    char *copy = arena_text(&b->s->arena, slice_text(words)), *rest = NULL;
    for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        char *value = strchr(word, '=');
        *value++ = 0;
        record_put_name(m, word, cell_text(value), &b->s->arena);
    }
    org_state_row(b->state, k, member_id(b->next++), (struct row_side){0},
                  (struct row_side){.exists = true, .seq = 1, .message = m});
    if (kind == ITEM)
        add_in_force(b, m);
}

static void state_of(struct help_server *s, uint32_t org, uint32_t kind, const char *const *rows)
{
    struct branch_state b = state_open(s, org);
    for (; *rows; rows++)
        state_add(&b, kind, *rows);
    state_save(&b);
}

/* ---- sums ---- */

static void an_empty_district(void **state)
{
    struct help_server *s = *state;
    Wire__Overview o = make_board(s, 1, 0);
    assert_int_equal(o.n_branch, 2);
    assert_string_equal(o.branch[0]->org->code, "qh-01");
    assert_string_equal(o.branch[1]->org->code, "qh-02");
    assert_int_equal(o.n_total, 0);
    assert_int_equal(o.as_of_ms, NOW_MS);
    assert_string_equal(o.org->code, "qinghe");
    assert_int_equal(o.branch[0]->last_contact_ms, 0);
    assert_int_equal(o.branch[0]->report->queued, 0);
}

static void sums_of_what_was_committed(void **state)
{
    struct help_server *s = *state;
    struct pen a = pen_of(s, s->chair, s->branch, 1);
    uint32_t officer = server_add_seat(s, 1, "district_officer"), far = server_add_seat(s, s->other, "union_chair");
    struct pen b = pen_of(s, far, s->other, 2), d = pen_of(s, officer, 1, 3);
    for (int i = 0; i < 5; i++)
        assert_non_null(strstr(push_one(&a, pen_create(&a, i, "name=Li")), "APPLIED"));
    for (int i = 10; i < 12; i++)
        assert_non_null(strstr(push_one(&b, pen_create(&b, i, "name=Wang")), "APPLIED"));
    assert_non_null(strstr(push_one(&a, pen_write(&a, OP_ACT, s->member, member_id(0), S(1), "!active")), "APPLIED"));
    assert_non_null(strstr(push_one(&a, pen_write(&a, OP_REMOVE, s->member, member_id(4), S(5), "")), "APPLIED"));
    assert_non_null(strstr(push_one(&d, pen_write(&d, OP_CREATE, s->policy, member_id(50), 0,
                                                  "rule_code=dues.rate value=5 effective_from=2026-01-01")),
                           "APPLIED"));
    Wire__Overview o = make_board(s, 1, 0);
    assert_int_equal(of_branch(&o, "qh-01", "member.total"), 4);
    assert_int_equal(of_branch(&o, "qh-01", "member.state.applied"), 3);
    assert_int_equal(of_branch(&o, "qh-01", "member.state.active"), 1);
    assert_int_equal(of_branch(&o, "qh-02", "member.total"), 2);
    assert_int_equal(of_branch(&o, "qh-02", "member.state.active"), NONE);
    assert_int_equal(total(&o, "member.total"), 6);
    assert_int_equal(total(&o, "member.state.applied"), 5);
    assert_int_equal(total(&o, "member.state.active"), 1);
    assert_int_equal(total(&o, "policy_limit.state.draft"), 1); /* the district's own records count in the totals */
    o = make_board(s, s->branch, 0);
    assert_int_equal(o.n_branch, 1);
    assert_int_equal(total(&o, "member.total"), 4);
    assert_int_equal(total(&o, "policy_limit.state.draft"), NONE);
}

static void what_is_overdue_goes_by_the_day(void **state)
{
    struct help_server *s = *state;
    static const char *const rows[] = {"state=planned due_on=2026-11-21",
                                       "state=planned due_on=2026-11-22",
                                       "state=planned due_on=2026-11-23",
                                       "state=doing due_on=2025-01-31",
                                       "state=done due_on=2026-01-01",
                                       "state=planned",
                                       NULL};
    static const char *const later[] = {"state=planned due_on=2027-01-01", NULL};
    state_of(s, s->branch, ITEM, rows);
    state_of(s, s->other, ITEM, later);
    Wire__Overview o = make_board(s, 1, 0);
    assert_int_equal(of_branch(&o, "qh-01", "plan_item.overdue"), 2); /* before today; what is done is done */
    assert_int_equal(of_branch(&o, "qh-02", "plan_item.overdue"), 0);
    assert_int_equal(total(&o, "plan_item.overdue"), 2);
    assert_int_equal(total(&o, "plan_item.state.planned"), 5);
    for (size_t i = 0; i < o.n_total; i++)
        assert_null(strstr(o.total[i]->name, "due."));
    Wire__Overview next = WIRE__OVERVIEW__INIT;
    struct overview_ask ask = {.org = 1, .today = {2027, 1, 2}, .now_ms = NOW_MS};
    assert_int_equal(overview_make(s->store, s->control, &ask, &s->arena, &next), ERR_OK);
    assert_int_equal(total(&next, "plan_item.overdue"), 5);
}

static void branches_without_a_plan(void **state)
{
    struct help_server *s = *state;
    static const char *const first[] = {"period=2026-1 state=submitted", "period=2026-1 state=drafted",
                                        "period=2026 state=adopted", "state=drafted", NULL};
    static const char *const second[] = {"period=2026-1 state=drafted", NULL};
    uint32_t third = server_add_branch(s, "qh-03");
    state_of(s, s->branch, PLAN, first);
    state_of(s, s->other, PLAN, second);
    Wire__Overview o = make_board(s, 1, 0);
    assert_int_equal(total(&o, "work_plan.total"), 5);
    assert_int_equal(total(&o, "work_plan.2026-1.drafted"), 2);
    assert_int_equal(total(&o, "work_plan.2026-1.submitted"), 1);
    assert_int_equal(total(&o, "work_plan.none.drafted"), 1);
    assert_int_equal(total(&o, "work_plan.2026-1.missing"), 1); /* qh-03 */
    assert_int_equal(total(&o, "work_plan.2026.missing"), 2);   /* the year is not the term */
    assert_int_equal(total(&o, "work_plan.none.missing"), NONE);
    assert_int_equal(of_branch(&o, "qh-03", "work_plan.2026-1.missing"), NONE);
    static const char *const now[] = {"period=2026-1 state=drafted", NULL};
    state_of(s, third, PLAN, now);
    o = make_board(s, 1, 0);
    assert_int_equal(total(&o, "work_plan.2026-1.missing"), 0);
    o = make_board(s, s->other, 0); /* a branch alone: of the periods that it has itself it lacks none */
    assert_int_equal(total(&o, "work_plan.2026-1.missing"), 0);
    assert_int_equal(total(&o, "work_plan.2026.missing"), NONE);
}

/* A branch that was merged or dissolved owes no plan any more; what it had still counts. */
static void branches_that_are_no_more(void **state)
{
    struct help_server *s = *state;
    static const char *const plans[] = {"period=2026-1 state=drafted", NULL};
    static const char *const members[] = {"name=Li state=active", NULL};
    uint32_t merged = server_add_branch(s, "qh-03"), dissolved = server_add_branch(s, "qh-04");
    state_of(s, s->branch, PLAN, plans);
    state_of(s, merged, 1, members);
    Wire__Overview before = make_board(s, 1, 0);
    assert_int_equal(total(&before, "work_plan.2026-1.missing"), 3);
    char sql[100];
    snprintf(sql, sizeof sql, "UPDATE org SET state='merged' WHERE number=%u", merged);
    assert_int_equal(db_exec(store_db(s->store), sql), ERR_OK);
    snprintf(sql, sizeof sql, "UPDATE org SET state='dissolved' WHERE number=%u", dissolved);
    assert_int_equal(db_exec(store_db(s->store), sql), ERR_OK);
    server_close(s);
    server_open(s);
    Wire__Overview o = make_board(s, 1, 0);
    assert_int_equal(total(&o, "work_plan.2026-1.missing"), 1);
    assert_int_equal(total(&o, "member.state.active"), 1);
    assert_int_equal(o.n_branch, 4);
}

/* A plan that was removed leaves a zero behind, which is no plan. */
static void a_plan_that_is_gone(void **state)
{
    struct help_server *s = *state;
    struct branch_state b = state_open(s, s->branch);
    const struct kind *k = kind_by_number(PLAN);
    ProtobufCMessage *m = record_new(k->descriptor, &s->arena);
    record_put_name(m, "period", cell_text("2026-1"), &s->arena);
    record_put_name(m, "state", cell_text("drafted"), &s->arena);
    struct row_side there = {.exists = true, .seq = 1, .message = m}, dead = {.exists = true, .dead = true, .seq = 2};
    org_state_row(b.state, k, member_id(1), (struct row_side){0}, there);
    org_state_row(b.state, k, member_id(1), there, dead);
    state_save(&b);
    Wire__Overview o = make_board(s, 1, 0);
    assert_true(total(&o, "work_plan.2026-1.missing") == NONE);
    static const char *const other[] = {"period=2026-1 state=drafted", NULL};
    state_of(s, s->other, PLAN, other);
    o = make_board(s, 1, 0);
    assert_int_equal(total(&o, "work_plan.2026-1.missing"), 1);
}

/* Many periods over many years: none falls off the end. */
static void a_hundred_periods(void **state)
{
    struct help_server *s = *state;
    struct branch_state b = state_open(s, s->branch);
    char words[64];
    for (int year = 2026; year < 2046; year++)
        for (int quarter = 1; quarter <= 4; quarter++) {
            snprintf(words, sizeof words, "period=%d-Q%d state=drafted", year, quarter);
            state_add(&b, PLAN, words);
        }
    state_save(&b);
    Wire__Overview o = make_board(s, 1, 0);
    assert_int_equal(total(&o, "work_plan.2026-Q1.missing"), 1);
    assert_int_equal(total(&o, "work_plan.2045-Q4.missing"), 1);
}

/* ---- who sees what ---- */

static void by_role(void **state)
{
    struct help_server *s = *state;
    static const char *const members[] = {"name=Li state=active", NULL}, *const plans[] = {"period=2026 state=drafted",
                                                                                           NULL};
    state_of(s, s->branch, 1, members);
    state_of(s, s->branch, PLAN, plans);
    Wire__Overview o = make_board(s, 1, ROLES(district_finance)); /* sums of members alone are its to see */
    assert_int_equal(total(&o, "member.state.active"), 1);
    assert_int_equal(total(&o, "work_plan.2026.missing"), 1);
    static struct kind hidden;
    hidden = *kind_by_name("union_group"); /* a kind in which nobody has a right */
    hidden.number = 901;
    hidden.name = "hidden_thing";
    hidden.rights = NULL;
    hidden.right_count = 0;
    kind_register_extra(&hidden);
    struct branch_state b = state_open(s, s->branch);
    state_add(&b, 901, "name=x");
    state_save(&b);
    o = make_board(s, 1, 0);
    assert_int_equal(total(&o, "hidden_thing.total"), 1); /* the server's own command sees all */
    o = make_board(s, 1, ROLES(district_officer));
    assert_int_equal(total(&o, "hidden_thing.total"), NONE);
    assert_int_equal(of_branch(&o, "qh-01", "hidden_thing.total"), NONE);
    assert_int_equal(of_branch(&o, "qh-01", "member.state.active"), 1);
    kind_register_extra(NULL); /* an older build: what it cannot judge it does not show */
    o = make_board(s, 1, ROLES(district_officer));
    assert_int_equal(total(&o, "hidden_thing.total"), NONE);
    o = make_board(s, 1, 0);
    assert_int_equal(total(&o, "hidden_thing.total"), 1);
}

static void what_seats_reported(void **state)
{
    struct help_server *s = *state;
    uint32_t third = server_add_seat(s, s->branch, "accountant"), officer = server_add_seat(s, 1, "district_officer");
    const struct {
        uint32_t seat;
        int64_t at, oldest;
        uint32_t queued, refused, conflicts;
    } contacts[] = {{s->chair, NOW_MS - 5000, NOW_MS - 90000, 3, 1, 2},
                    {s->second, NOW_MS - 1000, NOW_MS - 70000, 4, 2, 5},
                    {third, NOW_MS - 100, NOW_MS - 999999, 100, 100, 100},
                    {officer, NOW_MS, NOW_MS - 1, 7, 7, 7}};
    for (size_t i = 0; i < 4; i++) {
        struct job *job = job_make(s, JOB_CONTACT, contacts[i].seat);
        Wire__Report *r = arena_alloc(&job->arena, sizeof *r);
        wire__report__init(r);
        r->has_queued = r->has_oldest_queued_ms = r->has_refused = r->has_conflicts = 1;
        r->queued = contacts[i].queued;
        r->oldest_queued_ms = contacts[i].oldest;
        r->refused = contacts[i].refused;
        r->conflicts = contacts[i].conflicts;
        job->report = r;
        s->now_ms = contacts[i].at;
        server_run(s, job);
        job_free_one(job);
    }
    assert_int_equal(control_set_seat_state(s->control, third, SEAT_REVOKED, 0), ERR_OK);
    server_close(s);
    server_open(s);
    Wire__Overview o = make_board(s, 1, 0);
    const Wire__OverviewBranch *b = o.branch[0];
    assert_int_equal(b->last_contact_ms, NOW_MS - 1000);
    assert_int_equal(b->report->queued, 7);
    assert_int_equal(b->report->refused, 3);
    assert_int_equal(b->report->conflicts, 5); /* not 7: both see the same ones */
    assert_int_equal(b->report->oldest_queued_ms, NOW_MS - 90000);
    assert_int_equal(o.branch[1]->report->queued, 0);
    assert_int_equal(o.branch[1]->last_contact_ms, 0);
}

/* ---- memory and time ---- */

static void over_the_arena_s_cap(void **state)
{
    struct help_server *s = *state;
    struct arena small;
    Wire__Overview o = WIRE__OVERVIEW__INIT;
    static const char *const members[] = {"name=Li state=active", NULL};
    state_of(s, s->branch, 1, members);
    for (size_t cap = 0; cap < 20000; cap += 97) {
        arena_init(&small, cap);
        struct overview_ask ask = {.org = 1, .today = today, .now_ms = NOW_MS};
        enum err e = overview_make(s->store, s->control, &ask, &small, &o);
        assert_true(e == ERR_MEMORY || e == ERR_OK);
        if (cap == 0)
            assert_int_equal(e, ERR_MEMORY);
        arena_finish(&small);
    }
}

/* A district: 150 branches of 68 members, 7 plans and 90 items. Told, not judged: machines differ. */
static void a_whole_district(void **state)
{
    struct help_server *s = *state;
    static const char *const member_states[] = {"applied", "active", "active", "retained"};
    static const char *const item_states[] = {"planned", "doing", "done", "postponed"};
    struct arena arena;
    char words[128];
    size_t branches = 150;
    for (size_t i = 2; i < branches; i++) {
        uint32_t number = 0;
        snprintf(words, sizeof words, "qh-%03zu", i + 1);
        assert_int_equal(control_add_org(s->control, words, "青禾幼儿园工会", "branch", NULL, &number), ERR_OK);
    }
    assert_int_equal(store_begin(s->store), ERR_OK);
    for (uint32_t org = 2; org < 2 + branches; org++) {
        struct branch_state b = state_open(s, org);
        for (int i = 0; i < 68; i++) {
            snprintf(words, sizeof words, "name=Li state=%s", member_states[i % 4]);
            state_add(&b, 1, words);
        }
        for (int i = 0; i < 7; i++) {
            snprintf(words, sizeof words, "period=202%d-1 state=drafted", i);
            state_add(&b, PLAN, words);
        }
        for (int i = 0; i < 90; i++) {
            snprintf(words, sizeof words, "state=%s due_on=2026-%02d-%02d", item_states[i % 4], i % 12 + 1, i % 28 + 1);
            state_add(&b, ITEM, words);
        }
        assert_int_equal(store_put_org(s->store, b.state), ERR_OK);
        org_state_destroy(b.state);
    }
    assert_int_equal(store_commit(s->store), ERR_OK);
    arena_init(&arena, 32u << 20);
    int64_t least = INT64_MAX;
    for (int i = 0; i < 5; i++) {
        Wire__Overview o = WIRE__OVERVIEW__INIT;
        arena_reset(&arena);
        int64_t start = clock_monotonic_ms();
        struct overview_ask ask = {.org = 1, .roles = ROLES(district_officer), .today = today, .now_ms = NOW_MS};
        assert_int_equal(overview_make(s->store, s->control, &ask, &arena, &o), ERR_OK);
        int64_t took = clock_monotonic_ms() - start;
        least = took < least ? took : least;
        assert_int_equal(o.n_branch, branches);
        assert_int_equal(total(&o, "member.total"), 150 * 68);
        assert_int_equal(total(&o, "member.state.active"), 150 * 34);
        assert_int_equal(total(&o, "work_plan.2020-1.missing"), 0);
        if (i == 0)
            print_message("a board of %zu branches: %zu totals, %zu bytes\n", branches, o.n_total,
                          wire__overview__get_packed_size(&o));
    }
    print_message("made in %lld ms\n", (long long)least);
    arena_finish(&arena);
}

/* ---- pages ---- */

/* Asks page by page and holds each against its part of the whole. *pages: how many came. */
static void expect_pages(struct help_server *s, const Wire__Overview *whole, size_t size_max, size_t *pages)
{
    struct overview_ask ask = {.org = 1, .today = today, .now_ms = NOW_MS, .size_max = size_max};
    size_t totals = 0, branches = 0;
    struct arena arena;
    bool done = false;
    char last[100];
    for (*pages = 0; !done; ++*pages) {
        Wire__Overview o = WIRE__OVERVIEW__INIT;
        arena_init(&arena, LIMIT_ARENA);
        assert_int_equal(overview_make(s->store, s->control, &ask, &arena, &o), ERR_OK);
        assert_true(o.n_total + o.n_branch == 1 || wire__overview__get_packed_size(&o) <= size_max + 100);
        assert_true(o.n_branch == 0 || totals + o.n_total == whole->n_total); /* totals come first */
        for (size_t i = 0; i < o.n_total; i++, totals++) {
            assert_string_equal(o.total[i]->name, whole->total[totals]->name);
            assert_int_equal(o.total[i]->value, whole->total[totals]->value);
        }
        for (size_t i = 0; i < o.n_branch; i++, branches++) {
            assert_int_equal(o.branch[i]->org->number, whole->branch[branches]->org->number);
            assert_int_equal(o.branch[i]->n_measure, whole->branch[branches]->n_measure);
            assert_int_equal(o.branch[i]->report->queued, whole->branch[branches]->report->queued);
        }
        if (o.n_branch)
            ask.after_branch = o.branch[o.n_branch - 1]->org->number;
        else
            ask.after_total = strcpy(last, o.total[o.n_total - 1]->name);
        done = o.done;
        arena_finish(&arena);
        assert_true(*pages < 1000);
    }
    assert_int_equal(totals, whole->n_total);
    assert_int_equal(branches, whole->n_branch);
}

static void pages_hold_what_the_whole_holds(void **state)
{
    struct help_server *s = *state;
    char words[64];
    for (int i = 3; i < 40; i++) {
        snprintf(words, sizeof words, "qh-%02d", i);
        struct branch_state b = state_open(s, server_add_branch(s, words));
        for (int year = 2000; year < 2000 + i; year++) {
            snprintf(words, sizeof words, "period=%d state=drafted", year);
            state_add(&b, PLAN, words);
        }
        state_save(&b);
    }
    assert_int_equal(control_set_seat_state(s->control, s->second, SEAT_SUSPENDED, 0), ERR_OK);
    Wire__Overview whole = make_board(s, 1, 0);
    assert_int_equal(whole.done, 1);
    assert_int_equal(whole.n_branch, 39);
    assert_int_equal(whole.n_total, 2 * 39 + 1); /* 39 years, drafted and missing, and all plans */
    assert_int_equal(total(&whole, "work_plan.2000.missing"), 2);
    assert_int_equal(total(&whole, "work_plan.2038.missing"), 38);
    size_t pages, size = wire__overview__get_packed_size(&whole);
    expect_pages(s, &whole, 1, &pages); /* one thing a page, however small */
    assert_int_equal(pages, whole.n_total + whole.n_branch);
    expect_pages(s, &whole, 1000, &pages);
    assert_in_range(pages, size / 1000, size / 1000 * 2);
    expect_pages(s, &whole, size + 4000, &pages);
    assert_int_equal(pages, 1);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(an_empty_district),
        T(sums_of_what_was_committed),
        T(what_is_overdue_goes_by_the_day),
        T(branches_without_a_plan),
        T(branches_that_are_no_more),
        T(a_plan_that_is_gone),
        T(a_hundred_periods),
        T(by_role),
        T(what_seats_reported),
        T(over_the_arena_s_cap),
        T(a_whole_district),
        T(pages_hold_what_the_whole_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
