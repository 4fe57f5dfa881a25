/* See oracle_model.h. Shares no code with what decides. */
#include "tests/sim/oracle_model.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

struct by {
    uint64_t seq, n;
    uint32_t seat;
    struct incarnation incarnation;
    uint8_t hash[HASH_SIZE];
};

struct field {
    uint32_t tag;
    struct by by;
    enum cell_type type; /* CELL_ABSENT: empty */
    int64_t integer;
    struct buf bytes;
};

struct record {
    struct id id;
    bool dead;
    struct by made, removed;
    struct field *fields;
    size_t count, capacity;
    UT_hash_handle hh;
};

struct forked {
    struct incarnation incarnation, parent;
    uint64_t fork_n;
    UT_hash_handle hh;
};

struct model {
    struct record *records;
    struct forked *forks;
    struct circumstances now; /* of the change that is foretold */
};

struct model *model_create(void)
{
    struct model *m = calloc(1, sizeof *m);
    CHECK(m);
    return m;
}

void model_destroy(struct model *m)
{
    struct record *r, *next;
    struct forked *f, *after;
    HASH_ITER(hh, m->records, r, next) {
        for (size_t i = 0; i < r->count; i++)
            buf_finish(&r->fields[i].bytes);
        free(r->fields);
        HASH_DEL(m->records, r);
        free(r);
    }
    HASH_ITER(hh, m->forks, f, after) {
        HASH_DEL(m->forks, f);
        free(f);
    }
    free(m);
}

void model_incarnation(struct model *m, struct incarnation i, struct incarnation parent, uint64_t fork_n)
{
    struct forked *f = calloc(1, sizeof *f);
    CHECK(f);
    *f = (struct forked){.incarnation = i, .parent = parent, .fork_n = fork_n};
    HASH_ADD(hh, m->forks, incarnation, sizeof f->incarnation, f);
}

/* ---- records ---- */

static struct record *find(struct model *m, struct id id)
{
    struct record *r;
    HASH_FIND(hh, m->records, &id, sizeof id, r);
    return r;
}

static struct field *field_of(struct record *r, uint32_t tag)
{
    for (size_t i = 0; i < r->count; i++)
        if (r->fields[i].tag == tag)
            return &r->fields[i];
    if (r->count == r->capacity) {
        r->capacity = r->capacity ? 2 * r->capacity : 8;
        r->fields = realloc(r->fields, r->capacity * sizeof *r->fields);
        CHECK(r->fields);
    }
    r->fields[r->count] = (struct field){.tag = tag, .type = CELL_ABSENT};
    return &r->fields[r->count++];
}

static bool holds(const struct field *f, struct cell c)
{
    if (f->type != c.type || c.type == CELL_ABSENT)
        return f->type == c.type;
    bool is_number = c.bytes.data == NULL && c.bytes.size == 0 && f->bytes.size == 0;
    return is_number ? f->integer == c.integer : slice_equal(buf_slice(&f->bytes), c.bytes);
}

static void put(struct field *f, struct cell c, struct by by)
{
    f->type = c.type;
    f->integer = c.integer;
    f->bytes.size = 0;
    buf_append_slice(&f->bytes, c.bytes);
    f->by = by;
}

/* ---- rule 8 ---- */

static bool same(struct incarnation a, struct incarnation b)
{
    return memcmp(a.bytes, b.bytes, sizeof a.bytes) == 0;
}

/* The change's own writing: its incarnation's, or before the fork its parent's. */
static bool is_own(const struct model *m, const struct entry *e, const struct by *by)
{
    struct incarnation mine = e->identity.incarnation;
    uint64_t below = UINT64_MAX;
    if (by->seat != e->identity.seat)
        return false;
    for (;;) {
        struct forked *f;
        if (same(mine, by->incarnation))
            return by->n < below;
        HASH_FIND(hh, m->forks, &mine, sizeof mine, f);
        if (!f)
            return false;
        below = f->fork_n < below ? f->fork_n : below;
        mine = f->parent;
    }
}

/* What stood on the base's path before it was left, and came back late, its author saw there. */
static bool was_seen(const struct model *m, const struct by *by)
{
    return m->now.seen && m->now.seen(m->now.to, by->hash);
}

static bool is_foreign(const struct model *m, const struct entry *e, uint64_t base, const struct by *by)
{
    return by->seq > base && !is_own(m, e, by) && !was_seen(m, by);
}

