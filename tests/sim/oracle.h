#pragma once
/* What must hold: meanwhile, and when people rest, the faults are over and everything had time to heal. */
#include "district.h"

/* From now on it looks each evening. */
void oracle_begin(struct district *d);
/* After the faults: everybody is online, seats that were suspended are let in; runs until all is level or the time is over. */
void oracle_heal(struct district *d);
/* Each device's rows are the server's, as far as both know the fields; no repair was needed. */
void oracle_expect_level(struct district *d);
/* In the end. */
void oracle_expect(struct district *d);

/* ---- looked at where it happens ---- */

/* An agent has taken VERDICTS: what left the outbox was pulled before (rule 20). */
void oracle_verdicts_taken(const struct seat *s, struct replica *r, struct slice verdicts);
/* A revoked seat's device is wiped. What it kept of another past under the same numbers (the control journal was lost, or the machine put
 * back) nobody could ask it for: that went with the disaster. */
void oracle_note_wiped(void);
/* An agent sends a PUSH: what was refused bears its mark (rule 20). */
void oracle_push_made(const struct seat *s, struct replica *r, struct slice push);
/* A person was told that the change is refused: it stays so (rule 20). */
void oracle_note_refused(uint32_t seat, struct slice hash);
/* A command said that what stands in the outbox behind the mark is saved: its bases are those of what waits already (rule 2). */
void oracle_expect_base(const struct seat *s, struct replica *r, int64_t mark);
/* The operator has revoked the seat: nothing of it is accepted from now on (rule 32). */
void oracle_note_revoked(struct district *d, uint32_t seat);
/* What numbers stand now (rule 18). */
void oracle_note_numbers(struct district *d);
/* The server was put back to an older state, the operator has ended its recovery, or put it back once more, it is over: not before all that it waits for had called
 * (rule 26). */
void oracle_note_lost(const struct district *d);
void oracle_note_operator(void);
/* The server was restored just now: nothing stands that an epoch has given up (rule 25). */
void oracle_expect_on_line(struct district *d);
void oracle_expect_waited(struct district *d);
