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

/* Dues are owed from that day on, and nobody typed it. */
static void say_day(const ProtobufCMessage *row, const ProtobufCMessage *patch)
{
    struct buf said = BUF_INIT;
    struct cell given = record_get_name(patch, "joined_on"), joined = given.type == CELL_TEXT ? given : record_get_name(row, "joined_on");
    if (joined.type == CELL_TEXT)
        buf_format(&said, _("admitted without a day (state_effective_on=DATE): counted as a member since joined_on %s"), (const char *)joined.bytes.data);
    else
        buf_text(&said, _("admitted without a day (state_effective_on=DATE): counted as a member from the beginning; give the day by banyan set member ID joined_on=DATE"));
    command_warn(buf_c_string(&said));
    buf_finish(&said);
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
    const char *from = e == ERR_OK ? kind_state_of(k, row.message) : NULL;
    if (from && strcmp(from, change->action) == 0) /* since the day that was given then */
        return true;
    if (e != ERR_OK) {
        *status = command_failed(s, e, k->name);
        return false;
    }
    bool admission = from && strcmp(from, "applied") == 0 && strcmp(change->action, "active") == 0;
    date_text(seat_today(s), today);
    if (admission && record_get_name(patch, "state_effective_on").type == CELL_ABSENT)
        say_day(row.message, patch);
    if (!admission)
        put_default(change, patch, "state_effective_on", cell_text(today), &s->arena);
    change->patch = patch;
    return true;
}
