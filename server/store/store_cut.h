#pragma once
/* What only backups and restores ask of the store. Writing functions run in the caller's transaction. */
#include "server/store/store.h"

/* Where every org with entries stands; of any database of the server's layout (a copy, too). In the arena. */
enum err store_positions(struct db *db, struct arena *arena, struct control_position **out, size_t *count) MUST_CHECK;
enum err store_orgs_with_history(struct store *s, struct arena *arena, uint32_t **out, size_t *count) MUST_CHECK;
/* The first seq of the org that is not on the lineage (0: none) and the last one before it. */
enum err store_first_off(struct store *s, uint32_t org, const struct lineage *lineage, uint64_t *first, uint64_t *last_kept) MUST_CHECK;
/* Moves entries from first on into the table cut; *cut is added to. */
enum err store_cut_entries(struct store *s, uint32_t org, uint64_t first, size_t *cut) MUST_CHECK;
/* Rows, tombstones and packed state of an org. */
enum err store_erase_rows(struct store *s, uint32_t org) MUST_CHECK;
/* All runs anew from history. */
enum err store_rebuild_runs(struct store *s) MUST_CHECK;
