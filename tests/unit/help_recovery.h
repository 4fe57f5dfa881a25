#pragma once
/* A district's backups, beside its database, and its server put back to one of them. */
#include "help_server.h"
#include "server/recovery/restore.h"

void server_backup(struct help_server *s, const char *name);
struct restore_facts server_restore(struct help_server *s, const char *name);
