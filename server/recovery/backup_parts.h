#pragma once
/* What stands in a backup's file beside the tables, so that one file is enough: the control journal and the district's keys. */
#include "db/db.h"
#include "server/control/journal.h"

/* ---- into a copy, in the caller's transaction; the parts' table is there ---- */
enum err backup_put_journal(struct journal *j, struct db *copy) MUST_CHECK;
/* Those that dir has. */
enum err backup_put_keys(const char *dir, struct db *copy) MUST_CHECK;

/* ---- out of a backup; ERR_NOT_FOUND if it holds none (a database that was copied by hand) ---- */
/* Into a new file, 0600, not synced. ERR_EXISTS. */
enum err backup_take_journal(struct db *backup, const char *path) MUST_CHECK;
/* *foreign: dir's certificate authority is another one than the backup's. Where either has none: false. */
enum err backup_is_foreign(struct db *backup, const char *dir, bool *foreign) MUST_CHECK;
/* Those that dir lacks. ERR_CORRUPT if they can't be read. */
enum err backup_take_keys(struct db *backup, const char *dir) MUST_CHECK;
