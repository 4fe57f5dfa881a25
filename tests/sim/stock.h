#pragma once
/* What stands in a district when a run begins: years of records, which the server's own writer decided before anybody connected.
 * Devices get them as a new PC does, in a snapshot. */
#include "server.h"

/* So many records of the org: members, what they owe and what they paid, made by the seat (a chair who is the accountant, too). */
void stock_org(struct server *s, uint32_t org, uint32_t seat, unsigned records);
