/* See twins.h. */
#include "client/command/twins.h"
#include "client/command/record_find.h"

static void warn_twin(struct seat *s, const struct kind *k, const struct field_rule *f, struct cell value, struct id self)
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
            warn_twin(s, k, f, value, self);
    }
}
