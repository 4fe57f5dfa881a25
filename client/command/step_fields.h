#pragma once
/* What is given with a step, before anything is looked up or sent: a field that the step does not bring is refused here, with
 * where it belongs. */
#include "client/command/field_words.h"

/* False: said, *status is set. */
bool step_fields_fit(const struct kind *k, const struct action_rule *step, const struct field_words *words, int *status);
