#pragma once
/* From a decision to what is written (rule 17): the entry with its hashes, rows with their stamps, numbers given, measures,
 * digests. And the same for entries taken verbatim (rule 25). */
#include "sync/decide.h"
#include "sync/org_state.h"

/* Makes the entry of a decision at org_state_next(state) and carries it out on scratch and state. salt: SALT_SIZE random
 * bytes. Gives numbers (FIELD_SERVER) to records that it creates. *out lives in arena. */
void accept_decision(const struct decision *d, const struct change *change, const struct identity *who, int64_t received_ms,
                     const uint8_t salt[SALT_SIZE], struct scratch *scratch, struct org_state *state, struct arena *arena,
                     struct entry *out);
/* What an entry's effects need loaded before accept_verbatim: ask until nothing is missing. */
void accept_keys(const struct entry *e, uint32_t org, struct scratch *scratch, struct arena *arena, struct scratch_keys *missing);
/* Carries an entry out as it is: same seq, identity, verdict, numbers. ERR_CHAIN if it does not follow state's head. */
enum err accept_verbatim(const struct entry *e, uint32_t org, struct scratch *scratch, struct org_state *state, struct arena *arena) MUST_CHECK;
/* Numbers that an entry brings are taken, whoever gave them. */
void accept_numbers(const struct effects *effects, struct org_state *state, struct arena *arena);
