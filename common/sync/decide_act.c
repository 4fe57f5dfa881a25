/* act: whole or nothing (rule 10), also on conflict records (rule 16). Fields that a step brings and that may also be
 * set by hand obey rule 8 like any other: what another seat wrote there after the base is not overwritten unseen, the
 * step is refused. */
#include "conflict.pb-c.h"
#include "sync/decide_parts.h"
#include "sync/step.h"
#include <string.h>

bool decide_act_form(struct deciding *d)
{
    const struct change *c = d->change;
    const struct action_rule *a = kind_action(d->kind, c->action);
    /* A newer build's side field may be any field: whoever brings it must be one who may set. */
    if (fields_name_unknown(c->patch, c->cleared, c->cleared_count) && !decide_may(d, RIGHT_SET))
        return decide_refuse_right(d, NULL, "set");
    for (unsigned i = 0; i < d->kind->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &d->kind->descriptor->fields[i];
        if (record_get(c->patch, field).type == CELL_ABSENT && !fields_hold(c->cleared, c->cleared_count, field->id))
            continue;
        const struct field_rule *f = kind_field(d->kind, field->name);
        if (!f || !kind_step_brings(a, field->name) || strcmp(field->name, "state") == 0)
            return decide_refuse(d, REFUSAL_FORM, field->name, NULL, NULL, NULL);
        enum access needed = (f->flags & FIELD_SENSITIVE) ? ACCESS_FULL : ACCESS_OPEN;
        bool may = !f->who || kind_may_set_field(d->kind, d->c->seat.roles, f);
        if (!may || kind_access(d->kind, NULL, d->c->seat.roles) < needed)
            return decide_refuse_right(d, field->name, c->action);
    }
    return true;
}

static bool state_moved(struct deciding *d)
{
    const ProtobufCFieldDescriptor *state = record_field(d->kind->descriptor, "state");
    uint64_t seq = d->row->dead ? d->row->seq : stamps_get(&d->row->stamps, state->id);
    const char *seat, *when, *now = d->row->dead ? "removed" : kind_state_of(d->kind, d->row->message);
    if (!decide_author(d, seq, &seat, &when))
        return false;
    return decide_refuse(d, REFUSAL_STATE_MOVED, state->name, now, seat, when);
}

/* ---- rule 16: who may resolve, and on what was seen ---- */
static bool may_resolve(struct deciding *d)
{
    const Record__Conflict *c = (const Record__Conflict *)d->row->message;
    const struct kind *about = c->has_record_kind ? kind_by_number((uint32_t)c->record_kind) : NULL;
    role_set roles = d->c->seat.roles;
    bool hidden = c->has_mine_sensitive || c->has_theirs_sensitive || c->has_row_sensitive;
    enum access needed = hidden ? ACCESS_FULL : ACCESS_OPEN;
    bool may = about && about->number != KIND_CONFLICT && kind_access(d->kind, d->row->message, roles) >= needed;
    if (may && !kind_may_resolve(about, roles, c->field))
        may = kind_may_resolve_own(about, roles, c->field) && c->record_id.len == ID_SIZE &&
              decide_is_own(d, about, id_from(slice_of(c->record_id.data, ID_SIZE)));
    return may || d->c->late || decide_refuse_right(d, NULL, d->change->action);
}

/* A value that came into the conflict after the person looked at it is not thrown away unseen. The first one was seen
 * by whoever knows of the conflict at all. */
static bool conflict_was_seen(struct deciding *d)
{
    static const char *const names[] = {"mine", "mine_sensitive", "mine_cleared"};
    const struct identity *who;
    uint64_t seen = d->base > d->row->stamps.first ? d->base : d->row->stamps.first;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        uint64_t stamp = decide_stamp(d->row, record_field(d->kind->descriptor, names[i])->id);
        const char *seat, *when;
        enum writer w = decide_writer(d, stamp, seen, &who);
        if (w == WRITER_NOT_LOADED || (w == WRITER_OTHER && !decide_author(d, stamp, &seat, &when)))
            return false;
        if (w == WRITER_OTHER)
            return decide_refuse(d, REFUSAL_CHANGED_SINCE, NULL, seat, when, NULL);
    }
    return true;
}

/* ---- rule 10 ---- */
static bool side_fields_equal(struct deciding *d, const uint32_t *tags, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!fields_equal(d->row->message, d->change->patch, tags[i]))
            return false;
    return true;
}

