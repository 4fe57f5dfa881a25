/* See versions.h. */
#include "tests/versions/versions.h"
#include "tests/versions/descriptor.h"

#include <stdlib.h>
#include <string.h>

#define KINDS_MAX 64
#define AHEAD_NUMBER 90
#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static const char *const names[VERSIONS] = {"two-back", "one-back", "today", "ahead"};

const char *version_name(enum version v)
{
    return names[v];
}

enum version version_by_name(const char *name)
{
    enum version v = 0;
    while (v < VERSIONS && strcmp(names[v], name) != 0)
        v++;
    return v;
}

/* ---- what came when: fields with the highest tags, for tags only grow ---- */

enum part { PART_KIND, PART_FIELD, PART_STATE, PART_CODE };
static const struct {
    enum version since; /* the first that knows it */
    enum part part;
    const char *kind, *name; /* PART_CODE: the field whose list it is; code */
    const char *code;
} came[] = {
    {VERSION_TODAY, PART_KIND, "committee_meeting", NULL, NULL},
    {VERSION_ONE_BACK, PART_KIND, "branch_union", NULL, NULL},
    {VERSION_ONE_BACK, PART_FIELD, "member", "note", NULL},
    {VERSION_ONE_BACK, PART_FIELD, "member", "group_opinion", NULL},
    {VERSION_ONE_BACK, PART_FIELD, "member", "decided_by", NULL},
    {VERSION_ONE_BACK, PART_FIELD, "member", "approval_no", NULL},
    {VERSION_ONE_BACK, PART_FIELD, "member", "to_branch", NULL},
    {VERSION_ONE_BACK, PART_FIELD, "member", "from_branch", NULL},
    {VERSION_ONE_BACK, PART_FIELD, "member", "transferred_in_on", NULL},
    {VERSION_TODAY, PART_FIELD, "member", "from_member", NULL},
    {VERSION_TODAY, PART_FIELD, "member", "reason", NULL},
    {VERSION_TODAY, PART_FIELD, "union_group", "leader_seat", NULL},
    {VERSION_TODAY, PART_STATE, "member", "deceased", NULL},
    {VERSION_ONE_BACK, PART_CODE, "member", "retained_reason", "study"},
};

/* What is ahead of this build. What is said of a person is personal, as in the kinds' own rules. */
static const struct {
    const char *kind;
    struct field_rule rule;
} comes[] = {
    {"member", {.name = AHEAD_FIELD, .label = {"昵称", "nickname"}, .type = FIELD_TEXT, .flags = FIELD_PERSONAL}},
    {"member", {.name = AHEAD_SENSITIVE, .label = {"车牌号", "plate number"}, .type = FIELD_TEXT, .flags = FIELD_PERSONAL | FIELD_SENSITIVE}},
    {"policy_limit", {.name = AHEAD_REMARK, .label = {"说明", "remark"}, .type = FIELD_TEXT}},
    {"proposal", {.name = AHEAD_REMARK, .label = {"说明", "remark"}, .type = FIELD_TEXT}},
};

static bool lacks(enum version v, enum part part, const char *kind, const char *name, const char *code)
{
    for (size_t i = 0; i < COUNT(came); i++)
        if (came[i].part == part && v < came[i].since && strcmp(came[i].kind, kind) == 0 && (!name || strcmp(came[i].name, name) == 0) &&
            (!code || strcmp(came[i].code, code) == 0))
            return true;
    return false;
}

static role_set roles_of(enum version v)
{
    role_set all = role_all();
    return v < VERSION_ONE_BACK ? all & ~ROLES(audit_member) : all;
}

/* ---- copies, made once ---- */

static void *grab(size_t size)
{
    void *p = calloc(1, size);
    CHECK(p);
    return p;
}

static bool is_gone(enum version v, const struct kind *k, const char *field)
{
    return lacks(v, PART_FIELD, k->name, field, NULL);
}

static void drop_names(enum version v, const struct kind *k, const char **list, size_t max)
{
    size_t to = 0;
    for (size_t i = 0; i < max && list[i]; i++)
        if (!is_gone(v, k, list[i]))
            list[to++] = list[i];
    while (to < max)
        list[to++] = NULL;
}

/* A NULL-ended list of fields without those that are gone. */
static const char *const *names_left(enum version v, const struct kind *k, const char *const *list)
{
    size_t count = 0;
    if (!list)
        return NULL;
    while (list[count])
        count++;
    const char **copy = grab((count + 1) * sizeof *copy);
    memcpy(copy, list, count * sizeof *copy);
    drop_names(v, k, copy, count);
    return copy;
}

static const struct code_list *codes_left(enum version v, const struct kind *k, const struct field_rule *f)
{
    static const struct code sabbatical = {AHEAD_CODE, {"学术休假", "sabbatical"}, NULL};
    bool more = v == VERSION_AHEAD && strcmp(f->name, "retained_reason") == 0;
    struct code_list *list = grab(sizeof *list);
    struct code *codes = grab((f->codes->count + 1) * sizeof *codes);
    *list = *f->codes;
    list->codes = codes;
    list->count = 0;
    for (size_t i = 0; i < f->codes->count; i++)
        if (!lacks(v, PART_CODE, k->name, f->name, f->codes->codes[i].name))
            codes[list->count++] = f->codes->codes[i];
    if (more)
        codes[list->count++] = sabbatical;
    return list;
}

