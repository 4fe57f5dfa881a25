/* Settings: numbers that differ by region and year are dated records of the orgs above (policy_limit, REQ-11), never constants of
 * a rule. Where nobody set one, the default below holds, with its basis. */
#include "kinds/rules.h"
#include "settings.pb-c.h"
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *code, *value, *basis;
} shipped[] = {
    {"dues.rate_permille", "5", "工发〔1978〕101号 [V]"},
    {"dues.rounding_fen", "1000", "工发〔1978〕101号 [V]"},
    {"dues.grace_days", "0", "rules.md 4.1"},
    {"proposal.reply_days", "30", "rules.md 2.3 [P]"},
    {"proposal.result_days", "90", "rules.md 2.3 [P]"},
    {"proposal.supporters_min", "0", "rules.md 2.3 [P]"},
};

struct setting {
    struct date on, from; /* from: of the one found; invalid: none yet */
    const char *value;
};

static bool is_in_force(const ProtobufCMessage *row, struct date on)
{
    const char *state = kind_state_of(&kind_policy_limit, row);
    struct date from = check_date(row, "effective_from"), to = check_date(row, "effective_to");
    return strcmp(state, "in_force") == 0 && date_is_valid(from) && date_compare(from, on) <= 0 &&
           (!date_is_valid(to) || date_compare(on, to) <= 0);
}

/* The newest that is in effect. */
static bool look(void *to, struct id id, const ProtobufCMessage *row)
{
    struct setting *s = to;
    struct date from = check_date(row, "effective_from");
    (void)id;
    if (is_in_force(row, s->on) && (!date_is_valid(s->from) || date_compare(from, s->from) > 0)) {
        s->from = from;
        s->value = ((const Record__PolicyLimit *)row)->value;
    }
    return true;
}

const char *setting_text(const struct check_context *c, const char *rule_code, struct date on)
{
    struct setting s = {.on = on};
    if (date_is_valid(on))
        check_children(c, KIND_POLICY_LIMIT, "rule_code", cell_text(rule_code), look, &s);
    if (s.value)
        return c->arena ? arena_text(c->arena, slice_text(s.value)) : s.value;
    for (size_t i = 0; i < COUNT(shipped); i++)
        if (strcmp(shipped[i].code, rule_code) == 0)
            return shipped[i].value;
    return NULL;
}

int64_t setting_integer(const struct check_context *c, const char *rule_code, struct date on, int64_t fallback)
{
    const char *text = setting_text(c, rule_code, on);
    char *end = NULL;
    long long value = text ? strtoll(text, &end, 10) : 0;
    return text && end != text && *end == '\0' ? value : fallback;
}
