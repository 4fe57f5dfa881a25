#pragma once
/* What a backup carries beside the district's tables: blocks of bytes under a name, in a table of its own that only backups have. */
#include "db/db.h"

/* Makes the table anew, empty. */
enum err store_parts_create(struct db *copy) MUST_CHECK;
enum err store_part_put(struct db *copy, const char *name, uint64_t at, struct slice bytes) MUST_CHECK;
/* Appends the block of the part that begins at `at`. ERR_NOT_FOUND: there is none, or no such table. */
enum err store_part_get(struct db *backup, const char *name, uint64_t at, struct buf *out) MUST_CHECK;
/* None of it stays in the file. */
enum err store_parts_drop(struct db *db) MUST_CHECK;
