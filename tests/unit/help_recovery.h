#pragma once
/* A district's backups, beside its database; its server put back to one of them, and the recovery that follows; who is erased
 * from it by law. */
#include "help_server.h"
#include "server/recovery/erase_plan.h"
#include "server/recovery/restore.h"

void server_backup(struct help_server *s, const char *name);
struct restore_facts server_restore(struct help_server *s, const char *name);
/* A seat says hello. level: it was asked for no entries, so nobody waits for it any more (rule 26). */
void server_contact(struct help_server *s, uint32_t seat, bool level);
/* As the operator ends it, whoever has not come. */
void server_end_recovery(struct help_server *s);
/* As `banyand erase` does it, up to the scrubbed file; who serves opens the server anew behind it. The plan stays the caller's. */
void carry_out_erasure(struct store *store, struct control *control, struct erase_plan *plan, int64_t now_ms, const char *reason);
void write_erasure(struct store *store, struct control *control, struct erase_plan *plan, int64_t now_ms, const char *reason); /* its bytes may stand in the file yet */
