/* Life and order of a session; see session.h. What a frame means is answered in session_sync.c, session_ask.c, session_seats.c. */
#include "base/limits.h"
#include "base/log.h"
#include "base/state.h"
#include "server/hub.h"
#include "server/session_frames.h"
#include "wire/wire.h"

#include <stdlib.h>
#include <string.h>

static const char *const state_names[] = {"AWAIT_JOIN", "AWAIT_RENEW", "AWAIT_HELLO", "OPEN", "HANDING_OVER", "CLOSING"};
static const uint32_t state_allowed[] = {
    [SESSION_AWAIT_JOIN] = 1u << SESSION_CLOSING,
    [SESSION_AWAIT_RENEW] = 1u << SESSION_CLOSING,
    [SESSION_AWAIT_HELLO] = 1u << SESSION_OPEN | 1u << SESSION_HANDING_OVER | 1u << SESSION_CLOSING,
    [SESSION_OPEN] = 1u << SESSION_CLOSING,
    [SESSION_HANDING_OVER] = 1u << SESSION_CLOSING,
    [SESSION_CLOSING] = 0,
};
static const struct state_table states = {"session", state_names, state_allowed, 6};

/* ---- small things that every answer uses ---- */

struct arena *session_arena(struct session *s)
{
    return &s->serving->arena;
}

const struct control_seat *session_who(struct session *s)
{
    return control_seat(s->serving->control, s->seat);
}

bool session_keeps(const struct session *s, uint32_t org)
{
    for (size_t i = 0; i < s->org_count; i++)
        if (s->orgs[i] == org)
            return true;
    return false;
}

void session_send(struct session *s, enum frame_type type, const ProtobufCMessage *message)
{
    enum err e = s->out->send(s->to, type, message);
    if (e != ERR_OK && e != ERR_CUT)
        log_warn("session", "seat %u: %s not sent: %s", s->seat, frame_name(type), err_text(e));
}

void session_answer(struct session *s, uint32_t number, enum frame_type type, const ProtobufCMessage *message)
{
    if (protobuf_c_message_get_packed_size(message) < LIMIT_FRAME) {
        session_send(s, type, message);
        return;
    }
    log_warn("session", "seat %u: %s would not go into one frame", s->seat, frame_name(type));
    session_answer_error(s, number, "TOO_LARGE", "the answer is too long: ask for a part of it", NULL);
}

void session_answer_error(struct session *s, uint32_t number, const char *code, const char *text, const char *field)
{
    Wire__Error error = WIRE__ERROR__INIT;
    error.has_number = 1;
    error.number = number;
    error.code = (char *)code;
    error.text = (char *)text;
    error.field = (char *)field;
    session_send(s, FRAME_ERROR, &error.base);
}

void session_refuse(struct session *s, const char *code, const char *text, enum err why)
{
    if (s->state == SESSION_CLOSING)
        return;
    log_info("session", "seat %u cut off: %s", s->seat, code);
    session_move(s, SESSION_CLOSING, code);
    s->out->refuse(s->to, code, text, why);
}

void session_fail(struct session *s, const char *where, enum err e)
{
    log_error("session", "seat %u: %s: %s (%s)", s->seat, where, err_text(e), store_detail(s->serving->store));
    if (err_class(e) == ERR_CLASS_PEER)
        session_refuse(s, err_name(e), err_text(e), e);
    else
        session_refuse(s, "SERVER", "the server has a problem of its own; try again later", ERR_BUSY);
}

/* ---- jobs for the writer ---- */

struct job *session_job(struct session *s, enum job_type type)
{
    struct job *job = calloc(1, sizeof *job);
    CHECK(job);
    job->type = type;
    job->session = s->id;
    job->seat = s->seat;
    arena_init(&job->arena, LIMIT_ARENA);
    memcpy(job->version, s->version, sizeof job->version);
    return job;
}

void job_free(struct job *job)
{
    buf_finish(&job->request);
    buf_finish(&job->answer);
    arena_finish(&job->arena);
    free(job);
}

