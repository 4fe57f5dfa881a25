#pragma once
/* A folder's files as they were, kept in memory and put back: what a run wrote is gone afterwards. Nobody may have them
 * open. */
#include "tests/unit/help_folder.h"

struct shelf;
struct shelf *shelf_take(const struct folder *f);
void shelf_put_back(const struct shelf *s, const struct folder *f);
void shelf_put_back_file(const struct shelf *s, const struct folder *f, const char *name);
