#pragma once
/* A server and its clients on one loop, for tests of streams. Every event is noted and asks whether the test has what
 * it waits for; a watchdog bounds the wait. */
#include "help_tls.h"
#include "net/stream.h"
#include "wire/frame.h"

#define HELP_ENDS 256u
#define HELP_BOUND_MS 30000u

struct help_net;

struct help_end {
    struct help_net *world;
    struct stream *stream; /* NULL once closed */
    int ups, frames, drained, closed;
    size_t bytes;         /* of payloads */
    uint8_t sum;          /* xor of all payload bytes */
    enum frame_type type; /* of the last frame */
    struct buf last;      /* its payload */
    enum err why;
    char detail[200];
    bool psk_refused;
};

struct help_net {
    struct net *net;
    struct help_district district;
    struct tls_context *server_tls, *client_tls;
    struct net_listener *listener;
    char address[32];
    struct net_timer *watchdog;
    bool timed_out;
    struct help_end server[HELP_ENDS], client[HELP_ENDS];
    size_t accepted, connected, refused;
    size_t accept_max;                     /* more are dropped */
    void (*on_accept)(struct help_end *e); /* what a test adds; all may be NULL */
    void (*on_up)(struct help_end *e);
    void (*on_frame)(struct help_end *e, enum frame_type type, struct slice payload);
    void (*on_drained)(struct help_end *e);
    bool (*is_done)(struct help_net *w);
};

void help_net_make(struct help_net *w, tls_psk_find *find, void *find_to);
void help_net_finish(struct help_net *w); /* closes what is left; the loop must close clean */
/* Runs until is_done; fails if that takes too long. */
void help_net_run(struct help_net *w, bool (*is_done)(struct help_net *w));
struct help_end *help_net_connect(struct help_net *w);
struct help_end *help_net_connect_with(struct help_net *w, const char *address, struct tls_context *tls,
                                       struct slice identity, struct slice key);
bool help_end_is_server(const struct help_end *e);
bool help_all_closed(struct help_net *w);
/* A frame that carries size bytes of that value (RENEW's csr). */
enum err help_send_bytes(struct help_end *e, size_t size, uint8_t value);