void session_put_job(struct session *s, struct job *job)
{
    enum err e = s->serving->put_job(s->serving->put_to, job);
    if (e == ERR_OK) {
        s->jobs++;
        return;
    }
    job_free(job);
    session_refuse(s, "BUSY", "the server is busy; try again later", e);
}

void session_job_done(struct session *s, struct job *job)
{
    CHECK(s->jobs > 0);
    s->jobs--;
    if (job->failed != ERR_OK)
        session_fail(s, "writer", job->failed);
    else if (job->answer.size > 0 && s->state != SESSION_CLOSING)
        (void)s->out->send_packed(s->to, buf_slice(&job->answer)); /* a cut peer asks again */
    job_free(job);
}

/* ---- standing ---- */

static const char *why_not_here(struct session *s)
{
    const struct control_seat *who = session_who(s);
    if (!who)
        return "SEAT_UNKNOWN";
    if (who->state == SEAT_SUSPENDED)
        return "SEAT_SUSPENDED";
    /* A revoked seat may still hand over; one that is revoked in mid-session says hello again for that. */
    if (who->state == SEAT_REVOKED && s->state != SESSION_AWAIT_HELLO && s->state != SESSION_HANDING_OVER)
        return "SEAT_REVOKED";
    return NULL;
}

void session_check(struct session *s)
{
    if (s->state == SESSION_AWAIT_JOIN || s->state == SESSION_CLOSING)
        return;
    const char *code = why_not_here(s);
    if (code)
        session_refuse(s, code, "this seat may no longer work with the server", ERR_REFUSED);
}

/* ---- order ---- */

#define IN(state) (1u << SESSION_##state)
static const uint32_t states_of[FRAME_TYPES] = {
    [FRAME_HELLO] = IN(AWAIT_HELLO),
    [FRAME_PUSH] = IN(OPEN) | IN(HANDING_OVER),
    [FRAME_PULL] = IN(OPEN),
    [FRAME_SNAPSHOT_ASK] = IN(OPEN),
    [FRAME_DIGEST_ASK] = IN(OPEN),
    [FRAME_HAND_BACK] = IN(OPEN) | IN(HANDING_OVER),
    [FRAME_REPORT] = IN(OPEN) | IN(HANDING_OVER),
    [FRAME_ROWS_ASK] = IN(OPEN),
    [FRAME_HISTORY_ASK] = IN(OPEN),
    [FRAME_OVERVIEW_ASK] = IN(OPEN),
    [FRAME_SEAT_ASK] = IN(OPEN),
    [FRAME_INVITE_ASK] = IN(OPEN),
    [FRAME_JOIN] = IN(AWAIT_JOIN),
    [FRAME_RENEW] = IN(OPEN) | IN(AWAIT_RENEW),
    [FRAME_PING] = IN(OPEN) | IN(HANDING_OVER),
};

static void take_ping(struct session *s)
{
    Wire__Pong pong = WIRE__PONG__INIT;
    pong.has_now_ms = 1;
    pong.now_ms = s->serving->now_ms();
    session_send(s, FRAME_PONG, &pong.base);
}

