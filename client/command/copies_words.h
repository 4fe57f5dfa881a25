#pragma once
/* That two copies of a seat's data are in use, for people. */
#include "client/command/command.h"

struct json_t;
struct json_t *copies_json(struct seat *s);
/* A line each, while the server tells them. */
void copies_text(struct seat *s, struct buf *out);
/* On standard error: what nobody was told of within a day. */
void copies_tell(struct seat *s);
