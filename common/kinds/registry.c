/* Which kinds there are. A new kind is one line in `kinds` beside its message and its rules file; nothing else changes.
 */
#include "kinds/rules.h"
#include <string.h>

#define EXTRA_MAX 8

static const struct kind *const kinds[] = {
    &kind_member,           &kind_union_group,       &kind_work_plan,     &kind_plan_item,         &kind_policy_limit,
    &kind_proposal,         &kind_proposal_support,  &kind_proposal_reply, &kind_proposal_call,    &kind_dues_standard,
    &kind_dues_assessment,  &kind_dues_payment,      &kind_dues_year,     &kind_dues_usage_report, &kind_dues_usage_line,
    &kind_work_summary,     &kind_handover,          &kind_membership_change, &kind_branch_union,  &kind_committee_meeting,
    &kind_conflict,
};

/* The kinds above, then those of tests. Written by kind_register_extra alone, before anybody reads. */
static const struct kind *listed[COUNT(kinds) + EXTRA_MAX];
static size_t extra_count;
static const struct kind_set *another; /* NULL: this build's own */

void kind_use(const struct kind_set *set)
{
    another = set;
}

role_set role_all(void)
{
    return another ? another->roles : (1u << ROLE_COUNT) - 1;
}

void kind_register_extra(const struct kind *k)
{
    if (!k) {
        extra_count = 0;
        return;
    }
    CHECK(extra_count < EXTRA_MAX);
    memcpy(listed, kinds, sizeof kinds);
    listed[COUNT(kinds) + extra_count++] = k;
}

const struct kind *const *kind_all(size_t *count)
{
    if (another) {
        *count = another->count;
        return another->list;
    }
    *count = COUNT(kinds) + extra_count;
    return extra_count ? listed : kinds;
}

const struct kind *kind_by_number(uint32_t number)
{
    size_t count;
    const struct kind *const *all = kind_all(&count);
    for (size_t i = 0; i < count; i++)
        if (all[i]->number == number)
            return all[i];
    return NULL;
}

const struct kind *kind_by_name(const char *name)
{
    size_t count;
    const struct kind *const *all = kind_all(&count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(all[i]->name, name) == 0)
            return all[i];
    return NULL;
}

const struct field_rule *kind_field(const struct kind *k, const char *name)
{
    for (size_t i = 0; i < k->field_count; i++)
        if (strcmp(k->fields[i].name, name) == 0)
            return &k->fields[i];
    return NULL;
}

void kind_lookups(const struct kind *k, const char **out)
{
    for (size_t i = 0; i < k->field_count; i++)
        if (k->fields[i].flags & FIELD_LOOKUP)
            *out++ = k->fields[i].name;
    *out = NULL;
}

const struct state_rule *kind_state(const struct kind *k, const char *name)
{
    for (size_t i = 0; i < k->state_count; i++)
        if (strcmp(k->states[i].name, name) == 0)
            return &k->states[i];
    return NULL;
}

const struct action_rule *kind_action(const struct kind *k, const char *name)
{
    for (size_t i = 0; i < k->action_count; i++)
        if (strcmp(k->actions[i].name, name) == 0)
            return &k->actions[i];
    return NULL;
}

static bool lists(const char *const *names, size_t max, const char *name)
{
    for (size_t i = 0; i < max && names[i]; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

bool kind_step_leads_from(const struct action_rule *a, const char *state)
{
    return state && lists(a->from, ACTION_STATES, state);
}

bool kind_step_brings(const struct action_rule *a, const char *field)
{
    return lists(a->allowed, ACTION_FIELDS, field) || lists(a->required, ACTION_FIELDS, field);
}

const char *kind_state_of(const struct kind *k, const ProtobufCMessage *m)
{
    if (k->state_count == 0)
        return NULL;
    struct cell state = record_get_name(m, "state");
    /* A message's text is a C string (record.h); a record without one is in the first state. */
    return state.type == CELL_TEXT ? (const char *)state.bytes.data : k->states[0].name;
}

const char *label_in(struct label l, enum language language)
{
    return language == LANGUAGE_ZH ? l.zh : l.en;
}

const char *field_type_name(enum field_type t)
{
    static const char *const names[] = {
        [FIELD_TEXT] = "text",           [FIELD_LONG_TEXT] = "long_text", [FIELD_DATE] = "date", [FIELD_CODE] = "code",
        [FIELD_REFERENCE] = "reference", [FIELD_INTEGER] = "integer",     [FIELD_FEN] = "fen",   [FIELD_BOOL] = "bool",
        [FIELD_BYTES] = "bytes",         [FIELD_TIME_MS] = "time",
    };
    CHECK((size_t)t < COUNT(names));
    return names[t];
}
