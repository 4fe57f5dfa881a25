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
/* The lowest path behind `after`, from 1; 0: none. */
enum err store_next_cut_path(struct store *s, uint32_t org, uint64_t after, uint64_t *path) MUST_CHECK;
/* Entries of the org that are kept, of all paths. */
enum err store_count_cut(struct store *s, uint32_t org, int64_t *out) MUST_CHECK;
/* Of one path, behind seq `after`, ascending, until about size_max bytes. In the arena. */
enum err store_read_cut(struct store *s, uint32_t org, uint64_t path, uint64_t after, size_t size_max, struct arena *arena,
                        struct entry **out, size_t *count, bool *more) MUST_CHECK;
/* A row that can't be read: it stands for an entry by its seq alone. */
bool store_cut_is_broken(const struct entry *e);
/* All of the path is dealt with. */
enum err store_drop_cut(struct store *s, uint32_t org, uint64_t path) MUST_CHECK;
/* In meta: how many such entries wait that could not be taken yet, or be read. */
#define STORE_CUT_LEFT "cut_left"
