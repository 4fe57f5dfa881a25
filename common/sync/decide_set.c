/* set against the row (rules 8, 9, 13). Every field that the change touches gets a fate; fields that belong
 * together share it. Invariant: a value that somebody else wrote after the base is never overwritten, and no value of
 * the change is lost: it applies, stands there already, gives way to a later one of its own author, or stands in a
 * conflict record. */
#include "sync/decide_fates.h"
#include <string.h>

/* ---- what applies ---- */
static size_t tags_of(struct deciding *d, const struct touch *t, enum fate fate, const uint32_t **out)
{
    uint32_t *tags = decide_alloc(d, (t->count + 1) * sizeof *tags);
    size_t count = 0;
    for (size_t i = 0; i < t->count; i++)
        if (t->list[i].fate == fate)
            tags[count++] = t->list[i].tag;
    *out = tags;
    return count;
}

/* What a create of a known record says besides: it is not set. */
static bool names_more(const struct kind *k, const ProtobufCMessage *patch)
{
    return record_get_name(patch, "state").type != CELL_ABSENT || kind_author(k, patch);
}

static bool apply_fields(struct deciding *d, const struct touch *t, bool *merged)
{
    const struct change *c = d->change;
    const ProtobufCMessage *patch = c->patch;
    const uint32_t *cleared = c->cleared, *tags;
    size_t cleared_count = c->cleared_count;
    if (t->applies < t->count || names_more(d->kind, patch)) {
        size_t count = tags_of(d, t, FATE_APPLIES, &tags);
        uint32_t *kept = decide_alloc(d, (c->cleared_count + 1) * sizeof *kept);
        patch = fields_pick(c->patch, tags, count, d->arena);
        cleared_count = 0;
        for (size_t i = 0; i < c->cleared_count; i++)
            if (fields_hold(tags, count, c->cleared[i]))
                kept[cleared_count++] = c->cleared[i];
        cleared = kept;
    }
    struct effect *e = decide_effect(d, d->kind, c->id, LIFE_KEEP, patch, cleared, cleared_count);
    if (!e || !fates_others_changed(d, t, merged))
        return false;
    return decide_result_passes(d, d->row->message, effect_over(e, d->row->message, d->arena), NULL);
}

/* ---- what clashes ---- */
/* The conflict of a word is named by the first of its fields; one field by itself. */
static const char *unit_name(const struct deciding *d, const struct touched *f)
{
    if (!f->rule || !f->rule->together)
        return decide_field_name(d->kind, f->tag, d->arena);
    for (size_t i = 0; i < d->kind->field_count; i++)
        if (d->kind->fields[i].together && strcmp(d->kind->fields[i].together, f->rule->together) == 0)
            return d->kind->fields[i].name;
    return f->rule->name;
}

static void note_theirs(struct deciding *d, struct clash *clash, uint32_t *tags, uint32_t tag)
{
    const struct identity *who;
    uint64_t stamp = decide_stamp(d->row, tag);
    enum writer w = decide_writer(d, stamp, d->base, &who);
    bool named = fields_hold(clash->mine_tags, clash->mine_count, tag);
    if (w == WRITER_OTHER && stamp > clash->theirs_seq) {
        clash->theirs_seq = stamp;
        clash->theirs = who;
    }
    if (w == WRITER_OTHER || named) {
        tags[clash->theirs_count++] = tag;
        clash->sensitive |= decide_field_is_sensitive(d->kind, tag);
    }
}

/* One conflict record for a field, or for all fields of its word. */
static bool conflict_of(struct deciding *d, struct touch *t, struct touched *first)
{
    size_t room = t->count + d->kind->field_count + 1;
    uint32_t *mine = decide_alloc(d, room * sizeof *mine), *theirs = decide_alloc(d, room * sizeof *theirs);
    struct clash clash = {.field = unit_name(d, first), .mine_tags = mine, .theirs_tags = theirs};
    for (size_t i = 0; i < t->count; i++) {
        struct touched *f = &t->list[i];
        if (f == first || (f->fate == FATE_CLASHES && fates_share_word(f, first))) {
            mine[clash.mine_count++] = f->tag;
            f->told = true;
        }
    }
    if (!first->rule || !first->rule->together)
        note_theirs(d, &clash, theirs, first->tag);
    for (size_t i = 0; first->rule && first->rule->together && i < d->kind->field_count; i++) {
        const struct field_rule *f = &d->kind->fields[i];
        if (f->together && strcmp(f->together, first->rule->together) == 0)
            note_theirs(d, &clash, theirs, record_field(d->kind->descriptor, f->name)->id);
    }
    return decide_conflict(d, &clash);
}

static bool add_conflicts(struct deciding *d, struct touch *t)
{
    bool all = true;
    for (size_t i = 0; i < t->count && d->out->verdict != VERDICT_REFUSED; i++)
        if (t->list[i].fate == FATE_CLASHES && !t->list[i].told)
            all &= conflict_of(d, t, &t->list[i]);
    return all;
}

/* ---- on a living row ---- */
/* Marks on what is closed go in whatever the state, and a step's date is set right until the record's end. */
static bool all_are_always(struct deciding *d, const struct touch *t)
{
    const char *name = kind_state_of(d->kind, d->row->message);
    const struct state_rule *state = name ? kind_state(d->kind, name) : NULL;
    unsigned flags = FIELD_ALWAYS | (state && (state->flags & STATE_END) ? 0 : FIELD_MENDED);
    for (size_t i = 0; i < t->count; i++)
        if (t->list[i].fate != FATE_SAME && !(t->list[i].rule && (t->list[i].rule->flags & flags)))
            return false;
    return true;
}

