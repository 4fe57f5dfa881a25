#pragma once
/* The one-time code that a person types or scans (PROTOCOL.md "Joining"): "BANYAN-" and the packed JoinCode with two
 * check bytes in Crockford's base32, in groups of five. Case, hyphens and white space do not matter; O, I and L are
 * read as 0, 1, 1. */
#include "base/arena.h"
#include "wire.pb-c.h"

/* check: the first two bytes of SHA-256 over the packed message (the caller has the hash function). */
typedef void join_code_sha256(struct slice in, uint8_t out[32]);
void join_code_text(const Wire__JoinCode *code, join_code_sha256 *sha256, struct buf *out);
/* ERR_VALUE: mistyped or no code at all; ERR_VERSION: of a newer program. */
enum err join_code_parse(struct slice text, join_code_sha256 *sha256, struct arena *arena,
                         Wire__JoinCode **out) MUST_CHECK;
