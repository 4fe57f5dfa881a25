/* Recovery does not end before everybody was heard who was lately active, or a day has passed, or the operator says so
 * (rule 26). Told by what the world knows: whether a device of the seat has called at all since. */
#include "tests/sim/oracle_late.h"
#include "tests/sim/oracle_parts.h"

#include "base/limits.h"
#include "server/control/control.h"

#define WAIT_MS (19 * HOUR_MS) /* a day, less what the server's clock may be off */
#define LATELY_MS (6 * DAY_MS) /* all had called in the first hours: until then everybody was lately active */

static int64_t lost_ms; /* 0: nothing to wait for */
static unsigned calls[DEVICES_MAX];

/* Rounds and questions, however they ended: either says hello. */
static unsigned sessions(const struct seat *s)
{
    return seat_counts(s).calls + seat_counts(s).asks;
}

void oracle_note_lost(const struct district *d)
{
    oracle_late_server_lost(server_is_up(d->server) ? server_store(d->server) : NULL);
    lost_ms = d->rolled_back ? 0 : world_now_ms();
    for (unsigned i = 0; i < DEVICES_MAX; i++)
        calls[i] = i < d->device_count ? sessions(d->devices[i]) : 0;
}

static void expect_org_on_line(struct district *d, uint32_t org)
{
    struct db_statement *q;
    struct arena arena;
    bool row;
    arena_init(&arena, LIMIT_ARENA);
    struct lineage lineage = control_lineage(server_control(d->server), org, &arena);
    CHECK(sql_ask(store_db(server_store(d->server)), &q, "SELECT seq FROM history WHERE org = ?1", "i", (int64_t)org) ==
          ERR_OK);
    while (db_step(q, &row) == ERR_OK && row)
        if (!lineage_holds(&lineage, (uint64_t)db_integer(q, 0)))
            world_fail("org %u: after the restore entry %lld.%lld stands, which an epoch has given up", org,
                       (long long)(db_integer(q, 0) >> 40), (long long)(db_integer(q, 0) & 0xffffffffff));
    arena_finish(&arena);
}

void oracle_expect_on_line(struct district *d)
{
    if (!server_is_up(d->server))
        return;
    int before = disk_enter(DISK_NOBODY);
    expect_org_on_line(d, 1);
    for (unsigned i = 0; i < d->scale.branches; i++)
        expect_org_on_line(d, d->branches[i]);
    disk_enter(before);
}

void oracle_note_operator(void)
{
    lost_ms = 0;
}

static bool has_called(const struct district *d, uint32_t seat)
{
    for (unsigned i = 0; i < d->device_count; i++)
        if (seat_options(d->devices[i])->number == seat && sessions(d->devices[i]) > calls[i])
            return true;
    return false;
}

/* Those at the beginning alone: whoever is made later may stand in no backup. */
void oracle_expect_waited(struct district *d)
{
    int64_t now = world_now_ms();
    if (!lost_ms || now - lost_ms > WAIT_MS || now - BEGIN_MS > LATELY_MS)
        return;
    for (unsigned i = 0; i < d->founders; i++) {
        uint32_t seat = seat_options(d->devices[i])->number;
        if (server_seat_is(d->server, seat, SEAT_ACTIVE) && !server_was_put_out(d->server, seat) &&
            !has_called(d, seat))
            world_fail("recovery is over after %lld minutes, and seat %u was not heard yet",
                       (long long)((now - lost_ms) / MINUTE_MS), seat);
    }
    lost_ms = 0;
}
