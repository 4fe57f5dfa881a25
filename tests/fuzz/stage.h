#pragma once
/* The district that session_fuzz, join_fuzz and journal_fuzz play on: two kindergartens with seats of every sort and a
 * few records, over a real store in memory, as it was at the start of each run. */
#include "tests/unit/help_session.h"

enum stage_seat {
    STAGE_CHAIR,
    STAGE_SECOND, /* another chair of the branch */
    STAGE_OFFICER,
    STAGE_NEIGHBOUR, /* chair of the other branch */
    STAGE_LEADER,    /* group leader */
    STAGE_ACCOUNTANT,
    STAGE_AUDITOR, /* of the branch */
    STAGE_DISTRICT_AUDITOR,
    STAGE_REVOKED,
    STAGE_SUSPENDED,
    STAGE_SEATS
};

struct stage {
    struct help_serving h;
    uint32_t seats[STAGE_SEATS];
};

/* What stands in records of the branch and of no other: nobody else may see a byte of it. */
#define STAGE_SECRET "stage-secret"
#define STAGE_JOIN_SECRET "0123456789abcdef" /* of an invitation that is open */

struct stage *stage_get(void); /* made once */
/* Undoes what was done to it; cheap where nothing was. All peers must be finished. */
void stage_reset(struct stage *s);
/* Files were written beside the database: a reset is due whatever that says. */
void stage_was_touched(struct stage *s);
/* Everything that verify looks at is right. CHECKed; costs nothing where nothing was done. */
void stage_verify(struct stage *s);
