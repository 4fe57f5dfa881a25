#pragma once
/* The serving side without sockets or threads: sessions over a real store, control, authority and writer, and peers
 * that say frames by hand and look at what comes back. */
#include "help_server.h"
#include "server/hub.h"
#include "server/session/session.h"

struct help_serving {
    struct help_server server; /* the writer's side; its control and pens make seats, orgs and changes */
    struct serving serving;
    struct store *control_store; /* the loop's own writing connection */
    struct journal *journal;
    struct job *jobs, **jobs_end; /* put, not run yet */
    size_t job_count;
    size_t queue_max; /* put_job answers ERR_FULL beyond */
    uint64_t last_session;
    unsigned control_changes; /* how often sessions said so */
    uint32_t officer;         /* a district officer; server.chair and server.second are chairs of server.branch */
};

void serving_make(struct help_serving *h);
void serving_remove(struct help_serving *h);
/* Everything closed and opened again, for tests that touch the files between. */
void serving_close(struct help_serving *h);
void serving_open(struct help_serving *h);
/* Runs what was put, gives answers and news to the sessions, until nothing waits. */
void serving_pump(struct help_serving *h);

struct peer {
    struct help_serving *h;
    struct session *session;
    struct buf frames;     /* all that was sent to it */
    size_t at;             /* of what expect has not looked at */
    const uint8_t *packed; /* where the last send_packed's bytes lay */
    unsigned sends;
    bool refused, closed;
    char code[48]; /* of the fatal ERROR */
    enum err why;
    size_t frame_limit;
    uint64_t turn; /* of its frames; ... */
    bool together; /* ... true: they come in one piece from now on */
    uint64_t deadline_ms;
    int64_t certificate_ends_ms; /* of the one that it shows; 0: the connection does not tell */
};

void peer_open(struct help_serving *h, struct peer *p, enum tls_peer as, uint32_t seat);
void peer_finish(struct peer *p);
/* One frame in; then the writer runs. tell leaves the jobs where they are. */
void peer_say(struct peer *p, enum frame_type type, const ProtobufCMessage *m);
void peer_tell(struct peer *p, enum frame_type type, const ProtobufCMessage *m);
/* The next frame, which must be of that type; it lives in the server's arena. */
const ProtobufCMessage *peer_expect(struct peer *p, enum frame_type type);
/* Nothing (more) was sent. */
void peer_expect_nothing(struct peer *p);
void peer_expect_refused(struct peer *p, const char *code);
/* The next frame is an ERROR with that number and code that ends the request alone. */
void peer_expect_error(struct peer *p, uint32_t number, const char *code);

/* A hello without positions, taken; the WELCOME. */
const Wire__Welcome *peer_hello(struct peer *p);
/* A hello with one position, and its right mac: the server gave it, whether it has it now or not. chain NULL: none. */
const Wire__Welcome *peer_hello_at(struct peer *p, uint32_t org, uint64_t seq, const uint8_t *chain);
/* The same with a mac of the caller's. */
const Wire__Welcome *peer_hello_with(struct peer *p, uint32_t org, uint64_t seq, const uint8_t *chain, ProtobufCBinaryData mac);
/* What the server says of a head that it gives; in its arena. */
ProtobufCBinaryData serving_mac(struct help_serving *h, uint32_t org, uint64_t seq, const uint8_t *chain);
/* Opens as a seat with a certificate and says hello. */
void peer_enter(struct help_serving *h, struct peer *p, uint32_t seat);

extern int64_t help_now_ms; /* what the serving side takes for now */
