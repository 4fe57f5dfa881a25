#pragma once
/* banyan handover write, take: a seat's unsent changes as a file. */
#include "client/command/command.h"

int handover_write(struct seat *s, const char *path);
int handover_take_in(struct seat *s, const char *path);
