/* What the whole run holds in memory, looked at each so many events: all devices, their commands, the server, the simulator's own books.
 * It may grow with what there is (open databases, records, what people said), and with nothing else: not with sessions, commands, days.
 * What is forgotten or piles up shows here, long before a machine would be full. */
#include "tests/sim/oracle_parts.h"

#include <malloc.h>

#define LOOK_EACH 64
#define KIB ((size_t)1024)
#define MIB (1024 * KIB)

/* Seen without sanitizers: 9 MiB of 5 devices, 36 of 26, 1.1 a device; caches of SQLite grow with what stands there. */
#define BASE (24 * MIB)
#define OF_BRANCH MIB         /* the server's rows, sums, groups of jobs */
#define OF_DEVICE (2 * MIB)   /* a database that is open twice, its link, its people */
#define OF_RECORD (2 * KIB)   /* in the caches of the server and of its devices */
#define OF_CHANGE (8 * KIB)   /* the same, in the history, logs and outboxes; and what is not synced yet, in the book of the disk */

extern size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

static struct district *watched;

static size_t held(void)
{
    if (__sanitizer_get_current_allocated_bytes)
        return __sanitizer_get_current_allocated_bytes();
    struct mallinfo2 m = mallinfo2();
    return m.uordblks + m.hblkhd;
}

static size_t allowed(const struct district *d)
{
    size_t records = d->scale.stock + d->scale.records, branches = d->scale.branches;
    return BASE + branches * OF_BRANCH + d->device_count * OF_DEVICE + records * OF_RECORD + (size_t)d->ledger.count * OF_CHANGE;
}

static void look(void)
{
    if (world_events() % LOOK_EACH)
        return;
    size_t now = held();
    if (now > allowed(watched))
        world_fail("%zu KiB are held in memory by %u devices, %u branches, %llu changes; %zu are allowed", now / KIB, watched->device_count,
                   watched->scale.branches, (unsigned long long)watched->ledger.count, allowed(watched) / KIB);
}

void oracle_heap_begin(struct district *d)
{
    watched = d;
    world_on_step(look);
}
