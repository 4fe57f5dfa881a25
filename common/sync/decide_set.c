/* set, create and remove against the row (rules 8, 9, 11, 13). Every field that the change touches gets a fate; fields that belong
 * together share it. Invariant: a value that somebody else wrote after the base is never overwritten, and no value of the change is
 * lost: it applies, stands there already, gives way to a later one of its own author, or stands in a conflict record. */
#include "sync/decide_parts.h"
#include <string.h>

enum fate { FATE_SAME, FATE_APPLIES, FATE_LEFT, FATE_CLASHES };
struct touched {
    uint32_t tag;
    const struct field_rule *rule; /* NULL: a field of a newer build */
    enum fate fate;
    bool told;                     /* its conflict is written */
};
struct touch {
    struct touched *list;
    size_t count;
    size_t applies, clashes, left;
};

static const struct field_rule *rule_of_tag(const struct kind *k, uint32_t tag)
{
    const ProtobufCFieldDescriptor *field = record_field_tag(k->descriptor, tag);
    return field ? kind_field(k, field->name) : NULL;
}

static bool is_state(const struct kind *k, const struct field_rule *f)
{
    return f && k->state_count && strcmp(f->name, "state") == 0;
}

/* ---- rule 8: the fate of each field ---- */
static bool stamp_fate(struct deciding *d, uint32_t tag, enum fate *out)
{
    const struct identity *who;
    switch (writer_of(d, field_stamp(d->row, tag), d->base, &who)) {
    case WRITER_SEEN:
    case WRITER_OWN:
        *out = FATE_APPLIES;
        return true;
    case WRITER_OWN_LATER: /* left as it is */
        *out = FATE_LEFT;
        return true;
    case WRITER_OTHER:
        *out = FATE_CLASHES;
        return true;
    case WRITER_NOT_LOADED:
        break;
    }
    return false;
}

/* Fields of one word stand or fall together, those too that the change does not name. */
static bool unit_fate(struct deciding *d, const char *word, enum fate *out)
{
    enum fate worst = FATE_APPLIES;
    bool loaded = true;
    for (size_t i = 0; i < d->kind->field_count; i++) {
        const struct field_rule *f = &d->kind->fields[i];
        const ProtobufCFieldDescriptor *field = record_field(d->kind->descriptor, f->name);
        enum fate fate;
        if (!field || !f->together || strcmp(f->together, word) != 0)
            continue;
        if (!stamp_fate(d, field->id, &fate))
            loaded = false;
        else if (fate > worst)
            worst = fate;
    }
    *out = worst;
    return loaded;
}

static bool shares_word(const struct touched *a, const struct touched *b)
{
    return a->rule && b->rule && a->rule->together && b->rule->together && strcmp(a->rule->together, b->rule->together) == 0;
}

/* Values that stand there already stay as they are, unless the others of their word clash: then all are told. */
static void spread_clash(struct touch *t)
{
    for (size_t i = 0; i < t->count; i++)
        for (size_t j = 0; t->list[i].fate == FATE_CLASHES && j < t->count; j++)
            if (t->list[j].fate == FATE_SAME && shares_word(&t->list[i], &t->list[j]))
                t->list[j].fate = FATE_CLASHES;
}

static bool find_fates(struct deciding *d, struct touch *t)
{
    bool loaded = true;
    for (size_t i = 0; i < t->count; i++) {
        struct touched *f = &t->list[i];
        if (fields_equal(d->row->message, d->change->patch, f->tag))
            f->fate = FATE_SAME;
        else if (f->rule && f->rule->together)
            loaded &= unit_fate(d, f->rule->together, &f->fate);
        else
            loaded &= stamp_fate(d, f->tag, &f->fate);
    }
    if (!loaded)
        return false;
    spread_clash(t);
    for (size_t i = 0; i < t->count; i++) {
        t->applies += t->list[i].fate == FATE_APPLIES;
        t->clashes += t->list[i].fate == FATE_CLASHES;
        t->left += t->list[i].fate == FATE_LEFT;
    }
    return true;
}

