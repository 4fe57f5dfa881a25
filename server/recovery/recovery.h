#pragma once
/* Recovery after a restore (sync rules 25, 26, 35): which orgs wait for which seats, and the new epoch at the end.
 * An org's recovery ends when every seat that was active in the 7 days before the newest contact in the restored tables has handed
 * back what it holds (seats that they have never heard of count, too; who was revoked or suspended since does not), when RECOVERY_HOURS have passed since the first
 * check after it began, or by `banyand recovered`. The epoch counts up once for all of a recovery: first in the control journal, then
 * in the orgs' rows. */
#include "server/store/store.h"

#define RECOVERY_HOURS 24
#define RECOVERY_MS (RECOVERY_HOURS * INT64_C(3600000))
#define RECOVERY_ACTIVE_DAYS 7
/* In meta: when the first look after its beginning was, from which the day counts; 0 before. */
#define RECOVERY_SINCE "recovery_since_ms"
/* In meta: the epoch that orgs end this recovery in, once the first of them has; 0 before. */
#define RECOVERY_EPOCH "recovery_epoch"
/* In meta: the newest epoch that any seat knew of, where our own file and journal were rolled back behind it (rule 35). */
#define RECOVERY_EPOCH_SEEN "recovery_epoch_seen"

/* Recovery stops everybody's writing, and one seat's word begins it (rule 35): all orgs', since the file that was rolled back holds
 * them all, and who wrote in one org may have numbers in the logs of others. So the same seat begins it once in that time. */
#define RECOVERY_AGAIN_MS INT64_C(3600000)
/* In the transaction at hand: the seat has begun it, at at_ms. */
enum err recovery_begun_by(struct store *store, uint32_t seat, int64_t at_ms) MUST_CHECK;
/* Has it within RECOVERY_AGAIN_MS before now_ms? */
enum err recovery_begun_lately(struct store *store, uint32_t seat, int64_t now_ms, bool *lately) MUST_CHECK;

/* Of what is in recovery. since_ms 0: nobody has served since it began. */
struct recovery_times {
    int64_t since_ms;
    int64_t until_ms; /* at the latest; 0 with since_ms */
};
enum err recovery_times(struct store *store, struct recovery_times *out) MUST_CHECK;

/* Ends what is due. *ended: how many orgs; may be NULL. A transaction of its own. */
enum err recovery_check(struct store *store, struct control *control, int64_t now_ms, size_t *ended) MUST_CHECK;
/* `banyand recovered`: ends all of it, while serving too. *ended: how many orgs were in recovery. */
enum err recovery_end_all(struct store *store, struct control *control, size_t *ended) MUST_CHECK;
