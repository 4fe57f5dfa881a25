/* Ending a conflict (rules 13, 16): a group of a set on the record and the conflict's step to resolved; the step alone where what is
 * chosen stands already. */
#include "client/replica/attention_inner.h"
#include "client/replica/replica_inner.h"
#include "conflict.pb-c.h"

#include <string.h>

static enum err load_open(struct replica *r, struct id id, struct arena *arena, const Record__Conflict **out)
{
    struct row row;
    int64_t refusal = 0;
    enum err e = sql_integer(r->db, 0, &refusal, "SELECT EXISTS(SELECT 1 FROM attention WHERE id = ?1)", "d", &id);
    if (e == ERR_OK && refusal)
        return ERR_USAGE;
    if (e == ERR_OK)
        e = table_load(r->tables, KIND_CONFLICT, id, arena, &row);
    if (e == ERR_OK && !row.message)
        e = ERR_NOT_FOUND;
    if (e == ERR_OK)
        *out = (const Record__Conflict *)row.message;
    return e;
}

/* Values that actions, the server or nobody sets: they come back with the restored record by the server's own doing. */
static void drop_fixed(const struct kind *k, ProtobufCMessage *m, struct arena *arena)
{
    for (size_t i = 0; i < k->field_count; i++)
        if ((k->fields[i].flags & (FIELD_SERVER | FIELD_SIDE)) || strcmp(k->fields[i].name, "state") == 0)
            record_put_name(m, k->fields[i].name, (struct cell){.type = CELL_ABSENT}, arena);
}

/* The set of a resolve: the later value, or what the person gives; of a removed record over the row as it was (rule 13). */
static enum err resolve_patch(const struct kind *k, const Record__Conflict *c, bool restores, enum attention_choice choice,
                              const ProtobufCMessage *given, const uint32_t *cleared, size_t cleared_count, struct arena *arena,
                              ProtobufCMessage **out)
{
    ProtobufCMessage *patch = record_new(k->descriptor, arena);
    const ProtobufCMessage *layers[4] = {NULL, NULL, NULL, NULL};
    if (!patch)
        return ERR_MEMORY;
    if (restores) {
        layers[0] = attention_side(k, c->has_row, c->row, arena);
        layers[1] = attention_side(k, c->has_row_sensitive, c->row_sensitive, arena);
    }
    if (choice == ATTENTION_LATER) {
        layers[2] = attention_side(k, c->has_mine, c->mine, arena);
        layers[3] = attention_side(k, c->has_mine_sensitive, c->mine_sensitive, arena);
    } else {
        layers[2] = given;
    }
    for (size_t i = 0; i < 4; i++)
        if (layers[i])
            record_overlay(patch, layers[i], NULL, 0, arena);
    if (cleared_count > 0)
        record_overlay(patch, record_new(k->descriptor, arena), cleared, cleared_count, arena);
    if (restores)
        drop_fixed(k, patch, arena);
    *out = patch;
    return ERR_OK;
}

static size_t tags_of_names(const struct kind *k, const char *list, uint32_t *out)
{
    size_t count = 0;
    for (unsigned i = 0; i < k->descriptor->n_fields; i++) /* by tag, ascending */
        if (attention_names(list, k->descriptor->fields[i].name))
            out[count++] = k->descriptor->fields[i].id;
    return count;
}

/* What is chosen stands already: the conflict alone is to be ended. */
static bool is_shown(const ProtobufCMessage *shown, const ProtobufCMessage *patch, const uint32_t *cleared, size_t cleared_count)
{
    for (unsigned i = 0; i < patch->descriptor->n_fields; i++) {
        struct cell c = record_get(patch, &patch->descriptor->fields[i]);
        if (c.type != CELL_ABSENT && !cell_equal(c, record_get(shown, &patch->descriptor->fields[i])))
            return false;
    }
    for (size_t i = 0; i < cleared_count; i++) {
        const ProtobufCFieldDescriptor *f = record_field_tag(shown->descriptor, cleared[i]);
        if (f && record_get(shown, f).type != CELL_ABSENT)
            return false;
    }
    return true;
}

/* The same to all readers. */
static enum err choice_of(struct replica *r, struct id conflict, struct arena *arena, enum attention_choice *choice)
{
    struct attention_entry *entry = arena_alloc(arena, sizeof *entry);
    enum err e = entry ? attention_get(r, conflict, arena, entry) : ERR_MEMORY;
    if (e != ERR_OK || (*choice != ATTENTION_MINE && *choice != ATTENTION_THEIRS))
        return e;
    bool mine_stands = entry->whose == ATTENTION_WHOSE_STANDING;
    *choice = (*choice == ATTENTION_MINE) == mine_stands ? ATTENTION_STANDS : ATTENTION_LATER;
    return ERR_OK;
}

static enum err resolve(struct replica *r, struct id conflict, enum attention_choice choice, const ProtobufCMessage *given,
                        const uint32_t *cleared, size_t cleared_count, int64_t now_ms, struct arena *arena, struct replica_outcome *out)
{
    const Record__Conflict *c;
    ProtobufCMessage *patch = NULL, *shown;
    struct confirmed confirmed;
    uint32_t *tags;
    enum err e = load_open(r, conflict, arena, &c);
    if (e != ERR_OK)
        return e;
    if ((e = choice_of(r, conflict, arena, &choice)) != ERR_OK)
        return e;
    const struct kind *k = kind_by_number((uint32_t)c->record_kind);
    if (!k || c->record_id.len != ID_SIZE || !(tags = arena_alloc(arena, k->descriptor->n_fields * sizeof *tags)))
        return ERR_USAGE;
    struct id record = id_from(slice_of(c->record_id.data, ID_SIZE));
    bool restores = c->field && strcmp(c->field, "*") == 0 && choice != ATTENTION_STANDS;
    if ((e = rows_shown(r, k, record, arena, &confirmed, &shown)) != ERR_OK)
        return e;
    if (choice == ATTENTION_LATER) {
        cleared = tags;
        cleared_count = tags_of_names(k, c->mine_cleared, tags);
    }
    if (choice != ATTENTION_STANDS &&
        (e = resolve_patch(k, c, restores, choice, given, cleared, cleared_count, arena, &patch)) != ERR_OK)
        return e;
    struct replica_change changes[2] = {
        {.op = OP_SET, .kind = k->number, .id = record},
        {.op = OP_ACT, .kind = KIND_CONFLICT, .id = conflict, .action = "resolved"}};
    if (choice == ATTENTION_STANDS || (shown && is_shown(shown, patch, cleared, cleared_count)))
        return replica_change(r, &changes[1], now_ms, arena, out);
    changes[0].patch = patch;
    changes[0].cleared = restores ? NULL : cleared;
    changes[0].cleared_count = restores ? 0 : cleared_count;
    return replica_change_group(r, changes, 2, now_ms, arena, out);
}

/* In one transaction: what is looked at is what stands when it is written. */
enum err attention_resolve(struct replica *r, struct id conflict, enum attention_choice choice, const ProtobufCMessage *given,
                           const uint32_t *cleared, size_t cleared_count, int64_t now_ms, struct arena *arena,
                           struct replica_outcome *out)
{
    enum err e = inner_begin(r);
    return e == ERR_OK ? inner_end(r, resolve(r, conflict, choice, given, cleared, cleared_count, now_ms, arena, out)) : e;
}
