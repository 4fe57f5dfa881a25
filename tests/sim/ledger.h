#pragma once
/* What people were told is saved, and whether anybody still has it. A change lives as long as the server's history, its author's outbox
 * or kept log, or somebody else's kept log holds it (as it was while the org recovers, rule 25; late, if it is whole, rule 27). What a disaster took from all of them is lost
 * and nobody's fault; all else must stand in the server's history in the end, exactly once. */
#include "seat.h"

struct district;
struct saved;
struct ledger {
    struct saved *all; /* by hash */
    uint64_t count, lost;
};

void ledger_finish(struct ledger *l);
/* The newest number of the outbox, before a command ... */
int64_t ledger_mark(struct replica *r);
/* ... which said that all is saved that came after it. */
void ledger_note(struct ledger *l, const struct seat *device, struct replica *r, int64_t mark);
/* After a disaster. others: does what a device keeps of other authors' still come back as it was? NULL: of none. late: what is whole of
 * it comes back at least as late changes (rule 27). */
void ledger_strike(struct ledger *l, struct district *d, bool (*others)(const struct district *d, const struct seat *device), bool late);
/* The same, after a restore of the server from one of its two newest backups: a device that is what it was when it said that a change
 * is saved has it still, in its outbox or its kept log (rules 20, 24, 28). */
void ledger_strike_intact(struct ledger *l, struct district *d, bool (*others)(const struct district *d, const struct seat *device));
/* Every change that is not lost stands in the history with a verdict of its own exactly once, and no change stands there twice. */
void ledger_expect(struct ledger *l, struct district *d);
