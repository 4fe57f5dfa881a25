/* How far the device's clock is off. It is measured at a contact and is that of the clock as it was then: whoever sets
 * the clock right afterwards must not be told that it is wrong. Kept beside the difference is what shows that: the wall
 * clock less a clock that nobody sets, of this boot. What was set since is taken off only if the clock came nearer to
 * the server's by it: a machine that was held (a virtual one) looks like one whose clock was set forward. */
#include "client/replica/replica_inner.h"
#include "client/replica/replica_sync.h"
#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

#define DRIFT_MS (2 * 60 * 1000) /* clocks are slewed, and the two are not read in one moment */

void replica_set_clock(struct replica *r, bool (*base)(struct clock_base *out))
{
    r->clock = base;
    r->facts_stale = true;
}

enum err inner_clock_measured(struct replica *r, int64_t offset_ms)
{
    struct clock_base base = {.ms = 0};
    bool told = r->clock && r->clock(&base);
    enum err e = replica_meta_put_integer(r, "clock_offset_ms", offset_ms);
    if (e == ERR_OK && told)
        e = replica_meta_put_integer(r, "clock_base_ms", base.ms);
    return e == ERR_OK ? replica_meta_put(r, "clock_boot", told ? slice_text(base.boot) : (struct slice){0}) : e;
}

static bool is_of_this_boot(struct replica *r, const struct clock_base *now)
{
    struct slice kept;
    return replica_meta_get(r, "clock_boot", &r->facts_arena, &kept) == ERR_OK && kept.size == strlen(now->boot) &&
           memcmp(kept.data, now->boot, kept.size) == 0;
}

void inner_clock_read(struct replica *r, struct replica_facts *f)
{
    struct clock_base now = {.ms = 0};
    f->clock_measured_ms = f->clock_offset_ms = replica_meta_integer(r, "clock_offset_ms", 0);
    f->clock_changed = false;
    if (!r->clock)
        return;
    f->clock_changed = true;
    if (!r->clock(&now) || !is_of_this_boot(r, &now))
        return;
    int64_t set = now.ms - replica_meta_integer(r, "clock_base_ms", 0);
    if (llabs(set) <= DRIFT_MS)
        f->clock_changed = false;
    else if (llabs(f->clock_measured_ms - set) < llabs(f->clock_measured_ms))
        f->clock_offset_ms = f->clock_measured_ms - set;
}

/* ---- told to people, once ---- */

#define TOLD "clock_told_ms" /* in meta */

int64_t replica_clock_told(struct replica *r)
{
    return replica_meta_integer(r, TOLD, 0);
}

enum err replica_clock_note_told(struct replica *r, int64_t difference_ms)
{
    return replica_meta_put_integer(r, TOLD, difference_ms);
}
