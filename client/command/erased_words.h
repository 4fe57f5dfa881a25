#pragma once
/* What was erased by law (rule 29), for people: told once after a round, and on the record itself. */
#include "client/command/command.h"

struct json_t;
/* On standard error: what was erased since somebody was told last, by which decision, when. */
void erased_tell(struct seat *s);
/* The same for a program; people are told all the same. */
struct json_t *erased_untold_json(struct seat *s);
/* Which fields of the record are erased: one line, or nothing. */
void erased_text(struct seat *s, const struct kind *k, struct id id, struct buf *out);
/* The same as "erased": their names; nothing where there are none. */
void erased_json(struct seat *s, const struct kind *k, struct id id, struct json_t *into);
/* The name that the record is known by is erased. */
bool erased_name(struct seat *s, const struct kind *k, struct id id);
