/* See erased_words.h. */
#include "client/command/erased_words.h"
#include "base/date.h"
#include "base/tr.h"
#include "show/board.h"

#include <jansson.h>

static void tell_one(struct seat *s, const struct replica_erasure *x)
{
    struct replica_org org;
    struct buf said = BUF_INIT;
    char day[DATE_TEXT_SIZE];
    date_text(date_of_ms(x->at_ms, DATE_CHINA_MINUTES), day);
    bool known = replica_org(s->replica, x->org, &s->arena, &org) == ERR_OK && *org.name;
    const char *name = known ? org.name : _("a union that this device has not listed yet"); /* an officer's, who keeps no branch */
    buf_format(&said, _("a person's data were erased by law on %s (%s, %zu records in all), and what this device had of it; decision: %s"), day,
               name, x->records, x->reason);
    command_warn(buf_c_string(&said));
    buf_finish(&said);
}

void erased_tell(struct seat *s)
{
    struct replica_erasure list[ERASED_MAX];
    size_t count;
    do {
        count = 0;
        if (replica_take_erased(s->replica, &s->arena, list, &count) != ERR_OK)
            return; /* told at the next round */
        for (size_t i = 0; i < count; i++)
            tell_one(s, &list[i]);
    } while (count == ERASED_MAX);
}

json_t *erased_untold_json(struct seat *s)
{
    struct replica_erasure found[ERASED_MAX];
    size_t count = 0;
    json_t *list = json_array();
    enum err e = replica_untold_erased(s->replica, &s->arena, found, &count);
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        struct replica_org org;
        bool known = replica_org(s->replica, found[i].org, &s->arena, &org) == ERR_OK;
        json_array_append_new(list, json_pack("{s:s?, s:o, s:I, s:s}", "branch", known ? org.code : NULL, "at", show_time_json(found[i].at_ms), "records",
                                              (json_int_t)found[i].records, "reason", found[i].reason));
    }
    return list;
}

static const struct field_rule *erased_at(struct seat *s, const struct kind *k, struct id id, unsigned i)
{
    const ProtobufCFieldDescriptor *field = &k->descriptor->fields[i];
    const struct field_rule *f = kind_field(k, field->name);
    bool may = f && kind_access_all(k, s->facts.roles) >= ((f->flags & FIELD_SENSITIVE) ? ACCESS_FULL : ACCESS_OPEN);
    return may && k->number != KIND_CONFLICT && replica_is_erased(s->replica, k->number, id, field->id) ? f : NULL;
}

void erased_text(struct seat *s, const struct kind *k, struct id id, struct buf *out)
{
    bool any = false;
    for (unsigned i = 0; i < k->descriptor->n_fields; i++) {
        const struct field_rule *f = erased_at(s, k, id, i);
        if (!f)
            continue;
        buf_text(out, any ? (command_language() == LANGUAGE_EN ? ", " : "、") : _("erased by law: "));
        buf_text(out, label_in(f->label, command_language()));
        any = true;
    }
    if (any)
        buf_byte(out, '\n');
}

void erased_json(struct seat *s, const struct kind *k, struct id id, json_t *into)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < k->descriptor->n_fields; i++) {
        const struct field_rule *f = erased_at(s, k, id, i);
        if (f)
            json_array_append_new(list, json_string(f->name));
    }
    if (json_array_size(list))
        json_object_set(into, "erased", list);
    json_decref(list);
}

bool erased_name(struct seat *s, const struct kind *k, struct id id)
{
    const ProtobufCFieldDescriptor *field =
        k->naming && k->naming[0] ? record_field(k->descriptor, k->naming[0]) : NULL;
    return field && replica_is_erased(s->replica, k->number, id, field->id);
}
