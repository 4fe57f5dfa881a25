/* Seats: joining, renewing, inviting, revoking, the end of a revoked one. PROTOCOL.md "Joining", "Seats".
 * The chair answers for the own branch, a district officer for the subtree; what they do is written down before it is
 * answered. */
#include "server/session/session_frames.h"
#include "base/limits.h"
#include "base/log.h"
#include "server/control/messages.h"

#include <string.h>

#define INVITE_DAYS_DEFAULT 7

uint32_t session_answers_for(struct session *s)
{
    return control_answers_for(session_who(s));
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
           : strcmp(code, "BUSY") == 0 ? "this seat was given several certificates within the hour; try again later"
                                               : "the request for a certificate is malformed";
}

static enum err send_joined(struct session *s, uint32_t seat, const struct buf *cert)
{
    const struct control *control = s->serving->control;
    const struct control_seat *who = control_seat(control, seat);
    struct buf roles = BUF_INIT;
    Wire__Joined joined = WIRE__JOINED__INIT;
    role_set_text(who->roles, &roles);
    joined.has_certificate = joined.has_seat = joined.has_now_ms = 1;
    joined.certificate = (ProtobufCBinaryData){cert->size, cert->data};
    joined.seat = seat;
    joined.person = (char *)who->person;
    joined.roles = (char *)buf_c_string(&roles);
    joined.home = message_org(control_org(control, who->org), session_arena(s));
    joined.server = (char *)control_address(control);
    joined.now_ms = s->serving->now_ms();
    joined.district = (char *)control_org(control, 1)->name;
    if (joined.home)
        session_send(s, FRAME_JOINED, &joined.base);
    buf_finish(&roles);
    return joined.home ? ERR_OK : ERR_MEMORY;
}

/* A stranger joins once; it comes again as a seat. */
void session_take_join(struct session *s, const ProtobufCMessage *m, struct slice payload)
{
    const Wire__Join *join = (const Wire__Join *)m;
    struct buf cert = BUF_INIT;
    uint32_t seat = 0;
    const char *refusal = NULL;
    (void)payload;
    if (join->protocol != 1) {
        session_refuse(s, err_name(ERR_VERSION), "this server speaks protocol version 1", ERR_VERSION);
        return;
    }
    enum err e =
        authority_join(s->serving->authority, s->serving->control, join, s->serving->now_ms(), &cert, &seat, &refusal);
    if (e == ERR_OK) {
        log_info("join", "seat %u joined", seat);
        e = send_joined(s, seat, &cert);
    }
    buf_finish(&cert);
    if (e == ERR_REFUSED) {
        session_refuse(s, refusal, join_text(refusal), e);
    } else if (e != ERR_OK) {
        session_fail(s, "join", e);
    } else {
        session_end(s, "joined");
        control_changed(s);
    }
}

/* A certificate that has ended may do this alone, once; a session that is open goes on. */
void session_take_renew(struct session *s, const ProtobufCMessage *m, struct slice payload)
{
    const Wire__Renew *renew = (const Wire__Renew *)m;
    struct buf cert = BUF_INIT;
    Wire__Renewed renewed = WIRE__RENEWED__INIT;
    const char *refusal = NULL;
    (void)payload;
    enum err e = authority_renew(s->serving->authority, s->serving->control, s->seat,
                                 slice_of(renew->csr.data, renew->csr.len), s->serving->now_ms(), &cert, &refusal);
    if (e == ERR_REFUSED) {
        session_refuse(s, refusal, "this certificate is not renewed", e);
    } else if (e != ERR_OK) {
        session_fail(s, "renew", e);
    } else {
        log_info("renew", "seat %u has a new certificate", s->seat);
        renewed.has_certificate = 1;
        renewed.certificate = (ProtobufCBinaryData){cert.size, cert.data};
        session_send(s, FRAME_RENEWED, &renewed.base);
        if (s->state == SESSION_AWAIT_RENEW)
            session_end(s, "renewed");
        control_changed(s);
    }
    buf_finish(&cert);
}

/* ---- inviting ---- */

static const char *invite_refusal(struct session *s, const Wire__InviteAsk *ask, const struct control_org *org,
                                  role_set *roles, const char **field)
{
    const char *bad;
    uint32_t top = session_answers_for(s);
    *field = NULL;
    if (!top)
        return "RIGHT";
    *field = "branch";
    if (!org || !control_in_subtree(s->serving->control, top, org->number))
        return "INVITE_ORG";
    *field = "role";
    if (!ask->roles || role_set_parse(ask->roles, roles, &bad) != ERR_OK)
        return "INVITE_ROLES";
    *field = NULL;
    return NULL;
}

void session_take_invite(struct session *s, const ProtobufCMessage *m, struct slice payload)
{
    const Wire__InviteAsk *ask = (const Wire__InviteAsk *)m;
    struct control *control = s->serving->control;
    const struct control_org *org =
        ask->org_code ? control_org_by_code(control, ask->org_code) : control_org(control, session_who(s)->org);
    role_set roles = 0;
    const char *field;
    struct buf code = BUF_INIT;
    Wire__Invited invited = WIRE__INVITED__INIT;
    enum err e = ERR_REFUSED;
    (void)payload;
    const char *refusal = invite_refusal(s, ask, org, &roles, &field);
    if (!refusal)
        e = authority_invite(s->serving->authority, control, org->number, ask->person, roles,
                             ask->has_days ? ask->days : INVITE_DAYS_DEFAULT, control_address(control), s->seat,
                             s->serving->now_ms(), &code, &invited.ends_ms, &refusal);
    if (e == ERR_REFUSED) {
        session_answer_error(s, ask->number, refusal, "this seat cannot be invited", field);
    } else if (e != ERR_OK) {
        session_fail(s, "invite", e);
    } else {
        invited.has_number = invited.has_ends_ms = 1;
        invited.number = ask->number;
        invited.code = (char *)buf_c_string(&code);
        session_send(s, FRAME_INVITED, &invited.base);
    }
    buf_finish(&code);
}

