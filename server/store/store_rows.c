/* Rows between the tables and a scratch, and rows for readers. */
#include "server/store/store_inner.h"
#include "server/store/store_late.h"

#include "base/limits.h"
#include "sync/fields.h"

#include <stdlib.h>
#include <string.h>

/* ---- load ---- */

#define FOLD_SIZE_MAX LIMIT_ARENA /* of a record's history */

/* Into the store's own arena; NULL where it is too long to tell. */
static enum err fold_history(struct store *s, const struct row *dead, ProtobufCMessage **out)
{
    struct entry *list;
    size_t count;
    bool cut;
    struct effects effects;
    ProtobufCMessage *message = NULL;
    enum err e = store_read_record_history(s, dead->org, dead->kind, dead->id, SIZE_MAX, FOLD_SIZE_MAX, &s->arena, &list, &count, &cut);
    for (size_t i = 0; i < count && e == ERR_OK && list[i].seq < dead->seq; i++) {
        e = effects_open(list[i].effects, &s->arena, &effects);
        for (size_t k = 0; k < effects.count && e == ERR_OK; k++)
            if (effects.list[k].kind && effects.list[k].kind_number == dead->kind && id_equal(effects.list[k].id, dead->id))
                message = effect_over(&effects.list[k], message, &s->arena);
    }
    if (e == ERR_OK)
        *out = cut ? NULL : message;
    return e;
}

/* A removed record as it was (rule 13): what its history says up to the removal. Rare, and worth the walk; of the history nothing
 * stays in the scratch, which has to last for a whole commit. */
static enum err fold_removed(struct store *s, const struct row *dead, struct arena *into, const ProtobufCMessage **out)
{
    ProtobufCMessage *message = NULL;
    arena_reset(&s->arena);
    enum err e = fold_history(s, dead, &message);
    if (e == ERR_MEMORY) /* can't be told */
        e = ERR_OK;
    if (e != ERR_OK || !message)
        return e;
    *out = fields_unpack(message->descriptor, fields_pack(message, into), into);
    return *out ? ERR_OK : ERR_MEMORY;
}

static enum err add_living(struct scratch *scratch, const struct row *found)
{
    struct scratch_row row = {.kind = found->kind, .id = found->id, .org = found->org, .seq = found->seq, .message = found->message,
                              .stamps = {.first = found->seq}};
    enum err e = found->stamps.size ? stamps_unpack(found->stamps, scratch_arena(scratch), &row.stamps) : ERR_OK;
    if (e == ERR_OK)
        scratch_add_row(scratch, &row);
    return e == ERR_WIRE ? ERR_CORRUPT : e;
}

static enum err load_row(struct store *s, struct scratch *scratch, uint32_t kind, struct id id)
{
    struct row found;
    struct arena *arena = scratch_arena(scratch);
    struct scratch_row row = {.kind = kind, .id = id};
    enum err e = table_load(s->tables, kind, id, arena, &found);
    if (e == ERR_NOT_FOUND) {
        scratch_add_row(scratch, &row);
        return ERR_OK;
    }
    if (e != ERR_OK || found.message)
        return e == ERR_OK ? add_living(scratch, &found) : e;
    row.org = found.org;
    row.seq = found.seq;
    row.dead = true;
    row.stamps = (struct stamps){.first = found.seq};
    e = fold_removed(s, &found, arena, &row.removed);
    if (e == ERR_OK)
        scratch_add_row(scratch, &row);
    return e == ERR_WIRE ? ERR_CORRUPT : e;
}

/* Rows that the scratch has already may have left the set since: what is here stays. */
static enum err load_children(struct store *s, struct scratch *scratch, const struct scratch_key *key)
{
    struct table_cursor *c;
    bool more = true;
    const struct kind *k = kind_by_number(key->kind);
    const ProtobufCFieldDescriptor *field = k ? record_field_tag(k->descriptor, key->tag) : NULL;
    if (!field)
        return ERR_BUG;
    enum err e = table_scan_value(s->tables, key->kind, key->org, field->name, key->value, &c);
    if (e != ERR_OK)
        return e;
    while (more && e == ERR_OK) {
        struct row row;
        e = table_next(c, scratch_arena(scratch), &row, &more);
        if (e == ERR_OK && more)
            e = add_living(scratch, &row);
    }
    table_scan_close(c);
    if (e == ERR_OK)
        scratch_add_children_loaded(scratch, key);
    return e;
}

