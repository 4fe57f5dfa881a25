#pragma once
/* Erasing by law (rule 29) in the tables: the log, what was cut from it, rows with their sums. Each runs in the
 * caller's transaction and leaves alone what holds nothing of it. */
#include "server/store/store.h"
#include "sync/erase.h"

/* All entries of the org, and those that a restore cut off. *count: how many lost something. */
enum err store_erase_history(struct store *s, uint32_t org, const struct erasures *known, size_t *count) MUST_CHECK;
/* The rows that the erasure names, with conflict records of them; digests, measures and marks follow. epoch: for an org
 * without entries. */
enum err store_erase_values(struct store *s, const Wire__Erasure *x, uint32_t epoch, const struct erasures *known,
                            size_t *count) MUST_CHECK;
/* How many of the org's entries hold what is erased: for verify, which has rows follow from them. */
enum err store_check_erased(struct store *s, uint32_t org, const struct erasures *known, int64_t *wrong) MUST_CHECK;
/* Each record of that kind that any log has an entry of, also where it was removed since: once in each org, in whatever order. */
typedef enum err store_each_record(void *to, uint32_t org, struct id id);
enum err store_each_record_logged(struct store *s, uint32_t kind, store_each_record *each, void *to) MUST_CHECK;
