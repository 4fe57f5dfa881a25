#pragma once
/* Records of a branch below (--branch). Its living rows of a kind are asked from the server, once a command, and kept on this
 * device as seen: what waits here is on top of what was answered, and when the server cannot be reached the last answer
 * stands, with its age. */
#include "client/command/command.h"

/* From here on records are looked up in that branch; NULL or the seat's own: on this device. code lives as long as s. */
void branch_rows_look(struct seat *s, const char *code);
/* Records of the kind are looked up in a branch below: not so for those that the district itself owns. */
bool branch_rows_apply(const struct seat *s, const struct kind *k);
/* Asks for the rows of a kind; the second time it is known. ids: ID_SIZE bytes each, as the server gave them; in the seat's
 * arena. age_ms: of a kept answer, else -1. False: said, *status is EXIT_FAILED. */
bool branch_rows_ask(struct seat *s, const struct kind *k, struct slice *ids, int64_t *age_ms, int *status);
/* As it was asked before; empty if it was not. */
struct slice branch_rows_asked(const struct seat *s, const struct kind *k);
/* The rows that columns of the kind name (a member's group): asked too, so that a list shows names. What cannot be had is shown by its
 * id, and that is no failure. */
void branch_rows_ask_named(struct seat *s, const struct kind *k);
/* Calls each for those of them that are still there, as they came; false stops. */
void branch_rows_each(struct seat *s, const struct kind *k, replica_each *each, void *to);
/* One record by its id, for which the rows need not be asked. Where the server cannot be reached what was seen last will do,
 * told. False: said, *status is EXIT_FAILED. */
bool branch_rows_ask_one(struct seat *s, const struct kind *k, struct id id, int *status);
