/* See lookup.h. Invariant: where any of the rows asked for is not here, none is given. */
#include "sync/lookup.h"
#include "sync/derived_id.h"

#define ORGS_MAX 16 /* a record's and those above it: a tree has five levels */

static bool is_here(struct lookup *l, const struct scratch_key *key)
{
    return scratch_has(l->scratch, key) || l->need(l->to, key) == LOOKUP_HERE;
}

/* A record of a branch may point to records of the same branch, and to what an org above issued. */
static const ProtobufCMessage *related(const void *to, uint32_t kind, struct id id)
{
    struct lookup *l = *(struct lookup *const *)to;
    const struct kind *k = kind_by_number(kind);
    if (!k || !is_here(l, &(struct scratch_key){.type = SCRATCH_ROW, .kind = kind, .id = id}))
        return NULL;
    const struct scratch_row *row = scratch_row(l->scratch, kind, id);
    bool visible = row && (row->org == l->org || k->owner != OWNER_BRANCH);
    return visible ? row->message : NULL;
}

static bool removed(const void *to, uint32_t kind, struct id id)
{
    struct lookup *l = *(struct lookup *const *)to;
    bool here = is_here(l, &(struct scratch_key){.type = SCRATCH_ROW, .kind = kind, .id = id});
    const struct scratch_row *row = here ? scratch_row(l->scratch, kind, id) : NULL;
    return row && row->dead && row->org == l->org;
}

/* The server alone has all orgs' rows. */
static const ProtobufCMessage *anywhere(const void *to, uint32_t kind, struct id id, uint32_t *of, bool *known)
{
    struct lookup *l = *(struct lookup *const *)to;
    *known = !l->held && is_here(l, &(struct scratch_key){.type = SCRATCH_ROW, .kind = kind, .id = id});
    const struct scratch_row *row = *known ? scratch_row(l->scratch, kind, id) : NULL;
    *of = row ? row->org : 0;
    return row ? row->message : NULL;
}

static const ProtobufCMessage *namesake(const void *to, uint32_t kind, uint32_t org, const ProtobufCMessage *like, bool *known)
{
    uint32_t of;
    struct id id;
    *known = derived_id(kind_by_number(kind), org, like, &id);
    return *known ? anywhere(to, kind, id, &of, known) : NULL;
}

static const char *org_code(const void *to, uint32_t org)
{
    const struct org_codes *codes = (*(struct lookup *const *)to)->codes;
    return codes ? codes->code(codes->to, org) : NULL;
}

static uint32_t org_number(const void *to, const char *code)
{
    const struct org_codes *codes = (*(struct lookup *const *)to)->codes;
    return codes ? codes->number(codes->to, code) : 0;
}

struct scratch_key lookup_key(const struct kind *k, uint32_t org, const char *field, struct cell value)
{
    const struct field_rule *rule = kind_field(k, field);
    const ProtobufCFieldDescriptor *f = record_field(k->descriptor, field);
    CHECK(rule && f && (rule->flags & FIELD_LOOKUP));
    return (struct scratch_key){.type = SCRATCH_CHILDREN, .kind = k->number, .org = org, .tag = f->id, .value = value};
}

/* The orgs whose records of that kind belong to this one, the nearest first. */
static size_t orgs_of(const struct lookup *l, const struct kind *k, uint32_t orgs[ORGS_MAX])
{
    size_t count = 0;
    bool above = k->owner == OWNER_ABOVE;
    if (!above || !l->leaf)
        orgs[count++] = l->org;
    for (size_t i = 0; above && i < l->above_count && count < ORGS_MAX; i++)
        orgs[count++] = l->above[i];
    return count;
}

static bool holds(const struct lookup *l, uint32_t org)
{
    for (size_t i = 0; i < l->held_count; i++)
        if (l->held[i] == org)
            return true;
    return l->held == NULL;
}

/* Sensitive fields may be missing from rows that are read without them: no rule looks at those of other records. */
static bool reads_rows(const struct lookup *l, const struct kind *k)
{
    return !l->held || kind_access(k, NULL, l->roles) >= ACCESS_OPEN;
}

