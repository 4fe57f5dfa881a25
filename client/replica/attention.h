#pragma once
/* What waits for a person: refused changes, until they are sent again or discarded, and open conflicts (rules 9, 16, 20).
 * Each has an id (a refusal's own, or the conflict record's) and a next step. */
#include "client/replica/replica.h"

enum attention_type { ATTENTION_REFUSAL, ATTENTION_CONFLICT };

struct attention_field {
    const struct field_rule *field;
    struct cell mine, theirs;     /* theirs: as the record stands now; absent: empty */
    bool mine_cleared;
};
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
    const char *mine_by, *theirs_by; /* persons; NULL: not known here */
    uint32_t mine_seat, theirs_seat; /* 0: not known */
    int64_t mine_at_ms, theirs_at_ms;
    bool may_resolve;             /* this seat may set the fields */
    bool reversed;                /* a conflict: mine is what stands, theirs what came later */
    const char *removed_name;     /* DELETED: what people called the record; NULL: not known */
};
/* Refusals by age, then conflicts. entry lives during the call; false stops. ERR_LEASE while hidden. */
typedef bool attention_each_entry(void *to, const struct attention_entry *entry);
enum err attention_each(struct replica *r, int64_t now_ms, attention_each_entry *each, void *to) MUST_CHECK;
/* By shortest unambiguous prefix of the id. ERR_NOT_FOUND, ERR_AMBIGUOUS, ERR_VALUE. */
enum err attention_find(struct replica *r, const char *prefix, struct id *out, enum attention_type *type) MUST_CHECK;
/* The entry, in the arena. */
enum err attention_get(struct replica *r, struct id id, struct arena *arena, struct attention_entry *out) MUST_CHECK;

/* Sends a refused change again as a new n, with further or other values; its old entry ends. patch may be NULL.
 * What is refused at once on this device stays as it was (ERR_REFUSED). ERR_USAGE for a conflict. */
enum err attention_retry(struct replica *r, struct id id, const ProtobufCMessage *patch, const uint32_t *cleared, size_t cleared_count,
                         int64_t now_ms, struct arena *arena, struct replica_outcome *out) MUST_CHECK;
/* Gives a refused change up. ERR_USAGE for a conflict (resolve it with theirs). */
enum err attention_discard(struct replica *r, struct id id) MUST_CHECK;

/* Ends a conflict (rule 16). MINE and THEIRS as the entry shows them: to the seat whose value stands that one is "mine", to all
 * others the later change's. The later change's values are set, or what stands stays. VALUES: patch and cleared.
 * Of a removed record the later change's side and VALUES restore it, the other leaves it removed. ERR_USAGE for a refusal. */
enum attention_choice { ATTENTION_MINE, ATTENTION_THEIRS, ATTENTION_VALUES };
enum err attention_resolve(struct replica *r, struct id conflict, enum attention_choice choice, const ProtobufCMessage *patch,
                           const uint32_t *cleared, size_t cleared_count, int64_t now_ms, struct arena *arena,
                           struct replica_outcome *out) MUST_CHECK;
