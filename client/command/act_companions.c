/* See act_companions.h. */
#include "client/command/act_companions.h"
#include "membership.pb-c.h"

#include <string.h>

static void copy_field(const ProtobufCMessage *from, const char *field, ProtobufCMessage *to, const char *as, struct arena *arena)
{
    struct cell value = record_get_name(from, field);
    if (value.type != CELL_ABSENT)
        record_put_name(to, as, value, arena);
}

/* The move takes effect on the day that was given, else today. */
static const ProtobufCMessage *with_day(struct seat *s, const struct replica_change *act, const struct kind *k)
{
    char today[DATE_TEXT_SIZE];
    ProtobufCMessage *patch = act->patch ? record_copy(act->patch, &s->arena) : record_new(k->descriptor, &s->arena);
    if (!patch)
        return NULL;
    date_text(date_of_ms(s->now_ms + s->facts.clock_offset_ms, DATE_CHINA_MINUTES), today);
    if (record_get_name(patch, "state_effective_on").type == CELL_ABSENT)
        record_put_name(patch, "state_effective_on", cell_text(today), &s->arena);
    return patch;
}

static enum err member_ledger(struct seat *s, const struct kind *k, const struct replica_row *row, struct replica_change *act,
                              struct replica_change *out, size_t *count)
{
    const struct kind *ledger = kind_by_name("membership_change");
    const char *from = kind_state_of(k, row->message);
    if (!ledger || !kind_may(ledger, s->facts.roles, RIGHT_ADD) || strcmp(from, act->action) == 0)
        return ERR_OK;
    const ProtobufCMessage *patch = with_day(s, act, k);
    ProtobufCMessage *line = record_new(ledger->descriptor, &s->arena);
    struct id *member = arena_alloc(&s->arena, sizeof *member);
    if (!patch || !line || !member)
        return ERR_MEMORY;
    *member = act->id;
    record_put_name(line, "member_id", cell_bytes(id_slice(member)), &s->arena);
    record_put_name(line, "from_state", cell_text(from), &s->arena);
    record_put_name(line, "to_state", cell_text(act->action), &s->arena);
    copy_field(patch, "state_effective_on", line, "effective_on", &s->arena);
    copy_field(patch, "retained_reason", line, "reason", &s->arena);
    copy_field(patch, "note", line, "reason", &s->arena);
    copy_field(patch, "to_branch", line, "to_branch", &s->arena);
    copy_field(patch, "decided_by", line, "decided_by", &s->arena);
    act->patch = patch;
    out[(*count)++] = (struct replica_change){.op = OP_CREATE, .kind = ledger->number, .patch = line};
    return ERR_OK;
}

/* ---- a proposal that is sent back ---- */

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
    if (v->count == COMPANIONS_MAX)
        return ERR_TOO_LONG;
    date_text(date_of_ms(v->seat->now_ms + v->seat->facts.clock_offset_ms, DATE_CHINA_MINUTES), today);
    record_put_name(patch, "voided_on", cell_text(today), &v->seat->arena);
    v->list[v->count++] = (struct replica_change){.op = OP_SET, .kind = v->kind->number, .id = id, .patch = patch};
    return ERR_OK;
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

enum err act_companions(struct seat *s, const struct kind *k, struct replica_change *act, struct replica_change list[COMPANIONS_MAX],
                        size_t *count)
{
    struct replica_row row;
    *count = 0;
    bool member = strcmp(k->name, "member") == 0, back = strcmp(k->name, "proposal") == 0 && strcmp(act->action, "returned") == 0;
    if (!member && !back)
        return ERR_OK;
    enum err e = replica_load(s->replica, k->number, act->id, s->now_ms, &s->arena, &row);
    if (e != ERR_OK || row.org != s->facts.home)
        return e == ERR_NOT_FOUND ? ERR_OK : e; /* the act itself says so */
    return member ? member_ledger(s, k, &row, act, list, count) : void_supports(s, act->id, list, count);
}
