#pragma once
/* Inside of a session, shared by the files that answer its frames. session.c holds life, standing and order; what a
 * frame means is answered in the file that its taker is listed under. */
#include "server/session/session.h"

enum session_state {
    SESSION_AWAIT_JOIN,
    SESSION_AWAIT_RENEW,
    SESSION_AWAIT_HELLO,
    SESSION_OPEN,
    SESSION_HANDING_OVER,
    SESSION_CLOSING
};
#define SESSION_ORGS_MAX JOB_ORGS_MAX

struct session {
    struct serving *serving;
    uint64_t id;
    uint32_t seat;
    enum tls_peer peer;
    role_set roles; /* as WELCOME told them */
    int64_t incarnation; /* the first 8 bytes of what HELLO said; 0: none yet */
    int state;
    const struct session_out *out;
    void *to;
    uint32_t orgs[SESSION_ORGS_MAX]; /* whose rows it keeps: its own org first, then those above */
    size_t org_count;
    bool watching;
    unsigned jobs;    /* with the writer */
    unsigned handing; /* of those, pushes and hand backs */
    uint64_t turn;    /* of the last frame, */
    unsigned asked;   /* questions in it, */
    unsigned heavy;   /* and of those the ones that may read much; */
    unsigned proving; /* pushes in it with changes of other seats */
    char version[32]; /* of the peer's program */
    uint8_t erased[ERASURE_SUM_SIZE]; /* what it was told last of that, by WELCOME or NEWS ... */
    int64_t erased_generation;        /* ... and of which control data that is the sum */
};

/* ---- session.c ---- */
/* The one writer of the state. */
void session_move(struct session *s, enum session_state to, const char *cause);
/* The seat's facts; borrowed until control's next refresh or write. Not of a stranger. */
const struct control_seat *session_who(struct session *s);
bool session_keeps(const struct session *s, uint32_t org);
/* The newest epoch that control knows. */
uint32_t session_epoch(const struct session *s);

/* ---- session_answer.c ---- */
/* Zeroed, in the arena of the frame at hand; NULL over its cap. */
struct arena *session_arena(struct session *s);
void *session_make(struct session *s, size_t size);
ProtobufCBinaryData session_bytes(struct session *s, struct slice bytes); /* copied */
void session_send(struct session *s, enum frame_type type, const ProtobufCMessage *message);
/* The answer to a question; where it does not go into one frame, ERROR TOO_LARGE in its place. */
void session_answer(struct session *s, uint32_t number, enum frame_type type, const ProtobufCMessage *message);
/* The same of an answer with sensitive values of another branch's records: goes once the reading is on the disk. */
void session_answer_read(struct session *s, enum frame_type type, const ProtobufCMessage *message, const struct control_reading *reading);
/* ERROR that ends a request alone. field may be NULL. */
void session_answer_error(struct session *s, uint32_t number, const char *code, const char *text, const char *field);
/* ERROR that ends the connection. */
void session_refuse(struct session *s, const char *code, const char *text, enum err why);
/* A failure: the peer's own is told by its name, ours is concealed on the wire and logged. */
void session_fail(struct session *s, const char *where, enum err e);
/* Sends what waits, then closes: nothing more is to be said. */
void session_end(struct session *s, const char *cause);
/* Makes a job of this session, or NULL and cut off where too much of it waits already. put hands it over, whatever
 * comes of it. */
struct job *session_job(struct session *s, enum job_type type);
void session_put_job(struct session *s, struct job *job);

/* ---- what frames mean; each is called in the states that session.c lists for it ---- */
typedef void session_taker(struct session *s, const ProtobufCMessage *m, struct slice payload);

/* session_hello.c */
session_taker session_take_hello;
/* session_heads.c: what proves that this server gave a chain head (of an empty log too), and whether that is so of one that a
 * peer tells. */
