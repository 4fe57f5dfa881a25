/* See help_errand.h. Rules: a delivery of a week that nobody ordered warns, more than was ordered is refused (a limit of the custom
 * "most" counts where there is one). */
#include "tests/unit/help_errand.h"
#include "sync/derived_id.h"
#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LABEL {"x", "x"}
#define COUNT(list) (sizeof(list) / sizeof((list)[0]))
#define TEXT(field_name, field_flags) {.name = field_name, .label = LABEL, .type = FIELD_TEXT, .flags = field_flags}
#define NUMBER(field_name, field_flags) {.name = field_name, .label = LABEL, .type = FIELD_INTEGER, .flags = field_flags}

static const char *const none[] = {NULL};
static const char *const all[] = {"*", NULL};

/* ---- runner ---- */
static const struct field_rule runner_fields[] = {TEXT("name", FIELD_REQUIRED), NUMBER("entered_by", 0), TEXT("note", 0), TEXT("state", 0)};
static const struct right_rule runner_rights[] = {
    {ROLES(union_chair), ACCESS_FULL, RIGHT_ADD | RIGHT_SET | RIGHT_REMOVE, all},
    {ROLES(committee_member), ACCESS_FULL, RIGHT_ADD, NULL},
};
static const struct kind runner = {
    .number = RUNNER, .name = "runner", .label = LABEL, .descriptor = &errand__runner__descriptor, .owner = OWNER_BRANCH,
    .fields = runner_fields, .field_count = COUNT(runner_fields), .rights = runner_rights, .right_count = COUNT(runner_rights),
    .naming = none, .columns = none, .identity = none,
};

/* ---- the account: what a runner was to bring in a week and what came ---- */
static const uint32_t errand_kinds[] = {ORDER, DELIVERY, 0};

static void errand_measure(const struct account_rows *rows, int64_t sign, measure_emit *emit, void *to)
{
    int64_t ordered = 0, brought = 0;
    const char *week = "";
    char name[96];
    for (size_t i = 0; i < rows->count; i++) {
        bool is_order = rows->list[i]->descriptor == &errand__order__descriptor;
        ordered += is_order ? ((const Errand__Order *)rows->list[i])->amount : 0;
        brought += is_order ? 0 : ((const Errand__Delivery *)rows->list[i])->amount;
        week = is_order ? ((const Errand__Order *)rows->list[i])->week : ((const Errand__Delivery *)rows->list[i])->week;
    }
    emit(to, "errand.ordered", sign * ordered);
    emit(to, "errand.brought", sign * brought);
    snprintf(name, sizeof name, "errand.%s.%.32s", brought >= ordered ? "done" : brought > 0 ? "part" : "open", week);
    emit(to, name, sign);
}

const struct account errand_account = {.name = "errand", .kinds = errand_kinds, .by = "runner_id", .key = "week", .measure = errand_measure};

/* ---- order ---- */
static const struct field_rule order_fields[] = {
    {.name = "runner_id", .label = LABEL, .type = FIELD_REFERENCE, .reference = RUNNER, .flags = FIELD_REQUIRED | FIELD_LOOKUP},
    TEXT("week", FIELD_REQUIRED | FIELD_LOOKUP),
    NUMBER("amount", 0),
    {.name = "note", .label = LABEL, .type = FIELD_TEXT, .who = ROLES(union_chair)},
    TEXT("state", 0),
    TEXT("no", FIELD_SERVER),
    TEXT("mark", FIELD_ALWAYS),
    {.name = "filed_no", .label = LABEL, .type = FIELD_TEXT, .flags = FIELD_SERVER, .given_at = "filed"},
    NUMBER("entered_by", FIELD_AUTHOR),
};
static const struct state_rule order_states[] = {{"draft", LABEL, STATE_EDITABLE}, {"filed", LABEL, STATE_ENTRY}};
static const struct action_rule order_actions[] = {
    {.name = "filed", .label = LABEL, .from = {"draft"}}, {.name = "draft", .label = LABEL, .from = {"filed"}}};
static const char *const files[] = {"filed", NULL};

/* Who is to bring what in a week is said once; near a day of September. */
static bool order_key(const ProtobufCMessage *row, struct date *day, struct buf *key)
{
    const Errand__Order *o = (const Errand__Order *)row;
    if (o->runner_id.len != ID_SIZE || !o->week)
        return false;
    *day = (struct date){2026, 9, (int8_t)(1 + (unsigned)atoi(o->week + 1) % 28)};
    buf_append(key, o->runner_id.data, ID_SIZE);
    buf_text(key, o->week);
    return true;
}

struct id errand_id(uint32_t kind, uint32_t org, struct id runner_id, const char *week)
{
    struct id id;
    Errand__Order o = ERRAND__ORDER__INIT;
    o.has_runner_id = 1;
    o.runner_id = (ProtobufCBinaryData){ID_SIZE, runner_id.bytes};
    o.week = (char *)week;
    assert_true(derived_id(kind_by_number(kind), org, &o.base, &id));
    return id;
}

