#pragma once
/* What a record cannot go without: the items of a plan. They are removed with it, unless somebody has worked on them. */
#include "client/command/command.h"

struct record_parts {
    const struct kind *kind; /* of the parts; NULL: such records have none */
    struct id *ids;          /* in the seat's arena */
    size_t count;
    size_t busy; /* how many of them are past their first state */
};
enum err record_parts_find(struct seat *s, const struct kind *k, struct id id, struct record_parts *out) MUST_CHECK;
/* Removes them and then the record, in groups that succeed or fail together; all in one batch. ERR_REFUSED: *kind is what out is
 * about. */
enum err record_parts_remove(struct seat *s, const struct kind *k, struct id id, const struct record_parts *parts,
                             const struct kind **kind, struct replica_outcome *out) MUST_CHECK;
