#pragma once
/* Own entries of the kept log that the server has lost go back into the outbox with their identity, to be sent again (rules 6, 27);
 * those of others are in their authors' hands. Refused ones keep their mark (rule 20). */
#include "client/replica/replica_inner.h"

/* All after the seq. A change in the outbox that has the number of another one among them moves to the incarnation of rule 5, with
 * all that follow it: the server that could have said FORKED has forgotten. */
enum err put_back_own(struct replica *r, uint32_t org, uint64_t after, uint32_t seat) MUST_CHECK;
/* Those of the incarnation with from <= n < to. */
enum err put_back_missing(struct replica *r, struct incarnation i, uint64_t from, uint64_t to) MUST_CHECK;
/* A change of a copy of this database, pulled and put back here, bears an incarnation that the copy began by a fork (rule 5). Looks for
 * its parent, so that it can be sent as what it is: the change at n is the first of it. */
enum err put_back_parent(struct replica *r, struct incarnation i, uint64_t n, bool *found) MUST_CHECK;
