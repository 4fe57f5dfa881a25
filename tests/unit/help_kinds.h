#pragma once
/* For tests of kinds: records from what people write, and the walk over a kind's tables that every kind must pass. */
#include "kinds/kind.h"

/* {"name", "value", ..., NULL}: values as people write them; references are ids in text. Fails the test for what is not taken. */
ProtobufCMessage *help_record(const struct kind *k, struct arena *arena, const char *const *fields_and_values);

/* Appends a line for everything that is wrong with the kind's tables; nothing if all is well. Also walks the code lists, the
 * measures, and every sentence that its checks ask for. */
void help_kinds_walk(const struct kind *k, struct buf *problems);
/* All kinds that kind_all lists, and that numbers and names are unique. */
void help_kinds_walk_all(struct buf *problems);
