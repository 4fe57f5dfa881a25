#pragma once
/* What the harnesses share: input read piece by piece, kept memory, mutation of messages. A harness NAME_fuzz.c has
 * LLVMFuzzerTestOneInput; what must never happen is CHECKed, the sanitizers watch over the rest. Invariant: what one
 * run does depends on its input alone, so that a file which once crashed crashes again. */
#include "base/arena.h"
#include "base/slice.h"
#include <protobuf-c/protobuf-c.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t size_max, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t size_max);

/* ---- input (feed.c) ---- */
struct feed {
    struct slice bytes;
    size_t at;
};
struct feed feed_of(const uint8_t *data, size_t size);
bool feed_more(const struct feed *f);
/* 0 at the end. */
uint8_t feed_byte(struct feed *f);
uint16_t feed_u16(struct feed *f); /* little-endian */
/* What is left if it is less than size. */
struct slice feed_bytes(struct feed *f, size_t size);
struct slice feed_rest(struct feed *f);
/* A copy of exactly that size on the heap: reading beyond it is seen. The caller frees it. */
uint8_t *exact_copy(struct slice s);

/* ---- mutation that knows the messages (mutate.c) ---- */
/* A neighbour of the packed message, mostly well formed: a field more, less, twice or with another value, down through
 * messages within and bytes that hold some (a change, its patch). Returns its size, at most size_max; data has room for
 * that. */
size_t mutate_message(const ProtobufCMessageDescriptor *d, uint8_t *data, size_t size, size_t size_max, unsigned seed);
/* The same, and the seed alone decides: for harnesses that do it while they run. */
void mutate_by_seed(const ProtobufCMessageDescriptor *d, struct buf *data, unsigned seed);

/* ---- a list of pieces, each `u8 type, u16 size, bytes`: what session_fuzz and link_fuzz read (pieces.c) ---- */
/* Mutates one piece as the message that type stands for (NULL: as bytes), or the list itself; the first `head` bytes as
 * such. */
typedef const ProtobufCMessageDescriptor *piece_descriptor(uint8_t type);
size_t mutate_pieces(uint8_t *data, size_t size, size_t size_max, unsigned seed, size_t head,
                     piece_descriptor *descriptor);
