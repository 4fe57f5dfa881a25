/* create and remove (rules 11, 13): how a record begins and ends. */
#include "sync/decide_parts.h"

static bool create_new(struct deciding *d, enum life life)
{
    const ProtobufCMessage *patch = d->change->patch;
    if (d->kind->state_count && record_get_name(patch, "state").type == CELL_ABSENT) {
        ProtobufCMessage *with = record_copy(patch, d->arena);
        CHECK(with);
        record_put_name(with, "state", cell_text(d->kind->states[0].name), d->arena);
        patch = with;
    }
    if (!decide_result_passes(d, NULL, patch, NULL) || !decide_effect(d, d->kind, d->change->id, life, patch, NULL, 0))
        return false;
    return decide_settle(d, VERDICT_APPLIED);
}

static bool same_values(struct deciding *d)
{
    const uint32_t *tags;
    size_t count = fields_touched(d->change->patch, NULL, 0, d->arena, &tags);
    for (size_t i = 0; i < count; i++)
        if (!decide_is_author(d->kind, tags[i]) && !fields_equal(d->row->message, d->change->patch, tags[i]))
            return false;
    return true;
}

/* What came with the state of a new record is the step's alone once the record is known (FIELD_SIDE). NULL: none would
 * change. */
static const char *side_field_moved(const struct deciding *d)
{
    for (size_t i = 0; i < d->kind->field_count; i++) {
        const struct field_rule *f = &d->kind->fields[i];
        const ProtobufCFieldDescriptor *field = record_field(d->kind->descriptor, f->name);
        if ((f->flags & FIELD_SIDE) && field && fields_present(d->change->patch, field->id) &&
            !fields_equal(d->row->message, d->change->patch, field->id))
            return f->name;
    }
    return NULL;
}

static bool create_known(struct deciding *d)
{
    if (same_values(d))
        return decide_settle(d, VERDICT_APPLIED);
    if (d->kind->append_only)
        return decide_refuse(d, REFUSAL_EXISTS, NULL, NULL, NULL, NULL);
    const ProtobufCFieldDescriptor *state = record_field(d->kind->descriptor, "state");
    if (d->kind->state_count && fields_present(d->change->patch, state->id) &&
        !fields_equal(d->row->message, d->change->patch, state->id)) { /* only an action moves it */
        const char *seat, *when, *now = kind_state_of(d->kind, d->row->message);
        if (!decide_author(d, stamps_get(&d->row->stamps, state->id), &seat, &when))
            return false;
        return decide_refuse(d, REFUSAL_STATE_MOVED, state->name, now, seat, when);
    }
    const char *side = side_field_moved(d);
    if (side)
        return decide_refuse(d, REFUSAL_SIDE_FIELD, side, NULL, NULL, NULL);
    d->only_adds = kind_is_set_by_nobody(d->kind); /* two that were added apart */
    if (!d->only_adds && !decide_may(d, RIGHT_SET))
        return decide_refuse_right(d, NULL, "set");
    d->base = 0;
    return decide_set(d);
}

/* Two seats that make a record of what it is about make one: by the id that follows from it. */
static bool id_follows(struct deciding *d)
{
    if (!d->kind->identity_key || !(d->row->message || d->row->dead))
        return true; /* of a new one the result is judged */
    return decide_id_fits(d, d->change->patch) || decide_refuse(d, REFUSAL_IDENTITY, NULL, NULL, NULL, NULL);
}

/* An id that follows from what a record is about comes again when it is made again: by somebody who knows that it was
 * removed. */
static bool create_again(struct deciding *d)
{
    const struct identity *who;
    const char *seat, *when;
    bool follows = decide_id_follows(d->kind, d->change->patch);
    enum writer w = follows ? decide_writer(d, d->row->seq, d->base, &who) : WRITER_OTHER;
    if (w == WRITER_NOT_LOADED)
        return false;
    if (w == WRITER_SEEN || w == WRITER_OWN)
        return create_new(d, LIFE_REVIVE);
    if (!decide_author(d, d->row->seq, &seat, &when)) /* rule 13: create never revives */
        return false;
    return decide_refuse(d, REFUSAL_DELETED, NULL, seat, when, NULL);
}

bool decide_create(struct deciding *d)
{
    if (!id_follows(d))
        return false;
    if (d->row->dead)
        return create_again(d);
    return d->row->message ? create_known(d) : create_new(d, LIFE_KEEP);
}

/* ---- remove (rule 13) ---- */
bool decide_remove(struct deciding *d)
{
    const char *seat, *when;
    uint64_t newest = 0;
    if (d->row->dead)
        return decide_settle(d, VERDICT_APPLIED);
    if (!decide_newest_unseen(d, d->row, 0, &newest))
        return false;
    if (newest) {
        if (!decide_author(d, newest, &seat, &when))
            return false;
        return decide_refuse(d, REFUSAL_CHANGED_SINCE, NULL, seat, when, NULL);
    }
    if (!decide_account_is_here(d, (struct row_side){.exists = true, .dead = true}))
        return false;
    /* What may no longer be changed may not go either: an adopted plan, a member who has left. Nor what others are a
     * part of: they would be left without the whole that says when and whose they are. */
    if (!decide_is_editable(d) || !decide_has_no_parts(d) || !decide_may_go(d))
        return false;
    ProtobufCMessage *nothing = record_new(d->kind->descriptor, d->arena);
    CHECK(nothing);
    return decide_effect(d, d->kind, d->change->id, LIFE_TOMBSTONE, nothing, NULL, 0) &&
           decide_settle(d, VERDICT_APPLIED);
}
