#pragma once
/* The ladder of rules 7-16: one change against the rows as they are. Pure: everything it needs is in its arguments, and what
 * it lacks it names (missing), so that load -> decide -> commit holds. */
#include "sync/chain.h"
#include "sync/scratch.h"

struct decide_seat {
    uint32_t number;
    role_set roles;
    enum seat_state { SEAT_ACTIVE = 1, SEAT_SUSPENDED = 2, SEAT_REVOKED = 3 } state;
};
struct org_codes;
struct decide_org {
    uint32_t number;
    bool leaf;          /* a branch */
    bool in_subtree;    /* the org is the seat's own or below it */
    bool own;           /* the org is the seat's own */
};

/* True where the incarnation (a, n) is the change's own, or an ancestor of it before the fork (rule 8). */
struct ancestry {
    const struct ancestor { struct incarnation incarnation; uint64_t fork_n; struct incarnation parent; bool has_parent; } *list; /* of the seat */
    size_t count;
};

struct decision {
    enum verdict verdict;
    const char *code, *field;       /* of a refusal */
    const char *argument[3];
    struct effects effects;         /* accepted: of the record, then of conflict records; none: without effect */
    struct id conflicts[8];         /* conflict records made or added to */
    size_t conflict_count;
};

/* Base on the present path (rule 8): a base that a restore gave up counts as the last seq of that path that survived. */
struct lineage {
    const struct lineage_epoch { uint32_t epoch, parent; uint64_t last_counter; } *list; /* of the org; last_counter: of the parent */
    size_t count;
};
uint64_t lineage_base(const struct lineage *l, uint64_t base);
bool lineage_holds(const struct lineage *l, uint64_t seq); /* seq lies on the newest path */
bool lineage_leads(const struct lineage *l, uint64_t seq, uint64_t to); /* seq lies on the path that leads to `to`, given up or not */

/* The seat that a change is handed in for. */
struct decide_for {
    bool of_org;        /* it is, or was, one of the sender's org */
    bool revoked;       /* its person handles nothing any more: what it entered is the sender's to handle */
    bool proven;        /* the change's origin bears that seat's signature */
    struct ancestry ancestry; /* of that seat, where the change has an origin: what it wrote before is no other's (rule 8) */
};

struct decide_context {
    struct decide_seat seat;
    struct decide_for for_seat;     /* of the change; anything where it names none */
    struct decide_org org;
    const uint32_t *above;          /* orgs above org, the nearest first: whose settings count for it */
    size_t above_count;
    const uint32_t *held;           /* a client's: orgs of which all rows are here; NULL: of all (the server). See lookup.h */
    size_t held_count;
    const struct org_codes *codes;  /* lookup.h; NULL: none is known */
    struct incarnation incarnation; /* of the change */
    struct ancestry ancestry;
    struct lineage lineage;
    struct date today;
    int64_t received_ms;
    bool late;          /* it was accepted on a path that a restore gave up (rule 27): rights and form it has passed; a step is judged by
                         * who moved the state, not by where it may begin */
    uint64_t seq;                   /* what the entry will get */
    const struct org_state *numbers; /* reads only; numbers are taken by accept */
};

/* Decides one change that is no member of a group. Where *missing is not empty afterwards, the decision is void: load, ask again.
 * Never fails otherwise: what is wrong with a change is a verdict. Results live in arena. */
void decide(const struct decide_context *c, const struct change *change, struct scratch *scratch, struct arena *arena,
            struct decision *out, struct scratch_keys *missing);
/* Rule 15, 16: all members, in order of position, or none. contexts differ in seq alone (ascending by one). Where one is
 * refused or would conflict all get REFUSED(GROUP, which, why). Leaves scratch as it found it. */
void decide_group(const struct decide_context *contexts, const struct change *changes, size_t count, struct scratch *scratch,
                  struct arena *arena, struct decision *out, struct scratch_keys *missing);
