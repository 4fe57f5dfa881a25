/* See erase_persons.h. */
#include "server/recovery/erase_persons.h"

#include "kinds/transfer.h"
#include "membership.pb-c.h"
#include "server/store/store_erase.h"
#include "sync/derived_id.h"
#include "sync/effect.h"

bool erase_persons_hold(const struct erase_persons *p, struct id id)
{
    for (size_t i = 0; i < p->count; i++)
        if (id_equal(p->list[i].id, id))
            return true;
    return false;
}

static void add_person(struct erase_persons *p, uint32_t org, struct id id)
{
    if (erase_persons_hold(p, id))
        return;
    if (p->count == ERASE_PERSONS_MAX)
        p->full = true;
    else
        p->list[p->count++] = (struct erase_person){org, id};
}

/* The record that a branch made, or would make, of the one before. */
static bool is_made_of(uint32_t org, struct id id, struct id before)
{
    struct id derived;
    Record__Member m = RECORD__MEMBER__INIT;
    m.has_from_member = 1;
    m.from_member = (ProtobufCBinaryData){ID_SIZE, before.bytes};
    return derived_id(kind_by_number(TRANSFER_KIND), org, &m.base, &derived) && id_equal(derived, id);
}

static enum err on_member(void *to, uint32_t org, struct id id)
{
    struct erase_persons *p = to;
    for (size_t i = 0; i < p->count && !erase_persons_hold(p, id); i++)
        if (is_made_of(org, id, p->list[i].id))
            add_person(p, org, id);
    return ERR_OK;
}

/* False: they do not say whom the record was made of. */
static bool says_before(const ProtobufCMessage *values, struct id *before)
{
    struct cell c = values ? record_get_name(values, "from_member") : (struct cell){.type = CELL_ABSENT};
    if (c.type != CELL_BYTES || c.bytes.size != ID_SIZE)
        return false;
    *before = id_from(c.bytes);
    return true;
}

/* What happened is believed; what was only asked for, where the record's id proves it. */
static enum err find_before_in(void *to, uint32_t org, struct entry *e)
{
    struct erase_persons *p = to;
    struct effects *effects = arena_alloc(p->arena, sizeof *effects);
    struct erase_person of = p->list[p->at];
    struct change c;
    struct id before;
    CHECK(effects);
    if (e->change.size && change_open(e->change, p->arena, &c) == ERR_OK && c.kind_number == TRANSFER_KIND &&
        id_equal(c.id, of.id) && says_before(c.patch, &before) && is_made_of(org, of.id, before))
        add_person(p, 0, before);
    if (effects_open(e->effects, p->arena, effects) != ERR_OK)
        return ERR_OK;
    for (size_t i = 0; i < effects->count; i++)
        if (effects->list[i].kind_number == TRANSFER_KIND && id_equal(effects->list[i].id, of.id) &&
            says_before(effects->list[i].patch, &before))
            add_person(p, 0, before);
    return ERR_OK;
}

/* Backwards by what the record said, forwards by what its id would be. The row may have been removed, or come back
 * without it. */
static enum err find_before(struct erase_persons *p, size_t at)
{
    struct row row;
    struct id before;
    arena_reset(p->arena);
    enum err e = store_read_row(p->store, TRANSFER_KIND, p->list[at].id, p->arena, &row);
    if (e == ERR_NOT_FOUND)
        return ERR_OK;
    if (e != ERR_OK)
        return e;
    p->list[at].org = row.org;
    if (says_before(row.message, &before))
        add_person(p, 0, before);
    p->at = at;
    return store_each_entry(p->store, row.org, 0, p->arena, find_before_in, p);
}

enum err erase_persons_find(struct erase_persons *p, struct id member)
{
    enum err e = ERR_OK;
    add_person(p, 0, member);
    for (size_t looked = 0; e == ERR_OK && looked < p->count;) {
        for (; e == ERR_OK && looked < p->count; looked++)
            e = find_before(p, looked);
        if (e == ERR_OK)
            e = store_each_record_logged(p->store, TRANSFER_KIND, on_member, p);
    }
    return e;
}
