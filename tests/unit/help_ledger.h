#pragma once
/* What people of a district in one process were told is saved, and whether anybody still has it. A change lives as long as the
 * server's history, its author's outbox or kept log, or (while that can come back, rule 25) somebody else's kept log holds it. What
 * a disaster took from all of them is lost and nobody's fault; all else must stand in the server's history in the end, once. */
#include "help_district.h"

struct ledger {
    struct buf saved;  /* struct saved, in the order of saying */
    struct buf before; /* tokens that the person of the next change has before the eyes: unsigned */
    struct buf seen;   /* struct seen: which change was made over which token */
    size_t lost;
};

/* Texts that people write are tokens, "t00042", each written once. So it can be told whether a value that was accepted was written
 * over by somebody who had not seen it. */
#define TOKEN_SIZE 6
/* The tokens in the text are before the person's eyes. */
void ledger_before(struct ledger *l, struct slice text);

void ledger_finish(struct ledger *l);
/* Everything in the device's outbox was told to a person as saved; what is new there was made over what is before the eyes. */
void ledger_note(struct ledger *l, struct device *v);
/* After a disaster. others: devices (bits, by index) whose kept entries of other authors still count. */
void ledger_strike(struct ledger *l, struct district *d, unsigned others);
/* Every change that is not lost stands in the history of the server, with a verdict of its own exactly once. */
void ledger_expect(struct ledger *l, struct district *d);
/* Every token of a change that was accepted stands in a row or a conflict, or a change was made over it that was accepted (or refused,
 * and what that wrote stands or was seen in turn). */
void ledger_expect_seen(struct ledger *l, struct district *d);
