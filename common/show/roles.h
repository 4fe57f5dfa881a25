#pragma once
/* The roles that a seat may have, for whoever invites: a line for those of a branch, one for those above it. */
#include "base/slice.h"
#include "kinds/kind.h"

/* "\n  Roles of a branch: union_chair (chair) ..." */
void show_roles(enum language language, struct buf *out);
