/* Rows found by a field's value (FIELD_LOOKUP). Invariant: a row stands in the set of every value that it has had in
 * such a field since it came here; what a set gives are those of its rows that live and hold the value now. So a set
 * that was loaded once stays right while rows are added, changed and put back. */
#include "sync/scratch_parts.h"
#include "kinds/kind.h"
#include <stdlib.h>
#include <string.h>

/* ---- keys ---- */
static void set_key(uint32_t kind, uint32_t org, uint32_t tag, struct cell value, struct buf *out)
{
    buf_u32(out, kind);
    buf_u32(out, org);
    buf_u32(out, tag);
    buf_byte(out, (uint8_t)value.type);
    if (value.type == CELL_TEXT || value.type == CELL_BYTES)
        buf_append_slice(out, value.bytes);
    else
        buf_u64(out, (uint64_t)value.integer);
}

static struct scratch_set *find_set(const struct scratch *s, struct slice key)
{
    struct scratch_set *set;
    HASH_FIND(hh, s->sets, key.data, key.size, set);
    return set;
}

static struct scratch_set *set_of(struct scratch *s, uint32_t kind, uint32_t org, const ProtobufCFieldDescriptor *field,
                                  struct cell value)
{
    struct buf key = BUF_INIT;
    set_key(kind, org, field->id, value, &key);
    struct scratch_set *set = find_set(s, buf_slice(&key));
    if (!set) {
        set = scratch_alloc(s, sizeof *set);
        set->key = scratch_alloc(s, key.size);
        memcpy(set->key, key.data, key.size);
        set->field = field;
        set->org = org;
        set->value = value;
        if (value.type == CELL_TEXT || value.type == CELL_BYTES) /* its bytes stand at the end of the key */
            set->value.bytes.data = set->key + (key.size - value.bytes.size);
        HASH_ADD_KEYPTR(hh, s->sets, set->key, key.size, set);
    }
    buf_finish(&key);
    return set;
}

static struct scratch_set *set_of_key(const struct scratch *s, const struct scratch_key *key)
{
    struct buf packed = BUF_INIT;
    set_key(key->kind, key->org, key->tag, key->value, &packed);
    struct scratch_set *set = find_set(s, buf_slice(&packed));
    buf_finish(&packed);
    return set;
}

/* ---- which fields ---- */
static const struct kind_lookups *lookups_of(struct scratch *s, uint32_t number)
{
    for (const struct kind_lookups *l = s->lookups; l; l = l->next)
        if (l->kind == number)
            return l;
    const struct kind *k = kind_by_number(number);
    struct kind_lookups *l = scratch_alloc(s, sizeof *l);
    size_t max = k ? k->field_count : 0;
    l->kind = number;
    l->fields = scratch_alloc(s, (max + 1) * sizeof *l->fields);
    for (size_t i = 0; i < max; i++) {
        const ProtobufCFieldDescriptor *f = record_field(k->descriptor, k->fields[i].name);
        if (f && (k->fields[i].flags & FIELD_LOOKUP))
            l->fields[l->count++] = f;
    }
    l->next = s->lookups;
    s->lookups = l;
    return l;
}

/* ---- listing ---- */
static bool is_listed(const struct row_node *n, const struct scratch_set *set)
{
    for (const struct scratch_membership *m = n->sets; m; m = m->next)
        if (m->set == set)
            return true;
    return false;
}

static void list_in(struct scratch *s, struct row_node *n, struct scratch_set *set)
{
    struct scratch_membership *m = scratch_alloc(s, sizeof *m);
    if (set->count == set->capacity) {
        set->capacity = set->capacity ? 2 * set->capacity : 4;
        set->list = realloc(set->list, set->capacity * sizeof *set->list);
        CHECK(set->list);
    }
    set->list[set->count++] = &n->row;
    *m = (struct scratch_membership){.set = set, .next = n->sets};
    n->sets = m;
}

void children_list_row(struct scratch *s, struct scratch_row *row)
{
    struct row_node *n = (struct row_node *)row;
    if (!row->message)
        return;
    const struct kind_lookups *l = lookups_of(s, row->kind);
    for (size_t i = 0; i < l->count; i++) {
        struct cell value = record_get(row->message, l->fields[i]);
        if (value.type == CELL_ABSENT)
            continue;
        struct scratch_set *set = set_of(s, row->kind, row->org, l->fields[i], value);
        if (!is_listed(n, set))
            list_in(s, n, set);
    }
}

void children_finish(struct scratch *s)
{
    struct scratch_set *set, *next;
    HASH_ITER(hh, s->sets, set, next)
    {
        free(set->list);
    }
    HASH_CLEAR(hh, s->sets);
}

/* ---- what others see ---- */
bool children_are_loaded(const struct scratch *s, const struct scratch_key *key)
{
    const struct scratch_set *set = set_of_key(s, key);
    return set && set->loaded;
}

void scratch_add_children_loaded(struct scratch *s, const struct scratch_key *key)
{
    const struct kind *k = kind_by_number(key->kind);
    const ProtobufCFieldDescriptor *field = k ? record_field_tag(k->descriptor, key->tag) : NULL;
    CHECK(field);
    set_of(s, key->kind, key->org, field, key->value)->loaded = true;
}

const struct scratch_set *scratch_children(const struct scratch *s, const struct scratch_key *key)
{
    return set_of_key(s, key);
}

struct scratch_row *scratch_child(const struct scratch_set *set, size_t *at)
{
    while (set && *at < set->count) {
        struct scratch_row *row = set->list[(*at)++];
        if (row->message && row->org == set->org && cell_equal(record_get(row->message, set->field), set->value))
            return row;
    }
    return NULL;
}
