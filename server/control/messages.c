/* See messages.h. */
#include "server/control/messages.h"
#include "base/limits.h"

Wire__Org *message_org(const struct control_org *org, struct arena *arena)
{
    Wire__Org *m = arena_alloc(arena, sizeof *m);
    if (!m)
        return NULL;
    wire__org__init(m);
    m->has_number = m->has_parent = 1;
    m->number = org->number;
    m->parent = org->parent;
    m->code = (char *)org->code;
    m->name = (char *)org->name;
    m->level = (char *)org->level;
    m->state = (char *)org->state;
    return m;
}

const char *message_seat_state(enum seat_state state)
{
    return state == SEAT_ACTIVE ? "active" : state == SEAT_SUSPENDED ? "suspended" : "revoked";
}

static Wire__Report *report_of(const struct control_seat *seat, struct arena *arena)
{
    Wire__Report *report = arena_alloc(arena, sizeof *report);
    if (!report)
        return NULL;
    wire__report__init(report);
    report->has_queued = report->has_oldest_queued_ms = report->has_refused = report->has_conflicts =
        report->has_broken = report->has_rewritten = 1;
    report->queued = seat->queued;
    report->oldest_queued_ms = seat->oldest_queued_ms;
    report->refused = seat->refused;
    report->conflicts = seat->conflicts;
    report->broken = seat->broken;
    report->rewritten = seat->rewritten;
    return report;
}

Wire__Seat *message_seat(const struct control *control, const struct control_seat *seat, struct arena *arena)
{
    struct buf roles = BUF_INIT;
    const struct control_org *org = control_org(control, seat->org);
    Wire__Seat *m = arena_alloc(arena, sizeof *m);
    if (!m)
        return NULL;
    wire__seat__init(m);
    m->has_number = m->has_last_contact_ms = 1;
    m->number = seat->number;
    m->person = (char *)seat->person;
    m->branch = org ? (char *)org->code : NULL;
    role_set_text(seat->roles, &roles);
    m->roles = arena_text(arena, buf_slice(&roles));
    buf_finish(&roles);
    m->state = (char *)message_seat_state(seat->state);
    m->last_contact_ms = seat->last_contact_ms;
    m->version = (char *)seat->version;
    if (seat->roles_ms) {
        const struct control_seat *by = control_seat(control, seat->roles_by);
        m->has_roles_ms = m->has_roles_by = 1;
        m->roles_ms = seat->roles_ms;
        m->roles_by = seat->roles_by;
        m->roles_by_person = by ? (char *)by->person : NULL;
    }
    m->has_copies_ms = seat->copies_ms > 0;
    m->copies_ms = seat->copies_ms;
    m->report = report_of(seat, arena);
    return m->roles && m->report ? m : NULL;
}

#define SEAT_FRAME 6 /* tag and length around a seat */

/* Seats are listed by their numbers. */
static bool is_asked(const struct control *control, const struct seats_ask *ask, const struct control_seat *seat)
{
    return (!ask->only || seat->number == ask->only) && seat->number > ask->after &&
           control_in_subtree(control, ask->top, seat->org);
}

static bool is_full(const struct seats_ask *ask, size_t count, size_t size)
{
    return count > 0 && ask->size_max && (size > ask->size_max || count >= LIMIT_REPEATED);
}

enum err message_seats(const struct control *control, const struct seats_ask *ask, struct arena *arena,
                       Wire__Seats *out)
{
    const struct control_seat *seat;
    size_t count = 0, size = 0;
    while (control_seat_at(control, count))
        count++;
    out->has_done = 1;
    out->done = 0;
    out->seat = arena_alloc(arena, (count + 1) * sizeof *out->seat);
    if (!out->seat)
        return ERR_MEMORY;
    for (size_t i = 0; (seat = control_seat_at(control, i)); i++) {
        if (!is_asked(control, ask, seat))
            continue;
        Wire__Seat *m = message_seat(control, seat, arena);
        if (!m)
            return ERR_MEMORY;
        size += protobuf_c_message_get_packed_size(&m->base) + SEAT_FRAME;
        if (is_full(ask, out->n_seat, size))
            return ERR_OK;
        out->seat[out->n_seat++] = m;
    }
    out->done = 1;
    return ERR_OK;
}
