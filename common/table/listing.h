#pragma once
/* A database's tables and indexes, as of one moment. */
#include "base/arena.h"
#include "db/db.h"

struct listed {
    const char *name, *sql; /* sql: as it was made, "" of those that SQLite makes by itself */
};
struct listing {
    struct listed *list; /* by name */
    size_t count;
    struct arena arena;
};

/* listing_finish whatever it answers. */
enum err listing_read(struct db *db, struct listing *out) MUST_CHECK;
void listing_finish(struct listing *l);
bool listing_has(const struct listing *l, const char *name);
/* Is there, and was made by that very text. */
bool listing_says(const struct listing *l, const char *name, const char *sql);