static const struct right_rule order_rights[] = {
    {ROLES(union_chair), ACCESS_FULL, RIGHT_ADD | RIGHT_SET | RIGHT_REMOVE, all},
    {ROLES(committee_member), ACCESS_FULL, RIGHT_ADD, NULL},
    {ROLES(district_officer), ACCESS_SUM, 0, NULL},
};
static const struct right_rule order_own_rights[] = {{ROLES(committee_member), ACCESS_NONE, RIGHT_SET | RIGHT_REMOVE, files}};

/* As it stands with what was brought; an order of an early week is late whatever came. */
static const struct code standing_codes[] = {{"open", {"未送", "open"}, NULL}, {"part", {"部分", "in part"}, NULL}, {"done", {"已送", "done"}, NULL}};
static const struct code_list standings = {"errand_standing", "product", standing_codes, COUNT(standing_codes)};
static const struct derived_rule order_derived[] = {
    {"state", {"送达情况", "standing"}, FIELD_CODE, &standings, 0},
    {"brought", {"已送数量", "brought"}, FIELD_INTEGER, NULL, FIELD_SENSITIVE},
    {"late", {"已过期", "late"}, FIELD_BOOL, NULL, 0},
};

static bool add_delivery(void *to, struct id id, const ProtobufCMessage *row);

struct sums {
    const struct check_context *c;
    const char *week;
    int64_t ordered, brought;
    size_t orders;
};

static void order_derive(const struct check_context *c, derived_emit *emit, void *to)
{
    const Errand__Order *o = (const Errand__Order *)c->after;
    struct sums s = {.c = c, .week = o->week};
    char standing[8];
    emit(to, "late", (struct cell){.type = CELL_BOOL, .integer = atoi(o->week + 1) < c->today.day});
    emit(to, "no_such", cell_integer(1)); /* what the kind does not declare is not shown */
    if (!c->children)
        return;
    c->children(c->related_to, DELIVERY, "runner_id", cell_bytes(slice_of(o->runner_id.data, o->runner_id.len)), add_delivery, &s);
    snprintf(standing, sizeof standing, "%s", s.brought >= o->amount ? "done" : s.brought ? "part" : "open");
    emit(to, "state", cell_text(standing));
    emit(to, "brought", cell_integer(s.brought));
}

/* The district sees those that were marked for it. */
static enum access order_access(const ProtobufCMessage *row, role_set roles, enum access by_table)
{
    const Errand__Order *o = (const Errand__Order *)row;
    bool sent = !o || (o->mark && strcmp(o->mark, "sent") == 0);
    return (roles & ROLES(district_officer)) && sent ? ACCESS_FULL : by_table;
}

static const struct kind order = {
    .number = ORDER, .name = "order", .label = LABEL, .descriptor = &errand__order__descriptor, .owner = OWNER_BRANCH,
    .fields = order_fields, .field_count = COUNT(order_fields), .rights = order_rights, .right_count = COUNT(order_rights),
    .states = order_states, .state_count = COUNT(order_states), .actions = order_actions, .action_count = COUNT(order_actions),
    .own_rights = order_own_rights, .own_right_count = COUNT(order_own_rights), .row_access = order_access,
    .derived = order_derived, .derived_count = COUNT(order_derived), .derive = order_derive,
    .account = &errand_account, .identity_key = order_key, .naming = none, .columns = none, .identity = none,
};

/* ---- tally ---- */
static const struct field_rule tally_fields[] = {
    {.name = "runner_id", .label = LABEL, .type = FIELD_REFERENCE, .reference = RUNNER, .flags = FIELD_REQUIRED},
    TEXT("week", FIELD_REQUIRED), NUMBER("amount", 0), TEXT("note", 0), TEXT("state", 0), TEXT("no", 0), TEXT("mark", 0),
    TEXT("filed_no", 0), NUMBER("entered_by", FIELD_AUTHOR),
};
static const struct right_rule tally_rights[] = {{ROLES(union_chair) | ROLES(committee_member), ACCESS_FULL, RIGHT_ADD, NULL}};
static const struct kind tally = {
    .number = TALLY, .name = "tally", .label = LABEL, .descriptor = &errand__order__descriptor, .owner = OWNER_BRANCH,
    .fields = tally_fields, .field_count = COUNT(tally_fields), .rights = tally_rights, .right_count = COUNT(tally_rights),
    .identity_key = order_key, .naming = none, .columns = none, .identity = none,
};

/* ---- delivery ---- */
static const struct field_rule delivery_fields[] = {
    {.name = "runner_id", .label = LABEL, .type = FIELD_REFERENCE, .reference = RUNNER, .flags = FIELD_REQUIRED | FIELD_LOOKUP},
    TEXT("week", FIELD_REQUIRED),
    NUMBER("amount", FIELD_SENSITIVE),
    TEXT("brought_on", 0),
};

