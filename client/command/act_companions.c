/* See act_companions.h. */
#include "client/command/act_companions.h"

#include <string.h>

struct supports {
    struct seat *seat;
    struct id proposal;
    struct id *list; /* those that stand, in the seat's arena */
    size_t count, capacity;
    bool full;
};

static bool on_support(void *to, const struct replica_row *row)
{
    struct supports *v = to;
    struct cell of = record_get_name(row->message, "proposal_id");
    bool signs = of.type == CELL_BYTES && slice_equal(of.bytes, id_slice(&v->proposal)) &&
                 record_get_name(row->message, "voided_on").type == CELL_ABSENT;
    struct id *list = signs ? arena_grow(&v->seat->arena, v->list, v->count, &v->capacity, sizeof *list) : NULL;
    v->full = signs && !list;
    if (list) {
        v->list = list;
        v->list[v->count++] = row->id;
    }
    return !v->full;
}

static enum err void_supports(struct seat *s, struct id proposal, struct replica_change *list, size_t *count, struct replica_outcome *o)
{
    const struct kind *k = kind_by_name("proposal_support");
    struct supports v = {.seat = s, .proposal = proposal};
    char today[DATE_TEXT_SIZE];
    enum err e = replica_scan(s->replica, k->number, s->now_ms, on_support, &v);
    ProtobufCMessage *patch = record_new(k->descriptor, &s->arena);
    if (e == ERR_OK && (v.full || !patch))
        e = ERR_MEMORY;
    if (e != ERR_OK)
        return e;
    date_text(seat_today(s), today);
    record_put_name(patch, "voided_on", cell_text(today), &s->arena);
    for (size_t i = 0; i < v.count && e == ERR_OK; i++) {
        struct replica_change change = {.op = OP_SET, .kind = k->number, .id = v.list[i], .patch = patch};
        if (*count < COMPANIONS_MAX)
            list[(*count)++] = change;
        else /* more than a group holds: these go before it */
            e = replica_change(s->replica, &change, s->now_ms, &s->arena, o);
    }
    return e;
}

enum err act_companions(struct seat *s, const struct kind *k, const struct replica_change *act, struct replica_change list[COMPANIONS_MAX],
                        size_t *count, struct replica_outcome *o)
{
    struct replica_row row;
    *count = 0;
    if (strcmp(k->name, "proposal") != 0 || strcmp(act->action, "returned") != 0)
        return ERR_OK;
    enum err e = replica_load(s->replica, k->number, act->id, s->now_ms, &s->arena, &row);
    if (e != ERR_OK || row.org != s->facts.home)
        return e == ERR_NOT_FOUND ? ERR_OK : e; /* the act itself says so */
    return void_supports(s, act->id, list, count, o);
}
