/* See member_step.h. */
#include "client/command/member_step.h"

#include <string.h>

static bool is_cleared(const struct replica_change *c, const ProtobufCMessageDescriptor *d, const char *field)
{
    for (size_t i = 0; i < c->cleared_count; i++)
        if (c->cleared[i] == record_field(d, field)->id)
            return true;
    return false;
}

static void put_default(const struct replica_change *c, ProtobufCMessage *patch, const char *field, struct cell day, struct arena *arena)
{
    if (record_get_name(patch, field).type == CELL_ABSENT && !is_cleared(c, patch->descriptor, field))
        record_put_name(patch, field, day, arena);
}

bool member_step_fill(struct seat *s, const struct kind *k, struct replica_change *change, int *status)
{
    struct replica_row row;
    char *today = arena_alloc(&s->arena, DATE_TEXT_SIZE);
    if (strcmp(k->name, "member") != 0)
        return true;
    enum err e = today ? replica_load(s->replica, k->number, change->id, s->now_ms, &s->arena, &row) : ERR_MEMORY;
    ProtobufCMessage *patch = NULL;
    if (e == ERR_OK && !(patch = change->patch ? record_copy(change->patch, &s->arena) : record_new(k->descriptor, &s->arena)))
        e = ERR_MEMORY;
    if (e == ERR_NOT_FOUND) /* the step itself says so */
        return true;
    if (e != ERR_OK) {
        *status = command_failed(s, e, k->name);
        return false;
    }
    const char *from = kind_state_of(k, row.message);
    bool there = from && strcmp(from, change->action) == 0; /* since the day that was given then */
    bool admission = from && strcmp(from, "applied") == 0 && strcmp(change->action, "active") == 0;
    if (there || admission)
        return true;
    date_text(seat_today(s), today);
    put_default(change, patch, "state_effective_on", cell_text(today), &s->arena);
    change->patch = patch;
    return true;
}
