#pragma once
/* Chain heads that the server gave, kept as witnesses: the hash of each stands for all that came before it. A server
 * whose log says another hash at one of those seqs has rewritten its past, by whatever hand; that is told and kept,
 * never mended in silence. What is behind a restore's end was given up openly (rule 27) and no witness. Invariant: a
 * head is believed to fit all earlier ones only where entries led from those to it; where the copy was taken anew, or
 * the log did not follow, all of them are compared with the server first (replica_past_next). */
#include "client/replica/replica_inner.h"

/* A head to which the entries that are held lead. mac of another size: none was given. */
enum err past_note(struct replica *r, uint32_t org, uint64_t seq, const uint8_t chain[CHAIN_SIZE],
                   ProtobufCBinaryData mac, int64_t now_ms) MUST_CHECK;
/* Nothing leads from them to what is held now: the server is to be asked. */
enum err past_doubt(struct replica *r, uint32_t org) MUST_CHECK;
/* A restore gave up what is off the lineage. */
enum err past_give_up(struct replica *r, uint32_t org, const struct lineage *lineage) MUST_CHECK;