/* All conflict records of the record: the scratch tells open ones from others. */
static enum err load_conflicts(struct store *s, struct scratch *scratch, struct id record)
{
    size_t count;
    struct id *ids;
    enum err e = table_find_all(s->tables, KIND_CONFLICT, "record_id", cell_bytes(id_slice(&record)), &ids, &count);
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        struct scratch_key key = {.type = SCRATCH_ROW, .kind = KIND_CONFLICT, .id = ids[i]};
        if (!scratch_has(scratch, &key))
            e = load_row(s, scratch, KIND_CONFLICT, ids[i]);
    }
    free(ids);
    if (e == ERR_OK)
        scratch_add_conflicts_loaded(scratch, record);
    return e;
}

static enum err load_identity(struct store *s, struct scratch *scratch, uint32_t org, uint64_t seq)
{
    struct db_statement *q;
    bool row;
    enum err e = db_prepare(s->db,
                            "SELECT h.seat, i.incarnation, h.n, h.hash, h.received_ms FROM history h"
                            " LEFT JOIN incarnation i ON i.number=h.incarnation WHERE h.org=$1 AND h.seq=$2",
                            &q);
    if (e != ERR_OK)
        return e;
    db_bind_integer(q, 1, org);
    db_bind_integer(q, 2, (int64_t)seq);
    e = db_step(q, &row);
    if (e != ERR_OK)
        return e;
    struct identity who = {0};
    if (row) {
        struct slice incarnation = db_blob(q, 1), hash = db_blob(q, 3);
        who.seat = (uint32_t)db_integer(q, 0);
        who.n = (uint64_t)db_integer(q, 2);
        if (incarnation.size == INCARNATION_SIZE)
            memcpy(who.incarnation.bytes, incarnation.data, INCARNATION_SIZE);
        if (hash.size == HASH_SIZE)
            memcpy(who.hash, hash.data, HASH_SIZE);
        scratch_add_time(scratch, org, seq, db_integer(q, 4));
        db_reset(q);
    }
    scratch_add_identity(scratch, org, seq, row && who.n ? &who : NULL);
    return ERR_OK;
}

enum err store_load(struct store *s, struct scratch *scratch, const struct scratch_keys *keys)
{
    enum err e = ERR_OK;
    for (size_t i = 0; i < keys->count && e == ERR_OK; i++) {
        const struct scratch_key *k = &keys->list[i];
        if (scratch_has(scratch, k))
            continue;
        if (k->type == SCRATCH_ROW)
            e = load_row(s, scratch, k->kind, k->id);
        else if (k->type == SCRATCH_CONFLICTS)
            e = load_conflicts(s, scratch, k->id);
        else if (k->type == SCRATCH_CHILDREN)
            e = load_children(s, scratch, k);
        else if (k->type == SCRATCH_LATE)
            e = store_load_late(s, scratch, k->org, k->seq);
        else
            e = load_identity(s, scratch, k->org, k->seq);
    }
    return e;
}

/* ---- write ---- */

enum err store_put_rows(struct store *s, struct scratch *scratch)
{
    struct scratch_row *dirty;
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && scratch_dirty_at(scratch, i, &dirty); i++) {
        if (!dirty->message && !dirty->dead)
            continue;
        struct row row = {.id = dirty->id, .kind = dirty->kind, .org = dirty->org, .seq = dirty->seq, .message = dirty->message};
        row.stamps = stamps_pack(&dirty->stamps, scratch_arena(scratch));
        e = table_save(s->tables, &row);
        if (e == ERR_OK)
            e = store_note_person(s, &row);
    }
    return e;
}

