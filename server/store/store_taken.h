#pragma once
/* Which changes of a seat another one handed in for it out of a file, and had accepted (PROTOCOL.md "Handing over"): by the seat that
 * made them, n and hash there, as rule 4 knows a change. The incarnation is no part of it: told FORKED, a copy of the old device sends
 * the same bytes under another one, and they must not count again.
 * Invariant: it follows from the log alone; an entry that is put or filled is noted in the same transaction. */
#include "server/store/store.h"

struct store_taken {
    uint32_t seat; /* that made the change */
    uint64_t n;    /* there */
    uint8_t hash[HASH_SIZE];
    uint32_t org;  /* where the first of the entries that took it in stands */
    uint64_t seq;
};

/* Where the entry takes in another seat's change: that seat; else 0. */
enum err store_note_taken(struct store *s, const struct store_entry *line, uint32_t *seat) MUST_CHECK;
/* The entry that decided it; ERR_NOT_FOUND. */
enum err store_find_taken(struct store *s, uint32_t seat, uint64_t n, const uint8_t hash[HASH_SIZE], struct arena *arena, struct entry *out) MUST_CHECK;
/* Of that seat any. */
enum err store_any_taken(struct store *s, uint32_t seat, bool *any) MUST_CHECK;
/* What an entry takes in: seat, n and hash of *out. ERR_NOT_FOUND: nothing. */
enum err store_taken_key(const struct entry *entry, struct arena *arena, struct store_taken *out) MUST_CHECK;
/* For verify: all lines, by key; in the arena. */
enum err store_read_taken(struct store *s, struct arena *arena, struct store_taken **out, size_t *count) MUST_CHECK;