/* ---- listing, revoking, suspending, resuming, other roles ---- */

static void send_seats(struct session *s, uint32_t number, struct seats_ask page)
{
    Wire__Seats answer = WIRE__SEATS__INIT;
    page.size_max = LIMIT_PAGE_SIZE;
    enum err e = message_seats(s->serving->control, &page, session_arena(s), &answer);
    answer.has_number = 1;
    answer.number = number;
    if (e != ERR_OK)
        session_fail(s, "seats", e);
    else
        session_answer(s, number, FRAME_SEATS, &answer.base);
}

static const char *seat_refusal(struct session *s, const struct control_seat *seat, uint32_t top, enum seat_state to)
{
    if (!seat || !control_in_subtree(s->serving->control, top, seat->org))
        return "SEAT_UNKNOWN";
    if (seat->number == s->seat)
        return "SEAT_OWN";
    if (seat->state == SEAT_REVOKED && to != SEAT_REVOKED)
        return "SEAT_REVOKED";
    return NULL;
}

/* The state that an action leads to; false for one that this build does not know. */
static bool state_of(int action, enum seat_state *to)
{
    switch (action) {
    case WIRE__SEAT_ACTION__SEAT_REVOKE:
        *to = SEAT_REVOKED;
        return true;
    case WIRE__SEAT_ACTION__SEAT_SUSPEND:
        *to = SEAT_SUSPENDED;
        return true;
    case WIRE__SEAT_ACTION__SEAT_RESUME:
        *to = SEAT_ACTIVE;
        return true;
    default:
        return false;
    }
}

static void change_seat(struct session *s, const Wire__SeatAsk *ask, uint32_t top, enum seat_state to)
{
    const struct control_seat *seat = control_seat(s->serving->control, ask->seat);
    const char *refusal = seat_refusal(s, seat, top, to);
    if (refusal) {
        session_answer_error(s, ask->number, refusal, "this cannot be done with that seat", "seat");
        return;
    }
    if (seat->state != to) { /* said twice is done once */
        enum err e = control_set_seat_state(s->serving->control, ask->seat, to, s->seat);
        if (e != ERR_OK) {
            session_fail(s, "seat", e);
            return;
        }
        log_info("seat", "seat %u is %s now, by seat %u", ask->seat, message_seat_state(to), s->seat);
    }
    send_seats(s, ask->number, (struct seats_ask){.top = top, .only = ask->seat});
    control_changed(s);
}

static void log_roles(uint32_t seat, role_set roles, uint32_t by)
{
    struct buf words = BUF_INIT;
    role_set_text(roles, &words);
    log_info("seat", "seat %u has other roles now, by seat %u: %s", seat, by, buf_c_string(&words));
    buf_finish(&words);
}

/* By who may invite there, what may be invited there, and never to oneself. */
static void change_roles(struct session *s, const Wire__SeatAsk *ask, uint32_t top)
{
    struct control *control = s->serving->control;
    const struct control_seat *seat = control_seat(control, ask->seat);
    const char *bad, *field = "seat", *refusal = seat_refusal(s, seat, top, SEAT_ACTIVE);
    role_set roles = 0;
    if (!refusal && (!ask->roles || role_set_parse(ask->roles, &roles, &bad) != ERR_OK)) {
        refusal = "INVITE_ROLES";
        field = "roles";
    }
    bool same = !refusal && seat->roles == roles;
    enum err e = refusal ? ERR_REFUSED
                         : authority_set_roles(control, ask->seat, roles, ask->confirmed ? ROLES_IN_ANY_CASE : ROLES_IF_ONE_IS_LEFT,
                                               s->seat, s->serving->now_ms(), &refusal);
    if (e == ERR_REFUSED && refusal) {
        session_answer_error(s, ask->number, refusal, "this seat cannot have these roles", field);
    } else if (e != ERR_OK) {
        session_fail(s, "roles", e);
    } else {
        if (!same)
            log_roles(ask->seat, roles, s->seat);
        send_seats(s, ask->number, (struct seats_ask){.top = top, .only = ask->seat});
        control_changed(s);
    }
}

void session_take_seats(struct session *s, const ProtobufCMessage *m, struct slice payload)
{
    const Wire__SeatAsk *ask = (const Wire__SeatAsk *)m;
    uint32_t top = session_answers_for(s);
    enum seat_state to;
    (void)payload;
    if (!top)
        session_answer_error(s, ask->number, "RIGHT", "only the chair and the district may ask that", NULL);
    else if (ask->action == WIRE__SEAT_ACTION__SEAT_LIST)
        send_seats(s, ask->number, (struct seats_ask){.top = top, .after = ask->after});
    else if (ask->action == WIRE__SEAT_ACTION__SEAT_REFUSED)
        session_take_refused(s, ask);
    else if (ask->action == WIRE__SEAT_ACTION__SEAT_ROLES)
        change_roles(s, ask, top);
    else if (state_of((int)ask->action, &to))
        change_seat(s, ask, top, to);
    else
        session_answer_error(s, ask->number, "SEAT_ACTION", "this server does not know that action", "action");
}

/* ---- the end ---- */

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
