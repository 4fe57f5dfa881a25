#pragma once
/* Steps of the dues books that a person may regret: what goes with them, and what is asked first. */
#include "client/command/command.h"

/* An assessment that is due again is exempt for no reason any more: exempt_reason is emptied. Leaves all else alone. False: said, *status
 * is set. */
bool dues_step_fill(struct seat *s, const struct kind *k, struct replica_change *change, int *status);
/* What is audited or published should be what was received: where the year's statement says another sum than the payments, a person is
 * asked to say --yes. A year's books never open again: before they are closed for a day to come, before the year is over, or while the year's statement says
 * another sum than the payments, a person is asked to say --yes. False: said, *status is set. Leaves all else alone. */
bool dues_step_ask(struct seat *s, const struct kind *k, const struct replica_change *change, bool yes, int *status);
