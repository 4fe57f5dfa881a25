#pragma once
/* What became of changes that the server had lost in a restore and this device handed over (rule 27), for people. */
#include "client/command/command.h"

/* On standard error: since somebody was told last. */
void late_tell(struct seat *s);
/* The same for a program, {taken_up, refused, left}; people are told all the same. */
struct json_t;
struct json_t *late_untold_json(struct seat *s);
