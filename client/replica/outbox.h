#pragma once
/* Changes made here, until sync rule 20 ends them: the exact bytes, in the order in which they were made.
 * WAITING: the server has not answered, or its answer was given up by a restore. ACKED: it has, seq says where in the log.
 * REFUSED: out of the replay; stays until its entry is pulled. Unacknowledged is what has no seq. */
#include "client/replica/replica_inner.h"
#include "sync/late.h"

enum outbox_state { OUTBOX_WAITING = 0, OUTBOX_ACKED = 1, OUTBOX_REFUSED = 2 };

struct outbox_entry {
    int64_t local;
    struct incarnation incarnation;
    uint64_t n;
    uint32_t org, kind;
    struct id id;
    bool grouped;
    struct id group;
    struct slice bytes, hash, refusal; /* in the arena */
    enum outbox_state state;
    uint64_t seq;
};

/* The incarnation in use and the n that the next change gets. */
enum err outbox_current(struct replica *r, struct incarnation *out, uint64_t *next_n) MUST_CHECK;
enum err outbox_begin_incarnation(struct replica *r, struct incarnation i) MUST_CHECK;
/* c is packed with the next n. */
enum err outbox_put(struct replica *r, const struct change *c) MUST_CHECK;
/* An entry of one's own that a restore gave up: back in front of all, to be sent again. Newest first. */
enum err outbox_put_back(struct replica *r, const struct entry *e, uint32_t org) MUST_CHECK;
/* Changes of a record in the replay, in order; those whose effect the confirmed row (at seq) has already are left out. */
enum err outbox_waiting(struct replica *r, struct id id, uint64_t seq, struct arena *arena, struct change **out, size_t *count) MUST_CHECK;
/* True if any change stands in the replay of the record. */
enum err outbox_has(struct replica *r, struct id id, bool *out) MUST_CHECK;
/* ERR_NOT_FOUND. */
enum err outbox_find(struct replica *r, struct incarnation i, uint64_t n, struct arena *arena, struct outbox_entry *out) MUST_CHECK;
enum err outbox_acknowledge(struct replica *r, int64_t local, uint64_t seq) MUST_CHECK;
enum err outbox_refuse(struct replica *r, int64_t local, uint64_t seq, struct slice refusal) MUST_CHECK;
enum err outbox_drop(struct replica *r, int64_t local) MUST_CHECK;
/* Rule 5: moves what is unacknowledged from n on into the incarnation derived from the change at n. */
enum err outbox_fork(struct replica *r, struct incarnation from, uint64_t n) MUST_CHECK;
/* Rule 27: late entries of the incarnation from n on went into its fork, the change at n having that hash. What is here from n on goes
 * along, acknowledged or not, where nothing up to n is here (else the server says FORKED when that is sent); new changes go on behind
 * top, too. */
enum err outbox_fork_late(struct replica *r, const struct late_fork *fork, uint64_t top) MUST_CHECK;
/* Rule 6: unacknowledged from n on. *held: the change at n is here. *first: the lowest n >= it that is (0: none). */
enum err outbox_back_to(struct replica *r, struct incarnation i, uint64_t n, uint64_t *first) MUST_CHECK;
/* Unacknowledged, of those n alone. */
enum err outbox_forget_between(struct replica *r, struct incarnation i, uint64_t first, uint64_t last) MUST_CHECK;
/* Rule 27: acknowledgements beyond the lineage of their org are forgotten. */
enum err outbox_forget(struct replica *r) MUST_CHECK;
/* Rule 35: so are those beyond all that the server has: its file was rolled back. */
enum err outbox_forget_after(struct replica *r, uint32_t org, uint64_t head) MUST_CHECK;
enum err outbox_forget_one(struct replica *r, int64_t local) MUST_CHECK;
enum err outbox_put_parent(struct replica *r, struct incarnation i, struct incarnation parent, uint64_t fork_n) MUST_CHECK;
/* Parent of a forked incarnation; *forked false if it has none. */
enum err outbox_parent(struct replica *r, struct incarnation i, bool *forked, struct incarnation *parent, uint64_t *fork_n) MUST_CHECK;
