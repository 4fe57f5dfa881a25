/* The ladder: rule 7's order, one step after the other, each with its rule. The first that does not let the change pass
 * gives the verdict. Invariant: rows are only read; what a step lacks it names, and then no verdict stands. */
#include "base/limits.h"
#include "conflict.pb-c.h"
#include "sync/decide_parts.h"
#include <string.h>

void *decide_alloc(struct deciding *d, size_t size)
{
    void *out = arena_alloc(d->arena, size);
    CHECK(out);
    return out;
}

static const char *decide_text(struct deciding *d, const char *text)
{
    const char *out = arena_text(d->arena, slice_text(text));
    CHECK(out);
    return out;
}

bool decide_refuse(struct deciding *d, const char *code, const char *field, const char *a0, const char *a1,
                   const char *a2)
{
    d->out->verdict = VERDICT_REFUSED;
    d->out->code = code;
    d->out->field = field;
    const char *const arguments[] = {a0, a1, a2};
    for (size_t i = 0; i < 3; i++) /* copied: some point into rows, which may go before the decision does */
        d->out->argument[i] = arguments[i] ? decide_text(d, arguments[i]) : NULL;
    d->out->effects.count = 0;
    d->out->conflict_count = 0;
    return false;
}

bool decide_refuse_right(struct deciding *d, const char *field, const char *what)
{
    return decide_refuse(d, REFUSAL_RIGHT, field, what, NULL, NULL);
}

bool decide_settle(struct deciding *d, enum verdict verdict)
{
    d->out->verdict = verdict;
    return false;
}

bool decide_need(struct deciding *d, struct scratch_key key)
{
    if (scratch_has(d->scratch, &key))
        return true;
    scratch_keys_add(d->missing, key);
    return false;
}

bool decide_need_row(struct deciding *d, uint32_t kind, struct id id)
{
    return decide_need(d, (struct scratch_key){.type = SCRATCH_ROW, .kind = kind, .id = id});
}

struct effect *decide_effect(struct deciding *d, const struct kind *k, struct id id, enum life life,
                             const ProtobufCMessage *patch, const uint32_t *cleared, size_t cleared_count)
{
    struct effects *effects = &d->out->effects;
    if (effects->count == EFFECTS_MAX) {
        decide_refuse(d, REFUSAL_TOO_LONG, NULL, NULL, NULL, NULL);
        return NULL;
    }
    struct effect *e = &effects->list[effects->count++];
    *e = (struct effect){.kind_number = k->number,
                         .kind = k,
                         .id = id,
                         .patch = patch,
                         .life = life,
                         .cleared = cleared,
                         .cleared_count = cleared_count};
    if (patch == d->change->patch)
        e->patch_bytes = d->change->patch_bytes;
    else
        e->patch_bytes = fields_pack(patch, d->arena);
    return e;
}

/* ---- rule 7: seat, org, rights ---- */
static bool seat_is_active(struct deciding *d)
{
    if (d->c->seat.state == SEAT_REVOKED)
        return decide_refuse(d, REFUSAL_SEAT_REVOKED, NULL, NULL, NULL, NULL); /* rule 32 */
    if (d->c->seat.state != SEAT_ACTIVE)
        return decide_refuse(d, REFUSAL_SEAT_SUSPENDED, NULL, NULL, NULL, NULL);
    return true;
}

/* Who hands a change in for somebody else stands for it; but only a seat's own people do, and what is said to have come from it did. */
static bool for_seat_fits(struct deciding *d)
{
    if (d->change->for_seat && !d->c->for_seat.of_org)
        return decide_refuse(d, REFUSAL_FOR_SEAT, NULL, NULL, NULL, NULL);
    bool fits = !d->change->origin.given || d->c->for_seat.proven;
    return fits || decide_refuse(d, REFUSAL_ORIGIN, NULL, NULL, NULL, NULL);
}

