/* See erase_plan.h. */
#include "server/recovery/erase_plan.h"

#include "base/limits.h"
#include "conflict.pb-c.h"
#include "kinds/transfer.h"
#include "server/recovery/erase_names.h"
#include "server/recovery/erase_persons.h"
#include "server/store/store_erase.h"
#include "sync/effect.h"
#include "wire/wire.h"

#include <stdlib.h>
#include <string.h>

/* Over it, and over ERASE_PERSONS_MAX, somebody plays with the records, and ERR_FULL is said rather than a part left. */
#define NAMES_MAX 64u   /* of one person; every name is looked for in every text */
#define ERASED_AT_ONCE 1000u /* records in one erasure: a frame holds some */
#define NAME_SIZE_MIN 4u /* bytes: one character names nobody */

struct planning {
    struct store *store;
    struct erase_plan *plan;
    struct erase_persons persons;
    bool names_only;     /* the first of two walks */
    bool full;           /* more names than it holds */
    struct arena *arena; /* of the page at hand */
};

/* ---- what the log holds ---- */

static struct erase_record *known_record(const struct planning *p, uint32_t kind, struct id id)
{
    for (size_t i = 0; i < p->plan->count; i++)
        if (p->plan->list[i].kind == kind && id_equal(p->plan->list[i].id, id))
            return &p->plan->list[i];
    return NULL;
}

static struct erase_record *record_of(struct planning *p, uint32_t org, uint32_t kind, struct id id)
{
    struct erase_plan *plan = p->plan;
    struct erase_record *known = known_record(p, kind, id);
    if (known)
        return known;
    plan->list = arena_grow(&plan->arena, plan->list, plan->count, &plan->capacity, sizeof *plan->list);
    CHECK(plan->list);
    plan->list[plan->count] = (struct erase_record){.org = org, .kind = kind, .id = id};
    return &plan->list[plan->count++];
}

static void add_fields(struct planning *p, struct erase_record *r, struct erased_fields f)
{
    r->fields = erased_join(r->fields, f, &p->plan->arena);
}

/* The record is the person's, or names the person as the one it is about. */
static bool is_about(const struct planning *p, const struct kind *k, struct id id, const ProtobufCMessage *values)
{
    if (k->number == TRANSFER_KIND)
        return erase_persons_hold(&p->persons, id);
    for (size_t i = 0; i < k->field_count; i++) {
        struct cell other = (k->fields[i].flags & FIELD_PERSON) ? record_get_name(values, k->fields[i].name)
                                                                : (struct cell){.type = CELL_ABSENT};
        if (other.type == CELL_BYTES && other.bytes.size == ID_SIZE && erase_persons_hold(&p->persons, id_from(other.bytes)))
            return true;
    }
    return false;
}

static void add_name(struct planning *p, struct slice name)
{
    struct erase_plan *plan = p->plan;
    if (name.size < NAME_SIZE_MIN)
        return;
    for (size_t i = 0; i < plan->name_count; i++)
        if (slice_equal(slice_text(plan->names[i]), name))
            return;
    if (plan->name_count == NAMES_MAX) {
        p->full = true;
        return;
    }
    if (!plan->names)
        plan->names = arena_alloc(&plan->arena, NAMES_MAX * sizeof *plan->names);
    char *copy = arena_text(&plan->arena, name);
    CHECK(plan->names && copy);
    plan->names[plan->name_count++] = copy;
}

/* ---- names in words ---- */

static void look_for_names(struct planning *p, uint32_t org, const struct kind *k, struct id id,
                           const ProtobufCMessage *values)
{
    for (unsigned i = 0; i < k->descriptor->n_fields; i++) {
        const struct field_rule *f = kind_field(k, k->descriptor->fields[i].name);
        struct cell text = f && (f->flags & FIELD_NAMES) ? record_get(values, &k->descriptor->fields[i])
                                                         : (struct cell){.type = CELL_ABSENT};
        if (text.type == CELL_TEXT &&
            erase_names_hold(p->plan->names, p->plan->name_count, (const char *)text.bytes.data))
            add_fields(p, record_of(p, org, k->number, id), (struct erased_fields){&k->descriptor->fields[i].id, 1, 0});
    }
}

static void look_at_values(struct planning *p, uint32_t org, const struct kind *k, struct id id,
                           const ProtobufCMessage *values)
{
    if (!k || !values || k->number == KIND_CONFLICT)
        return;
    if (p->names_only) {
        if (k->number == TRANSFER_KIND && erase_persons_hold(&p->persons, id))
            add_name(p, record_get_name(values, "name").bytes);
        return;
    }
    struct erased_fields personal = is_about(p, k, id, values) ? erase_personal(k, p->arena) : (struct erased_fields){0};
    if (erased_any(personal))
        add_fields(p, record_of(p, org, k->number, id), personal);
    look_for_names(p, org, k, id, values);
}

/* By its own id it is erased wherever it comes from, also without the record that it is about. */
static void look_at_conflict(struct planning *p, uint32_t org, const struct effect *e, const struct change *c)
{
    const Record__Conflict *m = (const Record__Conflict *)e->patch;
    if (p->names_only || e->kind_number != KIND_CONFLICT || !m)
        return;
    struct id about =
        m->has_record_id && m->record_id.len == ID_SIZE ? id_from(slice_of(m->record_id.data, ID_SIZE)) : c->id;
    struct erase_record *of = known_record(p, (uint32_t)m->record_kind, about);
    if (!of)
        return;
    struct erased_fields fields = of->fields; /* the list may move */
    add_fields(p, record_of(p, org, KIND_CONFLICT, e->id), fields);
}

