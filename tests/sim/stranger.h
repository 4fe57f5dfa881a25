#pragma once
/* Seats and branches that the server lost together with the control journal: their devices go on, call, are noted, and the operator makes
 * the branch and takes them in again, as they were or with other roles, in commands that may die. Whose number was given to somebody else
 * meanwhile has to be invited anew. */
#include <stdbool.h>

struct district;
/* The server was put back, and what it knew of seats since may be lost. */
void stranger_journal_lost(struct district *d);
/* Whoever looks at all branches looks at those that the server knows just now. */
void stranger_note_branches(struct district *d);
/* Nobody who is there still waits to be taken in; the server is up. */
bool stranger_all_known(const struct district *d);
