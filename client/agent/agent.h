#pragma once
/* The client on the network: libuv, TLS, deadlines and reconnects around link.h. Every function runs its own loop and returns
 * when it is over; they write the facts of the contact into the replica. Text for people is in result->text, in their language. */
#include "client/agent/link.h"

struct agent_result {
    enum err why;               /* ERR_OK, or why it could not be finished */
    struct buf text;            /* a sentence and the next step; empty for ERR_OK */
    bool wiped;                 /* the seat was revoked and its data destroyed; the replica can only be closed */
};
void agent_result_finish(struct agent_result *result);

struct agent_options {
    int64_t deadline_ms;        /* for all of it; 0: no other than each request's own (60 s; beside a running agent 60 s for all) */
    void (*on_progress)(void *to, const char *what, uint64_t done, uint64_t total); /* may be NULL */
    void *to;
};

/* One round. While an agent keeps the folder, asks that one and waits until it is level with everything sent.
 * ERR_OFFLINE, ERR_CUT, ERR_TIMEOUT, ERR_BUSY (class LATER): exit status 3. */
void agent_round(struct replica *r, const struct agent_options *options, struct agent_result *result);
/* Stays connected until SIGINT or SIGTERM, reconnecting with full jitter. ERR_LOCKED: another agent keeps the folder. ERR_CORRUPT: the
 * database is damaged; who opens the folder next sets it right, which nobody can while this one has it open.
 * on_line: a line for the terminal now and then ("connected", "level at ..."); may be NULL. */
void agent_watch(struct replica *r, void (*on_line)(void *to, const char *line), void *to, struct agent_result *result);
/* Asks the server and hands every answer (of several: until done) to on_answer. message's number is set here. FRAME_ERROR comes
 * to result->text with ERR_REFUSED. What comes in pages goes on by itself until the last: the
 * deadline is that of each page. */
void agent_ask(struct replica *r, enum frame_type type, ProtobufCMessage *message, const struct agent_options *options,
               link_on_answer *on_answer, void *to, struct agent_result *result);

/* Joins: key made on the device (DIR/key.pem is written before anything is sent, so that a lost answer can be asked for again
 * with the same code and key), server pinned, certificate and CA kept, database made, first round run.
 * code: as printed by invite; white space around and inside is ignored.
 * ERR_VALUE: no code; ERR_EXISTS: somebody has joined here; ERR_PIN, ERR_REFUSED (used, expired), ERR_OFFLINE ... */
struct agent_joined { struct replica_seat seat; struct arena arena; };
void agent_join(const char *dir, const char *code, const struct agent_options *options, struct agent_joined *out,
                struct agent_result *result);
