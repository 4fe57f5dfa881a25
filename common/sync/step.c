/* See step.h. */
#include "sync/step.h"
#include "sync/fields.h"

#include <string.h>

/* What the change itself names is the person's to say. */
static bool ends(const struct change *c, const ProtobufCMessage *row, const ProtobufCFieldDescriptor *field)
{
    const struct field_rule *f = kind_field(c->kind, field->name);
    return f && f->ended_by && strcmp(f->ended_by, c->action) == 0 && !change_touches(c, field->id) && record_get(row, field).type != CELL_ABSENT;
}

static bool end_fields(const struct change *c, const ProtobufCMessage *row, struct arena *arena, struct step_outcome *out)
{
    const ProtobufCMessageDescriptor *d = row->descriptor;
    uint32_t *list = arena_alloc(arena, (c->cleared_count + d->n_fields + 1) * sizeof *list);
    size_t count = 0, own = 0;
    if (!list)
        return false;
    for (unsigned i = 0; i < d->n_fields; i++) { /* by tag, ascending, as the change's own are */
        if (!ends(c, row, &d->fields[i]))
            continue;
        while (own < c->cleared_count && c->cleared[own] < d->fields[i].id)
            list[count++] = c->cleared[own++];
        list[count++] = d->fields[i].id;
    }
    while (own < c->cleared_count)
        list[count++] = c->cleared[own++];
    out->cleared = list;
    out->cleared_count = count;
    return true;
}

bool step_of(const struct change *c, const ProtobufCMessage *row, struct arena *arena, struct step_outcome *out)
{
    const struct action_rule *a = kind_action(c->kind, c->action);
    ProtobufCMessage *patch = record_copy(c->patch, arena);
    if (!patch || !end_fields(c, row, arena, out))
        return false;
    record_put_name(patch, "state", cell_text(c->action), arena);
    if (a->gives)
        record_put_name(patch, a->gives, cell_text(c->action), arena);
    out->patch = patch;
    return true;
}
