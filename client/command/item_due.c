/* See item_due.h. Without a day an item is in no list of what is due and in no figure of the district. */
#include "client/command/item_due.h"
#include "base/limits.h"
#include "client/reader/plan_period.h"

#include <string.h>

static int number(const ProtobufCMessage *patch, const char *field)
{
    struct cell value = record_get_name(patch, field);
    return value.type == CELL_INTEGER && value.integer >= 0 && value.integer <= 12 ? (int)value.integer : 0;
}

static bool period_of(struct seat *s, const ProtobufCMessage *patch, struct period *out)
{
    struct cell plan = record_get_name(patch, "plan_id");
    struct replica_row row;
    struct arena arena;
    bool found = false;
    if (plan.type != CELL_BYTES || plan.bytes.size != ID_SIZE)
        return false;
    arena_init(&arena, LIMIT_ARENA);
    if (replica_load(s->replica, kind_by_name("work_plan")->number, id_from(plan.bytes), s->now_ms, &arena, &row) == ERR_OK && row.message)
        found = period_read(record_get_name(row.message, "period").bytes, out);
    arena_finish(&arena);
    return found;
}

void item_due_fill(struct seat *s, const struct kind *k, ProtobufCMessage *patch, struct arena *arena)
{
    struct plan_when when;
    struct period period;
    struct date due;
    char text[DATE_TEXT_SIZE];
    if (strcmp(k->name, "plan_item") != 0 || record_get_name(patch, "due_on").type != CELL_ABSENT)
        return;
    when = (struct plan_when){.month = number(patch, "month"), .month_to = number(patch, "month_to"), .quarter = number(patch, "quarter")};
    if (!period_of(s, patch, &period) || !plan_item_due(period, &when, &due))
        return;
    date_text(due, text);
    const char *kept = arena_text(arena, slice_text(text));
    if (kept)
        record_put_name(patch, "due_on", cell_text(kept), arena);
}
