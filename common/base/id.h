#pragma once
/* Record ids: UUIDv7 (RFC 9562), time-ordered so that neighbours in time are neighbours in the tables. */
#include "base/slice.h"

#define ID_SIZE 16
#define ID_TEXT_SIZE 37 /* with the final zero */

struct id {
    uint8_t bytes[ID_SIZE];
};

/* random: 10 bytes. Two ids of one millisecond are ordered by their random part only. */
struct id id_make(int64_t now_ms, const uint8_t random[10]);
struct id id_from(struct slice s); /* CHECKs that size is 16 */
struct slice id_slice(const struct id *id); /* borrowed from *id */
bool id_equal(struct id a, struct id b);
bool id_is_zero(struct id a);
int id_compare(struct id a, struct id b);
void id_text(struct id id, char out[ID_TEXT_SIZE]);
/* Accepts 32 hex digits with or without hyphens, either case. ERR_VALUE otherwise. */
enum err id_parse(const char *text, struct id *out) MUST_CHECK;
/* A prefix of an id's text, hyphens optional: bits gets 4 x the hex digits given. At least 4 digits. ERR_VALUE otherwise. */
enum err id_parse_prefix(const char *text, struct id *out, unsigned *bits) MUST_CHECK;
bool id_has_prefix(struct id id, struct id prefix, unsigned bits);
