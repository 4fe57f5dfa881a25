#pragma once
/* All that the server knows of an org's log in one packed row, accumulated in memory and written once a commit:
 * counters, chain head, digests, measures, the numbers that people quote. */
#include "sync/chain.h"
#include "sync/digest.h"

#define SEQ_EPOCH_SHIFT 40
uint64_t seq_make(uint32_t epoch, uint64_t counter);
uint32_t seq_epoch(uint64_t seq);
uint64_t seq_counter(uint64_t seq);

struct org_state;  /* heap */
struct org_state *org_state_create(uint32_t org, uint32_t epoch);
enum err org_state_unpack(uint32_t org, struct slice packed, struct org_state **out) MUST_CHECK;
void org_state_pack(const struct org_state *s, struct buf *out);
struct org_state *org_state_copy(const struct org_state *s);
void org_state_destroy(struct org_state *s);
bool org_state_equal(const struct org_state *a, const struct org_state *b); /* for verify */

uint32_t org_state_org(const struct org_state *s);
uint64_t org_state_seq(const struct org_state *s);              /* last given; 0 none */
const uint8_t *org_state_chain(const struct org_state *s);      /* 32 bytes */
uint64_t org_state_next(const struct org_state *s);             /* what the next entry gets */
void org_state_advance(struct org_state *s, uint64_t seq, const uint8_t chain[CHAIN_SIZE]); /* CHECKs that seq grows */
void org_state_begin_epoch(struct org_state *s, uint32_t epoch); /* counters start at 1; numbers skip 1,000 an epoch (rule 26) */
uint64_t org_state_entries(const struct org_state *s);          /* entries in its log */
uint64_t org_state_rows(const struct org_state *s);             /* living rows and tombstones */
/* Replaces a row's share in digests, measures and the count of rows. Either side may be absent (message NULL with dead false). */
struct row_side { bool exists; bool dead; uint64_t seq; const ProtobufCMessage *message; };
void org_state_row(struct org_state *s, const struct kind *k, struct id id, struct row_side before, struct row_side after);
size_t org_state_measures(const struct org_state *s); /* how many there are */
/* How many there would be after org_state_row with these sides. */
size_t org_state_measures_with(const struct org_state *s, const struct kind *k, struct row_side before, struct row_side after);
/* The same for what several records make together (account.h): what an account gave is replaced by what it gives. Either may be of
 * no rows: no account. */
void org_state_account(struct org_state *s, const struct account *a, const struct account_rows *before, const struct account_rows *after);
size_t org_state_account_with(const struct org_state *s, const struct account *a, const struct account_rows *before,
                              const struct account_rows *after); /* how many sums there would be then */
struct digest_sum org_state_digest(const struct org_state *s, uint32_t scope, enum field_class class);
/* Walks digests and measures, ordered by name; index from 0; false at the end. */
bool org_state_digest_at(const struct org_state *s, size_t index, uint32_t *scope, enum field_class *class, struct digest_sum *sum);
bool org_state_measure_at(const struct org_state *s, size_t index, const char **name, int64_t *value);
int64_t org_state_measure(const struct org_state *s, const char *name);
/* Next number of a counter ("member_no"): 1, 2, 3 ... */
int64_t org_state_number(struct org_state *s, const char *counter);
/* Walks the counters, by name: the last number that each gave; index from 0; false at the end. */
bool org_state_number_at(const struct org_state *s, size_t index, const char **name, int64_t *value);
/* A number that was given elsewhere (an entry taken verbatim): the counter never gives it again. */
void org_state_number_seen(struct org_state *s, const char *counter, int64_t number);
