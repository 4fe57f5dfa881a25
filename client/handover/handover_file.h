#pragma once
/* The file by which a seat that goes hands its unsent changes to a successor (PROTOCOL.md "Handing over"): bytes in, bytes out.
 * Layout: 16 bytes "BANYAN HANDOVER\n"; then parts, each u32 size and a packed message: HandoverHead, as many HandoverEntry as it says,
 * HandoverSeal; nothing behind it.
 * Each entry bears the signature by which the server is shown, too, that the seat made it; the seal is over all that stands before, so
 * that a file that was cut, mixed or changed anywhere is known as such before anything of it is used. It is signed, not encrypted: for
 * whom could not be known when it is written. */
#include "base/arena.h"
#include "client/replica/handover.h"
#include "sync/origin.h"
#include "wire.pb-c.h"

#define HANDOVER_VERSION 1u
#define HANDOVER_ENTRIES_MAX 20000u        /* changes that wait at once: an import of the largest roster */
#define HANDOVER_FILE_MAX (64u << 20)

/* The seat's own: of its folder (PEM). district: the CA's fingerprint. */
struct handover_keys {
    struct slice ca, cert, key;
};
enum err handover_district(struct slice ca, uint8_t out[DISTRICT_SIZE]) MUST_CHECK;

/* ---- writing ---- */
/* head: version, district, certificate's first and entries are set here. ERR_FULL: more changes, or more bytes, than a file holds. */
enum err handover_file_write(const struct handover_keys *keys, Wire__HandoverHead *head, const struct handover_change *list, size_t count,
                             struct buf *out) MUST_CHECK;

/* ---- reading ---- */
enum handover_fault {
    HANDOVER_GOOD,
    HANDOVER_NOT_ONE,   /* no such file at all */
    HANDOVER_NEWER,     /* of a version that this program does not know */
    HANDOVER_CUT,       /* its end is missing */
    HANDOVER_CHANGED,   /* a byte of it is not what was written: a signature does not hold, a part is malformed */
    HANDOVER_DISTRICT,  /* of another district */
};
struct handover_file {
    const Wire__HandoverHead *head;
    struct handover_given *list; /* all signatures were looked at */
    size_t count;
};
/* bytes must outlive *out. ERR_REFUSED sets *fault; ERR_MEMORY. */
enum err handover_file_read(struct slice bytes, struct slice ca, struct arena *arena, struct handover_file *out, enum handover_fault *fault) MUST_CHECK;
