/* What the person sees: the confirmed version with what is still to be sent laid over it (rules 2, 19). Invariant:
 * where nobody else interferes it is what the server's decide will make of the same changes; what would be refused
 * shows nothing. */
#include "sync/replay.h"
#include "sync/step.h"
#include <string.h>

static struct effect over(const struct change *c)
{
    return (struct effect){.kind_number = c->kind_number,
                           .kind = c->kind,
                           .id = c->id,
                           .patch = c->patch,
                           .cleared = c->cleared,
                           .cleared_count = c->cleared_count};
}

static ProtobufCMessage *replay_create(const struct change *c, const ProtobufCMessage *shown, struct arena *arena)
{
    if (shown && c->kind->append_only)
        return record_copy(shown, arena); /* rule 11: EXISTS */
    struct effect e = over(c);
    ProtobufCMessage *out = effect_over(&e, shown, arena);
    if (!shown && c->kind->state_count > 0 && record_get_name(out, "state").type == CELL_ABSENT)
        record_put_name(out, "state", cell_text(c->kind->states[0].name), arena);
    return out;
}

static ProtobufCMessage *replay_act(const struct change *c, const ProtobufCMessage *shown, struct arena *arena)
{
    const struct action_rule *action = kind_action(c->kind, c->action);
    if (!action || !kind_step_leads_from(action, kind_state_of(c->kind, shown)))
        return record_copy(shown, arena);
    struct step_outcome step;
    struct effect e = over(c);
    CHECK(step_of(c, shown, arena, &step));
    e.patch = step.patch;
    e.cleared = step.cleared;
    e.cleared_count = step.cleared_count;
    return effect_over(&e, shown, arena);
}

ProtobufCMessage *replay_over(const struct change *c, const ProtobufCMessage *shown, struct arena *arena)
{
    if (!c->kind)
        return shown ? record_copy(shown, arena) : NULL;
    if (c->op == OP_CREATE)
        return replay_create(c, shown, arena);
    if (!shown)
        return NULL;
    if (c->op == OP_ERASE || c->kind->append_only)
        return record_copy(shown, arena);
    if (c->op == OP_REMOVE)
        return NULL;
    if (c->op == OP_ACT)
        return replay_act(c, shown, arena);
    struct effect e = over(c);
    return effect_over(&e, shown, arena);
}

static bool share_field(const struct change *pending, enum op op, const ProtobufCMessage *patch,
                        const uint32_t *cleared, size_t cleared_count)
{
    for (size_t i = 0; i < cleared_count; i++)
        if (change_touches(pending, cleared[i]))
            return true;
    for (unsigned i = 0; patch && i < patch->n_unknown_fields; i++)
        if (change_touches(pending, patch->unknown_fields[i].tag))
            return true;
    for (unsigned i = 0; patch && i < patch->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &patch->descriptor->fields[i];
        bool touched =
            record_get(patch, field).type != CELL_ABSENT || (op == OP_ACT && strcmp(field->name, "state") == 0);
        if (touched && change_touches(pending, field->id))
            return true;
    }
    return false;
}

uint64_t replay_base(uint64_t confirmed, const struct change *pending, size_t pending_count, enum op op,
                     const ProtobufCMessage *patch, const uint32_t *cleared, size_t cleared_count)
{
    uint64_t base = confirmed;
    for (size_t i = 0; i < pending_count; i++) {
        bool counts = op == OP_REMOVE || share_field(&pending[i], op, patch, cleared, cleared_count);
        if (counts && pending[i].base < base)
            base = pending[i].base;
    }
    return base;
}
