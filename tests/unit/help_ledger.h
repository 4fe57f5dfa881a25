#pragma once
/* What people of a district in one process were told is saved, and whether anybody still has it. A change lives as long as the
 * server's history, its author's outbox or kept log, or (while that can come back, rule 25) somebody else's kept log holds it. What
 * a disaster took from all of them is lost and nobody's fault; all else must stand in the server's history in the end, once. */
#include "help_district.h"

struct ledger {
    struct buf saved; /* struct saved, in the order of saying */
    size_t lost;
};

void ledger_finish(struct ledger *l);
/* Everything in the device's outbox was told to a person as saved. */
void ledger_note(struct ledger *l, struct device *v);
/* After a disaster. others: devices (bits, by index) whose kept entries of other authors still count. */
void ledger_strike(struct ledger *l, struct district *d, unsigned others);
/* Every change that is not lost stands in the history of the server, with a verdict of its own exactly once. */
void ledger_expect(struct ledger *l, struct district *d);
