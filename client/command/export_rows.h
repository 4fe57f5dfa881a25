#pragma once
/* Rows as CSV, for `export` and `list --csv`. */
#include "client/command/row_list.h"

/* path NULL: to stdout. Answers an exit status; what is wrong is said. */
int export_rows(struct seat *s, const struct row_wish *wish, const char *path);
