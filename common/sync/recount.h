#pragma once
/* An org's sums (digests, measures, the count of rows) made anew from its rows, when a newer program knows fields that the one
 * before kept unread, or counts otherwise. Each row is laid in as if it were made just then. */
#include "sync/org_state.h"
#include "sync/scratch.h"

#define SUMS_MARK_SIZE 32

/* Which sums this program keeps: of another program's, all that it kept is worth nothing here. */
void sums_mark(uint8_t out[SUMS_MARK_SIZE]);

struct recount {
    struct scratch *scratch;  /* rows as far as they were laid in */
    struct org_state *state;  /* with their sums, and nothing else */
};
struct recount recount_begin(uint32_t org);
/* A row or tombstone (message NULL) of the org, once each, in any order. message must live as long as r. */
void recount_row(struct recount *r, uint32_t kind, struct id id, uint64_t seq, ProtobufCMessage *message);
/* The sums that stand in state are replaced. r is finished. */
void recount_end(struct recount *r, struct org_state *state);
void recount_drop(struct recount *r);
