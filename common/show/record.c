/* See record.h. Invariant: what show_may does not allow is in no form of a record, and what is masked for people is so
 * in text alone. */
#include "show/record.h"
#include "base/tr.h"
#include "show/grid.h"

#include <jansson.h>
#include <string.h>

bool show_may(const struct show_record *r, const struct field_rule *f)
{
    return r->access == ACCESS_FULL || (r->access == ACCESS_OPEN && !(f->flags & FIELD_SENSITIVE));
}

bool show_is_pending(const struct show_record *r, const struct field_rule *f)
{
    const char *state = f->given_at ? kind_state_of(r->kind, r->message) : NULL;
    return (f->flags & FIELD_SERVER) && record_get_name(r->message, f->name).type == CELL_ABSENT &&
           (!f->given_at || (state && strcmp(state, f->given_at) == 0));
}

static json_t *hex_json(struct slice bytes)
{
    struct buf hex = BUF_INIT;
    for (size_t i = 0; i < bytes.size; i++)
        buf_format(&hex, "%02x", bytes.data[i]);
    json_t *text = json_stringn(hex.size ? (const char *)hex.data : "", hex.size);
    buf_finish(&hex);
    return text;
}

json_t *show_cell_json(const struct field_rule *f, struct cell value)
{
    char id[ID_TEXT_SIZE];
    switch (value.type) {
    case CELL_TEXT:
        return json_stringn((const char *)value.bytes.data, value.bytes.size);
    case CELL_BYTES:
        if (f->type != FIELD_REFERENCE && f->type != FIELD_BYTES)
            return json_null();
        if (value.bytes.size != ID_SIZE)
            return hex_json(value.bytes);
        id_text(id_from(value.bytes), id);
        return json_string(id);
    case CELL_INTEGER:
        return json_integer(value.integer);
    case CELL_BOOL:
        return json_boolean(value.integer);
    default:
        return json_null();
    }
}

json_t *show_record_json(const struct show_record *r)
{
    char id[ID_TEXT_SIZE];
    json_t *o = json_object();
    id_text(r->id, id);
    json_object_set_new(o, "id", json_string(id));
    json_object_set_new(o, "seq", json_integer((json_int_t)r->seq));
    json_object_set_new(o, "sync", json_string(r->sync));
    for (size_t i = 0; i < r->kind->field_count; i++) {
        const struct field_rule *f = &r->kind->fields[i];
        if (show_may(r, f))
            json_object_set_new(o, f->name, show_cell_json(f, record_get_name(r->message, f->name)));
    }
    return o;
}

static const struct label *state_label(const struct kind *k, struct cell value)
{
    for (size_t i = 0; value.type == CELL_TEXT && i < k->state_count; i++)
        if (slice_equal(value.bytes, slice_text(k->states[i].name)))
            return &k->states[i].label;
    return NULL;
}

void show_field(const struct show_record *r, const struct field_rule *f, enum language language, enum value_mask mask,
                show_name *name, void *to, struct buf *out)
{
    struct cell value = record_get_name(r->message, f->name);
    size_t before = out->size;
    char id[ID_TEXT_SIZE];
    if (value.type == CELL_ABSENT || !show_may(r, f))
        return;
    if (strcmp(f->name, "state") == 0 && state_label(r->kind, value)) {
        buf_text(out, label_in(*state_label(r->kind, value), language));
    } else if (f->reference && value.type == CELL_BYTES && value.bytes.size == ID_SIZE) {
        if (name)
            name(to, f->reference, id_from(value.bytes), out);
        id_text(id_from(value.bytes), id);
        if (out->size == before)
            buf_text(out, id);
    } else {
        value_text(f, value, language, f->flags & FIELD_SENSITIVE ? mask : VALUE_WHOLE, out);
    }
}

/* Long texts go below their label, indented. */
static void text_line(const struct field_rule *f, const char *text, enum language language, struct buf *out)
{
    if (!strchr(text, '\n')) {
        buf_format(out, "%s: %s\n", label_in(f->label, language), text);
        return;
    }
    buf_format(out, "%s:\n", label_in(f->label, language));
    while (*text) {
        size_t size = strcspn(text, "\n");
        buf_format(out, "    %.*s\n", (int)size, text);
        text += size + (text[size] == '\n');
    }
}

void show_record_text(const struct show_record *r, enum language language, enum value_mask mask, show_name *name,
                      void *to, struct buf *out)
{
    char id[ID_TEXT_SIZE];
    struct buf value = BUF_INIT;
    id_text(r->id, id);
    buf_format(out, "%s  %s\n", label_in(r->kind->label, language), id);
    for (size_t i = 0; i < r->kind->field_count; i++) {
        const struct field_rule *f = &r->kind->fields[i];
        if (f->type == FIELD_BYTES && record_get_name(r->message, f->name).bytes.size != ID_SIZE)
            continue; /* a packed row says nothing to people; JSON has it */
        show_field(r, f, language, mask, name, to, &value);
        if (value.size)
            text_line(f, buf_c_string(&value), language, out);
        else if (show_is_pending(r, f))
            buf_format(out, "%s: %s\n", label_in(f->label, language), _("(given by the server)"));
        buf_finish(&value);
    }
    buf_format(out, "%s: %s\n", _("Sync"),
               strcmp(r->sync, "confirmed") == 0 ? _("confirmed by the server")
               : strcmp(r->sync, "queued") == 0  ? _("saved here, not sent yet")
               : strcmp(r->sync, "refused") == 0 ? _("refused, see: banyan attention")
                                                 : _("in conflict, see: banyan attention"));
}

/* ---- kinds ---- */

