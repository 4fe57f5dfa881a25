#pragma once
/* What the files of this room share. A stream's life:
 *
 *   RESOLVING -> CONNECTING -> SHAKING -> UP -> FLUSHING -> LINGERING -> CLOSING -> (on_closed, freed)
 *
 * (an accepted one begins at CONNECTING). FLUSHING: the reason is known, the last bytes are on their way. LINGERING:
 * our half is shut, the peer's end is awaited; a socket closed while bytes of the peer lie unread answers with a reset,
 * which would overtake our last words. Every state leads to CLOSING. stream_move is the one writer. */
#include "net/stream.h"

struct sockaddr;
struct uv_async_s;
struct uv_connect_s;
struct uv_handle_s;
struct uv_loop_s;
struct uv_tcp_s;
struct uv_timer_s;

#define NET_READ_SIZE 65536u
#define NET_DETAIL 160u
#define NET_FLUSH_MS 3000  /* for the peer to take our last words */
#define NET_LINGER_MS 2000 /* for the peer to end its half */

struct net {
    struct uv_loop_s *loop;
    struct stream *streams; /* all that live, doubly linked */
    bool is_ending;         /* net_destroy: nobody lingers */
    uint8_t *in;            /* NET_READ_SIZE: what was read in this callback */
    struct buf plain;       /* what it said */
    struct buf packed;      /* a frame on its way to TLS */
};

enum stream_state {
    STREAM_RESOLVING,
    STREAM_CONNECTING,
    STREAM_SHAKING,
    STREAM_UP,
    STREAM_FLUSHING,
    STREAM_LINGERING,
    STREAM_CLOSING,
    STREAM_STATES
};

struct stream {
    struct net *net;
    struct stream *next, *previous;
    int state;
    struct tls *tls;
    struct stream_events events;
    void *to;
    size_t size_max; /* of a frame */
    struct uv_tcp_s *tcp;
    struct uv_timer_s *timer;                /* due at the earliest of the three below, or earlier */
    uint64_t owner_due, half_due, close_due; /* loop time in ms, 0: none */
    uint64_t half_ms;
    unsigned holds;          /* handles whose close callback is awaited */
    struct resolve *resolve; /* while RESOLVING or CONNECTING: addresses that are left */
    struct buf partial;      /* a frame that has begun */
    struct buf out;          /* cipher text that waits */
    struct write *write;     /* cipher text that libuv has */
    bool has_hung_up;        /* the peer shut its half after our end had begun */
    uint64_t reads;          /* how often something came in */
    bool is_corked;          /* bytes of this stream are being worked on: its output leaves together, afterwards */
    enum err why;
    char detail[NET_DETAIL];
};

/* stream.c */
struct stream *stream_create(struct net *n, struct tls *tls, enum stream_state first, size_t size_max);
void stream_move(struct stream *s, enum stream_state to, const char *cause);
bool stream_is_over(const struct stream *s); /* the reason is known: no more events but on_closed */
void stream_arm(struct stream *s);           /* after one of the dues has changed */
/* The end begins: with a word to the peer (an alert, close_notify) and its bounded delivery, or at once. */
void stream_end(struct stream *s, enum err why, const char *detail);
void stream_cut(struct stream *s, enum err why, const char *detail);
void stream_destroy_unborn(struct stream *s); /* no event was or will be given */

/* stream_input.c */
void input_start(struct stream *s); /* reads from the socket from now on; a client says its first word */

/* stream_output.c */
void output_flush(struct stream *s);  /* as much as the socket takes; the rest follows by itself */
void output_uncork(struct stream *s); /* from the loop only: may call on_drained */
void output_drop(struct stream *s);

/* stream_connect.c */
void connect_abandon(struct stream *s);

/* address.c */
#define ADDRESS_HOST 256u
/* "host:port", "[v6]:port"; host without brackets, port a number up to 65535. ERR_VALUE. */
enum err address_split(const char *text, char host[ADDRESS_HOST], char port[6]) MUST_CHECK;
/* Fills a sockaddr_storage if host is numeric. */
bool address_numeric(const char *host, const char *port, void *sockaddr_storage);
void address_text(const struct sockaddr *a, char *out, size_t size); /* "127.0.0.1:7443", "[::1]:7443" */
uint16_t address_port(const struct sockaddr *a);
