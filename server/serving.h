#pragma once
/* What all sessions of a serving process share, in the loop's thread: reading store, control, authority, hub, and the way to
 * the writer. No sockets, no threads: a test or simulator fills in put_job and now_ms by itself. */
#include "server/clock_watch.h"
#include "server/control/authority.h"
#include "server/writer/writer.h"

struct hub;

struct serving {
    struct store *store;            /* STORE_READ */
    struct control *control;        /* of this thread; with the journal, so that joins and revokes can be written */
    struct authority *authority;
    struct hub *hub;
    struct arena arena;             /* of the frame at hand: reset before each */
    int64_t (*now_ms)(void);
    struct clock_watch clock;       /* what devices say of now_ms */
    /* Hands a job to the writer. ERR_FULL: the job stays the caller's. */
    enum err (*put_job)(void *to, struct job *job);
    void *put_to;
    /* The control tables were changed here: other threads and live sessions should look. May be NULL. */
    void (*control_changed)(void *to);
};
