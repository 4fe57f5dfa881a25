#pragma once
/* After each step of an agent: nothing waits without somebody who will see to it (rule 34), and what a device has heard it never
 * forgets (its cursors grow). */
#include "seat.h"

/* Its session goes on, and its next timer is set. */
void oracle_live_step(struct seat *s);
/* It sends this PUSH: what was answered is not to be sent for ever. */
void oracle_live_push(struct seat *s, struct slice push);
/* The server was put back to an older state, or has ended a recovery: cursors may go back to where the old path was left, once. */
void oracle_live_path_left(void);
/* It was put back by somebody who knows nothing of restore: until a recovery has ended it gives numbers again that devices hold otherwise,
 * who may be level with it before they find out by an entry that does not follow (rule 35). */
void oracle_live_two_pasts(void);

/* ---- oracle_turns.c ---- */
void oracle_turn_told(const struct seat *s, struct slice verdicts); /* VERDICTS came */
void oracle_turn_push(const struct seat *s);                        /* a PUSH goes */
void oracle_turn_over(const struct seat *s, enum err why);          /* a session has ended */
