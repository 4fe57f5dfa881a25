#pragma once
/* Control data as messages: the same for what sessions answer and what the server's own commands print. In the arena;
 * texts are borrowed from control until its next refresh. NULL over the arena's cap. */
#include "server/control/control.h"

Wire__Org *message_org(const struct control_org *org, struct arena *arena);
Wire__Seat *message_seat(const struct control *control, const struct control_seat *seat, struct arena *arena);
/* Which seats: those of top's subtree, behind the one numbered after, as many as go into size_max bytes (0: all). */
struct seats_ask {
    uint32_t top;
    uint32_t only; /* that one alone; 0: all */
    uint32_t after;
    size_t size_max;
};
/* A page holds at least one, done with the last. */
enum err message_seats(const struct control *control, const struct seats_ask *ask, struct arena *arena,
                       Wire__Seats *out) MUST_CHECK;
const char *message_seat_state(enum seat_state state);
