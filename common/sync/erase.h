#pragma once
/* Erasing by law (rule 29), pure: which fields of which records are erased, and taking them out of all that may hold
 * them. Invariants: an erasure only ever adds fields, and what was erased once stays so, so it makes no difference in
 * which order values and erasures come to a holder; every holder makes of equal bytes equal bytes, so digests stay
 * level; what is left of an entry keeps its entry_hash, so the chain stays whole. With a value goes whatever its hash
 * could be guessed from: salt and nonce. */
#include "sync/chain.h"

#define ERASURE_ID_SIZE 16
#define ERASURE_SUM_SIZE 16

/* What a holder knows. find answers false where nothing of the record is erased. */
struct erasures {
    bool (*find)(const void *to, uint32_t kind, struct id id, struct erased_fields *out);
    const void *to;
};
/* Nothing of it is left: a message NULL counts as nothing. False: it held none. */
bool erase_row(const struct erasures *known, uint32_t kind, struct id id, ProtobufCMessage *message,
               struct arena *arena);
/* Of a change: what it says of erased fields goes, with its nonce and what this build does not know of it; its hash and
 * its origin's stay what they were. Sets c->erased in any case: the fields of its record, for decide. A record that
 * says it is of a person who is erased (FIELD_PERSON, bytes) loses all that is personal, and is wanted no more; one that
 * is about such a person (FIELD_PERSON, a reference), by the change or by its row, loses that and stands. row: NULL:
 * there is none, or it is not at hand. True if anything went. */
bool erase_change(const struct erasures *known, struct change *c, const ProtobufCMessage *row, struct arena *arena);
/* Of an entry: it becomes a stripped one (PROTOCOL.md "Entries"), its change without what was erased. True if anything
 * went. */
bool erase_entry(const struct erasures *known, struct entry *e, struct arena *arena);

/* The fields that say something of the person whom a record of that kind is about (FIELD_PERSONAL), and all that this
 * build does not know. In the arena. */
struct erased_fields erase_personal(const struct kind *k, struct arena *arena);
/* Do these values say that the record is another one of a person who is erased (FIELD_PERSON, bytes). */
bool erase_is_same(const struct erasures *known, const struct kind *k, const ProtobufCMessage *values);
/* All that is personal in the kind, where these values say that the record is that, or is about such a person
 * (FIELD_PERSON, a reference), who was erased while nobody knew of it. In the arena. */
bool erase_follows(const struct erasures *known, const struct kind *k, const ProtobufCMessage *values,
                   struct arena *arena, struct erased_fields *out);

/* ---- the erasures themselves ---- */
/* Opens and checks a packed wire.Erasure. ERR_WIRE. */
enum err erasure_open(struct slice packed, struct arena *arena, const Wire__Erasure **out) MUST_CHECK;
/* What two holders compare: the sum of the hashes of all erasures that they know, in whatever order. */
void erasure_hash(struct slice packed, uint8_t out[ERASURE_SUM_SIZE]);
void erasure_add(uint8_t sum[ERASURE_SUM_SIZE], const uint8_t hash[ERASURE_SUM_SIZE]);
/* The union of two ascending lists, in the arena. */
struct erased_fields erased_join(struct erased_fields a, struct erased_fields b, struct arena *arena);
bool erased_holds(struct erased_fields f, uint32_t tag);
bool erased_any(struct erased_fields f);
/* The first tag that this build does not know of the kind. */
uint32_t erased_unknown_from(const struct kind *k);
struct erased_fields erased_of_wire(const Wire__Erased *m); /* borrows it */
