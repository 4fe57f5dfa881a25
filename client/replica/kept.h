#pragma once
/* Log entries as they were pulled, until the promise passes them (rule 24): the district's history is in many hands. */
#include "client/replica/replica_inner.h"
#include "wire.pb-c.h"

enum err kept_put(struct replica *r, uint32_t org, const Wire__Entry *wire, const struct entry *e) MUST_CHECK;
/* Entries after seq, ascending, until about size_max bytes; in the arena. */
enum err kept_read(struct replica *r, uint32_t org, uint64_t after, size_t size_max, struct arena *arena, Wire__Entry ***out,
                   size_t *count, bool *more) MUST_CHECK;
/* An entry as it stands in the table; in the arena. */
enum err kept_open(struct slice packed, struct arena *arena, struct entry *out) MUST_CHECK;
/* ERR_NOT_FOUND. */
enum err kept_load(struct replica *r, uint32_t org, uint64_t seq, struct arena *arena, struct entry *out) MUST_CHECK;
/* An entry that holds less than came, as it is kept: the mac that came with it stays, since what it proves is the
 * chain, which goes on from the entry's hash as before. In the arena. */
Wire__Entry *kept_less(const struct entry *e, const Wire__Entry *came, struct arena *arena);
/* True: something was taken out of the entry. */
typedef bool kept_take_out(const void *to, struct entry *e, struct arena *arena);
/* All that is kept and all that was set aside of given up paths, org by org, ascending. The arena is emptied between
 * them. What can't be read goes: it may hold what is to be taken out. Of the kept log the entries from there on come
 * again (rule 23); what was set aside others have, or nobody. */
enum err kept_lessen(struct replica *r, kept_take_out *take_out, const void *to, struct arena *arena) MUST_CHECK;
/* Those that the promise has passed, but for the last of them: its chain hash proves the first that stays, should an older backup than the
 * promise counts on be restored (rule 27). */
enum err kept_drop_to(struct replica *r, uint32_t org, uint64_t promise, bool *dropped) MUST_CHECK;
/* replica_late.c: those after seq stand on a path that was given up; they are handed over late (rule 27). */
enum err late_set_aside(struct replica *r, uint32_t org, uint64_t after) MUST_CHECK;
enum err late_count(struct replica *r, uint64_t *out) MUST_CHECK; /* entries that wait to be handed over */
/* Dropped: what the server has dealt with up to there, which backups or this device hold. */
enum err late_settle(struct replica *r, uint32_t org, uint64_t reach) MUST_CHECK;
/* What the server made of it is given up, too: it is handed over again. */
enum err late_forget(struct replica *r, uint32_t org, const struct lineage *lineage) MUST_CHECK;
/* One of them that can't be read. */
enum err late_drop(struct replica *r, int64_t path, uint64_t seq) MUST_CHECK;
enum err late_put(struct replica *r, int64_t path, const Wire__Entry *wire) MUST_CHECK; /* one of them, as it is now */
enum err kept_drop_after(struct replica *r, uint32_t org, uint64_t seq) MUST_CHECK;