static bool is_later(const struct entry *e, uint64_t base, const struct by *by)
{
    return by->seq > base && by->seat == e->identity.seat && same(by->incarnation, e->identity.incarnation) && by->n > e->identity.n;
}

/* ---- a change's fields ---- */

struct touched {
    uint32_t tag;
    struct cell value; /* absent: emptied */
    const char *together;
};

static const char *together_of(const struct kind *k, const char *name)
{
    for (size_t i = 0; i < k->field_count; i++)
        if (strcmp(k->fields[i].name, name) == 0)
            return k->fields[i].together;
    return NULL;
}

static size_t list_touched(const struct change *c, struct touched out[64])
{
    size_t count = 0;
    const ProtobufCMessageDescriptor *d = c->kind->descriptor;
    for (unsigned i = 0; i < d->n_fields && count < 64; i++) {
        struct cell value = record_get(c->patch, &d->fields[i]);
        bool cleared = false;
        for (size_t j = 0; j < c->cleared_count; j++)
            cleared = cleared || c->cleared[j] == d->fields[i].id;
        if (cleared || value.type != CELL_ABSENT)
            out[count++] = (struct touched){d->fields[i].id, cleared ? (struct cell){.type = CELL_ABSENT} : value, together_of(c->kind, d->fields[i].name)};
    }
    return count;
}

/* What went with the state that is left is emptied as if the change had said so. */
static size_t list_ended(const struct change *c, struct record *r, struct touched list[64], size_t count)
{
    for (size_t i = 0; i < c->kind->field_count && count < 64; i++) {
        const struct field_rule *f = &c->kind->fields[i];
        uint32_t tag = record_field(c->kind->descriptor, f->name)->id;
        bool named = false;
        for (size_t j = 0; j < count; j++)
            named = named || list[j].tag == tag;
        if (f->ended_by && strcmp(f->ended_by, c->action) == 0 && !named && field_of(r, tag)->type != CELL_ABSENT)
            list[count++] = (struct touched){tag, (struct cell){.type = CELL_ABSENT}, NULL};
    }
    return count;
}

/* ---- rules 9 to 14 ---- */

static void refuse(struct foresight *out, const char *code)
{
    *out = (struct foresight){.verdict = FORETOLD_REFUSED, .code = code};
}

enum fate { FATE_SAME, FATE_APPLIES, FATE_LEFT, FATE_CLASHES };

/* Fields that belong together share it. */
static enum fate fate_of(struct model *m, const struct entry *e, const struct change *c, struct record *r, const struct touched *t, uint64_t base)
{
    bool foreign = false, later = false;
    if (holds(field_of(r, t->tag), t->value))
        return FATE_SAME;
    for (unsigned i = 0; i < c->kind->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *f = &c->kind->descriptor->fields[i];
        const char *word = together_of(c->kind, f->name);
        bool counts = f->id == t->tag || (t->together && word && strcmp(word, t->together) == 0);
        foreign = foreign || (counts && is_foreign(m, e, base, &field_of(r, f->id)->by));
        later = later || (counts && is_later(e, base, &field_of(r, f->id)->by));
    }
    return foreign ? FATE_CLASHES : later ? FATE_LEFT : FATE_APPLIES;
}

static bool touches(const struct touched *list, size_t count, uint32_t tag)
{
    for (size_t i = 0; i < count; i++)
        if (list[i].tag == tag)
            return true;
    return false;
}

/* Others have changed other fields since. */
static bool is_merged(struct model *m, const struct entry *e, struct record *r, const struct touched *list, size_t count, uint64_t base)
{
    bool merged = is_foreign(m, e, base, &r->made) && r->made.seat != e->identity.seat;
    for (size_t i = 0; i < r->count; i++) {
        const struct field *f = &r->fields[i];
        merged = merged || (!touches(list, count, f->tag) && is_foreign(m, e, base, &f->by) && f->by.seat != e->identity.seat);
    }
    return merged;
}

static void foretell_set(struct model *m, const struct entry *e, const struct change *c, struct record *r, uint64_t base, struct foresight *out)
{
    struct touched list[64];
    size_t count = list_touched(c, list);
    *out = (struct foresight){.verdict = FORETOLD_APPLIED};
    for (size_t i = 0; i < count; i++) {
        enum fate fate = r->dead ? FATE_CLASHES : fate_of(m, e, c, r, &list[i], base);
        if (fate == FATE_CLASHES)
            out->clashes[out->clash_count++] = list[i].tag;
        if (fate == FATE_APPLIES)
            out->applies[out->apply_count++] = list[i].tag;
    }
    if (out->clash_count)
        out->verdict = FORETOLD_CONFLICT;
    else if (out->apply_count && is_merged(m, e, r, list, count, base))
        out->verdict = FORETOLD_MERGED;
}

