#pragma once
/* What of the outbox goes into a handover file, and what of one is taken into it (PROTOCOL.md "Handing over").
 * A change stays where it was made: if its own seat sends it as well, the server counts it once. One that was taken in is sent as the
 * successor's own, for the seat that made it. */
#include "client/replica/replica.h"
#include "base/limits.h"

/* One that was made here and that no server is known to have for good: waiting, answered and not pulled yet, or refused and still in
 * front of the person. bytes, hash: as made here. */
struct handover_change {
    struct slice bytes;
    uint8_t hash[HASH_SIZE];
    struct incarnation incarnation; /* zero: not known any more (its refusal was pulled) */
    uint64_t n;
    bool has_origin;                /* it was taken in itself */
};
/* In the order in which they were made; in the arena. */
enum err handover_unsent(struct replica *r, struct arena *arena, struct handover_change **out, size_t *count) MUST_CHECK;
/* Certificates (DER) of the seats that made those of them that were taken in here; in the arena. ERR_FULL: with the seat's own more
 * than LIMIT_MAKERS_PUSH, which a reader of the file takes for none of ours. */
enum err handover_certificates(struct replica *r, const struct handover_change *list, size_t count, struct arena *arena,
                               ProtobufCBinaryData **out, size_t *found) MUST_CHECK;

/* One of a file, its signature looked at. seat, incarnation, n, hash: as its maker had it. */
struct handover_given {
    uint32_t seat;
    struct slice bytes;
    struct incarnation incarnation;
    uint64_t n;
    uint8_t hash[HASH_SIZE];
    struct slice signature, certificate;
};
struct handover_taken {
    size_t taken, known; /* known: taken in here before */
    size_t too_large;    /* left out: with its origin over LIMIT_RECORD; a group as a whole */
    uint32_t kind;       /* the record of the first of those */
    struct id id;
    size_t refused;      /* of taken: what the server would refuse from this seat, as far as can be known here; a group as a whole */
    const struct kind *refused_kind; /* of the first of those: why */
    const char *code, *field, *action; /* static, or the arena's */
    const char *argument[3];
};
/* All of them but those that are too large, or none; durable when it returns ERR_OK. seat: whose file it is. Strings of out
 * live in the arena. */
enum err handover_take(struct replica *r, uint32_t seat, const struct handover_given *list, size_t count, int64_t now_ms, struct arena *arena,
                       struct handover_taken *out) MUST_CHECK;
/* What a push holds for other seats. */
struct handover_makers {
    uint32_t seats[LIMIT_MAKERS_PUSH]; /* each once */
    size_t count, changes;
};
/* With one more change (packed), for another seat or not; false: it goes over LIMIT_MAKERS_PUSH or LIMIT_ORIGINS_PUSH. */
bool handover_count(struct handover_makers *m, struct slice bytes);
/* The push's certificates, of all seats whose origins stand in it. */
enum err handover_prove(struct replica *r, struct arena *arena, Wire__Push *push) MUST_CHECK;
