/* A server that is busy says when to come again, and is left alone until then; and whoever comes when it was told gets its turn: nobody is
 * put off time after time while others are served. */
#include "tests/sim/oracle_live.h"

#include "base/limits.h"
#include "tests/sim/district.h"
#include "tests/sim/seat_inner.h"
#include "wire/wire.h"

#define PUT_OFF_MAX 15 /* in a row. Of a queue that is full half of the time once in 30,000 */

static struct turn {
    unsigned calls;       /* of the session that was told */
    int64_t not_before_ms;
    int64_t clock_off_ms; /* then: who sets his clock has another time */
    unsigned put_off;
    uint64_t rounds;
} turns[DEVICES_MAX];

static int64_t clock_off(const struct seat *s)
{
    return seat_now_ms(s) - world_now_ms();
}

/* What was on its way when it was told says the same once more, later: the first time counts. */
void oracle_turn_told(const struct seat *s, struct slice verdicts)
{
    struct arena arena;
    const struct turn *before = &turns[s->index];
    bool waits = before->calls == s->counts.calls && world_now_ms() < before->not_before_ms;
    ProtobufCMessage *m;
    arena_init(&arena, LIMIT_ARENA);
    CHECK(wire_open(&wire__verdicts__descriptor, verdicts, &arena, &m) == ERR_OK);
    const Wire__Verdicts *v = (const Wire__Verdicts *)m;
    if (!waits && v->has_retry_after_ms && v->retry_after_ms > 0)
        turns[s->index] = (struct turn){.calls = s->counts.calls, .not_before_ms = world_now_ms() + v->retry_after_ms, .clock_off_ms = clock_off(s),
                                        .put_off = before->put_off, .rounds = before->rounds};
    arena_finish(&arena);
}

void oracle_turn_push(const struct seat *s)
{
    const struct turn *t = &turns[s->index];
    if (t->calls == s->counts.calls && t->clock_off_ms == clock_off(s) && world_now_ms() < t->not_before_ms)
        world_fail("device %u pushes %lld ms before the time that the server asked for", s->index, (long long)(t->not_before_ms - world_now_ms()));
}

void oracle_turn_over(const struct seat *s, enum err why)
{
    struct turn *t = &turns[s->index];
    bool served = t->rounds != s->rounds || why != ERR_BUSY || server_has_trouble(s->options.server);
    t->put_off = served ? 0 : t->put_off + 1;
    t->rounds = s->rounds;
    if (t->put_off > PUT_OFF_MAX)
        world_fail("device %u was put off %u times in a row", s->index, t->put_off);
}
