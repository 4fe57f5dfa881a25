#pragma once
/* `banyand backup` (sync rules 24, 33): a checked copy of the living database at path, the control journal at path.journal, the
 * district's keys at path.keys (0600, secret: keep it as the CA's key is kept), then a record of it (where every org stood in the
 * copy) in the journal and the tables: two such records move the promise. Works while serve runs. */
#include "base/slice.h"

/* ERR_EXISTS if one of the files is there. detail: for people, may get text on failure. Half a backup is removed. */
enum err backup_run(const char *dir, const char *path, int64_t now_ms, struct buf *detail) MUST_CHECK;

/* ---- the keys' file ---- */
/* From the files of dir. ERR_EXISTS. */
enum err backup_write_keys(const char *dir, const char *path) MUST_CHECK;
/* Those that dir lacks. ERR_NOT_FOUND if there is no such file. */
enum err backup_read_keys(const char *path, const char *dir) MUST_CHECK;
