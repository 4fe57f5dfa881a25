#pragma once
/* A connection on a libuv loop that speaks frames over TLS. Callbacks note facts; nothing calls back inside the call
 * that armed it. Read buffers belong to the loop, an idle stream holds none. Limits: frame size, half frames and half
 * records have a deadline, waiting output is capped; over a limit the stream fails with its error. */
#include "base/slice.h"
#include "tls/tls.h"
#include "wire/frame.h"

struct net; /* one loop with its buffers */
struct net_listener;
struct stream;

enum err net_create(struct net **out) MUST_CHECK;
/* Runs until net_stop or nothing is left to wait for. */
void net_run(struct net *n);
void net_stop(struct net *n); /* from the loop's own thread */
/* Cuts the streams that still live (their on_closed comes from here), CHECKs that all else was destroyed before and
 * that the loop closes clean. */
void net_destroy(struct net *n);
int64_t net_now_ms(struct net *n); /* monotonic, of this turn */

/* A timer: fires once on_due; arming again replaces. Owner's storage is opaque. */
struct net_timer;
struct net_timer *net_timer_create(struct net *n, void (*on_due)(void *to), void *to);
void net_timer_arm(struct net_timer *t, uint64_t in_ms);
void net_timer_disarm(struct net_timer *t);
void net_timer_destroy(struct net_timer *t);

/* Wakes the loop from another thread: on_wake runs in the loop; several wakes may become one. */
struct net_waker;
struct net_waker *net_waker_create(struct net *n, void (*on_wake)(void *to), void *to);
void net_wake(struct net_waker *w); /* from any thread */
void net_waker_destroy(struct net_waker *w);
/* SIGINT and SIGTERM. Does not keep net_run waiting. */
struct net_signal;
struct net_signal *net_signal_create(struct net *n, void (*on_signal)(void *to, int number), void *to);
void net_signal_destroy(struct net_signal *s);

struct stream_events {
    void (*on_up)(void *to);                                                /* TLS is up; the peer can be asked for */
    void (*on_frame)(void *to, enum frame_type type, struct slice payload); /* payload lives during the call */
    void (*on_drained)(void *to); /* nothing waits any more; may be NULL, may come unasked */
    /* Once, last; the stream is gone afterwards (stream_tls may still be asked here). ERR_OK: the peer closed orderly.
     * ERR_FRAME_TORN: it hung up inside a frame, which a cut line does, too. detail: for people, may be "". */
    void (*on_closed)(void *to, enum err why, const char *detail);
};

/* address: "127.0.0.1:7443", "[::1]:0". *port gets the real one. ERR_EXISTS if the port is in use, ERR_VALUE if the
 * address is none, or none of this machine. on_accept gives the events of the new stream, or returns false to drop it
 * at once (too many). Its frames are limited to LIMIT_FRAME_JOIN until its owner says otherwise. */
typedef bool net_on_accept(void *to, struct stream *s, const char *peer_address, struct stream_events *events,
                           void **events_to);
enum err net_listen(struct net *n, const char *address, struct tls_context *tls, net_on_accept *on_accept, void *to,
                    uint16_t *port, struct net_listener **out) MUST_CHECK;
/* Later connections use this context (the server's certificate was renewed); it must live as long as the listener. */
void net_listener_use(struct net_listener *l, struct tls_context *tls);
void net_listener_close(struct net_listener *l);

/* Connects (getaddrinfo in the thread pool), with NODELAY set before the handshake. ERR_VALUE if host_port is none; all
 * other failures come by on_closed: ERR_OFFLINE before there is a connection. Frames are limited to LIMIT_FRAME. */
enum err stream_connect(struct net *n, const char *host_port, struct tls_context *tls, struct slice psk_identity,
                        struct slice psk_key, const struct stream_events *events, void *to,
                        struct stream **out) MUST_CHECK;
/* Packs and queues a frame. ERR_FULL over LIMIT_SESSION_QUEUE (the stream then closes with it), ERR_CUT after close,
 * ERR_PROTOCOL before on_up, ERR_FRAME_TOO_LARGE over LIMIT_FRAME (nothing was sent). What is sent from within a
 * callback of the stream leaves together, after it. */
enum err stream_send(struct stream *s, enum frame_type type, const ProtobufCMessage *message) MUST_CHECK;
/* Frames packed beforehand (one encoding for many hearers). */
enum err stream_send_packed(struct stream *s, struct slice frames) MUST_CHECK;
void stream_limit_frame(struct stream *s, size_t size_max); /* LIMIT_FRAME_JOIN until the peer is known */
void stream_limit_half(struct stream *s, uint64_t in_ms);   /* to complete a frame that has begun; LIMIT_FRAME_MS */
/* From now on, until the next frame is whole: closes with ERR_TIMEOUT after that long. 0: no deadline. */
void stream_deadline(struct stream *s, uint64_t in_ms);
/* Flushes (bounded), waits a moment for the peer's end, then on_closed comes from the loop. The first reason stays. */
void stream_close(struct stream *s, enum err why, const char *detail);
/* At once, without a word: its descriptor is free when this returns. on_closed comes from the loop. */
void stream_drop(struct stream *s, enum err why, const char *detail);
/* As stream_close, but says ERROR {code, text, fatal} to the peer first. The stream does so itself for frame errors. */
void stream_refuse(struct stream *s, const char *code, const char *text, enum err why);
size_t stream_waiting(const struct stream *s); /* bytes that the peer has not taken yet */
uint64_t stream_reads(const struct stream *s); /* how often something came in: frames of one read have the same */
/* NULL: accepted, and closed by its owner within on_accept. */
const struct tls *stream_tls(const struct stream *s);
