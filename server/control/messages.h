#pragma once
/* Control data as messages: the same for what sessions answer and what the server's own commands print. In the arena;
 * texts are borrowed from control until its next refresh. NULL over the arena's cap. */
#include "server/control/control.h"

Wire__Org *message_org(const struct control_org *org, struct arena *arena);
Wire__Seat *message_seat(const struct control *control, const struct control_seat *seat, struct arena *arena);
/* All seats of top's subtree (only: that one, 0: all). */
enum err message_seats(const struct control *control, uint32_t top, uint32_t only, struct arena *arena,
                       Wire__Seats *out) MUST_CHECK;
const char *message_seat_state(enum seat_state state);
