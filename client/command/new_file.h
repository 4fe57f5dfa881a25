#pragma once
/* A file that somebody asked for: an export, a page to print, the board as a table. */
#include "base/slice.h"

/* Into a new file alone, readable by its owner alone: nothing that is there is written over, and half a file is taken away again.
 * EXIT_DONE, or what is wrong is said and the status answered. */
int new_file_write(const char *path, struct slice bytes);
