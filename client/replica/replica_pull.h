#pragma once
/* What pulling, snapshots and WELCOME share (rules 19-24). */
#include "client/replica/replica_inner.h"

/* Carries an entry's effects out on the confirmed rows. */
enum err pull_apply(struct replica *r, uint32_t org, const struct entry *entry, struct arena *arena) MUST_CHECK;
/* What promises have passed meanwhile, once the server was asked what it misses: of all orgs. */
enum err pull_let_go(struct replica *r) MUST_CHECK;
/* The promise moved on: entries up to it need not be kept any more. p is not saved. */
enum err pull_promise(struct replica *r, struct position *p, uint64_t promise) MUST_CHECK;
/* Marks the next kind that is to be repaired, if any; p is not saved. */
enum err page_next_repair(struct replica *r, struct position *p) MUST_CHECK;
/* Rows that the pages of the snapshot that is under way have brought. */
uint64_t page_brought(struct replica *r, uint32_t org);
/* Removes every row of the org (of one kind, or all) whose confirmed version was not brought by the snapshot and is not newer than
 * it. Records with changes that wait lose their confirmed version alone. */
enum err page_remove_rest(struct replica *r, const struct position *p) MUST_CHECK;
/* The roles that WELCOME tells (text; NULL: none told) against those that were in force. */
enum err roles_take(struct replica *r, role_set before, const char *text) MUST_CHECK;
