#pragma once
/* What a revoked seat had not sent in time (rule 32), for people who enter it anew. */
#include "client/command/command.h"
#include "wire.pb-c.h"

/* seats: the answer to SEAT_REFUSED, all pages of it. To stdout, in words or as JSON. */
void seat_refused_print(struct seat *s, const Wire__Seats *seats, bool json);
