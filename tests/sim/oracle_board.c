/* The board's sums: what the commits kept is what the rows add up to, at any time. See oracle_board.h. */
#include "tests/sim/oracle_board.h"

#include "client/replica/sql.h"
#include "kinds/kind.h"
#include "sync/org_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void tally_add(struct tally *t, const char *name, int64_t value)
{
    size_t i = 0;
    while (i < t->count && strcmp(t->list[i].name, name) != 0)
        i++;
    CHECK(i < sizeof t->list / sizeof *t->list);
    if (i == t->count) {
        snprintf(t->list[i].name, TALLY_NAME, "%s", name);
        t->list[t->count++].value = 0;
    }
    t->list[i].value += value;
}

int64_t tally_value(const struct tally *t, const char *name)
{
    for (size_t i = 0; i < t->count; i++)
        if (strcmp(t->list[i].name, name) == 0)
            return t->list[i].value;
    return 0;
}

int64_t tally_members(const struct tally *t)
{
    return tally_value(t, "member.state.active");
}

int64_t tally_owing(const struct tally *t, const char *period)
{
    char name[TALLY_NAME];
    snprintf(name, sizeof name, "dues_assessment.members.%s", period);
    return tally_value(t, name);
}

/* "member.state." and all in it; a name without a dot at its end alone. Owing stands here without its days. */
static const char *const families[] = {
    "member.total", "member.erased", "member.state.", "work_plan.total", "work_plan.2026-1.", "work_plan.none.", "proposal.state.", "policy_limit.state.",
    "dues_assessment.state.", "dues_assessment.members.", "dues_assessment.exempt.", "dues_assessment.assessed_fen.",
    "dues_assessment.paid_fen.", "dues_assessment.paid_up.", "dues_payment.total", "dues_payment.reversals", "dues_payment.unassessed_fen."};

bool tally_knows(const char *name)
{
    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        size_t size = strlen(families[i]);
        bool family = families[i][size - 1] == '.';
        if (family ? strncmp(name, families[i], size) == 0 && strcmp(name + size, "missing") != 0 : strcmp(name, families[i]) == 0)
            return true;
    }
    return false;
}

/* ---- from rows ---- */

/* Each row of the answer: what stands behind front, and how much. */
static void ask(struct tally *t, struct db *db, uint32_t org, const char *front, const char *sql)
{
    struct db_statement *q;
    char name[TALLY_NAME];
    bool row;
    CHECK(sql_ask(db, &q, sql, "i", (int64_t)org) == ERR_OK);
    while (db_step(q, &row) == ERR_OK && row) {
        struct slice rest = db_text(q, 0);
        snprintf(name, sizeof name, "%s%.*s", front, (int)rest.size, (const char *)rest.data);
        tally_add(t, name, db_integer(q, 1));
    }
}

/* Who was erased by law is no member any more, and owes nothing; nor does who was removed. */
#define NAMED " AND name IS NOT NULL"

static void count_states(struct tally *t, struct db *db, uint32_t org, const char *kind)
{
    char front[TALLY_NAME], sql[200];
    snprintf(front, sizeof front, "%s.state.", kind);
    snprintf(sql, sizeof sql, "SELECT ifnull(state, '%s'), count(*) FROM \"%s\" WHERE _org = ?1%s GROUP BY 1", kind_by_name(kind)->states[0].name, kind,
             strcmp(kind, "member") == 0 ? NAMED : "");
    ask(t, db, org, front, sql);
}

/* Dues by plain joins: what was paid for a member's month counts for its assessment, unless nobody asked for it or he is exempt. */
#define PAID "(SELECT ifnull(sum(p.amount_fen), 0) FROM dues_payment p WHERE p._org = a._org AND p.member_id = a.member_id AND p.period = a.period)"
#define OWES "FROM dues_assessment a WHERE a._org = ?1 AND ifnull(a.state, '') <> 'exempt' GROUP BY a.period"

