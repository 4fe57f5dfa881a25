/* Sums of money: the same in rows, in the history, in measures, and on every device that holds the rows. Worked out by plain adding up,
 * not by what the kinds say. And a payment is taken back once at most. */
#include "tests/sim/oracle_parts.h"
#include "tests/sim/roles.h"

#include "base/limits.h"
#include "client/replica/sql.h"
#include "kinds/kind.h"
#include "sync/chain.h"
#include "sync/org_state.h"

#include <string.h>

static int64_t of_rows(struct db *db, uint32_t org)
{
    int64_t sum = 0;
    CHECK(sql_integer(db, 0, &sum, "SELECT sum(amount_fen) FROM dues_payment WHERE _org = ?1", "i", (int64_t)org) == ERR_OK);
    return sum;
}

/* Accepted changes alone. False: an entry came back without its change. */
static bool of_history(struct db *db, uint32_t org, int64_t *sum)
{
    struct db_statement *q;
    struct arena arena;
    bool row, whole = true;
    arena_init(&arena, LIMIT_ARENA);
    *sum = 0;
    CHECK(sql_ask(db, &q, "SELECT change FROM history WHERE org = ?1 AND kind = ?2 AND verdict < 4", "ii", (int64_t)org,
                  (int64_t)kind_by_name("dues_payment")->number) == ERR_OK);
    while (db_step(q, &row) == ERR_OK && row) {
        struct change c;
        arena_reset(&arena);
        if (db_is_null(q, 0) || change_open(db_blob(q, 0), &arena, &c) != ERR_OK)
            whole = false;
        else if (c.op == OP_CREATE)
            *sum += record_get_name(c.patch, "amount_fen").integer;
    }
    arena_finish(&arena);
    return whole;
}

static int64_t of_measures(struct district *d, uint32_t org)
{
    static const char *const families[] = {"dues_assessment.paid_fen.", "dues_payment.unassessed_fen."};
    struct org_state *state;
    const char *name;
    int64_t value, sum = 0;
    CHECK(store_load_org(server_store(d->server), org, 1, &state) == ERR_OK);
    for (size_t i = 0; org_state_measure_at(state, i, &name, &value); i++)
        for (size_t f = 0; f < 2; f++)
            if (strncmp(name, families[f], strlen(families[f])) == 0)
                sum += value;
    org_state_destroy(state);
    return sum;
}

static void expect_once(struct district *d)
{
    int64_t twice = 0;
    CHECK(sql_integer(store_db(server_store(d->server)), 0, &twice,
                      "SELECT count(*) FROM (SELECT 1 FROM dues_payment WHERE reverses_id IS NOT NULL GROUP BY reverses_id HAVING count(*) > 1)", "") == ERR_OK);
    if (twice)
        world_fail("%lld payments are taken back twice", (long long)twice);
}

#define READS_PAYMENTS (ROLES(union_chair) | ROLES(committee_member) | ROLES(group_leader) | ROLES(accountant) | ROLES(audit_member)) /* rights.md */

void oracle_expect_money(struct district *d)
{
    struct db *db = store_db(server_store(d->server));
    for (unsigned i = 0; i < d->scale.branches; i++) {
        uint32_t org = d->branches[i];
        int64_t rows = of_rows(db, org), measures = of_measures(d, org), history;
        if (of_history(db, org, &history) && history != rows)
            world_fail("org %u: payments are %lld fen by the history and %lld by the rows", org, (long long)history, (long long)rows);
        if (measures != rows)
            world_fail("org %u: payments are %lld fen by the measures and %lld by the rows", org, (long long)measures, (long long)rows);
    }
    for (unsigned i = 0; i < d->device_count; i++) {
        uint32_t org = seat_options(d->devices[i])->org;
        role_set roles;
        bool reads = roles_told(d, d->devices[i], &roles) && (roles & READS_PAYMENTS);
        struct replica *r = org == 1 ? NULL : seat_look(d->devices[i]);
        int64_t right = reads ? of_rows(db, org) : 0;
        if (r && of_rows(r->db, org) != right)
            world_fail("device %u: payments are %lld fen there and %lld on the server", i, (long long)of_rows(r->db, org), (long long)right);
        if (r)
            seat_look_end(d->devices[i]);
    }
    expect_once(d);
}
