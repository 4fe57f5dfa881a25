/* Life, standing and order of a session; see session.h. */
#include "server/session/session_frames.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/state.h"
#include "server/hub.h"
#include "wire/wire.h"

#include <stdlib.h>
#include <string.h>

/* ---- state ---- */

static const char *const state_names[] = {"AWAIT_JOIN", "AWAIT_RENEW",  "AWAIT_HELLO",
                                          "OPEN",       "HANDING_OVER", "CLOSING"};
static const uint32_t state_allowed[] = {
    [SESSION_AWAIT_JOIN] = 1u << SESSION_CLOSING,
    [SESSION_AWAIT_RENEW] = 1u << SESSION_CLOSING,
    [SESSION_AWAIT_HELLO] = 1u << SESSION_OPEN | 1u << SESSION_HANDING_OVER | 1u << SESSION_CLOSING,
    [SESSION_OPEN] = 1u << SESSION_CLOSING,
    [SESSION_HANDING_OVER] = 1u << SESSION_CLOSING,
    [SESSION_CLOSING] = 0,
};
static const struct state_table states = {"session", state_names, state_allowed,
                                          sizeof state_allowed / sizeof *state_allowed};

void session_move(struct session *s, enum session_state to, const char *cause)
{
    state_move(&states, &s->state, to, cause);
}

/* ---- standing ---- */

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

uint32_t session_epoch(const struct session *s)
{
    return control_newest_epoch(s->serving->control);
}

/* A revoked seat may still hand over; one that is revoked in mid-session says hello again for that. So does one whose roles were
 * changed: WELCOME tells which it has, before it is given anything by them (rule 31). */
static const char *why_not_here(struct session *s)
{
    const struct control_seat *who = session_who(s);
    if (!who)
        return "SEAT_UNKNOWN";
    if (who->state == SEAT_SUSPENDED)
        return "SEAT_SUSPENDED";
    if (who->state == SEAT_REVOKED && s->state != SESSION_AWAIT_HELLO && s->state != SESSION_HANDING_OVER)
        return "SEAT_REVOKED";
    if (s->state == SESSION_OPEN && who->roles != s->roles)
        return "SEAT_ROLES";
    return NULL;
}

void session_check(struct session *s)
{
    if (s->state == SESSION_AWAIT_JOIN || s->state == SESSION_CLOSING)
        return;
    const char *code = why_not_here(s);
    if (code && strcmp(code, "SEAT_ROLES") == 0)
        session_refuse(s, code, "the roles of this seat were changed: say hello again", ERR_REFUSED);
    else if (code)
        session_refuse(s, code, "this seat may no longer work with the server", ERR_REFUSED);
    else
        session_tell_erased(s);
}

/* Where control has changed all sessions look at themselves, not this one alone: the loop's own look would find nothing
 * new. */
static bool may_stay(struct session *s)
{
    bool changed;
    enum err e = control_refresh(s->serving->control, &changed);
    if (e != ERR_OK)
        session_fail(s, "control", e);
    else if (changed)
        hub_check_all(s->serving->hub);
    else
        session_check(s);
    return s->state != SESSION_CLOSING;
}

/* ---- order ---- */

static void take_ping(struct session *s, const ProtobufCMessage *m, struct slice payload)
{
    Wire__Pong pong = WIRE__PONG__INIT;
    (void)m;
    (void)payload;
    pong.has_now_ms = 1;
    pong.now_ms = s->serving->now_ms();
    session_send(s, FRAME_PONG, &pong.base);
}