static bool org_is_reached(struct deciding *d)
{
    if (!d->c->org.in_subtree || d->c->org.number != d->change->org)
        return decide_refuse(d, REFUSAL_ORG, NULL, NULL, NULL, NULL);
    return true;
}

static bool kind_is_known(struct deciding *d)
{
    if (!d->kind)
        return decide_refuse(d, REFUSAL_UNKNOWN_KIND, NULL, NULL, NULL, NULL);
    return true;
}

static bool org_owns_kind(struct deciding *d)
{
    bool fits = d->kind->owner == OWNER_ANY || (d->kind->owner == OWNER_BRANCH) == d->c->org.leaf;
    return fits || decide_refuse(d, REFUSAL_ORG, NULL, NULL, NULL, NULL);
}

/* Did the seat enter it? As it was, where it is removed. */
bool decide_is_own(struct deciding *d, const struct kind *k, struct id id)
{
    if (!decide_need_row(d, k->number, id))
        return false;
    const struct scratch_row *row = scratch_row(d->scratch, k->number, id);
    uint32_t author = kind_author(k, row->message ? row->message : row->removed);
    uint32_t other = d->c->for_seat.revoked ? d->change->for_seat : 0;
    return author && (author == d->c->seat.number || author == other);
}

bool decide_may(struct deciding *d, enum right right)
{
    role_set roles = d->c->seat.roles;
    return d->c->late || kind_may(d->kind, roles, right) ||
           (kind_may_own(d->kind, roles, right) && decide_is_own(d, d->kind, d->change->id));
}

/* Fields that the conflict is about, which the same group ends. */
static bool is_of_conflict(const struct deciding *d, const struct field_rule *f)
{
    const Record__Conflict *c = d->resolves ? (const Record__Conflict *)d->resolves->message : NULL;
    const struct field_rule *named = c && c->field ? kind_field(d->kind, c->field) : NULL;
    return named && (f == named || (f->together && named->together && strcmp(f->together, named->together) == 0));
}

/* Who may write a field may read it (rule 31). */
static bool may_write_field(struct deciding *d, const struct field_rule *f, enum right right)
{
    role_set roles = d->c->seat.roles;
    enum access access = kind_access(d->kind, NULL, roles);
    if (access < ((f->flags & FIELD_SENSITIVE) ? ACCESS_FULL : ACCESS_OPEN))
        return false;
    /* Rule 16: who may end it chooses. Of a record that nobody sets one of the two values stays; a third is another record. */
    if (is_of_conflict(d, f) && kind_is_set_by_nobody(d->kind))
        return kind_may_resolve(d->kind, roles, f->name) && decide_is_offered(d, f->name);
    if (right == RIGHT_SET && (f->flags & FIELD_MENDED))
        return kind_may_mend(d->kind, roles, f, false) || (kind_may_mend(d->kind, roles, f, true) && decide_is_own(d, d->kind, d->change->id));
    return f->who ? kind_may_set_field(d->kind, roles, f) : decide_may(d, right);
}

const struct field_rule *decide_rule(const struct kind *k, const ProtobufCFieldDescriptor *field)
{
    size_t i = (size_t)(field - k->descriptor->fields);
    if (i < k->field_count && strcmp(k->fields[i].name, field->name) == 0)
        return &k->fields[i];
    return kind_field(k, field->name);
}

static bool touches(const struct change *c, const ProtobufCFieldDescriptor *field)
{
    return record_get(c->patch, field).type != CELL_ABSENT || fields_hold(c->cleared, c->cleared_count, field->id);
}

static bool may_write_fields(struct deciding *d, enum right right)
{
    const ProtobufCMessageDescriptor *m = d->kind->descriptor;
    for (unsigned i = 0; i < m->n_fields; i++) {
        const struct field_rule *f = touches(d->change, &m->fields[i]) ? decide_rule(d->kind, &m->fields[i]) : NULL;
        if (f && !may_write_field(d, f, right))
            return decide_refuse_right(d, f->name, right == RIGHT_ADD ? "add" : "set");
    }
    return true;
}

