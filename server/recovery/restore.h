#pragma once
/* `banyand restore` (sync rules 25, 33): the database of dir replaced by the backup at path, one file; the control journal of dir
 * is kept where it goes on from the backup's, else the backup's is taken, and numbers that may have been given since are left out; laid over the tables; what the backup holds
 * off the lineage is cut back; all orgs are in recovery.
 * dir: made if missing; it must not be served (ERR_LOCKED). The database that stood there is kept as banyan.db.before-TIME. Keys and
 * certificates that dir has are its own and stay; those that it lacks come out of the backup. The restored database holds none. */
#include "base/slice.h"
#include "server/control/control.h"
#include "server/recovery/restore_newer.h"

struct restore_facts {
    size_t orgs;          /* in recovery now */
    size_t cut;           /* entries taken off an abandoned path, kept in table cut */
    size_t mended;        /* unions whose rows were not what their history says, and were worked out anew */
    struct control_jump jump; /* where the backup's journal is taken: numbers left out */
    bool journal_kept;    /* dir's own journal was the longer one */
    struct restore_newer newer;
    bool head_key_lost;   /* neither dir nor the backup has it: no client is believed (PROTOCOL.md "Heads") */
};
enum err restore_run(const char *dir, const char *path, int64_t now_ms, struct restore_facts *facts, struct buf *detail) MUST_CHECK;
