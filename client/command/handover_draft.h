#pragma once
/* banyan handover draft: the record of a handover, filled in with what is known of the seat. */
#include "client/command/handover_look.h"

/* words: FIELD=VALUE, which stand in place of what is known. Prints the id. */
int handover_draft(struct seat *s, const struct handover_look *look, char *const *words, int count);
