/* banyan handover show: see handover_look.h. */
#include "client/command/handover_look.h"
#include "show/board.h"
#include "show/grid.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static json_t *open_json(const struct handover_look *look)
{
    json_t *list = json_array();
    for (size_t i = 0; i < look->count; i++) {
        char id[ID_TEXT_SIZE];
        id_text(look->list[i].id, id);
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:s?}", "why", look->list[i].why, "kind", look->list[i].kind->name, "id", id, "name",
                                              look->list[i].title, "state", look->list[i].state ? look->list[i].state->name : NULL));
    }
    return list;
}

static bool is_active(const struct handover_look *look)
{
    return strcmp(look->state, "revoked") != 0;
}

/* The commands to give on this device. own: this seat, which nobody ends for himself. */
static json_t *next_json(const struct handover_look *look, uint32_t own)
{
    json_t *list = json_array();
    char id[ID_TEXT_SIZE];
    id_text(look->record, id);
    if (id_is_zero(look->record)) {
        json_array_append_new(list, json_sprintf("banyan handover draft %u to_name=...", look->seat));
    } else {
        json_array_append_new(list, json_sprintf("banyan show handover %s", id));
        json_array_append_new(list, json_sprintf("banyan print handover %s --output FILE.html", id));
    }
    if (is_active(look) && look->seat != own) {
        json_array_append_new(list, json_sprintf("banyan seat revoke %u", look->seat));
        json_array_append_new(list, json_sprintf("banyan invite --role %s --name ...", *look->roles ? look->roles : "ROLE"));
    }
    return list;
}

/* The records here are as the server has them: of another seat what is open was fetched, what the own one did stands here. */
static bool is_up_to_date(const struct seat *s, const struct handover_look *look)
{
    return look->fetched || look->seat == s->facts.seat;
}

static json_t *look_json(const struct seat *s, const struct handover_look *look)
{
    char id[ID_TEXT_SIZE];
    json_t *o = json_pack("{s:I, s:s?, s:s, s:s, s:b, s:o, s:b, s:b, s:o, s:o}", "seat", (json_int_t)look->seat, "person", look->person, "roles", look->roles, "state",
                          look->state, "up_to_date", is_up_to_date(s, look), "as_of", show_time_json(s->facts.last_contact_ms), "reported",
                          look->reported, "member_named", look->named, "open", open_json(look), "next", next_json(look, s->facts.seat));
    if (look->reported) {
        json_object_set_new(o, "last_contact", show_time_json(look->last_contact_ms));
        json_object_set_new(o, "queued", json_integer(look->queued));
        json_object_set_new(o, "refused", json_integer(look->refused));
        json_object_set_new(o, "conflicts", json_integer(look->conflicts));
        json_object_set_new(o, "left", json_integer((json_int_t)look->left));
    }
    if (look->money)
        json_object_set_new(o, "dues", json_pack("{s:i, s:I, s:I, s:I}", "year", look->year, "received_fen", (json_int_t)look->received_fen,
                                                 "owed_fen", (json_int_t)look->owed_fen, "owing", (json_int_t)look->owing));
    if (!id_is_zero(look->record)) {
        id_text(look->record, id);
        json_object_set_new(o, "handover", json_string(id));
    }
    return o;
}

static void put_head(const struct handover_look *look, struct buf *out)
{
    struct buf unknown = BUF_INIT;
    role_set roles = role_set_known(look->roles, &unknown);
    buf_format(out, _("Seat %u: %s"), look->seat, look->person ? look->person : "?");
    for (int r = 0; r < ROLE_COUNT; r++)
        if (roles & 1u << r)
            buf_format(out, "  %s", label_in(role_label((enum role)r), command_language()));
    if (strcmp(look->state, "revoked") == 0)
        buf_format(out, "  %s", _("revoked"));
    else if (strcmp(look->state, "suspended") == 0)
        buf_format(out, "  %s", _("suspended"));
    buf_byte(out, '\n');
    buf_finish(&unknown);
}