static void dispatch(struct session *s, enum frame_type type, const ProtobufCMessage *m, struct slice payload)
{
    switch (type) {
    case FRAME_HELLO:
        session_take_hello(s, (const Wire__Hello *)m);
        break;
    case FRAME_PUSH:
        session_take_push(s, (const Wire__Push *)m, payload);
        break;
    case FRAME_PULL:
        session_take_pull(s, (const Wire__Pull *)m);
        break;
    case FRAME_SNAPSHOT_ASK:
        session_take_snapshot(s, (const Wire__SnapshotAsk *)m);
        break;
    case FRAME_DIGEST_ASK:
        session_take_digest(s, (const Wire__DigestAsk *)m);
        break;
    case FRAME_HAND_BACK:
        session_take_hand_back(s, (const Wire__HandBack *)m, payload);
        break;
    case FRAME_REPORT:
        session_take_report(s, (const Wire__Report *)m);
        break;
    case FRAME_ROWS_ASK:
        session_take_rows(s, (const Wire__RowsAsk *)m);
        break;
    case FRAME_HISTORY_ASK:
        session_take_history(s, (const Wire__HistoryAsk *)m);
        break;
    case FRAME_OVERVIEW_ASK:
        session_take_overview(s, (const Wire__OverviewAsk *)m);
        break;
    case FRAME_SEAT_ASK:
        session_take_seats(s, (const Wire__SeatAsk *)m);
        break;
    case FRAME_INVITE_ASK:
        session_take_invite(s, (const Wire__InviteAsk *)m);
        break;
    case FRAME_JOIN:
        session_take_join(s, (const Wire__Join *)m);
        break;
    case FRAME_RENEW:
        session_take_renew(s, (const Wire__Renew *)m);
        break;
    case FRAME_PING:
        take_ping(s);
        break;
    default:
        CHECK(!"a frame that states_of lets through");
    }
}

/* What a seat that may only renew, or a stranger that may only join, is told when it tries something else. */
static void refuse_turn(struct session *s)
{
    if (s->state == SESSION_AWAIT_RENEW)
        session_refuse(s, "CERTIFICATE_EXPIRED", "the certificate has expired: renew it first", ERR_CERTIFICATE);
    else if (s->state == SESSION_AWAIT_JOIN)
        session_refuse(s, "NOT_JOINED", "only a seat of this district may ask that", ERR_CERTIFICATE);
    else
        session_refuse(s, err_name(ERR_PROTOCOL), err_text(ERR_PROTOCOL), ERR_PROTOCOL);
}

void session_take(struct session *s, enum frame_type type, struct slice payload)
{
    ProtobufCMessage *message;
    if (s->state == SESSION_CLOSING)
        return;
    enum err e = control_refresh(s->serving->control, NULL);
    if (e != ERR_OK) {
        session_fail(s, "control", e);
        return;
    }
    session_check(s);
    if (s->state == SESSION_CLOSING)
        return;
    if (!(states_of[type] & 1u << s->state)) {
        refuse_turn(s);
        return;
    }
    arena_reset(session_arena(s));
    e = wire_open(frame_descriptor(type), payload, session_arena(s), &message);
    if (e != ERR_OK) {
        session_refuse(s, err_name(e), err_text(e), e);
        return;
    }
    dispatch(s, type, message, payload);
    if (s->state == SESSION_OPEN || s->state == SESSION_HANDING_OVER)
        s->out->deadline(s->to, LIMIT_IDLE_MS);
}

struct session *session_open(struct serving *serving, uint64_t id, enum tls_peer peer, uint32_t seat,
                             const struct session_out *out, void *to)
{
    struct session *s = calloc(1, sizeof *s);
    CHECK(s);
    s->serving = serving;
    s->id = id;
    s->peer = peer;
    s->seat = seat;
    s->out = out;
    s->to = to;
    s->state = peer == TLS_PEER_NOBODY                ? SESSION_AWAIT_JOIN
               : peer == TLS_PEER_CERTIFICATE_EXPIRED ? SESSION_AWAIT_RENEW
                                                      : SESSION_AWAIT_HELLO;
    out->limit_frame(to, peer == TLS_PEER_NOBODY ? LIMIT_FRAME_JOIN : LIMIT_FRAME);
    out->deadline(to, LIMIT_HELLO_MS);
    hub_add(serving->hub, s);
    return s;
}

void session_close(struct session *s)
{
    if (!s)
        return;
    hub_remove(s->serving->hub, s);
    free(s);
}

uint64_t session_id(const struct session *s)
{
    return s->id;
}

uint32_t session_seat(const struct session *s)
{
    return s->seat;
}

void session_move(struct session *s, enum session_state to, const char *cause)
{
    state_move(&states, &s->state, to, cause);
}
