/* What of an entry a seat may see (rules 22, 31): per effect by the rights on its kind, and of the change inside by the
 * rights on its own. Invariant: what is left out takes change and salt with it, or its hash could be guessed from the
 * rest. An effect that loses all its fields stays: it moves the row's seq, which the open digest counts. */
#include "sync/chain.h"
#include "sync/effect.h"
#include "sync/fields.h"
#include <string.h>

static bool tag_is_open(const struct kind *k, uint32_t tag)
{
    const ProtobufCFieldDescriptor *d = record_field_tag(k->descriptor, tag);
    const struct field_rule *f = d ? kind_field(k, d->name) : NULL;
    return f && !(f->flags & FIELD_SENSITIVE);
}

static bool is_record(const struct strip_record *record, uint32_t kind, struct id id)
{
    return record && record->kind == kind && id_equal(record->id, id);
}

/* Of a conflict record that is not named by record_kind (its own state moved) nothing is told but its id: open. */
static enum access effect_access(const struct effect *e, role_set roles, const struct strip_record *record)
{
    if (!e->kind)
        return ACCESS_NONE;
    if (e->kind_number == KIND_CONFLICT && record_get_name(e->patch, "record_kind").type == CELL_ABSENT)
        return ACCESS_OPEN;
    if (is_record(record, e->kind_number, e->id))
        return record->access;
    return kind_access(e->kind, e->patch, roles);
}

/* Takes sensitive fields out of the effect; true if anything went. */
static bool strip_effect(struct effect *e, struct arena *arena)
{
    ProtobufCMessage *patch = record_copy(e->patch, arena);
    uint32_t *cleared = arena_alloc(arena, (e->cleared_count + 1) * sizeof *cleared);
    size_t kept = 0;
    CHECK(patch && cleared);
    bool any = kind_strip(e->kind, patch, ACCESS_OPEN, arena);
    for (size_t i = 0; i < e->cleared_count; i++)
        if (tag_is_open(e->kind, e->cleared[i]))
            cleared[kept++] = e->cleared[i];
    if (!any && kept == e->cleared_count)
        return false;
    e->patch = patch;
    e->patch_bytes = fields_pack(patch, arena);
    e->cleared = cleared;
    e->cleared_count = kept;
    return true;
}

bool change_strip(struct change *c, enum access access, struct arena *arena)
{
    struct effect as = {.kind = c->kind, .patch = c->patch, .cleared = c->cleared, .cleared_count = c->cleared_count};
    bool went = access == ACCESS_OPEN && strip_effect(&as, arena);
    c->patch = as.patch;
    c->cleared = as.cleared;
    c->cleared_count = as.cleared_count;
    c->nonce = (struct slice){0};
    CHECK(change_pack(c, arena) == ERR_OK); /* shorter than it came */
    return went;
}

enum sight { SIGHT_WHOLE, SIGHT_PARTS, SIGHT_NOTHING };

static enum sight sight_of_change(const struct entry *e, role_set roles, const struct strip_record *record,
                                  struct arena *arena)
{
    struct change c;
    if (e->change.size == 0)
        return e->stripped ? SIGHT_NOTHING : SIGHT_WHOLE; /* without effects there is nothing to judge it by */
    if (change_open(e->change, arena, &c) != ERR_OK || !c.kind)
        return SIGHT_NOTHING;
    if (c.kind_number == KIND_CONFLICT)
        return record_is_empty(c.patch) ? SIGHT_WHOLE : SIGHT_NOTHING;
    bool known = is_record(record, c.kind_number, c.id);
    enum access access = known ? record->access : kind_access(c.kind, c.patch, roles);
    if (access < ACCESS_OPEN)
        return SIGHT_NOTHING;
    struct effect as = {.kind = c.kind, .patch = c.patch, .cleared = c.cleared, .cleared_count = c.cleared_count};
    return access == ACCESS_FULL || !strip_effect(&as, arena) ? SIGHT_WHOLE : SIGHT_PARTS;
}

/* Cuts the effects down to what may be seen. */
static enum sight strip_effects(struct effects *effects, role_set roles, const struct strip_record *record,
                                struct arena *arena)
{
    size_t kept = 0, count = effects->count;
    bool changed = false;
    for (size_t i = 0; i < count; i++) {
        struct effect one = effects->list[i];
        enum access access = effect_access(&one, roles, record);
        if (access < ACCESS_OPEN)
            continue;
        if (access == ACCESS_OPEN && strip_effect(&one, arena))
            changed = true;
        effects->list[kept++] = one;
    }
    effects->count = kept;
    if (kept == 0)
        return SIGHT_NOTHING;
    return changed || kept < count ? SIGHT_PARTS : SIGHT_WHOLE;
}

static void empty_out(struct entry *e)
{
    struct entry out = {.seq = e->seq, .stripped = true};
    memcpy(out.chain, e->chain, sizeof out.chain);
    memcpy(out.entry_hash, e->entry_hash, sizeof out.entry_hash);
    *e = out;
}

void entry_strip(struct entry *e, role_set roles, struct arena *arena)
{
    entry_strip_of(e, roles, NULL, arena);
}

void entry_strip_of(struct entry *e, role_set roles, const struct strip_record *record, struct arena *arena)
{
    struct effects effects;
    effects.count = 0;
    if (effects_open(e->effects, arena, &effects) != ERR_OK) {
        empty_out(e);
        return;
    }
    enum sight change = sight_of_change(e, roles, record, arena);
    enum sight result = effects.count ? strip_effects(&effects, roles, record, arena) : change;
    if (result == SIGHT_NOTHING) {
        empty_out(e);
        return;
    }
    if (result == SIGHT_WHOLE && (change == SIGHT_WHOLE || e->stripped))
        return;
    e->stripped = true;
    e->effects = effects_pack(&effects, arena);
    e->change = e->salt = (struct slice){0};
    memset(e->argument, 0, sizeof e->argument); /* a rule's reason may quote the value */
}
