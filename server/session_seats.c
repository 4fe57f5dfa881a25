/* Seats: joining, renewing, inviting, revoking, the end of a revoked one. PROTOCOL.md "Joining", "Seats".
 * The chair answers for the own branch, a district officer for the subtree; what they do is written down before it is answered. */
#include "base/log.h"
#include "server/messages.h"
#include "server/session_frames.h"

#include <string.h>

/* The org whose seats this seat answers for, with all below; 0: for none. */
static uint32_t answers_for(struct session *s)
{
    const struct control_seat *who = session_who(s);
    return who->roles & (ROLES(union_chair) | ROLES(district_officer)) ? who->org : 0;
}

static void control_changed(struct session *s)
{
    if (s->serving->control_changed)
        s->serving->control_changed(s->serving->put_to);
}

/* ---- joining ---- */

static const char *join_text(const char *code)
{
    return strcmp(code, "JOIN_UNKNOWN") == 0   ? "this code is not known here"
           : strcmp(code, "JOIN_USED") == 0    ? "this code was used already"
           : strcmp(code, "JOIN_EXPIRED") == 0 ? "this code has expired"
                                               : "the request for a certificate is malformed";
}

void session_take_join(struct session *s, const Wire__Join *join)
{
    struct control *control = s->serving->control;
    struct buf cert = BUF_INIT, roles = BUF_INIT;
    uint32_t seat = 0;
    const char *refusal;
    if (join->protocol != 1) {
        session_refuse(s, err_name(ERR_VERSION), "this server speaks protocol version 1", ERR_VERSION);
        return;
    }
    enum err e = authority_join(s->serving->authority, control, join, s->serving->now_ms(), &cert, &seat, &refusal);
    if (e == ERR_REFUSED) {
        session_refuse(s, refusal, join_text(refusal), e);
    } else if (e != ERR_OK) {
        session_fail(s, "join", e);
    } else {
        const struct control_seat *who = control_seat(control, seat);
        Wire__Joined joined = WIRE__JOINED__INIT;
        joined.has_certificate = joined.has_seat = joined.has_now_ms = 1;
        joined.certificate = (ProtobufCBinaryData){cert.size, cert.data};
        joined.seat = seat;
        joined.person = (char *)who->person;
        role_set_text(who->roles, &roles);
        joined.roles = (char *)buf_c_string(&roles);
        joined.home = message_org(control_org(control, who->org), session_arena(s));
        joined.server = (char *)control_address(control);
        joined.now_ms = s->serving->now_ms();
        joined.district = (char *)control_org(control, 1)->name;
        log_info("join", "seat %u joined", seat);
        control_changed(s);
        session_send(s, FRAME_JOINED, &joined.base);
        session_move(s, SESSION_CLOSING, "joined"); /* once; the peer comes again as a seat, or is timed out */
    }
    buf_finish(&cert);
    buf_finish(&roles);
}

void session_take_renew(struct session *s, const Wire__Renew *renew)
{
    struct buf cert = BUF_INIT;
    const char *refusal;
    enum err e = authority_renew(s->serving->authority, s->serving->control, s->seat, slice_of(renew->csr.data, renew->csr.len),
                                 s->serving->now_ms(), &cert, &refusal);
    if (e == ERR_REFUSED) {
        session_refuse(s, refusal, "this certificate is not renewed", e);
    } else if (e != ERR_OK) {
        session_fail(s, "renew", e);
    } else {
        Wire__Renewed renewed = WIRE__RENEWED__INIT;
        renewed.has_certificate = 1;
        renewed.certificate = (ProtobufCBinaryData){cert.size, cert.data};
        log_info("renew", "seat %u has a new certificate", s->seat);
        control_changed(s);
        session_send(s, FRAME_RENEWED, &renewed.base);
        if (s->state == SESSION_AWAIT_RENEW)
            session_move(s, SESSION_CLOSING, "renewed");
    }
    buf_finish(&cert);
}

/* ---- inviting ---- */

