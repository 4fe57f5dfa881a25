/* Who may do what: rights.md, computed from the kinds' tables. The union of what any of the roles may.
 * Invariant: what no row grants is refused; conflict records borrow the rights of the kind that they are about. */
#include "kinds/rules.h"
#include <string.h>

const char *const rights_all_actions[] = {"*", NULL};

static enum access access_of(const struct kind *k, role_set roles)
{
    enum access most = ACCESS_NONE;
    for (size_t i = 0; i < k->right_count; i++)
        if ((k->rights[i].roles & roles) && k->rights[i].access > most)
            most = k->rights[i].access;
    return most;
}

/* The kind that a conflict record is about, NULL where this build does not know it. */
static const struct kind *conflict_about(const ProtobufCMessage *row)
{
    struct cell number = record_get_name(row, "record_kind");
    if (number.type != CELL_INTEGER || number.integer <= 0 || number.integer > UINT32_MAX ||
        number.integer == KIND_CONFLICT)
        return NULL;
    return kind_by_number((uint32_t)number.integer);
}

/* Without a record: the most over all kinds, since there may be such a record. */
static enum access conflict_access(const ProtobufCMessage *row, role_set roles)
{
    if (row) {
        const struct kind *about = conflict_about(row);
        return about ? access_of(about, roles) : ACCESS_NONE;
    }
    size_t count;
    const struct kind *const *all = kind_all(&count);
    enum access most = ACCESS_NONE;
    for (size_t i = 0; i < count; i++) {
        enum access a = access_of(all[i], roles);
        most = a > most ? a : most;
    }
    return most;
}

enum access kind_access(const struct kind *k, const ProtobufCMessage *row, role_set roles)
{
    if (k->number == KIND_CONFLICT)
        return conflict_access(row, roles);
    enum access by_table = access_of(k, roles);
    return k->row_access ? k->row_access(row, roles, by_table) : by_table;
}

enum access kind_access_all(const struct kind *k, role_set roles)
{
    return k->number == KIND_CONFLICT ? ACCESS_NONE : access_of(k, roles);
}

static bool rows_grant(const struct right_rule *rights, size_t count, role_set roles, enum right right)
{
    for (size_t i = 0; i < count; i++)
        if ((rights[i].roles & roles) && (rights[i].may & right))
            return true;
    return false;
}

bool kind_may(const struct kind *k, role_set roles, enum right right)
{
    return rows_grant(k->rights, k->right_count, roles, right);
}

bool kind_may_own(const struct kind *k, role_set roles, enum right right)
{
    return rows_grant(k->own_rights, k->own_right_count, roles, right);
}

bool kind_is_set_by_nobody(const struct kind *k)
{
    role_set all = (1u << ROLE_COUNT) - 1;
    return !kind_may(k, all, RIGHT_SET) && !kind_may_own(k, all, RIGHT_SET);
}

const struct field_rule *kind_author_field(const struct kind *k)
{
    for (size_t i = 0; i < k->field_count; i++)
        if (k->fields[i].flags & FIELD_AUTHOR)
            return &k->fields[i];
    return NULL;
}

uint32_t kind_author(const struct kind *k, const ProtobufCMessage *row)
{
    const struct field_rule *f = row ? kind_author_field(k) : NULL;
    struct cell seat = f ? record_get_name(row, f->name) : (struct cell){.type = CELL_ABSENT};
    return seat.type == CELL_INTEGER && seat.integer > 0 && seat.integer <= UINT32_MAX ? (uint32_t)seat.integer : 0;
}

static bool actions_hold(const char *const *actions, const char *action)
{
    for (; actions && *actions; actions++)
        if (strcmp(*actions, "*") == 0 || strcmp(*actions, action) == 0)
            return true;
    return false;
}

static bool rows_step(const struct right_rule *rights, size_t count, role_set roles, const char *action)
{
    for (size_t i = 0; i < count; i++)
        if ((rights[i].roles & roles) && actions_hold(rights[i].actions, action))
            return true;
    return false;
}

static bool may_resolve_somewhere(role_set roles)
{
    size_t count;
    const struct kind *const *all = kind_all(&count);
    for (size_t i = 0; i < count; i++)
        if (all[i]->number != KIND_CONFLICT &&
            (kind_may_resolve(all[i], roles, NULL) || kind_may_resolve_own(all[i], roles, NULL)))
            return true;
    return false;
}

bool kind_may_act(const struct kind *k, role_set roles, const char *action)
{
    if (!kind_action(k, action))
        return false;
    if (k->number == KIND_CONFLICT)
        return may_resolve_somewhere(roles);
    return rows_step(k->rights, k->right_count, roles, action);
}

bool kind_may_act_own(const struct kind *k, role_set roles, const char *action)
{
    return kind_action(k, action) && rows_step(k->own_rights, k->own_right_count, roles, action);
}

bool kind_may_mend(const struct kind *k, role_set roles, const struct field_rule *f, bool own)
{
    for (size_t i = 0; (f->flags & FIELD_MENDED) && i < k->action_count; i++) {
        const struct action_rule *a = &k->actions[i];
        if (kind_step_brings(a, f->name) && (own ? kind_may_act_own(k, roles, a->name) : kind_may_act(k, roles, a->name)))
            return true;
    }
    return false;
}

bool kind_may_set_field(const struct kind *k, role_set roles, const struct field_rule *f)
{
    if (f->who)
        return (f->who & roles) != 0;
    return kind_may(k, roles, RIGHT_ADD) || kind_may(k, roles, RIGHT_SET);
}

static bool rows_act_at_all(const struct right_rule *rights, size_t count, role_set roles)
{
    for (size_t i = 0; i < count; i++)
        if ((rights[i].roles & roles) && rights[i].actions)
            return true;
    return false;
}

bool kind_may_resolve(const struct kind *record_kind, role_set roles, const char *field)
{
    if (field && strcmp(field, "state") == 0)
        return rows_act_at_all(record_kind->rights, record_kind->right_count, roles);
    if (!kind_may(record_kind, roles, kind_is_set_by_nobody(record_kind) ? RIGHT_ADD : RIGHT_SET))
        return false;
    const struct field_rule *f = field ? kind_field(record_kind, field) : NULL;
    return !f || kind_may_set_field(record_kind, roles, f);
}

bool kind_may_resolve_own(const struct kind *record_kind, role_set roles, const char *field)
{
    if (field && strcmp(field, "state") == 0)
        return rows_act_at_all(record_kind->own_rights, record_kind->own_right_count, roles);
    const struct field_rule *f = field ? kind_field(record_kind, field) : NULL;
    return kind_may_own(record_kind, roles, RIGHT_SET) && (!f || !f->who || (f->who & roles));
}

/* A field that this build does not know may be sensitive: it goes as well unless everything may be read. */
static bool strip_unknown(ProtobufCMessage *m)
{
    bool any = m->n_unknown_fields > 0;
    m->n_unknown_fields = 0;
    m->unknown_fields = NULL;
    return any;
}

bool kind_strip(const struct kind *k, ProtobufCMessage *m, enum access access, struct arena *arena)
{
    if (access == ACCESS_FULL)
        return false;
    bool any = strip_unknown(m);
    for (unsigned i = 0; i < m->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *d = &m->descriptor->fields[i];
        const struct field_rule *f = kind_field(k, d->name);
        bool open = access == ACCESS_OPEN && f && !(f->flags & FIELD_SENSITIVE);
        if (open || record_get(m, d).type == CELL_ABSENT)
            continue;
        record_put(m, d, (struct cell){.type = CELL_ABSENT}, arena);
        any = true;
    }
    return any;
}
