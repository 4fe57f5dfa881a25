#pragma once
/* Seats that a restore lost, as banyand seat shows them and takes them in again. */
#include "server/command/command.h"

#include <jansson.h>

/* A line each, with the way to take it in; nothing where there are none. */
enum err command_strangers_text(const struct command_folder *f, struct buf *out) MUST_CHECK;
/* Appended to the list of the seats, state "unknown". */
enum err command_strangers_json(const struct command_folder *f, json_t *list) MUST_CHECK;
/* banyand seat adopt. roles: as --role says them, or 0. Returns an exit status. */
struct adopt_words { const char *seat, *branch, *name, *key; role_set roles; bool yes; };
int command_adopt(struct command_folder *f, const struct adopt_words *w);