/* Fields may have writers of their own; whoever sets nothing but what this build does not know must be one of the
 * kind's. */
static bool may_set(struct deciding *d)
{
    const ProtobufCMessageDescriptor *m = d->kind->descriptor;
    bool own_writers = false;
    for (unsigned i = 0; i < m->n_fields && !own_writers; i++) {
        const struct field_rule *f = touches(d->change, &m->fields[i]) ? decide_rule(d->kind, &m->fields[i]) : NULL;
        own_writers = f && (f->who || (f->flags & FIELD_MENDED) || is_of_conflict(d, f));
    }
    bool unknown = fields_name_unknown(d->change->patch, d->change->cleared, d->change->cleared_count);
    if ((unknown || !own_writers) && !decide_may(d, RIGHT_SET))
        return decide_refuse_right(d, NULL, "set");
    return may_write_fields(d, RIGHT_SET);
}

static bool may_act(struct deciding *d)
{
    role_set roles = d->c->seat.roles;
    const char *action = d->change->action;
    return kind_may_act(d->kind, roles, action) ||
           (kind_may_act_own(d->kind, roles, action) && decide_is_own(d, d->kind, d->change->id));
}

/* Conflict records have no rights of their own: nobody adds, sets or removes them, decide_act asks who may resolve. */
static bool seat_may(struct deciding *d)
{
    role_set roles = d->c->seat.roles;
    if (kind_access(d->kind, NULL, roles) < ACCESS_OPEN)
        return decide_refuse_right(d, NULL, NULL);
    switch (d->change->op) {
    case OP_CREATE:
        if (!kind_may(d->kind, roles, RIGHT_ADD))
            return decide_refuse_right(d, NULL, "add");
        return may_write_fields(d, RIGHT_ADD);
    case OP_SET:
        return may_set(d);
    case OP_REMOVE:
        return decide_may(d, RIGHT_REMOVE) || decide_refuse_right(d, NULL, "remove");
    case OP_ACT:
        if (!kind_action(d->kind, d->change->action))
            return decide_refuse(d, REFUSAL_UNKNOWN_ACTION, NULL, d->change->action, NULL, NULL);
        return may_act(d) || decide_refuse_right(d, NULL, d->change->action);
    case OP_ERASE: /* rule 29: by the server's own command alone */
        break;
    }
    return decide_refuse_right(d, NULL, NULL);
}

/* ---- rule 7: form ---- */
/* An import of what already is may enter a state later than the first, with what the step to it would have brought. */
static bool came_with_state(const struct change *c, const char *field)
{
    struct cell state = record_get_name(c->patch, "state");
    const struct action_rule *a = state.type == CELL_TEXT ? kind_action(c->kind, (const char *)state.bytes.data) : NULL;
    return a && kind_step_brings(a, field);
}

static bool is_entry_state(const struct kind *k, struct cell state)
{
    const struct state_rule *s = state.type == CELL_TEXT ? kind_state(k, (const char *)state.bytes.data) : NULL;
    return s && (s == k->states || (s->flags & STATE_ENTRY));
}

/* The seat that enters a record stands in it for good; a record that is restored keeps its own. */
static bool author_fits(struct deciding *d, const struct field_rule *f)
{
    if (d->restores)
        return true;
    if (d->change->op != OP_CREATE)
        return decide_refuse(d, REFUSAL_IMMUTABLE_FIELD, f->name, NULL, NULL, NULL);
    uint32_t author = kind_author(d->kind, d->change->patch);
    bool fits = author && (author == d->c->seat.number || author == d->change->for_seat);
    return fits || decide_refuse(d, REFUSAL_SERVER_FIELD, f->name, NULL, NULL, NULL);
}

static bool names_author(struct deciding *d)
{
    const struct field_rule *f = d->change->op == OP_CREATE ? kind_author_field(d->kind) : NULL;
    return !f || kind_author(d->kind, d->change->patch) ||
           decide_refuse(d, REFUSAL_REQUIRED, f->name, NULL, NULL, NULL);
}

