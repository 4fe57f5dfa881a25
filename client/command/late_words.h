#pragma once
/* What became of changes that the server had lost in a restore and this device handed over (rule 27), for people. */
#include "client/command/command.h"

/* On standard error: since somebody was told last. */
void late_tell(struct seat *s);
