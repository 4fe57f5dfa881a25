#pragma once
/* `banyand backup` (sync rules 24, 33): a checked copy of the living database at path and of the control journal at
 * path.journal, then a record of it (where every org stood in the copy) in the journal and the tables: two such records move
 * the promise. Works while serve runs. */
#include "base/slice.h"

/* ERR_EXISTS if either file is there. detail: for people, may get text on failure. Half a backup is removed. */
enum err backup_run(const char *dir, const char *path, int64_t now_ms, struct buf *detail) MUST_CHECK;
