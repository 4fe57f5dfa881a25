/* Settings: numbers that differ by region and year are dated records of the orgs above (policy_limit, REQ-11), never constants of
 * a rule. Where nobody above set one, what is shipped here holds, with its basis. */
#include "kinds/rules.h"
#include "settings.pb-c.h"
#include <stdlib.h>
#include <string.h>

static const struct setting_rule shipped[] = {
    {"dues.rate_permille", L("会费比例", "rate of dues"), "5", L("千分之", "per mille of the wage"), "工发〔1978〕101号 [V]"},
    {"dues.rounding_fen", L("计费工资舍去的零头", "part of the wage that is dropped"), "1000", L("分", "fen"), "工发〔1978〕101号 [V]"},
    {"dues.grace_days", L("会费宽限天数", "days of grace for dues"), "0", L("天", "days"), "rules.md 4.1"},
    {"proposal.reply_days", L("提案答复期限", "days for the reply to a proposal"), "30", L("天", "days"), "rules.md 2.3 [P]"},
    {"proposal.result_days", L("提案办结期限", "days for the result of a proposal"), "90", L("天", "days"), "rules.md 2.3 [P]"},
    {"proposal.seconders", L("提案附议人数", "co-signatures that a proposal needs"), "0", L("人", "people"), "rules.md 2.3 [P]"},
    {"membership.lapse_months", L("视为自动退会的月数", "months after which membership lapses"), "6", L("个月", "months"),
     "functions.md SM-MEMBERSHIP"},
};

const struct setting_rule *setting_all(size_t *count)
{
    *count = COUNT(shipped);
    return shipped;
}

const struct setting_rule *setting_find(const char *rule_code)
{
    for (size_t i = 0; i < COUNT(shipped); i++)
        if (strcmp(shipped[i].code, rule_code) == 0)
            return &shipped[i];
    return NULL;
}

bool setting_number(const char *text, int64_t *out)
{
    char *end;
    if (*text < '0' || *text > '9' || strlen(text) > 15)
        return false;
    int64_t value = strtoll(text, &end, 10);
    if (*end)
        return false;
    *out = value;
    return true;
}

/* ---- the one in effect ---- */
struct search {
    const struct check_context *c;
    struct date on;
    bool found;
    unsigned height;
    struct date from;
    struct id id;
    const char *value;
};

static bool is_in_effect(const ProtobufCMessage *row, struct date on)
{
    struct date from = check_date(row, "effective_from"), to = check_date(row, "effective_to");
    return strcmp(kind_state_of(&kind_policy_limit, row), "in_force") == 0 && date_is_valid(from) && date_compare(from, on) <= 0 &&
           (!date_is_valid(to) || date_compare(on, to) <= 0);
}

/* The nearest org's, of several the newest; of two of one day the one made later. */
static bool is_better(const struct search *s, unsigned height, struct date from, struct id id)
{
    if (!s->found || height != s->height)
        return !s->found || height < s->height;
    int order = date_compare(from, s->from);
    return order != 0 ? order > 0 : id_compare(id, s->id) > 0;
}

static bool look(void *to, struct id id, const ProtobufCMessage *row)
{
    struct search *s = to;
    const Record__PolicyLimit *limit = (const Record__PolicyLimit *)row;
    struct date from = check_date(row, "effective_from");
    unsigned height = s->c->height ? s->c->height(s->c->related_to, KIND_POLICY_LIMIT, id) : 0;
    if (limit->value && is_in_effect(row, s->on) && is_better(s, height, from, id))
        *s = (struct search){.c = s->c, .on = s->on, .found = true, .height = height, .from = from, .id = id, .value = limit->value};
    return true;
}

const char *setting_text(const struct check_context *c, const char *rule_code, struct date on)
{
    struct search s = {.c = c, .on = on};
    if (c->children && date_is_valid(on))
        c->children(c->related_to, KIND_POLICY_LIMIT, "rule_code", cell_text(rule_code), look, &s);
    const struct setting_rule *rule = setting_find(rule_code);
    if (!s.found)
        return rule ? rule->value : NULL;
    const char *value = arena_text(c->arena, slice_text(s.value));
    CHECK(value);
    return value;
}

int64_t setting_integer(const struct check_context *c, const char *rule_code, struct date on, int64_t fallback)
{
    const char *text = setting_text(c, rule_code, on);
    int64_t value;
    return text && setting_number(text, &value) ? value : fallback;
}
