#pragma once
/* Carries effects out on the rows in memory: the one place on the server where a row changes. */
#include "sync/org_state.h"
#include "sync/scratch.h"

/* A row as digests and measures see it. */
struct row_side carry_side(const struct scratch_row *row);
/* Rows, stamps, identity of seq and, where state is not NULL, digests, measures and the count of rows. All rows that the effects
 * name must be in scratch and, with a state, the sets of their accounts (account_keys); effects on kinds that this build does not
 * know are passed over. Copies what it keeps. */
void carry_effects(const struct effects *effects, uint32_t org, uint64_t seq, const struct identity *who, int64_t received_ms,
                   struct scratch *scratch, struct org_state *state);
