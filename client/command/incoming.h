#pragma once
/* Members whom other branches transferred out to this one (PROTOCOL.md, TRANSFER_ASK): asked from the server each time, never kept. */
#include "client/command/command.h"

/* Who waits, in the seat's arena. False: said, *status is EXIT_FAILED. */
bool incoming_ask(struct seat *s, const Wire__Transfers **out, int *status);
/* One of them by id, a prefix of it or a name, with the file that goes along. False: said, *status is EXIT_FAILED. */
bool incoming_file(struct seat *s, const char *word, const Wire__Transfer **out, int *status);
/* Asks, and prints the list. Answers an exit status. */
int incoming_print(struct seat *s, bool json);
