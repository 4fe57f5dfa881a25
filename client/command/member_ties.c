/* See member_ties.h. */
#include "client/command/member_ties.h"
#include "base/limits.h"
#include "client/command/owed_months.h"
#include "client/command/record_find.h"
#include "client/replica/derive.h"
#include "kinds/dues.h"
#include "dues.pb-c.h"

#include <jansson.h>
#include <string.h>

struct search {
    struct seat *seat;
    struct id member;
    struct member_ties *ties;
};

/* ---- dues ---- */

/* The ids of the member's records of a kind; count 0 where the seat may not read them. */
static enum err ids_of(struct search *s, const struct kind *k, struct id *out, size_t *count)
{
    *count = 0;
    if (kind_access(k, NULL, s->seat->facts.roles) < ACCESS_OPEN)
        return ERR_OK;
    struct cell member = cell_bytes(id_slice(&s->member));
    return replica_find_value(s->seat->replica, k->number, "member_id", member, s->seat->now_ms, out, LIMIT_CHILDREN, count);
}

static void note_assessment(struct search *s, struct owed_months *late, const Record__DuesAssessment *row, const struct derived_value *list,
                            size_t count)
{
    int64_t balance = 0;
    bool arrears = false;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i].rule->name, "balance_fen") == 0)
            balance = list[i].value.integer;
        else if (strcmp(list[i].rule->name, "state") == 0)
            arrears = slice_equal(list[i].value.bytes, slice_text("arrears"));
    }
    if (balance <= 0)
        return;
    s->ties->owed++;
    s->ties->owed_fen += balance;
    if (arrears)
        owed_months_note(late, row->period);
}

static enum err find_assessments(struct search *s, struct derive *d, const struct id *ids, size_t count, struct owed_months *late)
{
    const struct kind *k = kind_by_name("dues_assessment");
    struct arena arena;
    enum err e = ERR_OK;
    arena_init(&arena, LIMIT_ARENA);
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        struct replica_row row;
        const struct derived_value *list;
        size_t values = 0;
        arena_reset(&arena);
        e = replica_load(s->seat->replica, k->number, ids[i], s->seat->now_ms, &arena, &row);
        if (e == ERR_OK)
            e = derive_row(d, &row, &arena, &list, &values);
        if (e == ERR_OK)
            note_assessment(s, late, (const Record__DuesAssessment *)row.message, list, values);
    }
    arena_finish(&arena);
    return e;
}

static enum err find_dues(struct search *s)
{
    struct owed_months late = {.count = 0};
    struct derive *d = NULL;
    size_t count;
    struct id *ids = arena_alloc(&s->seat->arena, LIMIT_CHILDREN * sizeof *ids);
    enum err e = ids ? ids_of(s, kind_by_name("dues_payment"), ids, &s->ties->payments) : ERR_MEMORY;
    if (e == ERR_OK)
        e = ids_of(s, kind_by_name("dues_assessment"), ids, &count);
    if (e == ERR_OK && count)
        e = derive_open(s->seat->replica, s->seat->now_ms, &d);
    if (e == ERR_OK && count)
        e = find_assessments(s, d, ids, count, &late);
    derive_close(d);
    s->ties->months = owed_months_in_a_row(&late);
    return e;
}

/* ---- groups and proposals ---- */

static bool points_here(const struct search *s, const ProtobufCMessage *m, const char *field)
{
    struct cell of = record_get_name(m, field);
    return of.type == CELL_BYTES && slice_equal(of.bytes, id_slice(&s->member));
}

static const char *name_of(struct search *s, const struct replica_row *row)
{
    struct buf name = BUF_INIT;
    seat_name(s->seat, row->kind, row->id, &name);
    const char *text = arena_text(&s->seat->arena, buf_slice(&name));
    buf_finish(&name);
    return text ? text : "";
}

static bool on_group(void *to, const struct replica_row *row)
{
    struct search *s = to;
    if (!points_here(s, row->message, "leader_member_id"))
        return true;
    s->ties->group = s->ties->groups++ ? s->ties->group : name_of(s, row);
    return true;
}

static bool is_open(const struct kind *k, const ProtobufCMessage *m)
{
    const char *name = kind_state_of(k, m);
    const struct state_rule *state = name ? kind_state(k, name) : NULL;
    return state && !(state->flags & STATE_END) && strcmp(name, "closed") != 0;
}

static bool on_proposal(void *to, const struct replica_row *row)
{
    struct search *s = to;
    bool here = points_here(s, row->message, "proposer_id") || points_here(s, row->message, "handler_id");
    if (!here || !is_open(kind_by_number(row->kind), row->message))
        return true;
    s->ties->proposal = s->ties->proposals++ ? s->ties->proposal : name_of(s, row);
    return true;
}

static enum err scan(struct search *s, const char *kind, replica_each *each)
{
    const struct kind *k = kind_by_name(kind);
    if (kind_access(k, NULL, s->seat->facts.roles) < ACCESS_OPEN)
        return ERR_OK;
    return replica_scan(s->seat->replica, k->number, s->seat->now_ms, each, s);
}