#define IN(state) (1u << SESSION_##state)
/* What a frame costs the loop, in which all others wait. Jobs of the writer are counted elsewhere. */
enum weight { WEIGHT_NONE, WEIGHT_ASK, WEIGHT_HEAVY };
/* Who answers a frame, and in which states it may come. What is not listed is not for a server. */
static const struct turn {
    unsigned states;
    session_taker *take;
    enum weight weight;
} turns[FRAME_TYPES] = {
    [FRAME_HELLO] = {IN(AWAIT_HELLO), session_take_hello},
    [FRAME_PUSH] = {IN(OPEN) | IN(HANDING_OVER), session_take_push},
    [FRAME_PULL] = {IN(OPEN), session_take_pull, WEIGHT_ASK},
    [FRAME_SNAPSHOT_ASK] = {IN(OPEN), session_take_snapshot, WEIGHT_ASK},
    [FRAME_DIGEST_ASK] = {IN(OPEN), session_take_digest, WEIGHT_ASK},
    [FRAME_HAND_BACK] = {IN(OPEN) | IN(HANDING_OVER), session_take_hand_back},
    [FRAME_REPORT] = {IN(OPEN) | IN(HANDING_OVER), session_take_report},
    [FRAME_ROWS_ASK] = {IN(OPEN), session_take_rows, WEIGHT_HEAVY},
    [FRAME_HISTORY_ASK] = {IN(OPEN), session_take_history, WEIGHT_HEAVY},
    [FRAME_OVERVIEW_ASK] = {IN(OPEN), session_take_overview, WEIGHT_HEAVY},
    [FRAME_SEAT_ASK] = {IN(OPEN), session_take_seats, WEIGHT_ASK},
    [FRAME_INVITE_ASK] = {IN(OPEN), session_take_invite, WEIGHT_ASK},
    [FRAME_TRANSFER_ASK] = {IN(OPEN), session_take_transfers, WEIGHT_HEAVY},
    [FRAME_ERASURES_ASK] = {IN(OPEN), session_take_erasures, WEIGHT_ASK},
    [FRAME_JOIN] = {IN(AWAIT_JOIN), session_take_join},
    [FRAME_RENEW] = {IN(OPEN) | IN(AWAIT_RENEW), session_take_renew, WEIGHT_ASK},
    [FRAME_PING] = {IN(OPEN) | IN(HANDING_OVER), take_ping},
};

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

/* False and cut off where a peer asks more than it may without waiting for an answer. */
static bool waits_its_turn(struct session *s, enum weight weight)
{
    uint64_t turn = s->out->turn ? s->out->turn(s->to) : s->turn + 1;
    if (turn != s->turn)
        s->asked = s->heavy = s->proving = 0;
    s->turn = turn;
    s->asked += weight != WEIGHT_NONE;
    s->heavy += weight == WEIGHT_HEAVY;
    if (s->asked <= LIMIT_ASKS_IN_FLIGHT && s->heavy <= LIMIT_ASKS_HEAVY)
        return true;
    session_refuse(s, err_name(ERR_FULL), "too many questions at once: wait for the answers", ERR_PROTOCOL);
    return false;
}

void session_take(struct session *s, enum frame_type type, struct slice payload)
{
    ProtobufCMessage *message;
    CHECK(type > FRAME_NONE && type < FRAME_TYPES);
    if (s->state == SESSION_CLOSING)
        return;
    session_note_stranger(s, type, payload);
    if (s->state == SESSION_CLOSING || !may_stay(s))
        return;
    if (!(turns[type].states & 1u << s->state)) {
        refuse_turn(s);
        return;
    }
    if (!waits_its_turn(s, turns[type].weight))
        return;
    arena_reset(session_arena(s));
    enum err e = wire_open(frame_descriptor(type), payload, session_arena(s), &message);
    if (e != ERR_OK) {
        e = e == ERR_MEMORY ? ERR_WIRE : e; /* the arena's cap is the peer's limit */
        session_refuse(s, err_name(e), err_text(e), e);
        return;
    }
    turns[type].take(s, message, payload);
    if (session_is_open(s))
        s->out->deadline(s->to, LIMIT_IDLE_MS);
}

void session_give_way(struct session *s)
{
    session_refuse(s, err_name(ERR_FULL), "too many connections of this seat", ERR_FULL);
}

/* ---- life ---- */

static enum session_state first_state(enum tls_peer peer)
{
    switch (peer) {
    case TLS_PEER_CERTIFICATE:
    case TLS_PEER_PSK:
        return SESSION_AWAIT_HELLO;
    case TLS_PEER_CERTIFICATE_EXPIRED:
        return SESSION_AWAIT_RENEW;
    case TLS_PEER_NOBODY:
        break;
    }
    return SESSION_AWAIT_JOIN;
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
    s->state = first_state(peer);
    out->limit_frame(to, s->state == SESSION_AWAIT_HELLO ? LIMIT_FRAME : LIMIT_FRAME_JOIN);
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

bool session_is_open(const struct session *s)
{
    return s->state == SESSION_OPEN || s->state == SESSION_HANDING_OVER;
}
