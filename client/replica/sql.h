#pragma once
/* One line a statement for the replica's own tables: prepare, bind by a word of types, step.
 * Types: i int64_t, b struct slice (blob), t struct slice (text), d const struct id *, n NULL (takes no argument).
 * Slices and ids must live until the statement has been stepped. */
#include "base/id.h"
#include "db/db.h"

/* Bound and ready for db_step. */
enum err sql_ask(struct db *db, struct db_statement **out, const char *sql, const char *types, ...) MUST_CHECK;
/* Without rows. */
enum err sql_run(struct db *db, const char *sql, const char *types, ...) MUST_CHECK;
/* The first column of the first row as an integer; otherwise if there is no row or NULL stands there. */
enum err sql_integer(struct db *db, int64_t otherwise, int64_t *out, const char *sql, const char *types, ...) MUST_CHECK;
