/* See record.h. Invariant: what show_may does not allow is in no form of a record, and what is masked for people is so
 * in text alone. */
#include "show/record.h"
#include "show/board.h"
#include "show/fields.h"
#include "show/record_parts.h"
#include "base/tr.h"

#include <jansson.h>
#include <string.h>

static const struct derived_value *derived_of(const struct show_record *r, const char *field)
{
    for (size_t i = 0; i < r->derived_count; i++)
        if (strcmp(r->derived[i].rule->name, field) == 0)
            return &r->derived[i];
    return NULL;
}

struct cell show_value(const struct show_record *r, const char *field)
{
    const struct derived_value *d = derived_of(r, field);
    return d ? d->value : record_get_name(r->message, field);
}

struct cell show_value_at(const struct show_record *r, const struct show_fields *fields, size_t at)
{
    const struct derived_value *d = derived_of(r, fields->list[at].name);
    return d ? d->value : fields->stored[at] ? record_get(r->message, fields->stored[at]) : (struct cell){0};
}

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
    struct show_fields fields;
    show_fields_of(r->kind, &fields);
    for (size_t i = 0; i < fields.count; i++) {
        const struct field_rule *f = &fields.list[i];
        if (show_may(r, f))
            json_object_set_new(o, f->name, show_cell_json(f, show_value_at(r, &fields, i)));
    }
    return o;
}

/* NULL: the state is not one of those that steps lead to. */
static const struct label *state_label(const struct kind *k, struct cell value)
{
    for (size_t i = 0; value.type == CELL_TEXT && i < k->state_count; i++)
        if (slice_equal(value.bytes, slice_text(k->states[i].name)))
            return &k->states[i].label;
    return NULL;
}

void show_seat(int64_t seat, show_name *name, void *to, struct buf *out)
{
    size_t before = out->size;
    struct id id = {{0}};
    for (int i = 0; i < 4; i++)
        id.bytes[i] = (uint8_t)(seat >> (24 - 8 * i));
    if (name)
        name(to, SHOW_SEAT, id, out);
    if (out->size == before)
        buf_format(out, _("seat %lld"), (long long)seat);
}

uint32_t show_seat_of(struct id id)
{
    return (uint32_t)id.bytes[0] << 24 | (uint32_t)id.bytes[1] << 16 | (uint32_t)id.bytes[2] << 8 | id.bytes[3];
}

/* d: where the value is a derived one. */
static void show_cell(const struct show_record *r, const struct field_rule *f, const struct derived_value *d, struct cell value,
                      enum language language, enum value_mask mask, show_name *name, void *to, struct buf *out)
{
    struct field_rule computed;
    size_t before = out->size;
    char id[ID_TEXT_SIZE];
    if (d) { /* whoever asks by the stored field's rule gets what is shown in its place */
        computed = (struct field_rule){.name = f->name,
                                       .label = f->label,
                                       .type = d->rule->type,
                                       .codes = d->rule->codes,
                                       .flags = d->rule->flags};
        f = &computed;
    }
    if (value.type == CELL_ABSENT || !show_may(r, f) || show_conflict_field(r, f, value, language, name, to, out))
        return;
    if (!d && strcmp(f->name, "state") == 0 && state_label(r->kind, value)) {
        buf_text(out, label_in(*state_label(r->kind, value), language));
    } else if (f->reference && value.type == CELL_BYTES && value.bytes.size == ID_SIZE) {
        if (name)
            name(to, f->reference, id_from(value.bytes), out);
        id_text(id_from(value.bytes), id);
        if (out->size == before)
            buf_text(out, id);
    } else if (f->type == FIELD_TIME_MS && value.type == CELL_INTEGER) {
        show_moment(value.integer, out);
    } else if ((f->flags & (FIELD_AUTHOR | FIELD_SEAT)) && value.type == CELL_INTEGER) {
        show_seat(value.integer, name, to, out);
    } else {
        bool masked = (f->flags & FIELD_SENSITIVE) && (!d || kind_field(r->kind, f->name)); /* a figure of its own hides nothing */
        value_text(f, value, language, masked ? mask : VALUE_WHOLE, out);
    }
}

void show_field(const struct show_record *r, const struct field_rule *f, enum language language, enum value_mask mask,
                show_name *name, void *to, struct buf *out)
{
    const struct derived_value *d = derived_of(r, f->name);
    show_cell(r, f, d, d ? d->value : record_get_name(r->message, f->name), language, mask, name, to, out);
}

void show_field_at(const struct show_record *r, const struct show_fields *fields, size_t at, enum language language,
                   enum value_mask mask, show_name *name, void *to, struct buf *out)
{
    const struct field_rule *f = &fields->list[at];
    show_cell(r, f, derived_of(r, f->name), show_value_at(r, fields, at), language, mask, name, to, out);
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
    struct show_fields fields;
    show_fields_of(r->kind, &fields);
    for (size_t i = 0; i < fields.count; i++) {
        const struct field_rule *f = &fields.list[i];
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
