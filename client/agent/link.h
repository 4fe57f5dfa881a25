#pragma once
/* The client's side of the protocol as a machine of steps: a frame or the time goes in, frames and a result come out. No
 * sockets, no TLS, no clock: the agent carries frames and tells the time, the simulator does the same without a network.
 * A session: HELLO -> WELCOME -> [HAND_BACK ..] -> [PUSH ..] -> per org [SNAPSHOT ..] [PULL ..] -> [DIGEST] -> level.
 * What was made here goes first: it exists nowhere else, and one pull afterwards brings one's own entries with the others'.
 * Rule 34: with work to do, a request is under way or link_due names a time; never neither. */
#include "base/slice.h"
#include "client/replica/replica.h"
#include "wire/frame.h"

struct link;

enum link_mode {
    LINK_ROUND, /* one round, then LINK_DONE */
    LINK_WATCH, /* stays: news, local changes, pings, reports */
    LINK_ASK,   /* hello alone, then what is asked for */
    LINK_RENEW  /* no hello: a seat whose certificate has expired may ask for RENEW and nothing else */
};

enum link_progress {
    LINK_WORKING,
    LINK_LEVEL,   /* watch: everything is sent and pulled; round: never, see DONE */
    LINK_DONE,    /* round: all sent, all pulled. ask: everything was answered */
    LINK_PUT_OFF, /* round: the server takes no changes now (recovery, load); pulled as far as possible; retry after */
    LINK_FAILED,  /* link_failure, link_text; retry after link_retry_after */
    LINK_WIPE     /* a WIPE came: the owner checks its signature (link_wipe) and destroys the folder */
};

/* An answer to an ask. message lives during the call. For FRAME_ERROR: a Wire__Error. Never called inside link_ask. */
typedef void link_on_answer(void *to, enum frame_type type, const ProtobufCMessage *message);

struct link_options {
    enum link_mode mode;
    const char *version;      /* of the program */
    bool snapshot_at_once;    /* join: all pages in one transaction */
    link_on_answer *on_answer;
    void *to;
    /* Progress for people: rows or changes done of total; may be NULL. */
    void (*on_progress)(void *to, const char *what, uint64_t done, uint64_t total);
};

/* r is borrowed. */
struct link *link_create(struct replica *r, const struct link_options *options);
void link_destroy(struct link *l); /* NULL ok */

/* Puts HELLO out. Once. */
enum err link_start(struct link *l, int64_t now_ms) MUST_CHECK;
/* A frame from the server. An error is fatal for the session (class PEER: the server broke the protocol; SELF: this disk). */
enum err link_take(struct link *l, enum frame_type type, struct slice payload, int64_t now_ms) MUST_CHECK;
/* Call when link_due has come. */
enum err link_tick(struct link *l, int64_t now_ms) MUST_CHECK;
/* Another process wrote to the database: something may be there to send. */
enum err link_local_changed(struct link *l, int64_t now_ms) MUST_CHECK;

/* Somebody asks whether all is level. What was heard before does not count: the line may be dead without anybody having said so.
 * All orgs are pulled once more, and the first answer has LINK_CHECK_MS; LINK_LEVEL says nothing until then. Watch alone. */
enum err link_check(struct link *l, int64_t now_ms) MUST_CHECK;

/* Frames to send, whole and in order; the caller consumes them after every call above. */
struct buf *link_out(struct link *l);
/* When link_tick wants to be called at the latest (as now_ms); INT64_MAX: never. */
int64_t link_due(const struct link *l);
enum link_progress link_progress(const struct link *l);
enum err link_failure(const struct link *l);   /* FAILED */
const char *link_text(const struct link *l);   /* for people, of FAILED and PUT_OFF; "" */
int64_t link_retry_after_ms(const struct link *l); /* from now; 0: as the caller likes */
struct slice link_wipe(const struct link *l);  /* the WIPE's payload */
bool link_is_put_off(const struct link *l);    /* the server takes no changes now, or nothing of what it lost */
bool link_late_waits(const struct link *l);    /* some of that is here */
void link_explain_put_off(const struct link *l, struct buf *out); /* where it is: which of both, for people */
bool link_is_welcome(const struct link *l);    /* WELCOME has come */
/* WELCOME brought a PSK (certificate sessions): its packed Wire__Psk; empty: none. */
struct slice link_psk(const struct link *l);

/* Pages of one answer come one after the other, each to on_answer. Asks: ROWS_ASK, HISTORY_ASK, OVERVIEW_ASK, SEAT_ASK, INVITE_ASK, TRANSFER_ASK, RENEW. message is copied; its number is set here. Sent after
 * WELCOME, one after the other. ERR_FULL with 16 waiting. */
enum err link_ask(struct link *l, enum frame_type type, ProtobufCMessage *message) MUST_CHECK;
