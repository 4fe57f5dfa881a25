#pragma once
/* What was not taken of a revoked seat: it came too late (rule 32), or a restore took it and others handed it over (rule 27). For people
 * who enter it anew. */
#include "client/command/command.h"
#include "wire.pb-c.h"

/* seats: the answer to SEAT_REFUSED, all pages of it. To stdout, in words or as JSON. */
void seat_refused_print(struct seat *s, const Wire__Seats *seats, bool json);
