#pragma once
/* Which items of a document are which of those that came from it before: the same title under the same month or quarter,
 * the same title elsewhere, a title that is like it, and last the same place in the same month (reworded altogether).
 * Pure: what becomes of the pairs is up to the caller. */
#include "client/reader/plan_reader.h"

struct plan_known_item {
    const char *title;
    uint32_t position;
    int month, month_to, quarter; /* 0: none */
    bool worked_on;               /* only its own title means it: what was done is not given to other work */
};
#define PLAN_MERGE_NONE SIZE_MAX
/* match, of count: for each item the index of what it was, or PLAN_MERGE_NONE; no index twice. ERR_MEMORY. */
enum err plan_merge(const struct plan_item *items, size_t count, const struct plan_known_item *known, size_t known_count,
                    struct arena *arena, size_t *match) MUST_CHECK;
