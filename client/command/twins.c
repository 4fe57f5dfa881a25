/* See twins.h. */
#include "client/command/twins.h"
#include "client/command/record_find.h"

/* Somebody of the same name who has left: who comes back has the old record beside the new one. */
static bool is_old_record(struct seat *s, const struct kind *k, struct id id, const ProtobufCMessage *patch)
{
    struct replica_row row;
    struct cell name = record_get_name(patch, "name");
    return replica_load(s->replica, k->number, id, s->now_ms, &s->arena, &row) == ERR_OK && record_find_has_left(k, row.message) &&
           name.type == CELL_TEXT && cell_equal(name, record_get_name(row.message, "name"));
}

static void warn_twin(struct seat *s, const struct kind *k, const ProtobufCMessage *patch, const struct field_rule *f, struct cell value, struct id self)
{
    struct id found[2];
    size_t count = 0;
    if (replica_find_value(s->replica, k->number, f->name, value, s->now_ms, found, 2, &count) != ERR_OK)
        return;
    for (size_t i = 0; i < count; i++) {
        struct buf said = BUF_INIT, name = BUF_INIT;
        if (id_equal(found[i], self))
            continue;
        seat_name(s, k->number, found[i], &name);
        if (is_old_record(s, k, found[i], patch))
            buf_format(&said, _("%s has an older record here, of before leaving, with the same %s: right if it is the same person"), buf_c_string(&name),
                       label_in(f->label, command_language()));
        else
            buf_format(&said, _("please check: %s has the same %s"), buf_c_string(&name), label_in(f->label, command_language()));
        command_warn(buf_c_string(&said));
        buf_finish(&said);
        buf_finish(&name);
    }
}

void twins_warn(struct seat *s, const struct kind *k, const ProtobufCMessage *patch, struct id self)
{
    for (size_t i = 0; patch && k->identity && k->identity[i]; i++) {
        const struct field_rule *f = kind_field(k, k->identity[i]);
        struct cell value = record_get_name(patch, f->name);
        if (value.type != CELL_ABSENT && !record_find_is_naming(k, f))
            warn_twin(s, k, patch, f, value, self);
    }
}