static enum err look_at_entry(void *to, uint32_t org, struct entry *e)
{
    struct planning *p = to;
    struct effects *effects = arena_alloc(p->arena, sizeof *effects);
    struct change c = {0};
    CHECK(effects);
    if (e->change.size && change_open(e->change, p->arena, &c) == ERR_OK)
        look_at_values(p, org, c.kind, c.id, c.patch);
    if (effects_open(e->effects, p->arena, effects) != ERR_OK)
        return ERR_OK;
    for (size_t i = 0; i < effects->count; i++)
        look_at_values(p, org, effects->list[i].kind, effects->list[i].id, effects->list[i].patch);
    for (size_t i = 0; i < effects->count; i++)
        look_at_conflict(p, org, &effects->list[i], &c);
    return ERR_OK;
}

static bool is_first_of_org(const struct planning *p, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (p->persons.list[i].org == p->persons.list[at].org)
            return false;
    return p->persons.list[at].org != 0;
}

static enum err walk_all(struct planning *p)
{
    enum err e = ERR_OK;
    for (size_t i = 0; i < p->persons.count && e == ERR_OK; i++)
        if (is_first_of_org(p, i))
            e = store_each_entry(p->store, p->persons.list[i].org, 0, p->arena, look_at_entry, p);
    return e;
}

/* Also one that the log knows nothing of: what may come back of it later is erased, too. */
static void add_persons(struct planning *p)
{
    for (size_t i = 0; i < p->persons.count; i++)
        if (p->persons.list[i].org) {
            struct erased_fields personal = erase_personal(kind_by_number(TRANSFER_KIND), p->arena);
            add_fields(p, record_of(p, p->persons.list[i].org, TRANSFER_KIND, p->persons.list[i].id), personal);
        }
}

static int compare(const void *a, const void *b)
{
    const struct erase_record *x = a, *y = b;
    if (x->org != y->org)
        return x->org < y->org ? -1 : 1;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    return id_compare(x->id, y->id);
}

enum err erase_plan_make(struct store *store, struct id member, struct erase_plan *out)
{
    struct arena arena;
    struct erase_plan plan = {.count = 0};
    struct planning p = {.store = store, .plan = &plan, .arena = &arena, .names_only = true};
    arena_init(&arena, 256u << 20);
    arena_init(&plan.arena, 64u << 20);
    p.persons.store = store;
    p.persons.arena = &arena;
    enum err e = erase_persons_find(&p.persons, member);
    if (e == ERR_OK)
        e = walk_all(&p);
    p.names_only = false;
    if (e == ERR_OK)
        add_persons(&p);
    if (e == ERR_OK)
        e = walk_all(&p);
    arena_finish(&arena);
    if (e == ERR_OK && (p.full || p.persons.full))
        e = ERR_FULL;
    if (e == ERR_OK && plan.count == 0)
        e = ERR_NOT_FOUND;
    if (e != ERR_OK) {
        arena_finish(&plan.arena);
        return e;
    }
    qsort(plan.list, plan.count, sizeof *plan.list, compare);
    *out = plan;
    return ERR_OK;
}

void erase_plan_finish(struct erase_plan *p)
{
    arena_finish(&p->arena);
    *p = (struct erase_plan){0};
}

bool erase_plan_told(const struct erase_plan *p, const char *text)
{
    for (size_t i = 0; i < p->name_count; i++)
        if (strstr(text, p->names[i]))
            return true;
    return false;
}

/* ---- as erasures ---- */

static Wire__Erased *wire_of(const struct erase_record *r, struct arena *arena)
{
    Wire__Erased *m = arena_alloc(arena, sizeof *m);
    CHECK(m);
    wire__erased__init(m);
    m->has_kind = m->has_id = 1;
    m->kind = r->kind;
    m->id = (ProtobufCBinaryData){ID_SIZE, (uint8_t *)r->id.bytes};
    m->n_field = r->fields.count;
    m->field = (uint32_t *)r->fields.tags;
    m->has_from = r->fields.from > 0;
    m->from = r->fields.from;
    return m;
}

enum err erase_plan_pack(struct erase_plan *p, int64_t at_ms, const char *reason,
                         void (*random)(void *out, size_t size), struct slice **out, size_t *count)
{
    struct slice *list = arena_alloc(&p->arena, (p->count + 1) * sizeof *list);
    size_t n = 0;
    CHECK(list);
    for (size_t i = 0; i < p->count;) {
        uint8_t id[ERASURE_ID_SIZE];
        Wire__Erasure m = WIRE__ERASURE__INIT;
        random(id, sizeof id);
        m.has_id = m.has_org = m.has_at_ms = 1;
        m.id = (ProtobufCBinaryData){sizeof id, id};
        m.org = p->list[i].org;
        m.at_ms = at_ms;
        m.reason = (char *)reason;
        m.erased = arena_alloc(&p->arena, ERASED_AT_ONCE * sizeof *m.erased);
        CHECK(m.erased);
        while (i < p->count && p->list[i].org == m.org && m.n_erased < ERASED_AT_ONCE)
            m.erased[m.n_erased++] = wire_of(&p->list[i++], &p->arena);
        list[n] = wire_pack_arena(&m.base, &p->arena);
        if (list[n++].size == 0)
            return ERR_MEMORY;
    }
    *out = list;
    *count = n;
    return ERR_OK;
}
