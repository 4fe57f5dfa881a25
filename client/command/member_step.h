#pragma once
/* A member's step has a day (state_effective_on): dues and the figures of who came and went are counted by it. */
#include "client/command/command.h"

/* Who gives none means today; who becomes a member and has no day of joining joins on that day. Fills change's patch, which is copied;
 * leaves all other kinds alone. False: said, *status is set. */
bool member_step_fill(struct seat *s, const struct kind *k, struct replica_change *change, int *status);