void session_take_invite(struct session *s, const Wire__InviteAsk *ask)
{
    struct control *control = s->serving->control;
    uint32_t top = answers_for(s);
    const struct control_org *org = ask->org_code ? control_org_by_code(control, ask->org_code) : control_org(control, session_who(s)->org);
    role_set roles = 0;
    const char *refusal = NULL, *bad, *field = NULL;
    struct buf code = BUF_INIT;
    Wire__Invited invited = WIRE__INVITED__INIT;
    if (!top)
        refusal = "RIGHT";
    else if (!org || !control_in_subtree(control, top, org->number))
        refusal = "INVITE_ORG", field = "branch";
    else if (!ask->roles || role_set_parse(ask->roles, &roles, &bad) != ERR_OK)
        refusal = "INVITE_ROLES", field = "role";
    if (!refusal) {
        enum err e = authority_invite(s->serving->authority, control, org->number, ask->person, roles, ask->days ? ask->days : 7,
                                      control_address(control), s->seat, s->serving->now_ms(), &code, &invited.ends_ms, &refusal);
        if (e != ERR_OK && e != ERR_REFUSED) {
            session_fail(s, "invite", e);
            buf_finish(&code);
            return;
        }
    }
    if (refusal) {
        session_answer_error(s, ask->number, refusal, "this seat cannot be invited", field);
    } else {
        invited.has_number = invited.has_ends_ms = 1;
        invited.number = ask->number;
        invited.code = (char *)buf_c_string(&code);
        session_send(s, FRAME_INVITED, &invited.base);
    }
    buf_finish(&code);
}

/* ---- listing, revoking, suspending, resuming ---- */

static void send_seats(struct session *s, uint32_t number, uint32_t top, uint32_t only)
{
    Wire__Seats answer = WIRE__SEATS__INIT;
    enum err e = message_seats(s->serving->control, top, only, session_arena(s), &answer);
    answer.has_number = 1;
    answer.number = number;
    if (e != ERR_OK)
        session_fail(s, "seats", e);
    else
        session_answer(s, number, FRAME_SEATS, &answer.base);
}

static const char *seat_refusal(struct session *s, const struct control_seat *seat, uint32_t top, Wire__SeatAction action)
{
    if (!seat || !control_in_subtree(s->serving->control, top, seat->org))
        return "SEAT_UNKNOWN";
    if (seat->number == s->seat)
        return "SEAT_OWN";
    if (seat->state == SEAT_REVOKED && action != WIRE__SEAT_ACTION__SEAT_REVOKE)
        return "SEAT_REVOKED";
    return NULL;
}

void session_take_seats(struct session *s, const Wire__SeatAsk *ask)
{
    struct control *control = s->serving->control;
    uint32_t top = answers_for(s);
    if (!top) {
        session_answer_error(s, ask->number, "RIGHT", "only the chair and the district may ask that", NULL);
        return;
    }
    if (ask->action == WIRE__SEAT_ACTION__SEAT_LIST) {
        send_seats(s, ask->number, top, 0);
        return;
    }
    if ((int)ask->action > WIRE__SEAT_ACTION__SEAT_RESUME) {
        session_answer_error(s, ask->number, "SEAT_ACTION", "this server does not know that action", "action");
        return;
    }
    const char *refusal = seat_refusal(s, control_seat(control, ask->seat), top, ask->action);
    if (refusal) {
        session_answer_error(s, ask->number, refusal, "this cannot be done with that seat", "seat");
        return;
    }
    enum seat_state state = ask->action == WIRE__SEAT_ACTION__SEAT_REVOKE    ? SEAT_REVOKED
                            : ask->action == WIRE__SEAT_ACTION__SEAT_SUSPEND ? SEAT_SUSPENDED
                                                                             : SEAT_ACTIVE;
    enum err e = control_set_seat_state(control, ask->seat, state, s->seat);
    if (e != ERR_OK) {
        session_fail(s, "seat", e);
        return;
    }
    log_info("seat", "seat %u is %s now, by seat %u", ask->seat, message_seat_state(state), s->seat);
    send_seats(s, ask->number, top, ask->seat);
    control_changed(s);
}

void session_send_wipe(struct session *s)
{
    struct buf signature = BUF_INIT;
    Wire__Wipe wipe = WIRE__WIPE__INIT;
    wipe.has_seat = wipe.has_at_ms = wipe.has_signature = 1;
    wipe.seat = s->seat;
    wipe.at_ms = s->serving->now_ms();
    enum err e = authority_wipe(s->serving->authority, s->seat, wipe.at_ms, &signature);
    if (e != ERR_OK) {
        session_fail(s, "wipe", e);
    } else {
        wipe.signature = (ProtobufCBinaryData){signature.size, signature.data};
        log_info("wipe", "seat %u has handed over and is told to wipe", s->seat);
        session_send(s, FRAME_WIPE, &wipe.base);
    }
    buf_finish(&signature);
}