static void count_dues(struct tally *t, struct db *db, uint32_t org)
{
    ask(t, db, org, "dues_assessment.members.", "SELECT a.period, count(*) " OWES);
    ask(t, db, org, "dues_assessment.assessed_fen.", "SELECT a.period, sum(a.amount_due_fen) " OWES);
    ask(t, db, org, "dues_assessment.paid_fen.", "SELECT a.period, sum(" PAID ") " OWES);
    ask(t, db, org, "dues_assessment.paid_up.", "SELECT a.period, sum(" PAID " >= a.amount_due_fen) " OWES);
    CHECK(sql_integer(db, 0, &t->dropped, "SELECT count(*) FROM dues_assessment a WHERE a._org = ?1 AND (a.member_id IN (SELECT id FROM member WHERE _org = ?1"
                      " AND name IS NULL) OR a.member_id IN (SELECT id FROM tombstone WHERE _org = ?1)) AND ifnull(a.state, '') <> 'exempt' AND " PAID
                      " < a.amount_due_fen", "i", (int64_t)org) == ERR_OK);
    ask(t, db, org, "dues_assessment.exempt.", "SELECT period, count(*) FROM dues_assessment WHERE _org = ?1 AND state = 'exempt' GROUP BY 1");
    ask(t, db, org, "dues_payment.unassessed_fen.",
        "SELECT p.period, sum(p.amount_fen) FROM dues_payment p WHERE p._org = ?1 AND NOT EXISTS (SELECT 1 FROM dues_assessment a"
        " WHERE a._org = p._org AND a.member_id = p.member_id AND a.period = p.period AND ifnull(a.state, '') <> 'exempt') GROUP BY 1");
    ask(t, db, org, "dues_payment.", "SELECT 'total', count(*) FROM dues_payment WHERE _org = ?1");
    ask(t, db, org, "dues_payment.", "SELECT 'reversals', count(*) FROM dues_payment WHERE _org = ?1 AND reverses_id IS NOT NULL");
}

void tally_rows(struct tally *t, struct db *db, uint32_t org)
{
    t->count = 0;
    ask(t, db, org, "member.", "SELECT 'total', count(*) FROM member WHERE _org = ?1" NAMED);
    ask(t, db, org, "member.", "SELECT 'erased', count(*) FROM member WHERE _org = ?1 AND name IS NULL");
    ask(t, db, org, "work_plan.", "SELECT 'total', count(*) FROM work_plan WHERE _org = ?1");
    ask(t, db, org, "work_plan.", "SELECT ifnull(period, 'none') || '.' || ifnull(state, 'draft'), count(*) FROM work_plan WHERE _org = ?1 GROUP BY 1");
    count_states(t, db, org, "member");
    count_states(t, db, org, "proposal");
    count_states(t, db, org, "policy_limit");
    count_states(t, db, org, "dues_assessment");
    count_dues(t, db, org);
}

/* ---- against what the commits kept ---- */

static void compare(uint32_t org, const struct tally *rows, const struct org_state *state)
{
    const char *name;
    int64_t value, owing = 0, expected = -rows->dropped;
    for (size_t i = 0; i < rows->count; i++) {
        const char *called = rows->list[i].name;
        if (org_state_measure(state, called) != rows->list[i].value)
            world_fail("org %u: %s is %lld by the rows and %lld by the measures", org, called, (long long)rows->list[i].value,
                       (long long)org_state_measure(state, called));
        if (strncmp(called, "dues_assessment.members.", 24) == 0)
            expected += rows->list[i].value;
        if (strncmp(called, "dues_assessment.paid_up.", 24) == 0)
            expected -= rows->list[i].value;
    }
    for (size_t i = 0; org_state_measure_at(state, i, &name, &value); i++) {
        owing += strncmp(name, "dues_assessment.owing.", 22) == 0 ? value : 0;
        if (tally_knows(name) && value != tally_value(rows, name))
            world_fail("org %u: %s is %lld by the measures and %lld by the rows", org, name, (long long)value, (long long)tally_value(rows, name));
    }
    if (owing != expected)
        world_fail("org %u: %lld owe dues by the measures and %lld by the rows", org, (long long)owing, (long long)expected);
}

static void compare_org(struct district *d, uint32_t org, struct tally *rows)
{
    struct org_state *state;
    CHECK(store_load_org(server_store(d->server), org, 1, &state) == ERR_OK);
    tally_rows(rows, store_db(server_store(d->server)), org);
    compare(org, rows, state);
    org_state_destroy(state);
}

void oracle_expect_board(struct district *d)
{
    if (!server_is_up(d->server))
        return;
    struct tally *all = calloc(d->scale.branches + 1, sizeof *all);
    CHECK(all);
    int before = disk_enter(DISK_NOBODY);
    compare_org(d, 1, &all[d->scale.branches]);
    for (unsigned i = 0; i < d->scale.branches; i++)
        compare_org(d, d->branches[i], &all[i]);
    oracle_expect_told(d, all, &all[d->scale.branches]);
    disk_enter(before);
    free(all);
}
