#pragma once
/* What a change was on the device that made it, where another seat hands it in out of a file (PROTOCOL.md "Handing over").
 * Invariant: the successor's bytes hold the maker's whole, byte for byte: with n and for_seat put back and the origin taken out they are
 * what the maker hashed and signed. So nobody can put other values under somebody's name, and a change is the same change whoever
 * brings it: known by (seat that made it, its n there, its hash there). */
#include "base/arena.h"
#include "sync/change.h"

/* The origin of packed bytes, with the hash that they had there; its slices are bytes'. ERR_NOT_FOUND: they have none. ERR_WIRE: one
 * that could be none, or no change. ERR_MEMORY: it could not be read, so nothing may be believed of it. Cost: one copy of the bytes in
 * the arena, and their hash; so for each of these functions. */
enum err origin_find(struct slice bytes, struct arena *arena, struct change_origin *out) MUST_CHECK;
/* The bytes as their maker packed them. ERR_WIRE where they have no origin. */
enum err origin_bytes(struct slice bytes, struct arena *arena, struct slice *out) MUST_CHECK;
/* The successor's bytes: those of `made` (as its maker, seat, packed them under the incarnation) as n. Where they have an origin already
 * it stays, and for_seat with it: seat itself had them from somebody's file. ERR_WIRE, ERR_TOO_LONG over LIMIT_RECORD. */
enum err origin_hand_in(struct slice made, uint32_t seat, struct incarnation incarnation, struct slice signature, uint64_t n,
                        struct arena *arena, struct slice *out) MUST_CHECK;
/* What the maker signs: that this seat of this district (its CA's fingerprint) made the change of that hash. */
#define DISTRICT_SIZE 16
void origin_text(const uint8_t district[DISTRICT_SIZE], uint32_t seat, struct incarnation incarnation, uint64_t n,
                 const uint8_t hash[HASH_SIZE], struct buf *out);
