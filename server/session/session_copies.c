/* Seats of whose database two copies are in use, or an old copy was put back: told with each WELCOME to the seat itself, which may know, and
 * to who answers for it. They are few; what is more than a WELCOME holds stands in the list of seats. */
#include "server/session/session_frames.h"

#define COPIES_MAX 64

static bool is_told(struct session *s, const struct control_seat *seat)
{
    uint32_t top = session_answers_for(s);
    return seat->number == s->seat || (top && control_in_subtree(s->serving->control, top, seat->org));
}

static Wire__Copies *message(struct session *s, const struct control_seat *seat)
{
    const struct control_org *org = control_org(s->serving->control, seat->org);
    Wire__Copies *m = session_make(s, sizeof *m);
    if (!m)
        return NULL;
    wire__copies__init(m);
    m->has_seat = m->has_at_ms = 1;
    m->seat = seat->number;
    m->at_ms = seat->copies_ms;
    m->person = (char *)seat->person;
    m->branch = org ? (char *)org->code : NULL;
    return m;
}

enum err session_add_copies(struct session *s, Wire__Welcome *welcome)
{
    const struct control_seat *seat;
    if (session_who(s)->state != SEAT_ACTIVE)
        return ERR_OK;
    welcome->copies = session_make(s, COPIES_MAX * sizeof *welcome->copies);
    if (!welcome->copies)
        return ERR_MEMORY;
    for (size_t i = 0; welcome->n_copies < COPIES_MAX && (seat = control_seat_at(s->serving->control, i)); i++) {
        if (!control_seat_is_copied(seat, s->serving->now_ms()) || !is_told(s, seat))
            continue;
        Wire__Copies *m = message(s, seat);
        if (!m)
            return ERR_MEMORY;
        welcome->copies[welcome->n_copies++] = m;
    }
    return ERR_OK;
}
