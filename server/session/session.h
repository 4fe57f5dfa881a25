#pragma once
/* One connection's side of the protocol: frames in, frames out (PROTOCOL.md "Order"). Bytes, sockets and threads are
 * the listener's. Every frame is checked against the peer's standing first, so that a revoke acts at the next message.
 *
 *   AWAIT_JOIN ----> (closed)            a peer without a certificate may join, once
 *   AWAIT_RENEW ---> (closed)            one whose certificate has expired may renew, and nothing else
 *   AWAIT_HELLO ---> OPEN                an active seat
 *             `----> HANDING_OVER        a revoked seat: pushes what it has, reports, is told to wipe
 *
 * Invariant: nothing is answered to a seat in AWAIT_HELLO but WELCOME or a fatal ERROR. */
#include "server/serving.h"
#include "tls/tls.h"
#include "wire/frame.h"

struct session;

/* How frames leave; all may be called from within session_take. */
struct session_out {
    enum err (*send)(void *to, enum frame_type type, const ProtobufCMessage *message);
    enum err (*send_packed)(void *to, struct slice frames);
    /* Sends ERROR (fatal) with code and text, then closes. */
    void (*refuse)(void *to, const char *code, const char *text, enum err why);
    void (*limit_frame)(void *to, size_t size_max);
    /* A deadline for the peer's next frame; 0: none. */
    void (*deadline)(void *to, uint64_t in_ms);
    /* Sends what waits, then closes. */
    void (*close)(void *to);
    /* Frames that came in one piece have the same turn: their sender has waited for none of the answers between them.
     * May be NULL: each came by itself. */
    uint64_t (*turn)(void *to);
    /* The certificate that the peer proved itself with; ERR_NOT_FOUND: with none. May be NULL. */
    enum err (*certificate)(void *to, struct tls_cert_facts *out);
};

/* A peer whose handshake is done. id: unique in this process, never 0. out and to must outlive the session. */
struct session *session_open(struct serving *serving, uint64_t id, enum tls_peer peer, uint32_t seat,
                             const struct session_out *out, void *to);
void session_close(struct session *s);
void session_take(struct session *s, enum frame_type type, struct slice payload);
/* The writer has done with a job of this session; the job is freed here. */
void session_job_done(struct session *s, struct job *job);
/* Frees a finished job whose session has gone. */
void job_free(struct job *job);

uint64_t session_id(const struct session *s);
uint32_t session_seat(const struct session *s);
/* Its peer is a seat that has said hello and may stay. */
bool session_is_open(const struct session *s);
/* Cut off for its seat's sake: LIMIT_SESSIONS_SEAT others came after it. */
void session_give_way(struct session *s);
/* Looks again at the seat's standing (control was refreshed): cuts a peer off that may no longer be here. */
void session_check(struct session *s);
