/* Rule 8, field by field: a field applies, clashes, gives way to a later value of its own author, or says what stands
 * there already. Fields that belong together share their fate. */
#include "sync/decide_fates.h"
#include <string.h>

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
    switch (decide_writer(d, decide_stamp(d->row, tag), d->base, &who)) {
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

bool fates_share_word(const struct touched *a, const struct touched *b)
{
    return a->rule && b->rule && a->rule->together && b->rule->together &&
           strcmp(a->rule->together, b->rule->together) == 0;
}

/* Values that stand there already stay as they are, unless the others of their word clash: then all are told. */
static void spread_clash(struct touch *t)
{
    for (size_t i = 0; i < t->count; i++)
        for (size_t j = 0; t->list[i].fate == FATE_CLASHES && j < t->count; j++)
            if (t->list[j].fate == FATE_SAME && fates_share_word(&t->list[i], &t->list[j]))
                t->list[j].fate = FATE_CLASHES;
}

bool fates_find(struct deciding *d, struct touch *t)
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

bool decide_is_author(const struct kind *k, uint32_t tag)
{
    const struct field_rule *f = rule_of_tag(k, tag);
    return f && (f->flags & FIELD_AUTHOR);
}

/* The state of a create was asked for before; it is never set. Nor is who entered a record: that is whoever was first. */
void fates_list(struct deciding *d, struct touch *t)
{
    const uint32_t *tags;
    size_t count = fields_touched(d->change->patch, d->change->cleared, d->change->cleared_count, d->arena, &tags);
    *t = (struct touch){.list = decide_alloc(d, (count + 1) * sizeof *t->list)};
    for (size_t i = 0; i < count; i++) {
        const struct field_rule *rule = rule_of_tag(d->kind, tags[i]);
        if (!is_state(d->kind, rule) && !(rule && (rule->flags & FIELD_AUTHOR)))
            t->list[t->count++] = (struct touched){.tag = tags[i], .rule = rule};
    }
}

bool fates_others_changed(struct deciding *d, const struct touch *t, bool *out)
{
    const struct identity *who;
    bool loaded = true, others = false;
    enum writer w = decide_writer(d, d->row->stamps.first, d->base, &who);
    loaded &= w != WRITER_NOT_LOADED;
    others |= w == WRITER_OTHER && (!who || who->seat != d->c->seat.number);
    for (size_t i = 0; i < d->row->stamps.count; i++) {
        const struct stamp_pair *p = &d->row->stamps.pairs[i];
        bool touched = false;
        for (size_t j = 0; j < t->count; j++)
            touched |= t->list[j].tag == p->tag;
        if (touched)
            continue;
        w = decide_writer(d, p->seq, d->base, &who);
        loaded &= w != WRITER_NOT_LOADED;
        others |= w == WRITER_OTHER && (!who || who->seat != d->c->seat.number);
    }
    *out = others;
    return loaded;
}
