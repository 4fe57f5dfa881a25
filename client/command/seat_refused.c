/* See seat_refused.h. The server left out what this seat may not read; here sensitive values are masked besides, on a
 * terminal. */
#include "client/command/seat_refused.h"
#include "base/limits.h"
#include "kinds/refusal.h"
#include "show/board.h"
#include "show/grid.h"
#include "sync/change.h"
#include "wire/wire.h"

#include <jansson.h>
#include <string.h>

struct listing {
    struct seat *seat;
    const Wire__Seats *seats;
    struct arena arena; /* of one change */
    json_t *json;       /* NULL: in words */
    struct buf text;
};

/* ---- names: of rows that came with the answer, else of those that are here ---- */

static const ProtobufCMessage *named_row(struct listing *l, const struct kind *k, struct id id)
{
    ProtobufCMessage *m;
    for (size_t i = 0; i < l->seats->n_named; i++) {
        const Wire__SnapshotRow *row = l->seats->named[i];
        if (row->kind == k->number && row->id.len == ID_SIZE && memcmp(row->id.data, id.bytes, ID_SIZE) == 0)
            return wire_open(k->descriptor, slice_of(row->row.data, row->row.len), &l->arena, &m) == ERR_OK ? m : NULL;
    }
    return NULL;
}

static bool put_name(const struct kind *k, const ProtobufCMessage *m, struct buf *out)
{
    for (size_t i = 0; m && k->naming && k->naming[i]; i++) {
        struct cell value = record_get_name(m, k->naming[i]);
        if (value.type == CELL_TEXT && value.bytes.size) {
            buf_append_slice(out, value.bytes);
            return true;
        }
    }
    return false;
}

static void name_of(void *to, uint32_t kind, struct id id, struct buf *out)
{
    struct listing *l = to;
    const struct kind *k = kind_by_number(kind);
    if (k && !put_name(k, named_row(l, k, id), out))
        seat_name(l->seat, kind, id, out);
}

/* A record that was to be made is named by what was to stand in it. */
static void name_record(struct listing *l, const struct change *c, struct buf *out)
{
    size_t before = out->size;
    name_of(l, c->kind_number, c->id, out);
    if (out->size == before)
        (void)put_name(c->kind, c->patch, out);
}

/* ---- what was to be done ---- */

static const char *op_name(const struct change *c)
{
    static const char *const names[] = {
        [OP_CREATE] = "add", [OP_SET] = "set", [OP_ACT] = "act", [OP_REMOVE] = "remove"};
    return c->op <= OP_REMOVE ? names[c->op] : NULL;
}

static const char *op_words(const struct change *c)
{
    const struct action_rule *action = c->action ? kind_action(c->kind, c->action) : NULL;
    if (action)
        return label_in(action->label, command_language());
    return c->op == OP_CREATE ? _("add") : c->op == OP_SET ? _("change") : c->op == OP_REMOVE ? _("remove") : c->action;
}

static bool is_cleared(const struct change *c, const char *field)
{
    const ProtobufCFieldDescriptor *d = record_field(c->kind->descriptor, field);
    for (size_t i = 0; d && i < c->cleared_count; i++)
        if (c->cleared[i] == d->id)
            return true;
    return false;
}

/* False where the field was not to be changed. */
static bool value_of(const struct change *c, const struct field_rule *f, struct cell *out)
{
    *out = record_get_name(c->patch, f->name);
    return out->type != CELL_ABSENT || is_cleared(c, f->name);
}

static json_t *fields_json(const struct change *c)
{
    json_t *o = json_object();
    struct cell value;
    for (size_t i = 0; i < c->kind->field_count; i++)
        if (value_of(c, &c->kind->fields[i], &value))
            json_object_set_new(o, c->kind->fields[i].name, show_cell_json(&c->kind->fields[i], value));
    return o;
}

