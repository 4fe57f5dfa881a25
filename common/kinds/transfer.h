#pragma once
/* A member who moves from one branch to another (rules.md 3: join once, transfer as one moves; the file goes along). The old branch's
 * record is moved to transferred_out first; the receiving branch makes a record of its own from it, whose id follows from the old one
 * and the org, so that two seats that take the member over make one, and a branch that the member was sent to by mistake bars no other. Nobody is a member in two branches: what holds between them the server judges,
 * which has both (check_context.anywhere). Pure.
 * Cost: of each function a fixed number of fields of one record; of transfer_check (member.h) two lookups by key besides. */
#include "kinds/kind.h"

#define TRANSFER_KIND 1u /* the kind that moves: record.Member */

/* The record waits to be taken over by the branch of that code. */
bool transfer_waits(const ProtobufCMessage *member, const char *code);
/* What goes along: of a row of the old branch the person's own fields, and nothing of the old branch's (number, group, campus, note).
 * All in arena; NULL: no memory. */
ProtobufCMessage *transfer_file(const ProtobufCMessage *member, struct arena *arena);
/* The receiving branch's new record, from such a file; from: the old record's id, branch: the old branch's code, on: the day of coming.
 * All in arena; NULL: no memory. */
ProtobufCMessage *transfer_record(const ProtobufCMessage *file, struct id from, const char *branch, struct date on, struct arena *arena);
