/* How often one seat is certified: a stolen seat, or a code's holder, who asks in a loop does not fill the journal,
 * which is kept for ever. Counted in memory alone: who restarts the server is no peer. */
#include "server/control/authority_inner.h"
#include "base/limits.h"

#include <stdlib.h>
#include <uthash.h>

#define HOUR_MS (60 * 60 * 1000LL)

struct certified {
    uint32_t seat;
    unsigned count;
    int64_t since_ms; /* the hour that is counted */
    UT_hash_handle hh;
};

static struct certified *find(struct authority *a, uint32_t seat)
{
    struct certified *c;
    HASH_FIND(hh, a->certified, &seat, sizeof seat, c);
    if (c)
        return c;
    c = calloc(1, sizeof *c);
    CHECK(c);
    c->seat = seat;
    HASH_ADD(hh, a->certified, seat, sizeof c->seat, c);
    return c;
}

/* A clock that was set back begins an hour anew, too: nobody waits for it to come round. */
bool authority_certifies_often(struct authority *a, uint32_t seat, int64_t now_ms)
{
    struct certified *c = find(a, seat);
    if (now_ms < c->since_ms || now_ms - c->since_ms >= HOUR_MS)
        *c = (struct certified){.seat = seat, .since_ms = now_ms, .hh = c->hh};
    return c->count++ >= LIMIT_CERTIFICATES_HOUR;
}

void authority_forget_often(struct authority *a)
{
    struct certified *c, *next;
    HASH_ITER(hh, a->certified, c, next)
    {
        HASH_DEL(a->certified, c);
        free(c);
    }
}
