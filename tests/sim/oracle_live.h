#pragma once
/* After each step of an agent: nothing waits without somebody who will see to it (rule 34), and what a device has heard it never
 * forgets (its cursors grow). */
#include "seat.h"

/* Its session goes on, and its next timer is set. */
void oracle_live_step(struct seat *s);
/* The server was put back to an older state, or has ended a recovery: cursors may go back to where the old path was left, once. */
void oracle_live_path_left(void);