static bool equals(struct record *r, const struct touched *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!holds(field_of(r, list[i].tag), list[i].value))
            return false;
    return true;
}

/* PROTOCOL.md 12: whose id follows from what it is about, made again by somebody who knows of the removal, or whose own it was. */
static bool comes_again(const struct model *m, const struct entry *e, const struct change *c, const struct record *r)
{
    bool follows = c->kind->identity_key && !c->kind->identity_some;
    return follows && !is_foreign(m, e, c->base, &r->removed) && !is_later(e, c->base, &r->removed);
}

static void foretell_create(struct model *m, const struct entry *e, const struct change *c, struct record *r, struct foresight *out)
{
    struct touched list[64];
    size_t count = list_touched(c, list);
    *out = (struct foresight){.verdict = FORETOLD_APPLIED};
    if (r && r->dead && comes_again(m, e, c, r)) {
        for (size_t i = 0; i < count; i++)
            out->applies[out->apply_count++] = list[i].tag;
    } else if (r && r->dead) {
        refuse(out, "DELETED");
    } else if (r && equals(r, list, count)) {
        return;
    } else if (r && c->kind->append_only) {
        refuse(out, "EXISTS");
    } else if (r) {
        foretell_set(m, e, c, r, 0, out);
    } else {
        for (size_t i = 0; i < count; i++)
            out->applies[out->apply_count++] = list[i].tag;
    }
}

static const char *state_of(struct record *r, const struct kind *k)
{
    const ProtobufCFieldDescriptor *f = record_field(k->descriptor, "state");
    struct field *state = f ? field_of(r, f->id) : NULL;
    return state && state->type != CELL_ABSENT ? buf_c_string(&state->bytes) : "";
}

static bool may_leave(const struct kind *k, const char *action, const char *state)
{
    for (size_t i = 0; i < k->action_count; i++)
        if (strcmp(k->actions[i].name, action) == 0)
            for (const char *const *from = k->actions[i].from; *from; from++)
                if (strcmp(*from, state) == 0)
                    return true;
    return false;
}

/* Rule 16: who ends a conflict has seen what stands in it. A later value that came into it since is somebody else's to look at. */
static bool was_told_anew(struct model *m, const struct entry *e, const struct change *c, struct record *r)
{
    for (size_t i = 0; c->kind->number == KIND_CONFLICT && i < r->count; i++)
        if (is_foreign(m, e, c->base, &r->fields[i].by))
            return true;
    return false;
}

/* Rule 10: who approves has seen what stands there, whatever became of its state. */
static bool is_approved_unseen(struct model *m, const struct entry *e, const struct change *c, struct record *r)
{
    static const char *const approvals[][2] = {{"work_plan", "adopted"}, {"policy_limit", "in_force"}};
    const ProtobufCFieldDescriptor *state = record_field(c->kind->descriptor, "state");
    bool approves = false, unseen = is_foreign(m, e, c->base, &r->made) || is_later(e, c->base, &r->made);
    for (size_t i = 0; i < 2; i++)
        approves = approves || (strcmp(c->kind->name, approvals[i][0]) == 0 && strcmp(c->action, approvals[i][1]) == 0);
    for (size_t i = 0; approves && i < r->count; i++)
        unseen = unseen || (r->fields[i].tag != state->id && (is_foreign(m, e, c->base, &r->fields[i].by) || is_later(e, c->base, &r->fields[i].by)));
    return approves && unseen;
}