/* What was ordered, and what was brought by others than the delivery under change. */
static bool add_order(void *to, struct id id, const ProtobufCMessage *row)
{
    struct sums *s = to;
    const Errand__Order *o = (const Errand__Order *)row;
    (void)id;
    if (strcmp(o->week, s->week) == 0) {
        s->ordered += o->amount;
        s->orders++;
    }
    return true;
}

static bool add_delivery(void *to, struct id id, const ProtobufCMessage *row)
{
    struct sums *s = to;
    const Errand__Delivery *d = (const Errand__Delivery *)row;
    if (!id_equal(id, s->c->id) && strcmp(d->week, s->week) == 0)
        s->brought += d->amount;
    return true;
}

struct limit {
    const struct check_context *c;
    unsigned height;
    int64_t value;
    bool found;
};

static bool nearest_limit(void *to, struct id id, const ProtobufCMessage *row)
{
    struct limit *l = to;
    unsigned height = l->c->height(l->c->related_to, CUSTOM, id);
    if (l->found && height >= l->height)
        return true;
    *l = (struct limit){.c = l->c, .height = height, .found = true, .value = strtoll(((const Errand__Custom *)row)->value, NULL, 10)};
    return true;
}

static void delivery_check(const struct check_context *c, struct findings *out)
{
    const Errand__Delivery *d = (const Errand__Delivery *)c->after;
    struct sums s = {.c = c, .week = d->week};
    struct limit most = {.c = c};
    if (!c->children || !d->has_runner_id || !d->week)
        return;
    struct cell by = cell_bytes(slice_of(d->runner_id.data, d->runner_id.len));
    c->children(c->related_to, ORDER, "runner_id", by, add_order, &s);
    c->children(c->related_to, DELIVERY, "runner_id", by, add_delivery, &s);
    c->children(c->related_to, CUSTOM, "code", cell_text("most"), nearest_limit, &most);
    if (s.orders == 0)
        findings_add(out, SEVERITY_WARN, "delivery.not_ordered", NULL, NULL, NULL);
    else if (s.brought + d->amount > s.ordered)
        findings_add(out, SEVERITY_BLOCK, "delivery.more", "amount", NULL, NULL);
    if (most.found && d->amount > most.value)
        findings_add(out, SEVERITY_BLOCK, "delivery.most", "amount", NULL, NULL);
}

static const struct right_rule delivery_rights[] = {
    {ROLES(union_chair) | ROLES(group_leader), ACCESS_FULL, RIGHT_ADD | RIGHT_SET | RIGHT_REMOVE, all},
    {ROLES(accountant), ACCESS_OPEN, 0, NULL},
};
static const struct kind delivery = {
    .number = DELIVERY, .name = "delivery", .label = LABEL, .descriptor = &errand__delivery__descriptor, .owner = OWNER_BRANCH,
    .fields = delivery_fields, .field_count = COUNT(delivery_fields), .rights = delivery_rights, .right_count = COUNT(delivery_rights),
    .check = delivery_check, .account = &errand_account, .naming = none, .columns = none, .identity = none,
};

/* ---- custom ---- */
static const struct field_rule custom_fields[] = {TEXT("code", FIELD_REQUIRED | FIELD_LOOKUP), TEXT("value", 0), TEXT("since", 0)};
static const struct right_rule custom_rights[] = {
    {ROLES(district_officer), ACCESS_FULL, RIGHT_ADD | RIGHT_SET | RIGHT_REMOVE, all}, {ROLES_BRANCH, ACCESS_FULL, 0, NULL}};
static const struct kind custom = {
    .number = CUSTOM, .name = "custom", .label = LABEL, .descriptor = &errand__custom__descriptor, .owner = OWNER_ABOVE,
    .fields = custom_fields, .field_count = COUNT(custom_fields), .rights = custom_rights, .right_count = COUNT(custom_rights),
    .naming = none, .columns = none, .identity = none,
};

void errand_register(void)
{
    kind_register_extra(&runner);
    kind_register_extra(&order);
    kind_register_extra(&delivery);
    kind_register_extra(&custom);
    kind_register_extra(&tally);
}

ProtobufCMessage *errand_message(uint32_t kind, const char *words, const struct id *refs, struct arena *arena)
{
    ProtobufCMessage *m = record_new(kind_by_number(kind)->descriptor, arena);
    char *text = arena_text(arena, slice_text(words)), *rest = NULL;
    for (char *word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        char *value = strchr(word, '=');
        assert_non_null(value);
        *value++ = 0;
        const ProtobufCFieldDescriptor *f = record_field(m->descriptor, word);
        assert_non_null(f);
        if (value[0] == '@')
            record_put(m, f, cell_bytes(arena_copy(arena, id_slice(&refs[atoi(value + 1)]))), arena);
        else if (f->type == PROTOBUF_C_TYPE_STRING)
            record_put(m, f, cell_text(value), arena);
        else
            record_put(m, f, cell_integer(atoll(value)), arena);
    }
    return m;
}
