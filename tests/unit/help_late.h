#pragma once
/* Entries of a path that a restore gave up, as holders hand them over (rule 27), and what came of it; seqs behind the first restore. */
#include "help_recovery.h"

#define N(counter) seq_make(2, counter)

/* One HAND_BACK that is marked late, all of it; before: the chain hash in front of it, or NULL; forks: as answers before it told them. */
const Wire__Taken *late_run(struct help_server *s, uint32_t seat, bool proven, const struct entry *list, size_t count,
                            const uint8_t *before, Wire__LateFork **forks, size_t fork_count);
/* The same, proven, from a path's front; it was dealt with to its end. */
const Wire__Taken *late_hand_over(struct help_server *s, uint32_t seat, const struct entry *list, size_t count);
/* The branch's log from seq on, as "second 1 APPLIED | chair 3 REFUSED CODE". */
const char *late_log(struct help_server *s, uint64_t from);
int64_t late_count(struct help_server *s, const char *sql);
/* Entries that restores cut back, and that wait to be decided. */
int64_t late_cut_rows(struct help_server *s);
/* That member is erased by law; the server is opened anew behind it. */
void late_erase(struct help_server *s, int record);