static bool side_fields_unseen(struct deciding *d, const uint32_t *tags, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct identity *who;
        const char *seat, *when;
        uint64_t stamp = decide_stamp(d->row, tags[i]);
        if (fields_equal(d->row->message, d->change->patch, tags[i]))
            continue;
        enum writer w = decide_writer(d, stamp, d->base, &who);
        if (w == WRITER_NOT_LOADED || (w == WRITER_OTHER && !decide_author(d, stamp, &seat, &when)))
            return false;
        if (w == WRITER_OTHER)
            return decide_refuse(d, REFUSAL_CHANGED_SINCE, decide_field_name(d->kind, tags[i], d->arena), seat, when,
                                 NULL);
    }
    return true;
}

/* A conflict's effect names its record's kind too, so that a reader who may not see the one does not hear of the other. */
static const ProtobufCMessage *conflict_patch(struct deciding *d, const ProtobufCMessage *patch)
{
    ProtobufCMessage *out = record_copy(patch, d->arena);
    CHECK(out);
    record_put_name(out, "record_kind", record_get_name(d->row->message, "record_kind"), d->arena);
    return out;
}

/* Rule 10; of a late one (rule 27): has anybody moved the state whom its author had not seen? What a conflict is ended from is the same
 * for all. */
static bool state_lets_step(struct deciding *d, const struct action_rule *a, const char *state)
{
    const struct identity *who;
    if (!d->c->late || d->kind->number == KIND_CONFLICT)
        return kind_step_leads_from(a, state) || state_moved(d);
    uint64_t stamp = decide_stamp(d->row, record_field(d->kind->descriptor, "state")->id);
    enum writer w = decide_writer(d, stamp, d->base, &who);
    if (w == WRITER_NOT_LOADED)
        return false;
    return (w != WRITER_OTHER && w != WRITER_OWN_LATER) || state_moved(d);
}

static bool take_step(struct deciding *d, const struct step_outcome *step)
{
    const struct change *c = d->change;
    const ProtobufCMessage *patch = d->kind->number == KIND_CONFLICT ? conflict_patch(d, step->patch) : step->patch;
    struct effect *e = decide_effect(d, d->kind, c->id, LIFE_KEEP, patch, step->cleared, step->cleared_count);
    if (!e)
        return false;
    /* A conflict record was made by the server: nothing of it is judged. */
    if (d->kind->number != KIND_CONFLICT &&
        !decide_result_passes(d, d->row->message, effect_over(e, d->row->message, d->arena), c->action))
        return false;
    return decide_settle(d, VERDICT_APPLIED);
}

static bool is_approval(const struct kind *k, const char *action)
{
    for (const char *const *a = k->approvals; a && *a; a++)
        if (strcmp(*a, action) == 0)
            return true;
    return false;
}

/* What is approved must have been seen as it is: a figure that came from another device meanwhile is in nobody's name. */
static bool approved_was_seen(struct deciding *d)
{
    const struct kind *with = kind_by_number(d->kind->approved_with);
    const char *seat, *when;
    uint64_t own = 0, of_others = 0;
    if (!is_approval(d->kind, d->change->action))
        return true;
    bool loaded = decide_newest_unseen(d, d->row, record_field(d->kind->descriptor, "state")->id, &own);
    if ((with && !decide_newest_unseen_of(d, with, &of_others)) || !loaded)
        return false;
    uint64_t newest = own > of_others ? own : of_others;
    if (newest == 0)
        return true;
    return decide_author(d, newest, &seat, &when) && decide_refuse(d, REFUSAL_CHANGED_SINCE, NULL, seat, when, NULL);
}

bool decide_act(struct deciding *d)
{
    const struct change *c = d->change;
    const struct action_rule *a = kind_action(d->kind, c->action);
    const uint32_t *tags;
    bool of_conflict = d->kind->number == KIND_CONFLICT;
    if (d->row->dead)
        return state_moved(d); /* rule 13 */
    if (of_conflict && !may_resolve(d))
        return false;
    const char *state = kind_state_of(d->kind, d->row->message);
    size_t count = fields_touched(c->patch, c->cleared, c->cleared_count, d->arena, &tags);
    if (strcmp(state, c->action) == 0 && !of_conflict && side_fields_equal(d, tags, count))
        return decide_settle(d, VERDICT_APPLIED);
    if (!state_lets_step(d, a, state))
        return false;
    struct step_outcome step;
    CHECK(step_of(c, d->row->message, d->arena, &step));
    count = fields_touched(c->patch, step.cleared, step.cleared_count, d->arena, &tags); /* what it ends must have been seen, too */
    if (of_conflict ? !conflict_was_seen(d) : !side_fields_unseen(d, tags, count) || !approved_was_seen(d))
        return false;
    return take_step(d, &step);
}
