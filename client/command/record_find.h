#pragma once
/* A record by what people call it: its number, ID number or name, if nobody else has it, then its id or the beginning of it (a
 * number may look like one). Members who have left are meant only where nobody who is here is called so: who comes back from another
 * branch has a record beside the old one. On this device or, once branch_rows_look was called, in a branch below. */
#include "client/command/command.h"

/* Makes ready to look up records of a kind: those of a branch below are asked from the server. False: said, *status is set. */
bool record_find_ready(struct seat *s, const struct kind *k, int *status);
/* ERR_NOT_FOUND, ERR_AMBIGUOUS. Of a branch below only what record_find_ready has asked for is found. */
enum err record_find(struct seat *s, const struct kind *k, const char *word, struct id *out) MUST_CHECK;
/* Both, with words for people: what is wrong, the nearest right name, what to do. False: said, *status is set. */
bool record_find_or_say(struct seat *s, const struct kind *k, const char *word, struct id *out, int *status);
/* What people call a record, nearest to the word: by its letters, else one that holds the word. NULL: none is near. In the
 * seat's arena. */
const char *record_find_near(struct seat *s, const struct kind *k, const char *word);
/* A member whose membership has ended. */
bool record_find_has_left(const struct kind *k, const ProtobufCMessage *row);
/* A name or number that people know a record by; others may bear the same. */
bool record_find_is_naming(const struct kind *k, const struct field_rule *f);
