#pragma once
/* A backup that is put back may not be the newest: what later ones held is promised to be on no device any more (rule 24), and whoever
 * took the wrong file by a slip can still take the right one. */
#include "server/control/journal.h"

struct restore_newer {
    size_t count;     /* backups that were made after this one, as the folder's control journal knows */
    int64_t at_ms;    /* when the newest of them was made */
    char path[256];   /* ... and where it was written, as far as there is room */
};
/* own: the folder's journal; same: how many records it shares with the backup's, the next of which is of that backup itself. */
enum err restore_newer_find(struct journal *own, uint64_t same, struct restore_newer *out) MUST_CHECK;
