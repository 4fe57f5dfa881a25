#pragma once
/* That the server's past was rewritten, as attention shows it until a person took note (banyan heads --noted). */
#include "client/command/command.h"

struct json_t;
/* Into list, or as text to out where list is NULL. *count: grows by one for each. */
enum err attention_rewritten(struct seat *s, struct json_t *list, struct buf *out, size_t *count) MUST_CHECK;
