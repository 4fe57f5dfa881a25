#pragma once
/* What is shown with a proposal: who signed it too, the proposals that were merged into it, what was answered. Of the
 * seat's own branch, as this device has it; each in the order in which it was entered. */
#include "client/command/command.h"

struct json_t;
/* Rows of one kind. k NULL: such records have no such parts, or the seat may not read them. */
struct part_rows {
    const struct kind *kind;
    struct replica_row *list; /* copied; in the seat's arena */
    size_t count, capacity;
};
struct proposal_parts {
    struct part_rows supports, merged, replies;
};
/* Of a record of another kind, or of a branch below (--branch): none. */
enum err proposal_parts_load(struct seat *s, const struct kind *k, struct id id, struct proposal_parts *out) MUST_CHECK;
/* Adds "supports", "merged" and "replies" to a proposal's own object: records as elsewhere, with the person's name
 * beside the id
 * ("member", "proposer"), and "void" for a signature that does not count any more. */
void proposal_parts_json(struct seat *s, const struct proposal_parts *p, struct json_t *proposal);
void proposal_parts_text(struct seat *s, const struct proposal_parts *p, struct buf *out);