static void fill_fields(enum version v, const struct kind *k, struct kind *out)
{
    struct field_rule *fields = grab((k->field_count + COUNT(comes)) * sizeof *fields);
    out->fields = fields;
    out->field_count = 0;
    for (size_t i = 0; i < k->field_count; i++)
        if (!is_gone(v, k, k->fields[i].name))
            fields[out->field_count++] = k->fields[i];
    for (size_t i = 0; v == VERSION_AHEAD && i < COUNT(comes); i++)
        if (strcmp(comes[i].kind, k->name) == 0)
            fields[out->field_count++] = comes[i].rule;
    for (size_t i = 0; i < out->field_count; i++)
        if (fields[i].codes)
            fields[i].codes = codes_left(v, k, &fields[i]);
}

static void fill_states(enum version v, const struct kind *k, struct kind *out)
{
    static const struct state_rule state = {AHEAD_STATE, {"借调", "seconded"}, STATE_EDITABLE};
    static const struct action_rule action = {AHEAD_STATE, {"借调", "second"}, {"active"}, {NULL}, {"state_effective_on"}, NULL};
    struct state_rule *states = grab((k->state_count + 1) * sizeof *states);
    struct action_rule *actions = grab((k->action_count + 1) * sizeof *actions);
    bool more = v == VERSION_AHEAD && strcmp(k->name, "member") == 0;
    out->state_count = out->action_count = 0;
    for (size_t i = 0; i < k->state_count; i++)
        if (!lacks(v, PART_STATE, k->name, k->states[i].name, NULL))
            states[out->state_count++] = k->states[i];
    for (size_t i = 0; i < k->action_count; i++) {
        struct action_rule *a = &actions[out->action_count];
        if (lacks(v, PART_STATE, k->name, k->actions[i].name, NULL))
            continue;
        *a = k->actions[i];
        drop_names(v, k, a->required, ACTION_FIELDS);
        drop_names(v, k, a->allowed, ACTION_FIELDS);
        out->action_count++;
    }
    if (more) {
        states[out->state_count++] = state;
        actions[out->action_count++] = action;
    }
    out->states = states;
    out->actions = actions;
}

/* ---- a rule that was added later ---- */

bool version_breaks_rule(const ProtobufCMessage *member)
{
    struct cell campus = record_get_name(member, "campus");
    return campus.type == CELL_TEXT && campus.bytes.size > 0 && strchr("789", campus.bytes.data[campus.bytes.size - 1]) != NULL;
}

static kind_check *check_of_today;

static void check_with_rule(const struct check_context *c, struct findings *out)
{
    bool fresh = !c->before || !cell_equal(record_get_name(c->before, "campus"), record_get_name(c->after, "campus"));
    check_of_today(c, out);
    if (fresh && version_breaks_rule(c->after))
        findings_add(out, SEVERITY_BLOCK, AHEAD_RULE, "campus", NULL, NULL);
}

static void add_rule(struct kind *k)
{
    static const struct rule_text text = {AHEAD_RULE,
                                          {"校区的名称不能以 7、8、9 结尾。", "The name of a campus does not end in 7, 8 or 9."},
                                          {"请换一个名称再保存。", "Give another name."},
                                          "test"};
    struct rule_text *texts = grab((k->text_count + 1) * sizeof *texts);
    memcpy(texts, k->texts, k->text_count * sizeof *texts);
    texts[k->text_count++] = text;
    k->texts = texts;
    check_of_today = k->check;
    k->check = check_with_rule;
}

static const struct kind *kind_left(enum version v, const struct kind *k)
{
    const char *more[COUNT(comes) + 1] = {NULL};
    struct kind *out = grab(sizeof *out);
    const char **gone = grab((k->field_count + 1) * sizeof *gone);
    size_t count = 0, to = 0;
    *out = *k;
    for (size_t i = 0; v == VERSION_AHEAD && i < COUNT(comes); i++)
        if (strcmp(comes[i].kind, k->name) == 0)
            more[to++] = comes[i].rule.name;
    for (size_t i = 0; i < k->field_count; i++)
        if (is_gone(v, k, k->fields[i].name))
            gone[count++] = k->fields[i].name;
    out->descriptor = descriptor_make(k->descriptor, gone, more);
    free(gone);
    fill_fields(v, k, out);
    fill_states(v, k, out);
    out->naming = names_left(v, k, k->naming);
    out->columns = names_left(v, k, k->columns);
    out->identity = names_left(v, k, k->identity);
    if (v == VERSION_AHEAD && strcmp(k->name, "member") == 0)
        add_rule(out);
    return out;
}

static const struct kind *kind_more(void)
{
    struct kind *out = grab(sizeof *out);
    *out = *kind_by_name("union_group");
    out->number = AHEAD_NUMBER;
    out->name = AHEAD_KIND;
    out->label = (struct label){"社团", "club"};
    return out;
}

const struct kind_set *version_kinds(enum version v)
{
    static struct kind_set sets[VERSIONS];
    static const struct kind *lists[VERSIONS][KINDS_MAX];
    struct kind_set *set = &sets[v];
    size_t count;
    if (set->count)
        return set;
    const struct kind *const *all = kind_all(&count);
    CHECK(count < KINDS_MAX);
    for (size_t i = 0; i < count; i++)
        if (!lacks(v, PART_KIND, all[i]->name, NULL, NULL))
            lists[v][set->count++] = v == VERSION_TODAY ? all[i] : kind_left(v, all[i]);
    if (v == VERSION_AHEAD)
        lists[v][set->count++] = kind_more();
    set->list = lists[v];
    set->roles = roles_of(v);
    return set;
}
