#pragma once
/* The file is wiped of what was erased (recovery/erase.h) between two runs of the writer, a turn each, so that no push
 * waits for the whole of it. Where that does not succeed it is tried again, less and less often: somebody may read, or
 * all may write, for hours. */
#include "server/recovery/erase.h"

struct writer_scrub {
    bool due;
    int64_t not_before_ms; /* 0: a turn at once */
    int64_t wait_ms;       /* after the last failure; 0: none failed */
    int64_t version;       /* of the database, at the last look */
    struct erase_scrub turns;
};

/* A turn, where one is due. */
void writer_scrub_run(struct writer_scrub *s, struct store *store, int64_t now_ms);