/* ---- read ---- */

struct row_page {
    struct row *list;
    size_t count, capacity, size, size_max;
};

static size_t row_size(const struct row *r)
{
    return 40 + (r->message ? protobuf_c_message_get_packed_size(r->message) : 0);
}

/* Fills the page with rows of one kind. *full: it ended before the rows did. */
static enum err fill_rows(struct table_cursor *c, struct arena *arena, struct row_page *p, bool *full)
{
    bool more = true;
    for (;;) {
        struct row row;
        *full = p->count && (p->size >= p->size_max || p->count >= LIMIT_REPEATED);
        struct row *list = arena_grow(arena, p->list, p->count, &p->capacity, sizeof *list);
        p->list = list ? list : p->list;
        enum err e = list ? table_next(c, arena, &row, &more) : ERR_MEMORY;
        if (e == ERR_MEMORY && p->count) {
            *full = true;
            return ERR_OK;
        }
        if (e != ERR_OK)
            return e;
        if (!more)
            *full = false;
        if (!more || *full)
            return ERR_OK;
        p->size += row_size(&row);
        p->list[p->count++] = row;
    }
}

static enum err read_kind(struct store *s, uint32_t kind, uint32_t org, const struct id *after, struct arena *arena, struct row_page *p, bool *full)
{
    struct table_cursor *c;
    enum err e = table_scan(s->tables, kind, org, after, TABLE_LIVING | TABLE_DEAD, &c);
    if (e != ERR_OK)
        return e;
    e = fill_rows(c, arena, p, full);
    table_scan_close(c);
    return e;
}

/* The kind with the smallest number above `above`; 0: none. */
static uint32_t next_kind(uint32_t above)
{
    size_t count;
    uint32_t next = 0;
    const struct kind *const *kinds = kind_all(&count);
    for (size_t i = 0; i < count; i++)
        if (kinds[i]->number > above && (next == 0 || kinds[i]->number < next))
            next = kinds[i]->number;
    return next;
}

static enum err read_rows(struct store *s, uint32_t org, uint32_t after_kind, const struct id *after, uint32_t only_kind,
                          struct arena *arena, struct row_page *p, bool *more)
{
    enum err e = ERR_OK;
    uint32_t kind = only_kind ? only_kind : after && kind_by_number(after_kind) ? after_kind : next_kind(after_kind);
    *more = false;
    while (kind && e == ERR_OK && !*more) {
        e = read_kind(s, kind, org, kind == after_kind ? after : NULL, arena, p, more);
        kind = only_kind ? 0 : next_kind(kind);
    }
    return e;
}

enum err store_read_rows(struct store *s, uint32_t org, uint32_t after_kind, const struct id *after, uint32_t only_kind, size_t size_max,
                         struct arena *arena, struct row **out, size_t *count, bool *more)
{
    struct row_page p = {.size_max = size_max};
    bool own_view = !db_in_transaction(s->db), further;
    enum err e = own_view ? db_begin_read(s->db) : ERR_OK; /* one view of all kinds */
    if (e != ERR_OK)
        return e;
    e = read_rows(s, org, after_kind, after, only_kind, arena, &p, &further);
    if (own_view)
        db_rollback(s->db);
    if (e != ERR_OK)
        return e;
    *out = p.list;
    *count = p.count;
    *more = further;
    return ERR_OK;
}

enum err store_read_row(struct store *s, uint32_t kind, struct id id, struct arena *arena, struct row *out)
{
    return table_load(s->tables, kind, id, arena, out);
}

enum err store_find_prefix(struct store *s, uint32_t kind, struct id prefix, unsigned bits, struct id *out, size_t max, size_t *count)
{
    return table_find_prefix(s->tables, kind, prefix, bits, out, NULL, max, count);
}

enum err store_find_value(struct store *s, uint32_t kind, const char *field, struct cell value, const struct id *after, struct id *out,
                          size_t max, size_t *count)
{
    return table_find_after(s->tables, kind, field, value, after, out, max, count);
}
