#pragma once
/* An entry of an org's log and the hashes that chain it (rule 17, PROTOCOL.md "The chain"):
 *   content = SHA-256(salt | change | effects), each part preceded by its size as u32 BE
 *   entry   = SHA-256(seq u64 BE | seat u32 BE | incarnation | n u64 BE | hash | verdict u8 | code size u32 BE | code | received_ms u64 BE | content)
 *   chain   = SHA-256(chain before | entry), the first chain before is 32 zero bytes
 * Erasing content keeps its hash, so that the chain stays whole. */
#include "sync/change.h"

#define HEAD_MAC_SIZE 16 /* what only the server that gave a chain head can add to it (PROTOCOL.md "The chain") */

struct entry {
    uint64_t seq;
    struct identity identity;
    enum verdict { VERDICT_APPLIED = 1, VERDICT_MERGED = 2, VERDICT_CONFLICT = 3, VERDICT_REFUSED = 4, VERDICT_SAME = 5 } verdict;
    const char *code, *field;      /* of a refusal; NULL */
    const char *argument[3];
    int64_t received_ms;
    struct slice change, effects, salt;
    uint8_t chain[CHAIN_SIZE];
    bool stripped;                 /* content was left out for this reader: entry_hash stands for it */
    uint8_t entry_hash[32];        /* always valid after entry_open or entry_seal */
};

/* Computes entry_hash and chain from the one before. */
void entry_seal(struct entry *e, const uint8_t before[CHAIN_SIZE]);
/* True if e follows before. Of a stripped entry its entry_hash is taken as given. */
bool entry_follows(const struct entry *e, const uint8_t before[CHAIN_SIZE]);
enum err entry_open(const Wire__Entry *in, struct arena *arena, struct entry *out) MUST_CHECK;
/* A wire message in the arena, for frame_put or wire_pack. */
Wire__Entry *entry_wire(const struct entry *e, struct arena *arena);
/* Why it was refused, without a sentence; in the arena. */
Wire__Refusal *entry_refusal(const struct entry *e, struct arena *arena);
/* As the seat may see it (rule 22, 31): content whole, or with fields taken out (stripped, change left out, entry_hash set), or
 * emptied down to seq, chain and entry_hash where the record itself is hidden. home_reader: false hides nothing more. */
void entry_strip(struct entry *e, role_set roles, struct arena *arena);
/* The same for one who may read that record as access says, whatever the rights on its kind (row_access). */
struct strip_record { uint32_t kind; struct id id; enum access access; };
void entry_strip_of(struct entry *e, role_set roles, const struct strip_record *record, struct arena *arena);
