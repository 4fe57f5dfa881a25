#pragma once
/* Which members may be one person (rules.md 3: a number that stands twice is the usual defect of a roster): of each living member who
 * is active or retained and has an ID number, a mark is kept beside the rows,
 *     first 16 bytes of HMAC-SHA-256(person.key, "banyan person" | type | 00 | number)
 * with the type 111 where none is given. Two rows with one mark are possibly one person, in two branches or in one. The mark is made
 * of the row, in its commit; it goes with the number, the row, or the membership. It leaves the server as little as the key does;
 * what others are told is how many there are, and which records, never the number. The key is the folder's own (person.key, in
 * backups): with another one all marks are made anew, when the store is opened for writing. */
#include "server/store/store.h"

struct store_twin {
    uint32_t org;
    struct id member;
    size_t person; /* the same for those that are possibly one; ascending from 0 */
};
/* All of them, those of one person next to each other; in arena. At most max persons, *more: there are further ones. */
enum err store_twins(struct store *s, size_t max, struct arena *arena, struct store_twin **out, size_t *count, bool *more) MUST_CHECK;
/* How many members of the org share their mark with another one, of whatever org or of the same, for each org that has any. */
enum store_twin_reach { TWINS_ANYWHERE, TWINS_WITHIN };
typedef void store_twin_count(void *to, uint32_t org, int64_t members);
enum err store_count_twins(struct store *s, enum store_twin_reach reach, store_twin_count *each, void *to) MUST_CHECK;
/* For verify: marks that the rows do not make, and those of rows that are missing. */
enum err store_check_twins(struct store *s, int64_t *wrong) MUST_CHECK;
