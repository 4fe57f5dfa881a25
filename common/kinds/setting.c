/* Settings: numbers that differ by region and year are dated records of the orgs above (policy_limit, REQ-11), never constants of
 * a rule. Where nobody above set one, what is shipped here holds, with its basis. */
#include "kinds/rules.h"
#include "settings.pb-c.h"
#include <stdlib.h>
#include <string.h>

#define HALF_A_PERCENT                                                                                                 \
    L("全国总工会工发〔1978〕101号：按本人每月工资收入的0.5%，工资尾数不足十元的部分不计",                              \
      "All-China Federation, document 101 of 1978: 0.5 % of the month's wage, its part below ten yuan left out")
static const struct setting_rule shipped[] = {
    {"dues.rate_permille", L("会费比例", "rate of dues"), "5", L("千分之", "per mille of the wage"), HALF_A_PERCENT},
    {"dues.rounding_fen", L("计费工资舍去的零头", "part of the wage that is dropped"), "1000", L("分", "fen"), HALF_A_PERCENT},
    {"dues.grace_days", L("会费宽限天数", "days of grace for dues"), "0", L("天", "days"),
     L("没有统一规定，由上级工会按当地做法定", "no general rule: the union above sets what is usual there")},
    {"proposal.reply_days", L("提案答复期限", "days for the reply to a proposal"), "30", L("天", "days"),
     L("各地做法，一般最长三个月", "local practice, at most three months as a rule")},
    {"proposal.result_days", L("提案办结期限", "days for the result of a proposal"), "90", L("天", "days"),
     L("各地做法，一般三个月", "local practice, three months as a rule")},
    {"proposal.seconders", L("提案附议人数", "co-signatures that a proposal needs"), "0", L("人", "people"),
     L("各校做法，幼儿园一般不要求", "local practice: kindergartens seldom ask for any")},
    {"membership.lapse_months", L("视为自动退会的月数", "months after which membership lapses"), "6", L("个月", "months"),
     L("《中国工会章程》：没有正当理由连续六个月不交会费、不参加工会组织生活，经教育拒不改正",
       "Constitution of the Trade Unions: six months without dues or taking part, without good reason and in spite of persuasion")},
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
