/* See handover_look.h. */
#include "client/command/handover_look.h"
#include "client/command/pages.h"
#include "client/replica/derive.h"
#include "dues.pb-c.h"

#include <string.h>

#define ASK_MS 20000
#define LIST_ARENA ((size_t)64 << 20)

const char *handover_why(const char *why)
{
    static const struct {
        const char *why, *words; /* msgid */
    } known[] = {{"leads", N_("leads it")},      {"entered", N_("entered it")},       {"owns", N_("is to do it")},
                 {"handles", N_("handles it")}, {"supervises", N_("supervises it")}, {"conflict", N_("both values wait")}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].why, why) == 0)
            return _(known[i].words);
    return "";
}

/* ---- the server's part ---- */

static void on_seats(void *to, enum frame_type type, const ProtobufCMessage *message)
{
    if (type == FRAME_SEATS)
        pages_add(to, message);
}

static bool ask(struct seat *s, Wire__SeatAction action, uint32_t seat, const Wire__Seats **out, struct agent_result *result)
{
    struct agent_options options = {.deadline_ms = ASK_MS};
    struct buf pages = BUF_INIT;
    ProtobufCMessage *m;
    Wire__SeatAsk message = WIRE__SEAT_ASK__INIT;
    message.has_action = 1;
    message.action = action;
    message.has_seat = seat != 0;
    message.seat = seat;
    agent_ask(s->replica, FRAME_SEAT_ASK, &message.base, &options, on_seats, &pages, result);
    bool good = result->why == ERR_OK && pages_open(&wire__seats__descriptor, buf_slice(&pages), &s->arena, &m) == ERR_OK;
    buf_finish(&pages);
    if (good)
        *out = (const Wire__Seats *)m;
    return good;
}

static const char *text_of(const char *text)
{
    return text ? text : "";
}

static void take_seat(struct handover_look *look, const Wire__Seat *m)
{
    look->person = m->person;
    look->roles = text_of(m->roles);
    look->state = text_of(m->state);
    look->reported = true;
    look->last_contact_ms = m->last_contact_ms;
    if (m->report) {
        look->queued = m->report->queued;
        look->refused = m->report->refused;
        look->conflicts = m->report->conflicts;
    }
}

/* True unless the server says that there is no such seat. */
static bool ask_server(struct seat *s, struct handover_look *look, int *status)
{
    struct agent_result result = {0};
    const Wire__Seats *seats;
    bool found = false, asked = ask(s, WIRE__SEAT_ACTION__SEAT_LIST, 0, &seats, &result);
    for (size_t i = 0; asked && i < seats->n_seat; i++)
        if (seats->seat[i]->number == look->seat) {
            take_seat(look, seats->seat[i]);
            found = true;
        }
    agent_result_finish(&result);
    if (asked && !found) {
        *status = command_say(_("there is no such seat here"), _("see: banyan seat list"));
        return false;
    }
    if (found && strcmp(look->state, "revoked") == 0) {
        struct agent_result again = {0};
        if (ask(s, WIRE__SEAT_ACTION__SEAT_REFUSED, look->seat, &seats, &again))
            look->left = seats->n_refused;
        agent_result_finish(&again);
    }
    return true;
}

/* What is open is looked for in the records here: they are fetched first, or an office would be handed over by an old copy. False: said;
 * this seat was ended itself. */
static bool fetch(struct seat *s, struct handover_look *look, int *status)
{
    struct agent_result result = {0};
    struct agent_options options = {.deadline_ms = ASK_MS};
    agent_round(s->replica, &options, &result);
    look->fetched = result.why == ERR_OK;
    if (result.wiped) {
        *status = command_contact(&result);
        return false;
    }
    agent_result_finish(&result);
    if (replica_facts(s->replica, &s->facts) != ERR_OK)
        look->fetched = false; /* what follows fails by itself */
    return true;
}

