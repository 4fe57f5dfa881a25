/* Files stay as small as what they hold: a WAL that never restarts, a log that is never let go, a table that only grows show here. */
#include "tests/sim/oracle_parts.h"

#include "client/replica/replica_sync.h"
#include "client/replica/sql.h"

#include <stdio.h>
#include <sys/stat.h>

#define PAGE 4096
#define WAL_FRAME 4120
#define BYTES_OF_ENTRY 6000 /* entry, row, indexes: 1.5 KiB by hand; half-full pages, conflicts, rolled back growth */
#define WAL_PAGES_OF_DEVICE 4000 /* SQLite checkpoints each 1,000; a reader may put it off for a while */

static int64_t size_of(int machine, const char *name)
{
    char path[256];
    struct stat st;
    snprintf(path, sizeof path, "%.120s/%s", disk_path(machine), name);
    return stat(path, &st) == 0 ? st.st_size : 0;
}

/* Who hangs up in silence is found out within three minutes (LIMIT_IDLE_MS), and a device that was cut may have called again four times
 * by then (agent_pause_ms: within a second, two, four ...), a question of a command beside it. */
#define CONNECTIONS_OF_DEVICE 10

static void expect_server(struct district *d)
{
    int64_t wal = size_of(server_machine(d->server), "banyan.db-wal"), max = (d->scale.wal_pages_max + 2000) * WAL_FRAME, entries = 0, rows = 0;
    if (wal > max)
        world_fail("the server's WAL has %lld bytes", (long long)wal);
    if (!server_is_up(d->server))
        return;
    unsigned connections = server_connections(d->server);
    if (connections > d->device_count * CONNECTIONS_OF_DEVICE)
        world_fail("the server has %u connections of %u devices", connections, d->device_count);
    struct db *db = store_db(server_store(d->server));
    CHECK(sql_integer(db, 0, &entries, "SELECT count(*) FROM history", "") == ERR_OK);
    CHECK(sql_integer(db, 0, &rows, "SELECT count(*) FROM incarnation", "") == ERR_OK);
    int64_t size = size_of(server_machine(d->server), "banyan.db");
    if (size > entries * BYTES_OF_ENTRY + rows * 200 + 300 * PAGE)
        world_fail("the server's database has %lld bytes for %lld entries", (long long)size, (long long)entries);
}

/* What the promise has passed is let go (rule 24), but for the last of each org, which proves what follows it (rule 27); refusals that were ended are not kept either. While it is to be asked what
 * the server misses all stays. */
static void expect_let_go(struct seat *s, struct replica *r)
{
    int64_t kept = 0;
    CHECK(sql_integer(r->db, 0, &kept, "SELECT count(*) FROM kept k JOIN position p ON p.org = k.org WHERE k.seq <= p.promise AND p.snap = 0"
                      " AND k.seq < (SELECT max(seq) FROM kept m WHERE m.org = k.org AND m.seq <= p.promise)", "") == ERR_OK);
    if (kept && !replica_missing_due(r))
        world_fail("device %u keeps %lld entries of the log that it let go", seat_index(s), (long long)kept);
}

static void expect_device(struct district *d, struct seat *s)
{
    int64_t wal = size_of(seat_machine(s), "banyan.db-wal");
    if (wal > (int64_t)WAL_PAGES_OF_DEVICE * WAL_FRAME)
        world_fail("device %u: its WAL has %lld bytes", seat_index(s), (long long)wal);
    if (seat_is_gone(s))
        return;
    int64_t rows = size_of(seat_machine(s), "banyan.db"), of_server = size_of(server_machine(d->server), "banyan.db");
    if (rows > 4 * of_server + 500 * PAGE)
        world_fail("device %u: its database has %lld bytes, the server's %lld", seat_index(s), (long long)rows, (long long)of_server);
    struct replica *r = seat_look(s);
    if (r) {
        expect_let_go(s, r);
        seat_look_end(s);
    }
}

void oracle_expect_limits(struct district *d)
{
    expect_server(d);
    for (unsigned i = 0; i < d->device_count; i++)
        expect_device(d, d->devices[i]);
}