enum err member_ties_find(struct seat *seat, struct id member, struct member_ties *out)
{
    struct member_ties ties = {.group = "", .proposal = ""};
    struct search s = {.seat = seat, .member = member, .ties = &ties};
    enum err e = find_dues(&s);
    if (e == ERR_OK)
        e = scan(&s, "union_group", on_group);
    if (e == ERR_OK)
        e = scan(&s, "proposal", on_proposal);
    if (e == ERR_OK)
        *out = ties;
    return e;
}

bool member_ties_any(const struct member_ties *t)
{
    return t->owed || t->groups || t->proposals;
}

/* ---- asked ---- */

static void put_owed(const struct member_ties *t, struct buf *out)
{
    struct buf sum = BUF_INIT;
    fen_text(t->owed_fen, &sum);
    buf_format(out, _("owes dues of %zu periods, %s yuan"), t->owed, buf_c_string(&sum));
    buf_finish(&sum);
}

/* Each on a line of its own, behind `front`. */
static void put_ties(const struct member_ties *t, const char *front, struct buf *out)
{
    if (t->owed) {
        buf_text(out, front);
        put_owed(t, out);
        buf_byte(out, '\n');
    }
    if (t->groups) {
        buf_text(out, front);
        buf_format(out, _("leads a group: %s"), t->group);
        buf_byte(out, '\n');
    }
    if (t->proposals) {
        buf_text(out, front);
        buf_format(out, _("%zu open proposals, as proposer or handler: %s"), t->proposals, t->proposal);
        buf_byte(out, '\n');
    }
}

static int say_ties(struct seat *s, struct id id, const struct member_ties *t, bool asks)
{
    struct buf said = BUF_INIT, name = BUF_INIT;
    seat_name(s, kind_by_name("member")->number, id, &name);
    buf_format(&said, _("%s is still held here:"), buf_c_string(&name));
    buf_byte(&said, '\n');
    put_ties(t, "  ", &said);
    said.size--; /* the last line's end is the sentence's */
    if (asks)
        (void)command_say(buf_c_string(&said), _("settle that first; or, to do it all the same, add --yes")); /* the caller has the status */
    else
        command_warn(buf_c_string(&said));
    buf_finish(&said);
    buf_finish(&name);
    return EXIT_FAILED;
}

static bool has_left(struct seat *s, struct id id)
{
    const struct kind *k = kind_by_name("member");
    struct replica_row row;
    return replica_load(s->replica, k->number, id, s->now_ms, &s->arena, &row) == ERR_OK && record_find_has_left(k, row.message);
}

/* The books keep who paid: nobody could say later whose the money was. */
static int say_paid(struct seat *s, struct id id, const struct member_ties *t)
{
    struct buf said = BUF_INIT, next = BUF_INIT, name = BUF_INIT;
    seat_name(s, kind_by_name("member")->number, id, &name);
    buf_format(&said, _("%s has %zu payments of dues in the books, and stays on the roster"), buf_c_string(&name), t->payments);
    if (has_left(s, id))
        buf_text(&next, _("nothing to do: the membership has ended, and lists of members leave the record out (banyan list member state=active)"));
    else
        buf_format(&next, _("who has left: banyan act member %s withdrawn (or transferred_out, lapsed, deceased)"), buf_c_string(&name));
    int status = command_say(buf_c_string(&said), buf_c_string(&next));
    buf_finish(&said);
    buf_finish(&next);
    buf_finish(&name);
    return status;
}

static bool ends_membership(const struct kind *k, const char *action)
{
    const struct state_rule *state = action ? kind_state(k, action) : NULL;
    return !action || (state && (state->flags & STATE_END));
}

bool member_ties_ask(struct seat *s, const struct kind *k, struct id id, const char *action, bool yes, int *status)
{
    struct member_ties ties;
    if (strcmp(k->name, "member") != 0 || s->branch || !ends_membership(k, action))
        return true;
    enum err e = member_ties_find(s, id, &ties);
    bool death = action && strcmp(action, "deceased") == 0;
    if (e != ERR_OK)
        *status = command_failed(s, e, k->name);
    else if (!action && ties.payments)
        *status = say_paid(s, id, &ties);
    else if (!member_ties_any(&ties) || (yes && !death))
        return true;
    else
        *status = say_ties(s, id, &ties, !death);
    if (death && e == ERR_OK)
        *status = EXIT_DONE;
    return death && e == ERR_OK;
}

/* ---- shown ---- */

void member_ties_text(const struct member_ties *t, struct buf *out)
{
    put_ties(t, "", out);
    if (t->months)
        buf_format(out, _("dues in arrears: %zu months one after the other\n"), t->months);
}

void member_ties_json(const struct member_ties *t, json_t *document)
{
    json_object_set_new(document, "owed_fen", json_integer(t->owed_fen));
    json_object_set_new(document, "arrears_months", json_integer((json_int_t)t->months));
}
