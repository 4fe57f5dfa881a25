#pragma once
/* A branch's records of one kind, told apart by the member that they are of: for runs over all members (dues), which look each
 * of them up once and must not search the tables member by member. */
#include "client/command/command.h"

struct member_row {
    struct id member, id;
    const ProtobufCMessage *row;
};
struct member_rows {
    struct member_row *list; /* by member, then id */
    size_t count, capacity;
    struct arena *arena;     /* of list and rows; the caller's */
    enum err failed;
};
/* All living records of the seat's own org, members that were erased by law left out; of "member" itself each is its own. field: the
 * reference to the member. */
enum err member_rows_load(struct seat *s, const char *kind, const char *field, struct arena *arena, struct member_rows *out) MUST_CHECK;
/* The first of a member's, count of them in *count (0: NULL). */
const struct member_row *member_rows_of(const struct member_rows *rows, struct id member, size_t *count);
/* Of "member": how many have that value in the field, and in *out one of them. Who has left is meant only where nobody who is here is
 * called so (record_find.h). 0: *out is untouched. */
size_t member_rows_called(const struct member_rows *members, const char *field, struct cell value, const struct member_row **out);