static void put_unsent(const struct seat *s, const struct handover_look *look, struct buf *out)
{
    if (!look->reported) {
        buf_format(out, "  %s\n", _("What the seat has not sent is not known here: the server could not be asked, or does not tell this seat."));
        return;
    }
    buf_format(out, "  %s: ", _("Last contact"));
    show_age(look->last_contact_ms, s->now_ms, out);
    buf_format(out, "\n  %s: %u\n", _("Not sent, as it last reported"), look->queued);
    if (look->refused || look->conflicts)
        buf_format(out, _("  Waiting for the person there: %u refused, %u conflicts\n"), look->refused, look->conflicts);
    if (look->left)
        buf_format(out, _("  Handed over after it was revoked and taken in by nobody: %zu (banyan seat refused %u)\n"), look->left, look->seat);
}

static void put_open(const struct seat *s, const struct handover_look *look, struct buf *out)
{
    struct grid *g = grid_create(4);
    if (!is_up_to_date(s, look)) {
        buf_format(out, "%s: ", _("The records here could not be brought up to date; as this device last met the server"));
        show_age(s->facts.last_contact_ms, s->now_ms, out);
        buf_byte(out, '\n');
    }
    buf_format(out, "%s\n", look->count ? _("Not finished, as far as the records here tell:") : _("Nothing here is known to be unfinished."));
    for (size_t i = 0; i < look->count; i++) {
        const struct handover_open *o = &look->list[i];
        grid_cell(g, label_in(o->kind->label, command_language()));
        grid_cell(g, o->title);
        grid_cell(g, o->state ? label_in(o->state->label, command_language()) : "");
        grid_cell(g, handover_why(o->why));
    }
    if (look->count)
        grid_print(g, out);
    grid_destroy(g);
    if (!look->named)
        buf_format(out, "  %s\n", _("What a member is to do is not in it: no member, or more than one, bears this name."));
}

static void put_next(const struct handover_look *look, uint32_t own, struct buf *out)
{
    bool active = is_active(look);
    json_t *commands = next_json(look, own);
    buf_format(out, "%s\n", _("Next:"));
    if (active && look->queued)
        buf_format(out, "  %s\n", _("on that device: banyan sync; without a network: banyan handover write FILE, and banyan handover take FILE on the successor's"));
    for (size_t i = 0; i < json_array_size(commands); i++)
        buf_format(out, "  %s\n", json_string_value(json_array_get(commands, i)));
    if (active && look->seat == own)
        buf_format(out, _("  this is your own seat: when all is handed over, let the district, or another chair of this union, give: banyan seat revoke %u\n"), look->seat);
    json_decref(commands);
}

static const char *yuan(struct seat *s, int64_t fen)
{
    struct buf text = BUF_INIT;
    fen_text(fen, &text);
    const char *kept = arena_text(&s->arena, buf_slice(&text));
    buf_finish(&text);
    return kept ? kept : "";
}

const char *handover_money(struct seat *s, const struct handover_look *look)
{
    const char *text = arena_format(&s->arena, _("Dues: %s yuan received in %d; %s yuan still owed by %zu assessments"), yuan(s, look->received_fen),
                                    look->year, yuan(s, look->owed_fen), look->owing);
    return text ? text : "";
}

static void look_text(struct seat *s, const struct handover_look *look, struct buf *out)
{
    put_head(look, out);
    put_unsent(s, look, out);
    put_open(s, look, out);
    if (look->money)
        buf_format(out, "%s\n", handover_money(s, look));
    put_next(look, s->facts.seat, out);
}

void handover_print(struct seat *s, const struct handover_look *look, bool json)
{
    struct buf out = BUF_INIT;
    if (json) {
        json_t *document = look_json(s, look);
        show_json(document, &out);
        json_decref(document);
    } else {
        look_text(s, look, &out);
    }
    command_print(&out);
}