/* The state of a create was asked for before; it is never set. */
static void list_touched(struct deciding *d, struct touch *t)
{
    const uint32_t *tags;
    size_t count = fields_touched(d->change->patch, d->change->cleared, d->change->cleared_count, d->arena, &tags);
    *t = (struct touch){.list = decide_alloc(d, (count + 1) * sizeof *t->list)};
    for (size_t i = 0; i < count; i++) {
        const struct field_rule *rule = rule_of_tag(d->kind, tags[i]);
        if (!is_state(d->kind, rule))
            t->list[t->count++] = (struct touched){.tag = tags[i], .rule = rule};
    }
}

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

/* Rule 9: MERGED where another seat changed other fields since base. */
static bool others_changed(struct deciding *d, const struct touch *t, bool *out)
{
    const struct identity *who;
    bool loaded = true, others = false;
    enum writer w = writer_of(d, d->row->stamps.first, d->base, &who);
    loaded &= w != WRITER_NOT_LOADED;
    others |= w == WRITER_OTHER && (!who || who->seat != d->c->seat.number);
    for (size_t i = 0; i < d->row->stamps.count; i++) {
        const struct stamp_pair *p = &d->row->stamps.pairs[i];
        bool touched = false;
        for (size_t j = 0; j < t->count; j++)
            touched |= t->list[j].tag == p->tag;
        if (touched)
            continue;
        w = writer_of(d, p->seq, d->base, &who);
        loaded &= w != WRITER_NOT_LOADED;
        others |= w == WRITER_OTHER && (!who || who->seat != d->c->seat.number);
    }
    *out = others;
    return loaded;
}

/* ---- what applies ---- */
static bool apply_fields(struct deciding *d, const struct touch *t, bool *merged)
{
    const struct change *c = d->change;
    const ProtobufCMessage *patch = c->patch;
    const uint32_t *cleared = c->cleared, *tags;
    size_t cleared_count = c->cleared_count;
    if (t->applies < t->count || record_get_name(patch, "state").type != CELL_ABSENT) {
        size_t count = tags_of(d, t, FATE_APPLIES, &tags);
        uint32_t *kept = decide_alloc(d, (c->cleared_count + 1) * sizeof *kept);
        patch = fields_pick(c->patch, tags, count, d->arena);
        cleared_count = 0;
        for (size_t i = 0; i < c->cleared_count; i++)
            if (fields_hold(tags, count, c->cleared[i]))
                kept[cleared_count++] = c->cleared[i];
        cleared = kept;
    }
    struct effect *e = add_effect(d, d->kind, c->id, LIFE_KEEP, patch, cleared, cleared_count);
    if (!e || !others_changed(d, t, merged))
        return false;
    return result_passes(d, d->row->message, effect_over(e, d->row->message, d->arena), NULL);
}

/* ---- what clashes ---- */
/* The conflict of a word is named by the first of its fields; one field by itself. */
static const char *unit_name(const struct deciding *d, const struct touched *f)
{
    if (!f->rule || !f->rule->together)
        return field_name(d->kind, f->tag, d->arena);
    for (size_t i = 0; i < d->kind->field_count; i++)
        if (d->kind->fields[i].together && strcmp(d->kind->fields[i].together, f->rule->together) == 0)
            return d->kind->fields[i].name;
    return f->rule->name;
}

