#pragma once
/* The inside of org_state, for its two files: org_state.c keeps it, org_state_pack.c packs it. */
#include "sync/org_state.h"

struct named_value { char *name; int64_t value; };
struct named_values { struct named_value *list; size_t count, capacity; }; /* ascending by name; none is zero */
int64_t named_get(const struct named_values *v, const char *name);         /* 0 if there is none */
void named_add(struct named_values *v, const char *name, int64_t delta);
void named_finish(struct named_values *v);
bool named_equal(const struct named_values *a, const struct named_values *b);

struct digest_entry { uint32_t scope; enum field_class class; struct digest_sum sum; };

struct org_state {
    uint32_t org;
    uint32_t epoch;
    uint64_t seq;
    uint8_t chain[CHAIN_SIZE];
    uint64_t entries, rows;
    struct digest_entry *digests; /* ascending by scope and class */
    size_t digest_count;
    struct named_values measures, numbers;
};
struct digest_sum *org_state_digest_slot(struct org_state *s, uint32_t scope, enum field_class class); /* made if there is none */
