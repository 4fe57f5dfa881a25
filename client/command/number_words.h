#pragma once
/* Numbers on paper that are others since a restore, for people: which, and what they are now. */
#include "client/command/command.h"

struct json_t;
/* What bears it, as people call it: "payment of dues 周文 2026-09". */
void number_record(struct seat *s, const struct replica_number *x, struct buf *out);
/* "receipt number 0002 of payment of dues 周文 2026-09 is now 1002". */
void number_sentence(struct seat *s, const struct replica_number *x, struct buf *out);
struct json_t *number_json(const struct replica_number *x);
/* On standard error: what nobody was told of yet. */
void numbers_tell(struct seat *s);
/* As attention shows them until a person took note (banyan numbers --noted): into list, or as text to out where list is NULL. *count: grows
 * by one for each. */
enum err numbers_attention(struct seat *s, struct json_t *list, struct buf *out, size_t *count) MUST_CHECK;
