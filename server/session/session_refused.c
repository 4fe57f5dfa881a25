/* What a revoked seat handed over is refused and kept (rule 32), and so is what others handed over of a seat that can't see it (rule 27);
 * here those who answer for the seat read it, so that they can enter it anew. Invariant: no change is shown with a field that the asker's roles may not read. */
#include "server/session/session_frames.h"
#include "base/limits.h"
#include "server/control/messages.h"
#include "server/store/store_refused.h"

#define LEFT_DAYS 60 /* who joins later is not told of what others dealt with long ago; summers are 60 days long */
#define DAY_MS INT64_C(86400000)

struct asked {
    struct session *s;
    role_set roles;
    struct arena rows;
    struct named named;
    Wire__Seats wire;
};

/* ---- one change ---- */

/* By the record as it stands, too: a change may not say what makes its record one that few may read. */
static enum err access_to(struct asked *a, const struct change *c, enum access *out)
{
    struct row row = {0};
    if (c->kind_number == KIND_CONFLICT) { /* the step that ends one, without its values */
        *out = record_is_empty(c->patch) ? ACCESS_OPEN : ACCESS_NONE;
        return ERR_OK;
    }
    *out = kind_access(c->kind, c->patch, a->roles);
    enum err e = store_read_row(a->s->serving->store, c->kind_number, c->id, &a->rows, &row);
    enum access by_row = e == ERR_OK && row.message ? kind_access(c->kind, row.message, a->roles) : *out;
    *out = by_row < *out ? by_row : *out;
    return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err add_names(struct asked *a, const struct change *c)
{
    enum err e = session_name_row(&a->named, c->kind, c->id);
    return e == ERR_OK ? session_name_references(&a->named, c->kind, c->patch) : e;
}

static enum err fill_change(struct asked *a, const struct store_refused *from, Wire__RefusedChange *m)
{
    struct change c;
    enum access access = ACCESS_NONE;
    m->has_hidden = 1;
    m->hidden = 1;
    if (change_open(from->change, session_arena(a->s), &c) != ERR_OK || !c.kind)
        return ERR_OK; /* of a newer build, or stripped where it came back after a restore: that there was one is told
                        */
    enum err e = access_to(a, &c, &access);
    if (e != ERR_OK || access < ACCESS_OPEN)
        return e;
    m->hidden = change_strip(&c, access, session_arena(a->s));
    m->has_change = 1;
    m->change = session_bytes(a->s, c.bytes);
    return m->change.len ? add_names(a, &c) : ERR_MEMORY;
}

static enum err add_change(struct asked *a, const struct store_refused *from)
{
    Wire__RefusedChange *m = session_make(a->s, sizeof *m);
    if (!m)
        return ERR_MEMORY;
    wire__refused_change__init(m);
    m->has_org = m->has_seq = m->has_received_ms = 1;
    m->org = from->org;
    m->seq = from->seq;
    m->received_ms = from->received_ms;
    m->code = (char *)from->code;
    a->wire.refused[a->wire.n_refused++] = m;
    arena_reset(&a->rows);
    return fill_change(a, from, m);
}

/* ---- a page of them ---- */

/* A seat that went with the control journal: its number, and the branch in whose log its changes stand. */
static enum err add_unknown(struct asked *a, uint32_t seat, uint32_t org)
{
    const struct control_org *branch = control_org(a->s->serving->control, org);
    Wire__Seat *m = session_make(a->s, sizeof *m);
    a->wire.seat = session_make(a->s, sizeof *a->wire.seat);
    if (!m || !a->wire.seat)
        return ERR_MEMORY;
    wire__seat__init(m);
    m->has_number = 1;
    m->number = seat;
    m->branch = branch ? (char *)branch->code : NULL;
    a->wire.seat[a->wire.n_seat++] = m;
    return ERR_OK;
}

/* For whoever answers there; of a seat that control data do not know, in whose log its changes stand tells. */
static bool answers_for_seat(void *to, uint32_t seat, uint32_t org)
{
    struct session *s = to;
    const struct control_seat *who = control_seat(s->serving->control, seat);
    return control_in_subtree(s->serving->control, session_answers_for(s), who ? who->org : org);
}

static enum err add_seat(struct asked *a, const Wire__SeatAsk *ask, uint32_t org)
{
    struct seats_ask one = {.top = 1, .only = ask->seat};
    if (!control_seat(a->s->serving->control, ask->seat))
        return add_unknown(a, ask->seat, org);
    return message_seats(a->s->serving->control, &one, session_arena(a->s), &a->wire);
}

/* *there false: to the asker there is no such seat. Where nothing is left behind a place of an org that it answers for, there was one. */
static enum err fill(struct asked *a, const Wire__SeatAsk *ask, bool *there)
{
    struct store_refused_place after = {ask->seat, ask->after_org, ask->after_seq};
    struct store_refused *list;
    size_t count = 0;
    bool more = false;
    enum err e = store_read_refused(a->s->serving->store, &after, LIMIT_PAGE_SIZE, answers_for_seat, a->s, session_arena(a->s), &list,
                                    &count, &more);
    if (e != ERR_OK)
        return e;
    *there = count || answers_for_seat(a->s, ask->seat, ask->after_org);
    if (!*there)
        return ERR_OK;
    a->wire.refused = session_make(a->s, (count + 1) * sizeof *a->wire.refused);
    e = a->wire.refused ? add_seat(a, ask, count ? list[0].org : ask->after_org) : ERR_MEMORY;
    for (size_t i = 0; e == ERR_OK && i < count; i++)
        e = add_change(a, &list[i]);
    a->wire.has_done = 1;
    a->wire.done = !more;
    return e;
}

void session_take_refused(struct session *s, const Wire__SeatAsk *ask)
{
    struct asked a = {.s = s, .roles = session_who(s)->roles, .wire = WIRE__SEATS__INIT};
    bool there = false;
    arena_init(&a.rows, LIMIT_ARENA);
    enum err e = session_name_begin(&a.named, s, &a.rows) ? fill(&a, ask, &there) : ERR_MEMORY;
    arena_finish(&a.rows);
    if (e == ERR_OK && !there) {
        session_answer_error(s, ask->number, "SEAT_UNKNOWN", "there is no such seat", "seat");
        return;
    }
    a.wire.named = a.named.list;
    a.wire.n_named = a.named.count;
    a.wire.has_number = 1;
    a.wire.number = ask->number;
    if (e != ERR_OK)
        session_fail(s, "refused", e);
    else
        session_answer(s, ask->number, FRAME_SEATS, &a.wire.base);
}

/* ---- in hello ---- */

static Wire__Left *left_message(struct session *s, const struct store_refused_seat *from)
{
    const struct control_seat *seat = control_seat(s->serving->control, from->seat);
    const struct control_org *org = control_org(s->serving->control, seat ? seat->org : from->org);
    Wire__Left *m = session_make(s, sizeof *m);
    if (!m)
        return NULL;
    wire__left__init(m);
    m->has_seat = m->has_changes = m->has_at_ms = 1;
    m->seat = from->seat;
    m->changes = from->changes;
    m->at_ms = from->newest_ms;
    m->person = seat ? (char *)seat->person : NULL;
    m->state = seat ? (char *)message_seat_state(seat->state) : NULL;
    m->branch = org ? (char *)org->code : NULL;
    return m;
}

enum err session_add_left(struct session *s, int64_t after_ms, Wire__Welcome *welcome)
{
    struct store_refused_seat *list;
    size_t count;
    int64_t oldest = s->serving->now_ms() - LEFT_DAYS * DAY_MS;
    if (!session_answers_for(s) || session_who(s)->state != SEAT_ACTIVE)
        return ERR_OK;
    enum err e = store_read_refused_seats(s->serving->store, after_ms, oldest, answers_for_seat, s, session_arena(s),
                                          &list, &count);
    if (e != ERR_OK)
        return e;
    welcome->left = session_make(s, (count + 1) * sizeof *welcome->left);
    if (!welcome->left)
        return ERR_MEMORY;
    for (size_t i = 0; i < count; i++) {
        welcome->left[i] = left_message(s, &list[i]);
        if (!welcome->left[i])
            return ERR_MEMORY;
        welcome->n_left++;
    }
    return ERR_OK;
}