static void note_theirs(struct deciding *d, struct clash *clash, uint32_t *tags, uint32_t tag)
{
    const struct identity *who;
    uint64_t stamp = field_stamp(d->row, tag);
    enum writer w = writer_of(d, stamp, d->base, &who);
    bool named = fields_hold(clash->mine_tags, clash->mine_count, tag);
    if (w == WRITER_OTHER && stamp > clash->theirs_seq) {
        clash->theirs_seq = stamp;
        clash->theirs = who;
    }
    if (w == WRITER_OTHER || named) {
        tags[clash->theirs_count++] = tag;
        clash->sensitive |= field_is_sensitive(d->kind, tag);
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
        if (f == first || (f->fate == FATE_CLASHES && shares_word(f, first))) {
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
    return add_conflict(d, &clash);
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
static bool is_editable(struct deciding *d)
{
    const char *name = kind_state_of(d->kind, d->row->message);
    const struct state_rule *state = name ? kind_state(d->kind, name) : NULL;
    if (!name || (state && (state->flags & STATE_EDITABLE)))
        return true;
    return refuse(d, REFUSAL_NOT_EDITABLE, NULL, name, NULL, NULL);
}

static bool immutable_stays(struct deciding *d, const struct touch *t)
{
    for (size_t i = 0; i < t->count; i++) {
        const struct touched *f = &t->list[i];
        if (f->fate != FATE_SAME && f->rule && (f->rule->flags & FIELD_IMMUTABLE) && fields_present(d->row->message, f->tag))
            return refuse(d, REFUSAL_IMMUTABLE_FIELD, f->rule->name, NULL, NULL, NULL);
    }
    return true;
}

static bool set_living(struct deciding *d)
{
    struct touch t;
    bool merged = false;
    list_touched(d, &t);
    if (!find_fates(d, &t))
        return false;
    if (t.left && d->change->grouped && d->change->group_size > 1) /* all or none: the model's resolve */
        return refuse(d, REFUSAL_CHANGED_SINCE, NULL, NULL, NULL, NULL);
    if (t.applies + t.clashes == 0)
        return settle(d, VERDICT_APPLIED);
    if (!immutable_stays(d, &t) || !is_editable(d))
        return false;
    if (t.applies && !apply_fields(d, &t, &merged))
        return false;
    if (t.clashes == 0)
        return settle(d, merged ? VERDICT_MERGED : VERDICT_APPLIED);
    if (!values_pass(d) || !add_conflicts(d, &t))
        return false;
    return settle(d, VERDICT_CONFLICT);
}

/* ---- on a tombstone (rule 13) ---- */
static bool set_removed(struct deciding *d)
{
    const struct change *c = d->change;
    const uint32_t *tags;
    size_t count = fields_touched(c->patch, c->cleared, c->cleared_count, d->arena, &tags);
    if (count == 0)
        return settle(d, VERDICT_APPLIED);
    if (!values_pass(d) || !need_key(d, (struct scratch_key){.type = SCRATCH_IDENTITY, .org = c->org, .seq = d->row->seq}))
        return false;
    struct clash clash = {.field = "*", .mine_tags = tags, .mine_count = count, .theirs_seq = d->row->seq,
                          .theirs = scratch_identity(d->scratch, c->org, d->row->seq)};
    for (size_t i = 0; i < count; i++)
        clash.sensitive |= field_is_sensitive(d->kind, tags[i]);
    return add_conflict(d, &clash) && settle(d, VERDICT_CONFLICT);
}

/* What the server gave before stays the record's own. */
static void keep_numbers(struct deciding *d, ProtobufCMessage *patch)
{
    const ProtobufCFieldDescriptor *row = record_field(d->restores->message->descriptor, "row");
    struct cell kept = row ? record_get(d->restores->message, row) : (struct cell){.type = CELL_ABSENT};
    const ProtobufCMessage *before = kept.type == CELL_BYTES ? fields_unpack(d->kind->descriptor, kept.bytes, d->arena) : NULL;
    for (size_t i = 0; before && i < d->kind->field_count; i++) {
        const struct field_rule *f = &d->kind->fields[i];
        if (f->flags & FIELD_SERVER)
            record_put_name(patch, f->name, record_get_name(before, f->name), d->arena);
    }
}

/* Rule 13: only a resolve group restores, with all required fields; the state is the kind's first. */
static bool restore(struct deciding *d)
{
    ProtobufCMessage *patch = record_copy(d->change->patch, d->arena);
    CHECK(patch);
    keep_numbers(d, patch);
    if (d->kind->state_count)
        record_put_name(patch, "state", cell_text(d->kind->states[0].name), d->arena);
    if (!result_passes(d, NULL, patch, NULL) || !add_effect(d, d->kind, d->change->id, LIFE_REVIVE, patch, NULL, 0))
        return false;
    return settle(d, VERDICT_APPLIED);
}

bool decide_set(struct deciding *d)
{
    if (!d->row->dead)
        return set_living(d);
    return d->restores ? restore(d) : set_removed(d);
}

/* ---- create (rule 11) ---- */
static bool create_new(struct deciding *d)
{
    const ProtobufCMessage *patch = d->change->patch;
    if (d->kind->state_count && record_get_name(patch, "state").type == CELL_ABSENT) {
        ProtobufCMessage *with = record_copy(patch, d->arena);
        CHECK(with);
        record_put_name(with, "state", cell_text(d->kind->states[0].name), d->arena);
        patch = with;
    }
    if (!result_passes(d, NULL, patch, NULL) || !add_effect(d, d->kind, d->change->id, LIFE_KEEP, patch, NULL, 0))
        return false;
    return settle(d, VERDICT_APPLIED);
}

static bool same_values(struct deciding *d)
{
    const uint32_t *tags;
    size_t count = fields_touched(d->change->patch, NULL, 0, d->arena, &tags);
    for (size_t i = 0; i < count; i++)
        if (!fields_equal(d->row->message, d->change->patch, tags[i]))
            return false;
    return true;
}

static bool create_known(struct deciding *d)
{
    if (same_values(d))
        return settle(d, VERDICT_APPLIED);
    if (d->kind->append_only)
        return refuse(d, REFUSAL_EXISTS, NULL, NULL, NULL, NULL);
    const ProtobufCFieldDescriptor *state = record_field(d->kind->descriptor, "state");
    if (d->kind->state_count && fields_present(d->change->patch, state->id) &&
        !fields_equal(d->row->message, d->change->patch, state->id)) { /* only an action moves it */
        const char *seat, *when, *now = kind_state_of(d->kind, d->row->message);
        if (!author_texts(d, stamps_get(&d->row->stamps, state->id), &seat, &when))
            return false;
        return refuse(d, REFUSAL_STATE_MOVED, state->name, now, seat, when);
    }
    if (!kind_may(d->kind, d->c->seat.roles, RIGHT_SET))
        return refuse_right(d, NULL, "set");
    d->base = 0;
    return set_living(d);
}

bool decide_create(struct deciding *d)
{
    const char *seat, *when;
    if (!d->row->dead)
        return d->row->message ? create_known(d) : create_new(d);
    if (!author_texts(d, d->row->seq, &seat, &when)) /* rule 13: create never revives */
        return false;
    return refuse(d, REFUSAL_DELETED, NULL, seat, when, NULL);
}

/* ---- remove (rule 13) ---- */
static bool newer_stamp(struct deciding *d, uint64_t *out)
{
    const struct identity *who;
    bool loaded = true;
    for (size_t i = 0; i <= d->row->stamps.count; i++) {
        uint64_t stamp = i < d->row->stamps.count ? d->row->stamps.pairs[i].seq : d->row->stamps.first;
        enum writer w = writer_of(d, stamp, d->base, &who);
        loaded &= w != WRITER_NOT_LOADED;
        if ((w == WRITER_OTHER || w == WRITER_OWN_LATER) && stamp > *out)
            *out = stamp;
    }
    return loaded;
}

bool decide_remove(struct deciding *d)
{
    const char *seat, *when;
    uint64_t newest = 0;
    if (d->row->dead)
        return settle(d, VERDICT_APPLIED);
    if (!newer_stamp(d, &newest))
        return false;
    if (newest) {
        if (!author_texts(d, newest, &seat, &when))
            return false;
        return refuse(d, REFUSAL_CHANGED_SINCE, NULL, seat, when, NULL);
    }
    ProtobufCMessage *nothing = record_new(d->kind->descriptor, d->arena);
    CHECK(nothing);
    return add_effect(d, d->kind, d->change->id, LIFE_TOMBSTONE, nothing, NULL, 0) && settle(d, VERDICT_APPLIED);
}
