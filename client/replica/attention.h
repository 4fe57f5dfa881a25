#pragma once
/* What waits for a person: refused changes, until they are sent again or discarded, and open conflicts (rules 9, 16, 20).
 * Each has an id (a refusal's own, or the conflict record's) and a next step. */
#include "client/replica/replica.h"

enum attention_type { ATTENTION_REFUSAL, ATTENTION_CONFLICT };

struct attention_field {
    const struct field_rule *field;
    struct cell mine, theirs;     /* theirs: as the record stands now; absent: empty */
    bool mine_cleared;
    /* a conflict: who wrote "theirs", and when; NULL, 0: not known here */
    const char *theirs_by;
    uint32_t theirs_seat;
    int64_t theirs_at_ms;
};
/* What a conflict is to who reads it: the later value is this seat's own; what stands now is; neither. */
enum attention_whose { ATTENTION_WHOSE_LATER, ATTENTION_WHOSE_STANDING, ATTENTION_WHOSE_OTHERS };
#define ATTENTION_FIELDS 32
struct attention_entry {
    struct id id;
    enum attention_type type;
    const struct kind *kind;      /* of the record; NULL: not known to this build */
    uint32_t kind_number;
    struct id record;
    uint32_t org;
    int64_t at_ms;
    /* a refusal: why; a conflict: code is "CONFLICT", or "DELETED" where the record was removed meanwhile */
    const char *code, *field, *text;
    const char *argument[3];
    enum op op;                   /* of the refused change */
    const char *action;
    bool grouped;                 /* stands for a whole group: retry and discard act on all of it */
    struct attention_field fields[ATTENTION_FIELDS];
    size_t field_count;
    /* theirs: whose value stood when the conflict arose; of each field as it stands now: fields[].theirs_seat */
    const char *mine_by, *theirs_by; /* persons; NULL: not known here */
    uint32_t mine_seat, theirs_seat; /* 0: not known */
    int64_t mine_at_ms, theirs_at_ms;
    bool may_resolve;             /* this seat may set the fields */
    /* a conflict. WHOSE_STANDING: mine is what stands, theirs what came later. WHOSE_OTHERS: mine is what came later, theirs what stands. */
    enum attention_whose whose;
    bool overtaken;               /* WHOSE_OTHERS: this seat's value stood when the conflict arose, and somebody wrote another since */
    const char *removed_name;     /* DELETED: what people called the record; NULL: not known */
};
/* Refusals by age, then conflicts. entry lives during the call; false stops. ERR_LEASE while hidden. */
typedef bool attention_each_entry(void *to, const struct attention_entry *entry);
enum err attention_each(struct replica *r, int64_t now_ms, attention_each_entry *each, void *to) MUST_CHECK;
/* By shortest unambiguous prefix of the id. ERR_NOT_FOUND, ERR_AMBIGUOUS, ERR_VALUE. */
enum err attention_find(struct replica *r, const char *prefix, struct id *out, enum attention_type *type) MUST_CHECK;
/* How many of them wait for this seat: its own refusals (a group is one), and conflicts that it may decide. ERR_LEASE while hidden. */
enum err attention_waits(struct replica *r, int64_t now_ms, uint64_t *refused, uint64_t *conflicts) MUST_CHECK;
/* The entry, in the arena. */
enum err attention_get(struct replica *r, struct id id, struct arena *arena, struct attention_entry *out) MUST_CHECK;

/* Sends a refused change again as a new n, with further or other values; its old entry ends. patch may be NULL.
 * What is refused at once on this device stays as it was (ERR_REFUSED). ERR_USAGE for a conflict. */
enum err attention_retry(struct replica *r, struct id id, const ProtobufCMessage *patch, const uint32_t *cleared, size_t cleared_count,
                         int64_t now_ms, struct arena *arena, struct replica_outcome *out) MUST_CHECK;
/* Gives a refused change up. ERR_USAGE for a conflict (resolve it with theirs). */
enum err attention_discard(struct replica *r, struct id id) MUST_CHECK;

/* Ends a conflict (rule 16). MINE and THEIRS as the entry shows them: to the seat whose value stands now that one is "mine", to all
 * others the later change's. LATER and STANDS say the same to whoever reads: the later change's values are set, or what stands
 * stays. VALUES: patch and cleared.
 * Of a removed record the later change's side and VALUES restore it, the other leaves it removed. ERR_USAGE for a refusal. */
enum attention_choice { ATTENTION_MINE, ATTENTION_THEIRS, ATTENTION_LATER, ATTENTION_STANDS, ATTENTION_VALUES };
enum err attention_resolve(struct replica *r, struct id conflict, enum attention_choice choice, const ProtobufCMessage *patch,
                           const uint32_t *cleared, size_t cleared_count, int64_t now_ms, struct arena *arena,
                           struct replica_outcome *out) MUST_CHECK;
