/* See act_companions.h. */
#include "client/command/act_companions.h"

#include <string.h>

struct voiding {
    struct seat *seat;
    struct id proposal;
    const struct kind *kind;
    struct replica_change *list;
    size_t count;
    enum err failed;
};

static enum err void_one(struct voiding *v, struct id id)
{
    char today[DATE_TEXT_SIZE];
    ProtobufCMessage *patch = record_new(v->kind->descriptor, &v->seat->arena);
    if (!patch)
        return ERR_MEMORY;
    date_text(date_of_ms(v->seat->now_ms + v->seat->facts.clock_offset_ms, DATE_CHINA_MINUTES), today);
    record_put_name(patch, "voided_on", cell_text(today), &v->seat->arena);
    struct replica_change change = {.op = OP_SET, .kind = v->kind->number, .id = id, .patch = patch};
    if (v->count < COMPANIONS_MAX) {
        v->list[v->count++] = change;
        return ERR_OK;
    }
    struct replica_outcome outcome; /* more than a group holds: these go before it */
    return replica_change(v->seat->replica, &change, v->seat->now_ms, &v->seat->arena, &outcome);
}

static bool on_support(void *to, const struct replica_row *row)
{
    struct voiding *v = to;
    struct cell of = record_get_name(row->message, "proposal_id");
    bool signs = of.type == CELL_BYTES && slice_equal(of.bytes, id_slice(&v->proposal)) &&
                 record_get_name(row->message, "voided_on").type == CELL_ABSENT;
    if (signs)
        v->failed = void_one(v, row->id);
    return v->failed == ERR_OK;
}

static enum err void_supports(struct seat *s, struct id proposal, struct replica_change *list, size_t *count)
{
    struct voiding v = {.seat = s, .proposal = proposal, .kind = kind_by_name("proposal_support"), .list = list};
    enum err e = v.kind ? replica_scan(s->replica, v.kind->number, s->now_ms, on_support, &v) : ERR_OK;
    *count = v.count;
    return e == ERR_OK ? v.failed : e;
}

enum err act_companions(struct seat *s, const struct kind *k, const struct replica_change *act, struct replica_change list[COMPANIONS_MAX],
                        size_t *count)
{
    struct replica_row row;
    *count = 0;
    if (strcmp(k->name, "proposal") != 0 || strcmp(act->action, "returned") != 0)
        return ERR_OK;
    enum err e = replica_load(s->replica, k->number, act->id, s->now_ms, &s->arena, &row);
    if (e != ERR_OK || row.org != s->facts.home)
        return e == ERR_NOT_FOUND ? ERR_OK : e; /* the act itself says so */
    return void_supports(s, act->id, list, count);
}
