#pragma once
/* What revoked seats left, as attention shows it and discard ends it. */
#include "client/replica/replica.h"

struct json_t;
struct json_t *attention_left_json(const struct replica_left *left);
/* roles: of the seat, in words; NULL: not known. */
void attention_left_text(const struct replica_left *left, const char *roles, struct buf *out);
/* "seat-7", as both of them show it; false: it is another id. */
bool attention_left_id(const char *word, uint32_t *seat);
