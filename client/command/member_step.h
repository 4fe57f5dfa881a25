#pragma once
/* A member's step has a day (state_effective_on): dues and the figures of who came and went are counted by it. */
#include "client/command/command.h"

/* Who gives none means today. Not so of an admission: who is entered as applied and admitted may have joined long ago, as joined_on says
 * (a roster that is taken over), and owes dues since then. Fills change's patch, which is copied; leaves all other kinds alone. False:
 * said, *status is set. */
bool member_step_fill(struct seat *s, const struct kind *k, struct replica_change *change, int *status);
