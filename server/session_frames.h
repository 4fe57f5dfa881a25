#pragma once
/* Inside of a session, shared by the files that answer its frames (session.c holds life and order). */
#include "server/session.h"

enum session_state { SESSION_AWAIT_JOIN, SESSION_AWAIT_RENEW, SESSION_AWAIT_HELLO, SESSION_OPEN, SESSION_HANDING_OVER, SESSION_CLOSING };
#define SESSION_ORGS_MAX 6 /* a branch and the five levels above it */

struct session {
    struct serving *serving;
    uint64_t id;
    uint32_t seat;
    enum tls_peer peer;
    int state;
    const struct session_out *out;
    void *to;
    uint32_t orgs[SESSION_ORGS_MAX]; /* whose rows it keeps: its own org first, then those above */
    size_t org_count;
    bool watching;
    unsigned jobs;              /* with the writer */
    uint32_t queued_reported;   /* of its last report, while handing over */
    char version[32];
};

/* The arena of the frame at hand, the seat's facts, and whether it keeps the org. */
struct arena *session_arena(struct session *s);
const struct control_seat *session_who(struct session *s);
bool session_keeps(const struct session *s, uint32_t org);
void session_send(struct session *s, enum frame_type type, const ProtobufCMessage *message);
/* The answer to a question; where it does not go into one frame, ERROR TOO_LARGE in its place. */
void session_answer(struct session *s, uint32_t number, enum frame_type type, const ProtobufCMessage *message);
/* ERROR that ends a request alone. field may be NULL. */
void session_answer_error(struct session *s, uint32_t number, const char *code, const char *text, const char *field);
/* ERROR that ends the connection. */
void session_refuse(struct session *s, const char *code, const char *text, enum err why);
/* A failure of our own: concealed on the wire, logged here. */
void session_fail(struct session *s, const char *where, enum err e);
/* Makes a job of this session; freed by session_job_done or job_free. */
struct job *session_job(struct session *s, enum job_type type);
void session_put_job(struct session *s, struct job *job);

/* The one writer of the state. */
void session_move(struct session *s, enum session_state to, const char *cause);

/* session_sync.c */
/* A row as this seat may see it, or NULL where it may not see it at all. */
Wire__SnapshotRow *session_row_message(struct session *s, const struct row *row, role_set roles);
/* The seat with its person's name, unless it stands in the list already; the list has room. */
void session_add_author(struct session *s, Wire__Author **list, size_t *count, uint32_t seat);
void session_take_hello(struct session *s, const Wire__Hello *hello);
void session_take_push(struct session *s, const Wire__Push *push, struct slice payload);
void session_take_pull(struct session *s, const Wire__Pull *pull);
void session_take_snapshot(struct session *s, const Wire__SnapshotAsk *ask);
void session_take_digest(struct session *s, const Wire__DigestAsk *ask);
void session_take_hand_back(struct session *s, const Wire__HandBack *back, struct slice payload);
void session_take_report(struct session *s, const Wire__Report *report);
/* session_ask.c */
void session_take_rows(struct session *s, const Wire__RowsAsk *ask);
void session_take_history(struct session *s, const Wire__HistoryAsk *ask);
void session_take_overview(struct session *s, const Wire__OverviewAsk *ask);
/* session_seats.c */
void session_take_seats(struct session *s, const Wire__SeatAsk *ask);
void session_take_invite(struct session *s, const Wire__InviteAsk *ask);
void session_take_join(struct session *s, const Wire__Join *join);
void session_take_renew(struct session *s, const Wire__Renew *renew);
void session_send_wipe(struct session *s);