static enum err own_seat(struct seat *s, struct handover_look *look)
{
    struct replica_status status;
    enum err e = replica_status(s->replica, &status);
    if (e != ERR_OK)
        return e;
    look->person = s->facts.person;
    look->roles = s->facts.roles_text;
    look->state = "active";
    look->reported = true;
    look->last_contact_ms = s->facts.last_contact_ms;
    look->queued = (uint32_t)status.queued;
    look->refused = (uint32_t)status.refused;
    look->conflicts = (uint32_t)status.conflicts;
    return ERR_OK;
}

/* ---- what is open, of the records here ---- */

static const struct tie {
    const char *kind, *field, *why;
    bool by_seat; /* the field holds a seat's number; else a member */
} ties[] = {
    {"union_group", "leader_seat", "leads", true},      {"proposal", "entered_by", "entered", true},
    {"proposal", "handler_id", "handles", false},       {"proposal", "supervisor_id", "supervises", false},
    {"plan_item", "owner_id", "owns", false},
};

struct search {
    struct seat *seat;
    struct handover_look *look;
    const struct kind *kind;
    const struct tie *tie;
    struct id member;
    enum err failed;
};

static enum err add(struct search *w, const char *why, const struct kind *k, struct id id, const struct state_rule *state)
{
    struct handover_look *look = w->look;
    struct buf name = BUF_INIT;
    struct handover_open *list = arena_grow(&w->seat->arena, look->list, look->count, &look->capacity, sizeof *list);
    if (!list)
        return ERR_MEMORY;
    seat_name(w->seat, k->number, id, &name);
    const char *title = arena_text(&w->seat->arena, buf_slice(&name));
    buf_finish(&name);
    if (!title)
        return ERR_MEMORY;
    look->list = list;
    look->list[look->count++] = (struct handover_open){why, k, id, title, state};
    return ERR_OK;
}

/* Ended, or closed and waiting for the archive alone. */
static bool is_over(const struct state_rule *state)
{
    return state && ((state->flags & STATE_END) || strcmp(state->name, "closed") == 0);
}

static bool on_tied(void *to, const struct replica_row *row)
{
    struct search *w = to;
    struct cell value = record_get_name(row->message, w->tie->field);
    const char *name = kind_state_of(w->kind, row->message);
    const struct state_rule *state = name ? kind_state(w->kind, name) : NULL;
    bool tied = w->tie->by_seat ? value.type == CELL_INTEGER && value.integer == w->look->seat
                                : value.type == CELL_BYTES && slice_equal(value.bytes, id_slice(&w->member));
    if (tied && row->org == w->seat->facts.home && !is_over(state))
        w->failed = add(w, w->tie->why, w->kind, row->id, state);
    return w->failed == ERR_OK;
}

static enum err add_tied(struct seat *s, struct handover_look *look, struct id member)
{
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < sizeof ties / sizeof *ties; i++) {
        struct search w = {.seat = s, .look = look, .kind = kind_by_name(ties[i].kind), .tie = &ties[i], .member = member};
        if (!w.kind || (!ties[i].by_seat && !look->named) || kind_access(w.kind, NULL, s->facts.roles) < ACCESS_OPEN)
            continue;
        e = replica_scan(s->replica, w.kind->number, s->now_ms, on_tied, &w);
        e = e == ERR_OK ? w.failed : e;
    }
    return e;
}

static bool on_attention(void *to, const struct attention_entry *entry)
{
    struct search *w = to;
    bool theirs = entry->mine_seat == w->look->seat || entry->theirs_seat == w->look->seat;
    if (entry->type == ATTENTION_CONFLICT && theirs && entry->kind)
        w->failed = add(w, "conflict", entry->kind, entry->record, NULL);
    return w->failed == ERR_OK;
}

/* Members are known by name alone; where two bear it, neither is meant. */
static enum err find_member(struct seat *s, struct handover_look *look, struct id *member)
{
    struct id found[2];
    size_t count = 0;
    const struct kind *k = kind_by_name("member");
    if (!look->person || !k || kind_access(k, NULL, s->facts.roles) < ACCESS_OPEN)
        return ERR_OK;
    enum err e = replica_find_value(s->replica, k->number, "name", cell_text(look->person), s->now_ms, found, 2, &count);
    look->named = e == ERR_OK && count == 1;
    if (look->named)
        *member = found[0];
    return e;
}

