#pragma once
/* What was handed over late (rule 27), noted where it comes in: which changes came as entries of a path that was given up, or lay among
 * those that a restore cut back, and which were sent by who made them. The second telling of the rules (oracle_model.h) asks. */
#include "sync/chain.h"

struct job;
struct store;
/* Before the writer takes these jobs, beside what stands in its tables. */
void oracle_late_note(struct store *store, const struct job *jobs);

/* A restore: of what does not stand any more it tells nothing that its author sent it once. store: NULL: the server is down. */
void oracle_late_server_lost(struct store *store);

enum late_how { LATE_NEVER, LATE_ALONE /* it was decided late */, LATE_BESIDES /* or where its author sent it: nobody can tell */ };
enum late_how oracle_late_how(const uint8_t hash[HASH_SIZE]);
bool oracle_late_any(uint32_t org); /* was anything of the org handed over late? */
/* Recorded as refused where it came from? */
bool oracle_late_was_refused(const uint8_t hash[HASH_SIZE]);
/* Did that change stand, on a path that was given up, at or before that seq, and behind the last one that survived? So its author's
 * successors may have seen it there (rule 8, last sentence). */
bool oracle_late_stood(uint32_t org, const uint8_t hash[HASH_SIZE], uint64_t behind, uint64_t base);
void oracle_late_finish(void);
