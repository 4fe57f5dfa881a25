#pragma once
/* What revoked seats handed over: entries refused for that (rule 32), but what a successor has handed in since; and what others handed over
 * late and was refused (rule 27), of seats that are revoked, unknown by now, or have not been here since. They stand in the logs like all others; here they are found by seat, through indexes of them alone. */
#include "server/store/store.h"

struct store_refused {
    uint32_t org;
    uint64_t seq;
    int64_t received_ms;
    struct slice change; /* as pushed */
    const char *code;    /* why it was refused */
};
struct store_refused_place {
    uint32_t seat, org;
    uint64_t seq;
};
/* Is what stands in that org's log of that seat for the asker? */
typedef bool store_wants_seat(void *to, uint32_t seat, uint32_t org);
/* Of one seat those that are wanted, by org and seq, behind that place; until about size_max bytes. *more: another one that is wanted is
 * behind them. In the arena. */
enum err store_read_refused(struct store *s, const struct store_refused_place *after, size_t size_max, store_wants_seat *wants, void *to,
                            struct arena *arena, struct store_refused **out, size_t *count, bool *more) MUST_CHECK;

struct store_refused_seat {
    uint32_t seat, changes;
    uint32_t org; /* in whose log they stand, one of them: of a seat that is unknown nothing else tells whose it was */
    int64_t newest_ms;
};
#define STORE_REFUSED_SEATS 256u /* at most in one answer: the oldest of them */
/* Seats whose newest such entry came after both times, by that time; those alone that are wanted. In the arena. Where some of a seat's were
 * handed over late the first time does not count: they may have been refused long before the seat was revoked. */
enum err store_read_refused_seats(struct store *s, int64_t after_ms, int64_t oldest_ms, store_wants_seat *wants, void *to, struct arena *arena,
                                  struct store_refused_seat **out, size_t *count) MUST_CHECK;