ProtobufCBinaryData session_head_mac(struct session *s, uint32_t org, uint64_t seq, const uint8_t chain[CHAIN_SIZE]);
bool session_gave_head(struct session *s, uint32_t org, uint64_t seq, ProtobufCBinaryData chain, ProtobufCBinaryData mac);
/* session_stranger.c: notes a seat that this server does not know, and that its CA's certificate says it is. Its frame is refused. */
void session_note_stranger(struct session *s, enum frame_type type, struct slice payload);
/* session_sync.c */
session_taker session_take_push, session_take_hand_back, session_take_report;
/* What a hello says of recovery: orgs that recover and lack nothing that the seat holds; job.epoch_seen. */
struct session_heard { const uint32_t *orgs; size_t count; uint32_t epoch_seen; };
/* report may be NULL. */
void session_put_contact(struct session *s, const Wire__Report *report, const struct session_heard *hello);
/* session_read.c */
session_taker session_take_pull, session_take_snapshot, session_take_digest;
/* A row as these roles may see it; *out NULL where they may not see it at all. Takes fields out of row's message. */
enum err session_row_message(struct session *s, const struct row *row, role_set roles,
                             Wire__SnapshotRow **out) MUST_CHECK;
/* The seat with its person's name, unless it stands in the list already; the list has room. */
void session_add_author(struct session *s, Wire__Author **list, size_t *count, uint32_t seat);
/* Of an entry as this reader sees it: who sent it and for whom. The list has room for two. */
struct entry;
void session_add_authors(struct session *s, Wire__Author **list, size_t *count, const struct entry *e);
/* session_rows.c */
session_taker session_take_rows;
/* session_named.c: rows by which an answer's rows are named, each once, as the asker may see them. */
struct named {
    struct session *s;
    role_set roles;
    struct arena *rows; /* of what is read from the store */
    Wire__SnapshotRow **list;
    size_t count;
};
bool session_name_begin(struct named *n, struct session *s, struct arena *rows) MUST_CHECK; /* false: no memory */
enum err session_name_row(struct named *n, const struct kind *k, struct id id) MUST_CHECK;
/* What the row's reference fields point to. Of a row as it was answered: what was stripped points nowhere. */
enum err session_name_references(struct named *n, const struct kind *k, const ProtobufCMessage *m) MUST_CHECK;
/* session_ask.c */
session_taker session_take_history, session_take_overview;
/* The seat's own org and all below, whose board is the asker's too, or also those above, whose rows it keeps. */
enum reach { REACH_SUBTREE, REACH_KEPT };
bool session_reaches(struct session *s, uint32_t org, enum reach reach);
/* The org that is meant, if the seat may ask about it; NULL and answered otherwise. number 0 and no code: its own. */
const struct control_org *session_asked_org(struct session *s, uint32_t request, uint32_t number, const char *code,
                                            enum reach reach);
/* False and cut off where an id is given that has not 16 bytes. */
bool session_id_is_whole(struct session *s, protobuf_c_boolean given, ProtobufCBinaryData id);
/* session_seats.c */
session_taker session_take_join, session_take_renew, session_take_invite, session_take_seats;
void session_send_wipe(struct session *s);
/* The org whose seats this seat answers for, with all below; 0: for none. */
uint32_t session_answers_for(struct session *s);
/* session_erasures.c */
session_taker session_take_erasures;
/* What the seat should know: the sum of all erasures that concern it; absent where there are none. */
ProtobufCBinaryData session_erased(struct session *s);
/* NEWS of it to who watches, where it is new. */
void session_tell_erased(struct session *s);
/* session_transfers.c */
session_taker session_take_transfers;
/* session_refused.c: what revoked seats handed over and nobody took (rule 32). */
void session_take_refused(struct session *s, const Wire__SeatAsk *ask);
/* Of those that this seat answers for, what came after that time. */
enum err session_add_left(struct session *s, int64_t after_ms, Wire__Welcome *welcome) MUST_CHECK;
/* session_readings.c */
/* To the chair of a branch: who else was given sensitive values of its records, behind the reading that HELLO names. */
/* session_copies.c: of which seats two copies of the database were seen in use. */
enum err session_add_copies(struct session *s, Wire__Welcome *welcome) MUST_CHECK;
enum err session_add_readings(struct session *s, const Wire__Hello *hello, Wire__Welcome *welcome) MUST_CHECK;
