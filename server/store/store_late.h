#pragma once
/* What was handed over late (rules 8, 27): under which seq of a path that a restore gave up a change stood, whose it is now. For ever, as
 * bases on that path may come as long as anybody has been away; what a later restore takes of it is not handed over again, and such a base
 * then clashes for a person to decide. And what a restore cut back, until it is decided (rule 25). */
#include "server/store/store.h"

/* The change n of the incarnation stood at seq of the org. refused: the seq of its new entry, where that refuses what the old one had
 * accepted; else 0. In the caller's transaction. */
enum err store_put_late(struct store *s, uint32_t org, uint64_t seq, uint64_t incarnation_row, uint64_t n, uint64_t refused) MUST_CHECK;
/* Adds to scratch under which seqs the change of the entry at seq was handed over. */
enum err store_load_late(struct store *s, struct scratch *scratch, uint32_t org, uint64_t seq) MUST_CHECK;

/* The lowest org behind `after` that has entries cut back and does not recover; 0: none. */
enum err store_next_cut_org(struct store *s, uint32_t after, uint32_t *org) MUST_CHECK;
/* Behind (*seq, chain), in order of both, until about size_max bytes; *seq and chain then name the last of them. In the arena. */
enum err store_read_cut(struct store *s, uint32_t org, uint64_t *seq, uint8_t chain[CHAIN_SIZE], size_t size_max, struct arena *arena,
                        struct entry **out, size_t *count, bool *more) MUST_CHECK;
/* All of the org's are decided. */
enum err store_drop_cut(struct store *s, uint32_t org) MUST_CHECK;
