/* See record_parts.h. */
#include "client/command/record_parts.h"
#include "base/limits.h"

#include <string.h>

static const struct {
    const char *whole, *part, *field;
} parts_of[] = {{"work_plan", "plan_item", "plan_id"}};

struct search {
    const char *field;
    struct id whole;
    const struct kind *kind;
    struct buf ids;
    size_t busy;
};

static bool on_row(void *to, const struct replica_row *row)
{
    struct search *s = to;
    struct cell whole = record_get_name(row->message, s->field);
    if (whole.type != CELL_BYTES || !slice_equal(whole.bytes, id_slice(&s->whole)))
        return true;
    buf_append(&s->ids, &row->id, sizeof row->id);
    s->busy += strcmp(kind_state_of(s->kind, row->message), s->kind->states[0].name) != 0;
    return true;
}

enum err record_parts_find(struct seat *s, const struct kind *k, struct id id, struct record_parts *out)
{
    struct record_parts p = {.count = 0};
    for (size_t i = 0; i < sizeof parts_of / sizeof *parts_of; i++) {
        if (strcmp(parts_of[i].whole, k->name) != 0)
            continue;
        struct search search = {.field = parts_of[i].field, .whole = id, .kind = kind_by_name(parts_of[i].part)};
        enum err e = replica_scan(s->replica, search.kind->number, s->now_ms, on_row, &search);
        struct slice ids = e == ERR_OK ? arena_copy(&s->arena, buf_slice(&search.ids)) : slice_of(NULL, 0);
        bool lost = search.ids.size > ids.size;
        buf_finish(&search.ids);
        if (e != ERR_OK || lost)
            return e != ERR_OK ? e : ERR_MEMORY;
        p = (struct record_parts){.kind = search.kind, .ids = (struct id *)(void *)ids.data, .count = ids.size / sizeof(struct id), .busy = search.busy};
    }
    *out = p;
    return ERR_OK;
}

static enum err remove_all(struct seat *s, const struct replica_change *changes, size_t count, const struct kind **kind, struct replica_outcome *out)
{
    enum err e = ERR_OK;
    for (size_t at = 0; e == ERR_OK && at < count; at += LIMIT_GROUP) {
        *kind = kind_by_number(changes[at].kind);
        e = replica_change_group(s->replica, changes + at, count - at < LIMIT_GROUP ? count - at : LIMIT_GROUP, s->now_ms, &s->arena, out);
    }
    return e;
}

enum err record_parts_remove(struct seat *s, const struct kind *k, struct id id, const struct record_parts *parts,
                             const struct kind **kind, struct replica_outcome *out)
{
    struct replica_change *changes = arena_alloc(&s->arena, (parts->count + 1) * sizeof *changes);
    if (!changes)
        return ERR_MEMORY;
    for (size_t i = 0; i < parts->count; i++)
        changes[i] = (struct replica_change){.op = OP_REMOVE, .kind = parts->kind->number, .id = parts->ids[i]};
    changes[parts->count] = (struct replica_change){.op = OP_REMOVE, .kind = k->number, .id = id};
    enum err e = replica_batch_begin(s->replica);
    if (e != ERR_OK)
        return e;
    e = remove_all(s, changes, parts->count + 1, kind, out);
    if (e == ERR_OK)
        return replica_batch_commit(s->replica);
    replica_batch_rollback(s->replica);
    return e;
}