static json_t *codes_json(const struct field_rule *f, enum language language)
{
    json_t *list = json_array();
    for (size_t i = 0; i < f->codes->count; i++)
        json_array_append_new(list, json_pack("{s:s, s:s}", "name", f->codes->codes[i].name, "label",
                                              label_in(f->codes->codes[i].label, language)));
    return list;
}

static json_t *field_json(const struct field_rule *f, enum language language)
{
    json_t *o = json_pack("{s:s, s:s, s:s, s:b, s:b}", "name", f->name, "type", field_type_name(f->type), "label",
                          label_in(f->label, language), "required", (f->flags & FIELD_REQUIRED) != 0, "sensitive",
                          (f->flags & FIELD_SENSITIVE) != 0);
    if (f->codes)
        json_object_set_new(o, "values", codes_json(f, language));
    if (f->reference)
        json_object_set_new(o, "reference", json_string(kind_by_number(f->reference)->name));
    if (f->rule.zh)
        json_object_set_new(o, "rule", json_string(label_in(f->rule, language)));
    return o;
}

static json_t *words_json(const char *const *words, size_t max)
{
    json_t *list = json_array();
    for (size_t i = 0; i < max && words[i]; i++)
        json_array_append_new(list, json_string(words[i]));
    return list;
}

static json_t *action_roles_json(const struct kind *k, const char *action)
{
    json_t *list = json_array();
    for (int r = 0; r < ROLE_COUNT; r++)
        if (kind_may_act(k, 1u << r, action))
            json_array_append_new(list, json_string(role_name((enum role)r)));
    return list;
}

json_t *show_kind_json(const struct kind *k, enum language language)
{
    json_t *fields = json_array(), *states = json_array(), *actions = json_array();
    for (size_t i = 0; i < k->field_count; i++)
        json_array_append_new(fields, field_json(&k->fields[i], language));
    for (size_t i = 0; i < k->state_count; i++)
        json_array_append_new(states, json_pack("{s:s, s:s}", "name", k->states[i].name, "label",
                                                label_in(k->states[i].label, language)));
    for (size_t i = 0; i < k->action_count; i++) {
        const struct action_rule *a = &k->actions[i];
        json_array_append_new(actions, json_pack("{s:s, s:s, s:o, s:o, s:o, s:o}", "name", a->name, "label",
                                                 label_in(a->label, language), "from", words_json(a->from, 8), "roles",
                                                 action_roles_json(k, a->name), "requires",
                                                 words_json(a->required, ACTION_FIELDS), "allows",
                                                 words_json(a->allowed, ACTION_FIELDS)));
    }
    return json_pack("{s:s, s:s, s:o, s:o, s:o}", "kind", k->name, "label", label_in(k->label, language), "fields",
                     fields, "states", states, "actions", actions);
}

static void marks(const struct field_rule *f, struct buf *out)
{
    if (f->flags & FIELD_REQUIRED)
        buf_format(out, "%s ", _("required"));
    if (f->flags & FIELD_SENSITIVE)
        buf_format(out, "%s ", _("sensitive"));
    if (f->flags & FIELD_IMMUTABLE)
        buf_format(out, "%s ", _("set once"));
    if (f->flags & FIELD_SERVER)
        buf_format(out, "%s ", _("given by the server"));
}

#define CODES_SHOWN 14 /* of a list in text; all are in the JSON */

static void field_row(struct grid *g, const struct field_rule *f, enum language language)
{
    struct buf cell = BUF_INIT;
    grid_cell(g, f->name);
    grid_cell(g, label_in(f->label, language));
    grid_cell(g, field_type_name(f->type));
    marks(f, &cell);
    grid_take(g, &cell);
    if (f->rule.zh)
        buf_format(&cell, "%s ", label_in(f->rule, language));
    for (size_t i = 0; f->codes && i < f->codes->count && i < CODES_SHOWN; i++)
        buf_format(&cell, "%s=%s ", f->codes->codes[i].name, label_in(f->codes->codes[i].label, language));
    if (f->codes && f->codes->count > CODES_SHOWN)
        buf_text(&cell, "...");
    grid_take(g, &cell);
}

static void action_line(const struct kind *k, const struct action_rule *a, enum language language, struct buf *out)
{
    buf_format(out, "  %s (%s)  %s:", a->name, label_in(a->label, language), _("from"));
    for (size_t i = 0; i < 8 && a->from[i]; i++)
        buf_format(out, " %s", a->from[i]);
    buf_format(out, "  %s:", _("who"));
    for (int r = 0; r < ROLE_COUNT; r++)
        if (kind_may_act(k, 1u << r, a->name))
            buf_format(out, " %s", role_name((enum role)r));
    if (a->required[0])
        buf_format(out, "  %s:", _("needs"));
    for (size_t i = 0; i < ACTION_FIELDS && a->required[i]; i++)
        buf_format(out, " %s", a->required[i]);
    buf_byte(out, '\n');
}

void show_kind_text(const struct kind *k, enum language language, struct buf *out)
{
    struct grid *g = grid_create(5);
    buf_format(out, "%s (%s)\n\n", k->name, label_in(k->label, language));
    for (size_t i = 0; i < k->field_count; i++)
        field_row(g, &k->fields[i], language);
    grid_print(g, out);
    grid_destroy(g);
    if (k->state_count)
        buf_format(out, "\n%s:", _("States"));
    for (size_t i = 0; i < k->state_count; i++)
        buf_format(out, " %s (%s)", k->states[i].name, label_in(k->states[i].label, language));
    if (k->action_count)
        buf_format(out, "\n%s:\n", _("Actions"));
    for (size_t i = 0; i < k->action_count; i++)
        action_line(k, &k->actions[i], language, out);
}
