#pragma once
/* The part of help_kinds_walk about what rules on several records need: lookups, authors, own rights, accounts, derived fields. */
#include "kinds/kind.h"

/* Appends a line for everything that is wrong. */
void help_kinds_walk_several(const struct kind *k, struct buf *problems);