/* A step's date is set right, not emptied. Whether the step was taken is seen on the row. */
static bool may_be_mended(const struct change *c, const ProtobufCFieldDescriptor *field, const struct field_rule *f)
{
    return c->op == OP_SET && (f->flags & FIELD_MENDED) && !fields_hold(c->cleared, c->cleared_count, field->id);
}

static bool field_form_fits(struct deciding *d, const ProtobufCFieldDescriptor *field)
{
    const struct change *c = d->change;
    const struct field_rule *f = decide_rule(d->kind, field);
    if (!f)
        return decide_refuse(d, REFUSAL_UNKNOWN_FIELD, NULL, field->name, NULL, NULL);
    if (d->kind->state_count && strcmp(f->name, "state") == 0) {
        bool enters = c->op == OP_CREATE && is_entry_state(d->kind, record_get(c->patch, field));
        return enters || decide_refuse(d, REFUSAL_STATE_FIELD, f->name, NULL, NULL, NULL);
    }
    if (f->flags & FIELD_AUTHOR)
        return author_fits(d, f);
    if (f->flags & FIELD_SERVER)
        return decide_refuse(d, REFUSAL_SERVER_FIELD, f->name, NULL, NULL, NULL);
    if ((f->flags & FIELD_SIDE) && !(c->op == OP_CREATE && came_with_state(c, f->name)) && !may_be_mended(c, field, f))
        return decide_refuse(d, REFUSAL_SIDE_FIELD, f->name, NULL, NULL, NULL);
    return true;
}

static bool form_fits(struct deciding *d)
{
    const struct change *c = d->change;
    const ProtobufCMessageDescriptor *m = d->kind->descriptor;
    if (c->bytes.size > LIMIT_RECORD)
        return decide_refuse(d, REFUSAL_TOO_LONG, NULL, NULL, NULL, NULL);
    if (c->op == OP_ACT)
        return decide_act_form(d);
    bool carries = !record_is_empty(c->patch) || c->cleared_count > 0;
    if ((c->op == OP_REMOVE && carries) || (c->op == OP_CREATE && c->cleared_count > 0))
        return decide_refuse(d, REFUSAL_FORM, NULL, NULL, NULL, NULL);
    for (unsigned i = 0; i < m->n_fields; i++)
        if (touches(c, &m->fields[i]) && !field_form_fits(d, &m->fields[i]))
            return false;
    return names_author(d);
}

/* Rule 29: what it says of erased fields is gone already; that was all of it. */
static bool erased_lets_be(struct deciding *d)
{
    return !d->change->erased_whole || decide_refuse(d, REFUSAL_ERASED, d->change->erased_field, NULL, NULL, NULL);
}

/* ---- rules 8 to 16: against the row ---- */
void decide_name_rows(const struct change *change, struct scratch *scratch, struct scratch_keys *missing)
{
    struct scratch_key key = {.type = SCRATCH_ROW, .kind = change->kind_number, .id = change->id};
    if (!scratch_has(scratch, &key))
        scratch_keys_add(missing, key);
    for (size_t i = 0; i < change->kind->field_count; i++) {
        const struct field_rule *f = &change->kind->fields[i];
        struct cell id = f->reference ? record_get_name(change->patch, f->name) : (struct cell){.type = CELL_ABSENT};
        if (id.type != CELL_BYTES || id.bytes.size != ID_SIZE)
            continue;
        key = (struct scratch_key){.type = SCRATCH_ROW, .kind = f->reference, .id = id_from(id.bytes)};
        if (!scratch_has(scratch, &key))
            scratch_keys_add(missing, key);
    }
}

static bool row_is_loaded(struct deciding *d)
{
    struct scratch_key key = {.type = SCRATCH_ROW, .kind = d->kind->number, .id = d->change->id};
    if (!scratch_has(d->scratch, &key)) {
        decide_name_rows(d->change, d->scratch, d->missing);
        return false;
    }
    d->row = scratch_row(d->scratch, d->kind->number, d->change->id);
    d->base = lineage_base(&d->c->lineage, d->change->base);
    return true;
}

