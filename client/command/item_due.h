#pragma once
/* The day of a plan's step of which only the month or the quarter was said. */
#include "client/command/command.h"

/* Puts due_on into a new plan_item whose patch says month or quarter and no day, as it is where an item comes with its plan's document: the
 * last day of the month or quarter in the plan's period. Does nothing to another kind, where a day is given, or where the month is none of
 * the period's. The day is in the arena. */
void item_due_fill(struct seat *s, const struct kind *k, ProtobufCMessage *patch, struct arena *arena);
