#pragma once
/* `banyand backup` (sync rules 24, 33): one file that is enough by itself: a checked copy of the living database, and in it the control
 * journal and the district's keys (0600, secret: keep it as the CA's key is kept). Then a record of it (where every org stood in the
 * copy) in the journal and the tables: two such records move the promise. Works while serve runs. */
#include "base/slice.h"

/* ERR_EXISTS if the file is there. detail: for people, may get text on failure. Half a backup is removed. */
enum err backup_run(const char *dir, const char *path, int64_t now_ms, struct buf *detail) MUST_CHECK;