static void foretell_act(struct model *m, const struct entry *e, const struct change *c, struct record *r, struct foresight *out)
{
    struct touched list[64];
    size_t count = list_touched(c, list);
    *out = (struct foresight){.verdict = FORETOLD_APPLIED};
    if (r->dead) {
        refuse(out, "STATE_MOVED");
        return;
    }
    const char *state = state_of(r, c->kind);
    const ProtobufCFieldDescriptor *f = record_field(c->kind->descriptor, "state");
    const struct by *moved = f ? &field_of(r, f->id)->by : NULL;
    bool late_clashes = moved && (is_foreign(m, e, c->base, moved) || is_later(e, c->base, moved)); /* rule 27: in place of the from-list */
    bool ends = c->kind->number == KIND_CONFLICT; /* rule 16: of two that end it at once the second is refused */
    if (!ends && strcmp(state, c->action) == 0 && equals(r, list, count))
        return;
    if ((m->now.late && !ends ? late_clashes : !may_leave(c->kind, c->action, state)) || was_told_anew(m, e, c, r)) {
        refuse(out, "STATE_MOVED");
        return;
    }
    if (is_approved_unseen(m, e, c, r)) {
        refuse(out, "CHANGED_SINCE");
        return;
    }
    count = list_ended(c, r, list, count);
    for (size_t i = 0; i < count; i++)
        if (!holds(field_of(r, list[i].tag), list[i].value) && is_foreign(m, e, c->base, &field_of(r, list[i].tag)->by)) {
            refuse(out, "CHANGED_SINCE");
            return;
        }
    for (size_t i = 0; i < count; i++)
        out->applies[out->apply_count++] = list[i].tag;
}

static void foretell_remove(struct model *m, const struct entry *e, const struct change *c, struct record *r, struct foresight *out)
{
    bool newer = is_foreign(m, e, c->base, &r->made) || is_later(e, c->base, &r->made);
    *out = (struct foresight){.verdict = FORETOLD_APPLIED};
    if (r->dead)
        return;
    for (size_t i = 0; i < r->count; i++)
        newer = newer || is_foreign(m, e, c->base, &r->fields[i].by) || is_later(e, c->base, &r->fields[i].by);
    if (newer)
        refuse(out, "CHANGED_SINCE");
}

bool model_made(struct model *m, struct id id, uint32_t seat)
{
    struct record *r = find(m, id);
    return r && r->made.seat == seat;
}

void model_foretell(struct model *m, const struct entry *e, const struct change *c, const struct circumstances *now, struct foresight *out)
{
    struct record *r = find(m, c->id);
    m->now = *now;
    if (now->was_refused)
        refuse(out, NULL);
    else if (c->kind->append_only && c->op != OP_CREATE)
        refuse(out, "IMMUTABLE");
    else if (c->op == OP_CREATE)
        foretell_create(m, e, c, r, out);
    else if (!r)
        refuse(out, "UNKNOWN_RECORD");
    else if (c->op == OP_SET)
        foretell_set(m, e, c, r, c->base, out);
    else if (c->op == OP_ACT)
        foretell_act(m, e, c, r, out);
    else
        foretell_remove(m, e, c, r, out);
}

bool model_is_dead(struct model *m, struct id id)
{
    struct record *r = find(m, id);
    return r && r->dead;
}

bool model_holds(const struct model *m, struct id id, uint32_t tag, struct cell value)
{
    struct record *r;
    HASH_FIND(hh, m->records, &id, sizeof id, r);
    for (size_t i = 0; r && i < r->count; i++)
        if (r->fields[i].tag == tag)
            return holds(&r->fields[i], value);
    return value.type == CELL_ABSENT;
}

/* ---- what happened ---- */

static void take_effect(struct model *m, const struct effect *effect, struct by by)
{
    struct record *r = find(m, effect->id);
    if (!effect->kind)
        return;
    if (!r) {
        r = calloc(1, sizeof *r);
        CHECK(r);
        r->id = effect->id;
        r->made = by;
        HASH_ADD(hh, m->records, id, sizeof r->id, r);
    }
    if (effect->life != LIFE_KEEP) {
        for (size_t i = 0; i < r->count; i++)
            buf_finish(&r->fields[i].bytes);
        r->count = 0;
        r->dead = effect->life == LIFE_TOMBSTONE;
        *(r->dead ? &r->removed : &r->made) = by;
    }
    const ProtobufCMessageDescriptor *d = effect->kind->descriptor;
    for (unsigned i = 0; i < d->n_fields && !r->dead; i++) {
        struct cell value = record_get(effect->patch, &d->fields[i]);
        if (value.type != CELL_ABSENT)
            put(field_of(r, d->fields[i].id), value, by);
    }
    for (size_t i = 0; i < effect->cleared_count && !r->dead; i++)
        put(field_of(r, effect->cleared[i]), (struct cell){.type = CELL_ABSENT}, by);
}

void model_take(struct model *m, const struct entry *e, const struct effects *effects)
{
    struct by by = {e->seq, e->identity.n, e->identity.seat, e->identity.incarnation, {0}};
    memcpy(by.hash, e->identity.hash, sizeof by.hash);
    for (size_t i = 0; i < effects->count; i++)
        take_effect(m, &effects->list[i], by);
}
