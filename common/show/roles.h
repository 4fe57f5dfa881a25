#pragma once
/* The roles that a seat may have, for whoever invites: a line for those of a branch, one for those above it. */
#include "base/slice.h"
#include "kinds/kind.h"

/* "\n  Roles of a branch: union_chair (chair) ..." */
void show_roles(enum language language, struct buf *out);
/* What is wrong with roles that role_set_parse refused (bad: as it gave it), with the nearest right one and all that there are. */
void show_roles_wrong(const char *bad, enum language language, struct buf *out);
/* Their labels, one after the other. */
void show_role_labels(role_set roles, enum language language, struct buf *out);
