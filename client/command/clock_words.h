#pragma once
/* This device's clock, for people: it is measured at each contact. */
#include "client/command/command.h"

/* How far it is off and what it should show; nothing where it is right. */
void clock_text(const struct seat *s, struct buf *out);
/* The same on standard error, once for each difference: whoever only synchronises would never ask for the status. */
void clock_tell(struct seat *s);
