#pragma once
/* What a step does to a record beyond what its change says: the state it leads to, the decision that it gives, and fields that go with
 * the state that is left. Server (decide) and client (replay) both ask here, so that nobody is shown what will not come of it. */
#include "sync/change.h"

struct step_outcome {
    const ProtobufCMessage *patch;
    const uint32_t *cleared; /* ascending: the change's own, and what the step ends */
    size_t cleared_count;
};
/* The change's kind, action and patch are there; row is the record as it stands. All lies in arena; false: no memory. */
bool step_of(const struct change *c, const ProtobufCMessage *row, struct arena *arena, struct step_outcome *out) MUST_CHECK;
