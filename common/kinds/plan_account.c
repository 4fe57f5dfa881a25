/* What is due of a plan: its items count from the plan's adoption on. What is still talked over, or was sent back, binds nobody; what
 * is filed is over. Once the plan is summed up nothing of it is awaited any more, but what was done in its months stays told. */
#include "kinds/rules.h"
#include "plans.pb-c.h"
#include <stdio.h>
#include <string.h>

static bool binds(const ProtobufCMessage *plan)
{
    static const char *const states[] = {"adopted", "submitted", "acknowledged", "in_force", "summarised"};
    const char *state = kind_state_of(&kind_work_plan, plan);
    for (size_t i = 0; i < COUNT(states); i++)
        if (strcmp(state, states[i]) == 0)
            return true;
    return false;
}

static bool is_open(const ProtobufCMessage *item)
{
    const struct state_rule *state = kind_state(&kind_plan_item, kind_state_of(&kind_plan_item, item));
    return state && !(state->flags & STATE_END);
}

/* "plan_item.2026-10.done": by the month in which it is due; "plan_item.due.2026-10-31" while it is open. */
static void count_item(const ProtobufCMessage *item, bool awaited, int64_t sign, measure_emit *emit, void *to)
{
    struct date due = check_date(item, "due_on");
    if (!date_is_valid(due))
        return;
    char month[sizeof "plan_item.2026-10."], name[sizeof "plan_item.due." + DATE_TEXT_SIZE] = "plan_item.due.";
    snprintf(month, sizeof month, "plan_item.%04u-%02u.", (unsigned)due.year % 10000u, (unsigned)due.month % 100u);
    measure_state(&kind_plan_item, item, month, sign, emit, to);
    if (!awaited || !is_open(item))
        return;
    date_text(due, name + sizeof "plan_item.due." - 1);
    emit(to, name, sign);
}

static void measure(const struct account_rows *rows, int64_t sign, measure_emit *emit, void *to)
{
    const ProtobufCMessage *plan = NULL, *item = NULL;
    for (size_t i = 0; i < rows->count; i++) {
        if (rows->list[i]->descriptor == &record__work_plan__descriptor)
            plan = rows->list[i];
        else
            item = rows->list[i];
    }
    if (item && plan && binds(plan))
        count_item(item, strcmp(kind_state_of(&kind_work_plan, plan), "summarised") != 0, sign, emit, to);
}

static const uint32_t kinds[] = {KIND_WORK_PLAN, KIND_PLAN_ITEM, 0};
const struct account plan_account = {.name = "plan", .kinds = kinds, .by = "plan_id", .whole = KIND_WORK_PLAN, .measure = measure};
