#pragma once
/* What rules and derived fields look up on this device: shown rows, into a scratch (sync/lookup.h). */
#include "client/replica/replica_inner.h"
#include "sync/lookup.h"

/* Of a scratch: an upper bound, not what is taken; what is looked up is a device's own rows. */
#define LOOKED_UP_MAX ((size_t)1 << 30)

/* Adds what the key names: shown rows, all of a set; whose an entry is stays with the server. */
enum err look_load(struct replica *r, struct scratch *scratch, const struct scratch_key *key) MUST_CHECK;
/* Orgs of which all rows that the seat may read are here: not those whose snapshot still comes. Never NULL; in the
 * arena. */
enum err look_held(struct replica *r, struct arena *arena, const uint32_t **out, size_t *count) MUST_CHECK;
/* Orgs above this one, the nearest first; of an org that is not known here: the seat's own and those above it. */
enum err look_above(struct replica *r, uint32_t org, uint32_t home, struct arena *arena, const uint32_t **out,
                    size_t *count) MUST_CHECK;

/* The codes that a device knows: of one org its own; of others it says ORG_UNKNOWN. */
struct look_own {
    uint32_t number;
    const char *code; /* in the arena; NULL: not known */
};
enum err look_own(struct replica *r, uint32_t org, struct arena *arena, struct look_own *out) MUST_CHECK;
struct org_codes look_codes(const struct look_own *own); /* own must live */