/* All of the sets that keys name are in the scratch, or none of them says anything. */
static bool sets_are_here(struct lookup *l, const struct kind *k, const uint32_t *orgs, size_t count,
                          struct scratch_key key)
{
    bool here = true;
    bool known = reads_rows(l, k);
    for (size_t i = 0; i < count; i++)
        known = known && holds(l, orgs[i]);
    l->blind = l->blind || !known;
    for (size_t i = 0; known && i < count; i++) {
        key.org = orgs[i];
        here = is_here(l, &key) && here;
    }
    return known && here;
}

static void children(const void *to, uint32_t kind, const char *field, struct cell value, kind_each *each,
                     void *each_to)
{
    struct lookup *l = *(struct lookup *const *)to;
    const struct kind *k = kind_by_number(kind);
    uint32_t orgs[ORGS_MAX];
    bool more = true;
    if (!k || value.type == CELL_ABSENT)
        return;
    struct scratch_key key = lookup_key(k, l->org, field, value);
    size_t count = orgs_of(l, k, orgs);
    if (!sets_are_here(l, k, orgs, count, key))
        return;
    for (size_t i = 0; i < count && more; i++) {
        key.org = orgs[i];
        const struct scratch_set *set = scratch_children(l->scratch, &key);
        const struct scratch_row *row;
        for (size_t at = 0; more && (row = scratch_child(set, &at));)
            more = each(each_to, row->id, row->message);
    }
}

static unsigned height(const void *to, uint32_t kind, struct id id)
{
    const struct lookup *l = *(struct lookup *const *)to;
    const struct scratch_row *row = scratch_row(l->scratch, kind, id);
    unsigned steps = 0;
    while (row && row->org != l->org && steps < l->above_count && l->above[steps] != row->org)
        steps++;
    return row && row->org != l->org ? steps + 1 : 0;
}

void lookup_into(struct lookup *l, struct check_context *c)
{
    l->self = l;
    c->related_to = &l->self;
    c->related = related;
    c->removed = removed;
    c->children = children;
    c->anywhere = anywhere;
    c->namesake = namesake;
    c->org_code = org_code;
    c->org_number = org_number;
    c->height = height;
    c->org = l->org;
}

void lookup_check_remove(struct lookup *l, struct check_context *c, struct findings *out)
{
    out->count = 0;
    if (!c->kind->check_remove)
        return;
    l->blind = false;
    lookup_into(l, c);
    c->kind->check_remove(c, out);
    if (l->blind)
        out->count = 0;
}

void lookup_check(struct lookup *l, struct check_context *c, struct findings *out)
{
    l->blind = false;
    lookup_into(l, c);
    out->count = 0;
    kind_check_result(c, out);
    if (!l->blind)
        return;
    c->children = NULL;
    out->count = 0;
    kind_check_result(c, out);
}

/* ---- a whole and its parts ---- */
static bool is_part(const struct field_rule *f, const struct kind *whole)
{
    return (f->flags & FIELD_PART) && f->reference == whole->number;
}

static bool stop_at_first(void *to, struct id id, const ProtobufCMessage *row)
{
    (void)id;
    (void)row;
    *(bool *)to = true;
    return false;
}

static bool has_part(struct lookup *l, const struct kind *k, const char *field, struct id id)
{
    struct check_context c = {.kind = k};
    bool found = false;
    lookup_into(l, &c);
    c.children(c.related_to, k->number, field, cell_bytes(id_slice(&id)), stop_at_first, &found);
    return found;
}

const struct kind *lookup_part(struct lookup *l, const struct kind *whole, struct id id)
{
    size_t count;
    const struct kind *const *kinds = kind_all(&count);
    l->blind = false;
    for (size_t i = 0; i < count; i++)
        for (size_t f = 0; f < kinds[i]->field_count; f++)
            if (is_part(&kinds[i]->fields[f], whole) && has_part(l, kinds[i], kinds[i]->fields[f].name, id))
                return kinds[i];
    return NULL;
}
