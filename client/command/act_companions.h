#pragma once
/* What goes with a step of a workflow, in one group with it (rule 15): a proposal that is sent back loses its co-signatures. */
#include "client/command/command.h"

#define COMPANIONS_MAX 15 /* a group holds one more */

/* The changes that belong behind act, in list; the record is of the seat's own org. What a group cannot hold besides is written before
 * it, into the batch that the caller has begun; ERR_REFUSED: *o says why. Messages in the seat's arena. */
enum err act_companions(struct seat *s, const struct kind *k, const struct replica_change *act, struct replica_change list[COMPANIONS_MAX],
                        size_t *count, struct replica_outcome *o) MUST_CHECK;
