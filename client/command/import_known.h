#pragma once
/* A plan of a document that is here already: what differs and what to do about it, in the exact words; or, where --replace was
 * given, the document in the draft's place. */
#include "client/command/command_import.h"
#include "client/command/plan_draft.h"

struct import_known {
    struct seat *seat;
    const struct import_wish *wish;
    struct arena *arena;
    struct buf *out;         /* verdicts, a line each */
    struct buf next;         /* what to do, for the end */
    size_t same, replaced;   /* how many plans */
    bool stuck;              /* one was to be replaced and stands */
};
/* plan: as the document would have it made anew. parts: of the document. ERR_REFUSED: said. */
enum err import_known_take(struct import_known *k, struct id id, const ProtobufCMessage *plan, const struct plan_part *part, size_t parts,
                           const struct period *period) MUST_CHECK;
/* A plan was made though one of its title and period is here: what to do if they are one and the same. */
void import_known_twin(struct import_known *k, struct id twin, struct id made, const struct plan_part *part, size_t parts);
/* "ID  period  title" */
void import_known_head(struct id id, const ProtobufCMessage *plan, struct buf *out);