static void add_json(struct listing *l, const Wire__RefusedChange *from, const struct change *c)
{
    const Wire__Seat *seat = l->seats->seat[0];
    json_t *one =
        json_pack("{s:I, s:s?, s:s?, s:o, s:b}", "seat", (json_int_t)seat->number, "person", seat->person, "branch",
                  seat->branch, "at", show_time_json(from->received_ms), "hidden", from->hidden != 0);
    json_object_set_new(one, "code", from->code ? json_string(from->code) : json_null());
    if (c) {
        char id[ID_TEXT_SIZE];
        struct buf name = BUF_INIT;
        id_text(c->id, id);
        name_record(l, c, &name);
        json_t *more = json_pack("{s:o, s:s, s:s, s:s, s:s?, s:s?, s:o}", "made_at", show_time_json(c->made_ms), "kind",
                                 c->kind->name, "record", id, "name", buf_c_string(&name), "op", op_name(c), "action",
                                 c->action, "fields", fields_json(c));
        json_object_update(one, more);
        json_decref(more);
        buf_finish(&name);
    }
    json_array_append_new(l->json, one);
}

static void put_fields(struct listing *l, const struct change *c)
{
    struct show_record record = {.kind = c->kind, .id = c->id, .message = c->patch, .access = ACCESS_FULL};
    struct cell value;
    for (size_t i = 0; i < c->kind->field_count; i++) {
        const struct field_rule *f = &c->kind->fields[i];
        if (!value_of(c, f, &value))
            continue;
        buf_format(&l->text, "    %s: ", label_in(f->label, command_language()));
        if (value.type == CELL_ABSENT)
            buf_text(&l->text, _("(empty)"));
        else
            show_field(&record, f, command_language(), VALUE_MASKED, name_of, l, &l->text);
        buf_byte(&l->text, '\n');
    }
}

/* Of what was handed over late; that a revoked seat's changes are not taken the head says. Without arguments: they may hold what this
 * seat may not read. */
static void put_reason(struct listing *l, const Wire__RefusedChange *from, const struct change *c)
{
    if (!from->code || strcmp(from->code, REFUSAL_SEAT_REVOKED) == 0)
        return;
    buf_text(&l->text, "    ");
    refusal_text(c->kind, from->code, NULL, NULL, 0, from->code, command_language(), &l->text);
    buf_byte(&l->text, '\n');
}

static void add_text(struct listing *l, const Wire__RefusedChange *from, const struct change *c)
{
    show_moment(c && c->made_ms ? c->made_ms : from->received_ms, &l->text);
    if (!c) {
        buf_format(&l->text, "  %s\n", _("a record that your roles may not read"));
        return;
    }
    struct buf name = BUF_INIT;
    name_record(l, c, &name);
    buf_format(&l->text, "  %s  %s  %s\n", label_in(c->kind->label, command_language()), buf_c_string(&name),
               op_words(c));
    buf_finish(&name);
    put_fields(l, c);
    put_reason(l, from, c);
    if (from->hidden)
        buf_format(&l->text, "    %s\n", _("(fields that your roles may not read are left out)"));
}

static void add_change(struct listing *l, const Wire__RefusedChange *from)
{
    struct change c;
    arena_reset(&l->arena);
    bool readable = from->has_change &&
                    change_open(slice_of(from->change.data, from->change.len), &l->arena, &c) == ERR_OK && c.kind;
    if (l->json)
        add_json(l, from, readable ? &c : NULL);
    else
        add_text(l, from, readable ? &c : NULL);
}

/* ---- the list ---- */

static void put_head(struct listing *l)
{
    const Wire__Seat *seat = l->seats->seat[0];
    buf_format(&l->text, _("seat %u, %s (%s): %zu changes that were not taken\n"), seat->number,
               seat->person ? seat->person : "", seat->branch ? seat->branch : "", l->seats->n_refused);
}

static void put_next(struct listing *l)
{
    if (l->seats->n_refused == 0)
        return;
    buf_format(&l->text, "\n%s\n", _("Next: enter anew what is still needed."));
    buf_format(&l->text, _("When you have done so: banyan discard seat-%u\n"), l->seats->seat[0]->number);
}

void seat_refused_print(struct seat *s, const Wire__Seats *seats, bool json)
{
    struct listing l = {.seat = s, .seats = seats, .json = json ? json_array() : NULL};
    if (seats->n_seat == 0) {
        json_decref(l.json);
        return;
    }
    arena_init(&l.arena, LIMIT_ARENA);
    if (!json)
        put_head(&l);
    for (size_t i = 0; i < seats->n_refused; i++)
        add_change(&l, seats->refused[i]);
    if (json)
        show_json(l.json, &l.text);
    else
        put_next(&l);
    command_print(&l.text);
    json_decref(l.json);
    arena_finish(&l.arena);
}