/* What no step gave yet is given with the step. */
static bool mends_what_stands(struct deciding *d, const struct touch *t)
{
    for (size_t i = 0; i < t->count; i++) {
        const struct field_rule *f = t->list[i].rule;
        if (f && (f->flags & FIELD_MENDED) && t->list[i].fate != FATE_SAME && !fields_present(d->row->message, t->list[i].tag))
            return decide_refuse(d, REFUSAL_SIDE_FIELD, f->name, NULL, NULL, NULL);
    }
    return true;
}

/* A second record of what there is once adds what the first lacks, and may clash; it writes nothing over. */
static bool adds_only(struct deciding *d, const struct touch *t)
{
    for (size_t i = 0; d->only_adds && i < t->count; i++)
        if (t->list[i].fate == FATE_APPLIES && fields_present(d->row->message, t->list[i].tag))
            return decide_refuse_right(d, t->list[i].rule ? t->list[i].rule->name : NULL, "set");
    return true;
}

bool decide_is_editable(struct deciding *d)
{
    const char *name = kind_state_of(d->kind, d->row->message);
    const struct state_rule *state = name ? kind_state(d->kind, name) : NULL;
    if (!name || (state && (state->flags & STATE_EDITABLE)))
        return true;
    return decide_refuse(d, REFUSAL_NOT_EDITABLE, NULL, name, NULL, NULL);
}

static bool immutable_stays(struct deciding *d, const struct touch *t)
{
    for (size_t i = 0; i < t->count; i++) {
        const struct touched *f = &t->list[i];
        if (f->fate != FATE_SAME && f->rule && (f->rule->flags & FIELD_IMMUTABLE) &&
            fields_present(d->row->message, f->tag))
            return decide_refuse(d, REFUSAL_IMMUTABLE_FIELD, f->rule->name, NULL, NULL, NULL);
    }
    return true;
}

static bool set_living(struct deciding *d)
{
    struct touch t;
    bool merged = false;
    fates_list(d, &t);
    if (!fates_find(d, &t))
        return false;
    if (t.left && d->change->grouped && d->change->group_size > 1) /* all or none: the model's resolve */
        return decide_refuse(d, REFUSAL_CHANGED_SINCE, NULL, NULL, NULL, NULL);
    if (t.applies + t.clashes == 0)
        return decide_settle(d, VERDICT_APPLIED);
    if (!immutable_stays(d, &t) || !adds_only(d, &t) || !mends_what_stands(d, &t) || !(all_are_always(d, &t) || decide_is_editable(d)))
        return false;
    if (t.applies && !apply_fields(d, &t, &merged))
        return false;
    if (t.clashes == 0)
        return decide_settle(d, merged ? VERDICT_MERGED : VERDICT_APPLIED);
    if (!decide_values_pass(d) || !add_conflicts(d, &t))
        return false;
    return decide_settle(d, VERDICT_CONFLICT);
}

/* ---- on a tombstone (rule 13) ---- */
static bool set_removed(struct deciding *d)
{
    const struct change *c = d->change;
    const uint32_t *tags;
    size_t count = fields_touched(c->patch, c->cleared, c->cleared_count, d->arena, &tags);
    if (count == 0)
        return decide_settle(d, VERDICT_APPLIED);
    if (!decide_values_pass(d) ||
        !decide_need(d, (struct scratch_key){.type = SCRATCH_IDENTITY, .org = c->org, .seq = d->row->seq}))
        return false;
    struct clash clash = {.field = "*",
                          .mine_tags = tags,
                          .mine_count = count,
                          .theirs_seq = d->row->seq,
                          .theirs = scratch_identity(d->scratch, c->org, d->row->seq)};
    for (size_t i = 0; i < count; i++)
        clash.sensitive |= decide_field_is_sensitive(d->kind, tags[i]);
    return decide_conflict(d, &clash) && decide_settle(d, VERDICT_CONFLICT);
}

/* What the server gave before stays the record's own, and who entered it. Where that is not known it is who restores
 * it. */
static void keep_numbers(struct deciding *d, ProtobufCMessage *patch)
{
    const ProtobufCFieldDescriptor *row = record_field(d->restores->message->descriptor, "row");
    struct cell kept = row ? record_get(d->restores->message, row) : (struct cell){.type = CELL_ABSENT};
    const ProtobufCMessage *before =
        kept.type == CELL_BYTES ? fields_unpack(d->kind->descriptor, kept.bytes, d->arena) : NULL;
    for (size_t i = 0; before && i < d->kind->field_count; i++) {
        const struct field_rule *f = &d->kind->fields[i];
        if (f->flags & (FIELD_SERVER | FIELD_AUTHOR))
            record_put_name(patch, f->name, record_get_name(before, f->name), d->arena);
    }
    const struct field_rule *author = before ? NULL : kind_author_field(d->kind);
    if (author)
        record_put_name(patch, author->name, cell_integer(d->c->seat.number), d->arena);
}

/* Rule 13: only a resolve group restores, with all required fields; the state is the kind's first. */
static bool restore(struct deciding *d)
{
    ProtobufCMessage *patch = record_copy(d->change->patch, d->arena);
    CHECK(patch);
    keep_numbers(d, patch);
    if (d->kind->state_count)
        record_put_name(patch, "state", cell_text(d->kind->states[0].name), d->arena);
    if (!decide_result_passes(d, NULL, patch, NULL) ||
        !decide_effect(d, d->kind, d->change->id, LIFE_REVIVE, patch, NULL, 0))
        return false;
    return decide_settle(d, VERDICT_APPLIED);
}

bool decide_set(struct deciding *d)
{
    if (!d->row->dead)
        return set_living(d);
    return d->restores ? restore(d) : set_removed(d);
}
