/* Files stay as small as what they hold: a WAL that never restarts, a log that is never let go, a table that only grows show here. */
#include "tests/sim/oracle_parts.h"

#include <stdio.h>
#include <sys/stat.h>

#define PAGE 4096
#define WAL_FRAME 4120
#define WAL_PAGES_OF_DEVICE 4000 /* SQLite checkpoints each 1,000; a reader may put it off for a while */

static int64_t size_of(int machine, const char *name)
{
    char path[256];
    struct stat st;
    snprintf(path, sizeof path, "%.120s/%s", disk_path(machine), name);
    return stat(path, &st) == 0 ? st.st_size : 0;
}

void oracle_expect_limits(struct district *d)
{
    int64_t server_wal = size_of(server_machine(d->server), "banyan.db-wal"), max = (d->scale.wal_pages_max + 2000) * WAL_FRAME;
    if (server_wal > max)
        world_fail("the server's WAL has %lld bytes", (long long)server_wal);
    for (unsigned i = 0; i < d->device_count; i++) {
        int64_t wal = size_of(seat_machine(d->devices[i]), "banyan.db-wal");
        if (wal > (int64_t)WAL_PAGES_OF_DEVICE * WAL_FRAME)
            world_fail("device %u: its WAL has %lld bytes", i, (long long)wal);
        if (seat_is_gone(d->devices[i]))
            continue;
        int64_t rows = size_of(seat_machine(d->devices[i]), "banyan.db"), of_server = size_of(server_machine(d->server), "banyan.db");
        if (rows > 4 * of_server + 500 * PAGE)
            world_fail("device %u: its database has %lld bytes, the server's %lld", i, (long long)rows, (long long)of_server);
    }
}
