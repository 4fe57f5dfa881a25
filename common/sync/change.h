#pragma once
/* One change: what a person did to one record (sync rules 1, 2). Its bytes are made once, by change_pack; the received slice
 * is what is hashed, stored and sent on. */
#include "base/arena.h"
#include "base/id.h"
#include "kinds/kind.h"
#include "wire.pb-c.h"

#define HASH_SIZE 16       /* of a change: the first 16 bytes of SHA-256 over its bytes */
#define INCARNATION_SIZE 16
#define NONCE_SIZE 8       /* of a change: its hash stands in entries that were stripped of it, and must not be guessed from */
#define CHAIN_SIZE 32
#define SALT_SIZE 16

struct incarnation { uint8_t bytes[INCARNATION_SIZE]; };
bool incarnation_equal(struct incarnation a, struct incarnation b);

/* Who made which change: the same in every copy of the log (rule 1). */
struct identity {
    uint32_t seat;
    struct incarnation incarnation;
    uint64_t n;
    uint8_t hash[HASH_SIZE];
};

enum op { OP_CREATE = 1, OP_SET = 2, OP_ACT = 3, OP_REMOVE = 4, OP_ERASE = 5 };

/* Of one record, erased by law (erase.h): tags, ascending; of a conflict record those of the kind that it is about. What a
 * newer program than the one that decided wrote of a person is taken for personal, also when it comes later, by holders of
 * every version: tags only grow, so that is every tag from one on. */
struct erased_fields {
    const uint32_t *tags;
    size_t count;
    uint32_t from; /* and every tag from this one on; 0: none */
};

/* origin.h. */
struct change_origin {
    bool given;
    struct incarnation incarnation;
    uint64_t n;
    uint32_t for_seat;                /* that it bore itself; 0: none */
    struct slice signature;           /* of the seat that made it; whether it holds is asked elsewhere */
    uint8_t hash[HASH_SIZE];
};

struct change {
    struct slice bytes;               /* as packed or received, or without what was erased (erase.h) */
    struct slice made;                /* as packed or received; not kept where anything was erased */
    uint8_t hash[HASH_SIZE];
    uint64_t n;
    uint32_t org;
    uint32_t kind_number;
    const struct kind *kind;          /* NULL: not known to this build */
    struct id id;
    uint64_t base;                    /* 0: new */
    enum op op;
    struct slice patch_bytes;
    const ProtobufCMessage *patch;    /* NULL if kind is NULL; never NULL otherwise (may be empty) */
    const uint32_t *cleared;          /* tags, ascending */
    size_t cleared_count;
    const char *action;               /* OP_ACT; else NULL */
    bool grouped;
    struct id group;
    uint32_t group_position, group_size;
    int64_t made_ms;
    struct slice nonce;               /* NONCE_SIZE random bytes of who made it; empty: none */
    uint32_t for_seat;                /* handed in for that seat; 0: its sender's own */
    struct erased_fields erased;      /* of its record: it says nothing of them any more */
    const char *erased_field;         /* the first that went; NULL: none */
    bool erased_whole;                /* nothing that counts is left of it */
    struct change_origin origin;      /* what it was there; not packed by change_pack: origin_hand_in makes such bytes */
};

/* Decodes and checks the form. bytes must outlive *out. ERR_WIRE if it is no change (no n, no id, patch malformed, set and
 * cleared overlap, over LIMIT_RECORD ...). */
enum err change_open(struct slice bytes, struct arena *arena, struct change *out) MUST_CHECK;
/* Packs c's fields (patch from c->patch) into the arena and sets c->bytes, c->patch_bytes and c->hash. ERR_TOO_LONG over LIMIT_RECORD. */
enum err change_pack(struct change *c, struct arena *arena) MUST_CHECK;
/* Takes out what access does not allow, nonce and all that is not known here with it, and packs it anew: what is left is to be looked
 * at, never decided. True if values went. */
bool change_strip(struct change *c, enum access access, struct arena *arena);
/* for_seat of packed bytes, without opening them; 0: none. */
uint32_t change_for_seat(struct slice bytes);
void change_hash(struct slice bytes, uint8_t out[HASH_SIZE]);
/* Where a told FORKED at n sends its changes from then on (rule 5): first 16 of SHA-256(old, n as u64 BE, hash of its change n). */
struct incarnation change_fork(struct incarnation old, uint64_t n, const uint8_t hash[HASH_SIZE]);
/* True if the change touches the field: in its patch, cleared, or the state field of an act. */
bool change_touches(const struct change *c, uint32_t tag);