/* ---- money ---- */

struct books {
    struct seat *seat;
    struct handover_look *look;
    struct derive *derive;
    const struct kind *kind;
    struct arena scratch;
    enum err failed;
};

static bool on_payment(void *to, const struct replica_row *row)
{
    struct books *b = to;
    const Record__DuesPayment *m = (const Record__DuesPayment *)row->message;
    struct date on;
    if (row->org == b->seat->facts.home && m->paid_on && date_parse(m->paid_on, &on) == ERR_OK && on.year == b->look->year)
        b->look->received_fen += m->amount_fen;
    return true;
}

static bool on_assessment(void *to, const struct replica_row *row)
{
    struct books *b = to;
    const struct derived_value *list;
    size_t count = 0;
    bool exempt = false;
    int64_t balance = 0;
    if (row->org != b->seat->facts.home)
        return true;
    arena_reset(&b->scratch);
    b->failed = derive_row(b->derive, row, &b->scratch, &list, &count);
    for (size_t i = 0; b->failed == ERR_OK && i < count; i++) {
        if (strcmp(list[i].rule->name, "balance_fen") == 0)
            balance = list[i].value.integer;
        else if (strcmp(list[i].rule->name, "state") == 0)
            exempt = slice_equal(list[i].value.bytes, slice_text("exempt"));
    }
    if (balance > 0 && !exempt) {
        b->look->owed_fen += balance;
        b->look->owing++;
    }
    return b->failed == ERR_OK;
}

static enum err add_money(struct seat *s, struct handover_look *look)
{
    struct books b = {.seat = s, .look = look};
    const struct kind *payments = kind_by_name("dues_payment"), *assessments = kind_by_name("dues_assessment");
    if (!strstr(look->roles, "accountant") || !payments || !assessments || kind_access(payments, NULL, s->facts.roles) < ACCESS_OPEN)
        return ERR_OK;
    look->money = true;
    look->year = seat_today(s).year;
    arena_init(&b.scratch, LIST_ARENA);
    enum err e = replica_scan(s->replica, payments->number, s->now_ms, on_payment, &b);
    if (e == ERR_OK)
        e = derive_open(s->replica, s->now_ms, &b.derive);
    if (e == ERR_OK)
        e = replica_scan(s->replica, assessments->number, s->now_ms, on_assessment, &b);
    derive_close(b.derive);
    arena_finish(&b.scratch);
    return e == ERR_OK ? b.failed : e;
}

/* ---- the record of it ---- */

static bool on_handover(void *to, const struct replica_row *row)
{
    struct search *w = to;
    struct cell from = record_get_name(row->message, "from_seat");
    if (from.type == CELL_INTEGER && from.integer == w->look->seat)
        w->look->record = row->id; /* the last is the newest: ids are ordered by time */
    return true;
}

static enum err look_here(struct seat *s, struct handover_look *look)
{
    struct id member = {{0}};
    struct search w = {.seat = s, .look = look};
    enum err e = find_member(s, look, &member);
    if (e == ERR_OK)
        e = add_tied(s, look, member);
    if (e == ERR_OK)
        e = attention_each(s->replica, s->now_ms, on_attention, &w);
    if (e == ERR_OK)
        e = w.failed;
    if (e == ERR_OK)
        e = add_money(s, look);
    if (e == ERR_OK)
        e = replica_scan(s->replica, kind_by_name("handover")->number, s->now_ms, on_handover, &w);
    return e;
}

bool handover_look(struct seat *s, uint32_t seat, struct handover_look *out, int *status)
{
    struct handover_look look = {.seat = seat, .roles = "", .state = ""};
    enum err e = ERR_OK;
    if (seat == s->facts.seat)
        e = own_seat(s, &look);
    else if (!fetch(s, &look, status) || !ask_server(s, &look, status))
        return false;
    if (!look.person)
        look.person = replica_person(s->replica, seat, &s->arena);
    if (e == ERR_OK)
        e = look_here(s, &look);
    if (e != ERR_OK) {
        *status = command_failed(s, e, "handover");
        return false;
    }
    *out = look;
    return true;
}