/* A record belongs to one org for ever. */
static bool row_is_of_org(struct deciding *d)
{
    bool known = d->row->message || d->row->dead;
    return !known || d->row->org == d->change->org || decide_refuse(d, REFUSAL_ORG, NULL, NULL, NULL, NULL);
}

/* Rule 12. */
static bool kind_lets_change(struct deciding *d)
{
    if (d->kind->append_only && d->change->op != OP_CREATE)
        return decide_refuse(d, REFUSAL_IMMUTABLE, NULL, NULL, NULL, NULL);
    return true;
}

/* Rule 14. */
static bool record_is_known(struct deciding *d)
{
    if (d->change->op != OP_CREATE && !d->row->message && !d->row->dead)
        return decide_refuse(d, REFUSAL_UNKNOWN_RECORD, NULL, NULL, NULL, NULL);
    return true;
}

static bool decide_op(struct deciding *d)
{
    switch (d->change->op) {
    case OP_CREATE:
        return decide_create(d); /* rule 11 */
    case OP_SET:
        return decide_set(d); /* rules 8, 9, 13 */
    case OP_ACT:
        return decide_act(d); /* rules 10, 13, 16 */
    case OP_REMOVE:
        return decide_remove(d); /* rule 13 */
    case OP_ERASE:
        break;
    }
    return decide_refuse_right(d, NULL, NULL);
}

/* Rule 27: what rule 7 asks it has passed once. A step that no build knows any more can't be taken. */
static bool late_fits(struct deciding *d)
{
    if (d->change->op == OP_ERASE)
        return decide_refuse_right(d, NULL, NULL);
    bool known = d->change->op != OP_ACT || kind_action(d->kind, d->change->action);
    return known || decide_refuse(d, REFUSAL_UNKNOWN_ACTION, NULL, d->change->action, NULL, NULL);
}

static void climb(struct deciding *d, bool (*const ladder[])(struct deciding *), size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!ladder[i](d))
            return;
}

void decide_step(struct deciding *d)
{
    static bool (*const late[])(struct deciding *) = {
        kind_is_known, late_fits, erased_lets_be, row_is_loaded, row_is_of_org, kind_lets_change, record_is_known, decide_op,
    };
    static bool (*const ladder[])(struct deciding *) = {
        seat_is_active,   /*  1  rule 7, 32 */
        for_seat_fits,    /*  2  rule 7: for whom */
        org_is_reached,   /*  3  rule 7: rights (org) */
        kind_is_known,    /*  4  rule 7: form */
        org_owns_kind,    /*  5  rule 7: rights (org x kind) */
        kind_lets_change, /*  6  rule 12: of nobody's roles, and so no colleague could do it either */
        seat_may,         /*  7  rule 7: rights (role x kind x field) */
        form_fits,        /*  8  rule 7: form and limits */
        erased_lets_be,   /*     rule 29 */
        row_is_loaded,    /*  9  what is decided against */
        row_is_of_org,    /* 10  rule 7: a record has one org */
        record_is_known,  /* 11  rule 14 */
        decide_op,        /* 12  rules 8-11, 13, 16, then the kind's rules on the result */
    };
    if (d->c->late)
        climb(d, late, sizeof late / sizeof late[0]);
    else
        climb(d, ladder, sizeof ladder / sizeof ladder[0]);
}

void decide(const struct decide_context *c, const struct change *change, struct scratch *scratch, struct arena *arena,
            struct decision *out, struct scratch_keys *missing)
{
    struct deciding d = {.c = c,
                         .change = change,
                         .kind = change->kind,
                         .scratch = scratch,
                         .arena = arena,
                         .out = out,
                         .missing = missing};
    memset(out, 0, sizeof *out);
    decide_step(&d);
}
