#pragma once
/* What goes with a step of a workflow, in one group with it (rule 15): a member's move is written into the ledger of membership; a
 * proposal that is sent back loses its co-signatures. */
#include "client/command/command.h"

#define COMPANIONS_MAX 15 /* a group holds one more */

/* The changes that belong behind act, in list; the record is of the seat's own org. Gives what act lacks for them (the day of a
 * member's move) into act->patch, which is copied then. ERR_TOO_LONG: more than a group holds. Messages in the seat's arena. */
enum err act_companions(struct seat *s, const struct kind *k, struct replica_change *act, struct replica_change list[COMPANIONS_MAX],
                        size_t *count) MUST_CHECK;
