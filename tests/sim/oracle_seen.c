/* What people are shown is so: a device's `status` against its own tables and against what the server's board says of its seat; a device
 * that is lost says nothing any more, and the board knows since when. */
#include "tests/sim/oracle_parts.h"

#define SLACK_MS (3 * HOUR_MS) /* the server's clock may have been off by two hours */

static int64_t count(struct replica *r, const char *sql)
{
    int64_t n = -1;
    CHECK(sql_integer(r->db, 0, &n, sql, "") == ERR_OK);
    return n;
}

static bool is_alone(const struct district *d, unsigned device)
{
    for (unsigned i = 0; i < d->device_count; i++)
        if (i != device && seat_options(d->devices[i])->number == seat_options(d->devices[device])->number)
            return false;
    return true;
}

/* Level: nothing waits but for a person, and that is what it says. */
static void expect_status(const struct seat *s, struct replica *r, const struct control_seat *told)
{
    struct replica_status status;
    CHECK(replica_status(r, &status) == ERR_OK);
    int64_t refused = count(r, "SELECT count(*) FROM (SELECT DISTINCT ifnull(grp, id) FROM attention)");
    int64_t conflicts = count(r, "SELECT count(*) FROM conflict WHERE state = 'open'");
    if (status.queued || status.refused != (uint64_t)refused || status.conflicts != (uint64_t)conflicts)
        world_fail("device %u says %llu queued, %llu refused, %llu conflicts; there are 0, %lld, %lld", seat_index(s), (unsigned long long)status.queued,
                   (unsigned long long)status.refused, (unsigned long long)status.conflicts, (long long)refused, (long long)conflicts);
    if (told && (told->queued || told->refused != status.refused || told->conflicts != status.conflicts))
        world_fail("the board says of seat %u %u queued, %u refused, %u conflicts; its device 0, %llu, %llu", told->number, told->queued, told->refused,
                   told->conflicts, (unsigned long long)status.refused, (unsigned long long)status.conflicts);
    if (told && world_now_ms() - told->last_contact_ms > DAY_MS)
        world_fail("the board says that seat %u was silent for %lld hours", told->number, (long long)((world_now_ms() - told->last_contact_ms) / HOUR_MS));
}

static void expect_silence(const struct seat *s, const struct control_seat *told)
{
    int64_t lost = seat_counts(s).lost_ms;
    if (lost && told->last_contact_ms > lost + SLACK_MS)
        world_fail("device %u was lost on day %lld; the board says that its seat %u was heard %lld minutes later", seat_index(s),
                   (long long)((lost - BEGIN_MS) / DAY_MS), told->number, (long long)((told->last_contact_ms - lost) / MINUTE_MS));
}

void oracle_expect_seen(struct district *d)
{
    struct control *control = server_control(d->server);
    int before = disk_enter(DISK_NOBODY);
    CHECK(control_refresh(control, NULL) == ERR_OK);
    disk_enter(before);
    for (unsigned i = 0; i < d->device_count; i++) {
        struct seat *s = d->devices[i];
        const struct control_seat *told = control_seat(control, seat_options(s)->number);
        bool alone = told && is_alone(d, i) && told->state == SEAT_ACTIVE; /* NULL: forgotten with the journal */
        struct replica *r = seat_look(s);
        if (r) {
            expect_status(s, r, alone ? told : NULL);
            seat_look_end(s);
        } else if (alone) {
            expect_silence(s, told);
        }
    }
}
