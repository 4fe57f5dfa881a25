#pragma once
/* What was sent back to this branch (a plan, a summary, a proposal) and waits to be worked over: the reason, and the step that hands
 * it in again. */
#include "client/command/command.h"

struct returned {
    const struct kind *kind;
    struct id id;
    const char *title, *reason; /* reason NULL: none is given; in the list's arena */
};
struct returned_list {
    struct returned *list;
    size_t count, capacity;
};
/* Of the seat's own branch, what it may read. Pointers last as long as arena. */
enum err returned_find(struct seat *s, struct arena *arena, struct returned_list *out) MUST_CHECK;
/* What is in now and was not in before, on standard error. */
void returned_tell(const struct returned_list *before, const struct returned_list *now);
/* "banyan act KIND ID submitted" */
void returned_next(const struct returned *r, struct buf *out);
