/* Two kinds for tests alone, over messages that are there. */
#include "tests/unit/help_sync.h"
#include "membership.pb-c.h"
#include "tests/unit/help_sync_kinds.h"
#include <stdio.h>

#define TEXT(field_name, field_flags)                                                                                  \
    {                                                                                                                  \
        .name = field_name, .label = {"x", "x"}, .type = FIELD_TEXT, .flags = field_flags                              \
    }

static const struct field_rule sheet_fields[] = {
    TEXT("member_no", FIELD_SERVER),
    TEXT("name", FIELD_REQUIRED),
    {.name = "sex", .label = {"x", "x"}, .type = FIELD_TEXT, .who = ROLES(union_chair) | ROLES(committee_member) | ROLES(group_leader) | ROLES(accountant) | ROLES(delegate)},
    TEXT("birth_date", FIELD_SENSITIVE),
    TEXT("ethnicity", 0),
    TEXT("education", 0),
    TEXT("political_status", 0),
    {.name = "id_type", .label = {"x", "x"}, .type = FIELD_TEXT, .flags = FIELD_SENSITIVE, .together = "id"},
    {.name = "id_number", .label = {"x", "x"}, .type = FIELD_TEXT, .flags = FIELD_SENSITIVE, .together = "id"},
    TEXT("mobile", FIELD_SENSITIVE),
    {.name = "post", .label = {"x", "x"}, .type = FIELD_TEXT, .together = "job"},
    TEXT("title", FIELD_IMMUTABLE),
    {.name = "employment_type", .label = {"x", "x"}, .type = FIELD_TEXT, .who = ROLES(union_chair)},
    {.name = "work_start_on", .label = {"x", "x"}, .type = FIELD_TEXT, .together = "job"},
    TEXT("campus", 0),
    {.name = "group_id", .label = {"x", "x"}, .type = FIELD_REFERENCE, .reference = SHEET},
    TEXT("joined_on", FIELD_SIDE),
    TEXT("state", 0),
    {.name = "state_effective_on", .label = {"x", "x"}, .type = FIELD_TEXT, .flags = FIELD_SIDE, .ended_by = "draft"},
    TEXT("retained_reason", FIELD_SIDE),
    TEXT("note", 0),
};
static const struct state_rule sheet_states[] = {
    {"draft", {"x", "x"}, STATE_EDITABLE},
    {"submitted", {"x", "x"}, STATE_EDITABLE},
    {"approved", {"x", "x"}, STATE_ENTRY},
};
static const struct action_rule sheet_actions[] = {
    {"submitted", {"x", "x"}, {"draft"}, {"joined_on"}, {"joined_on", "note"}, NULL},
    {"approved", {"x", "x"}, {"submitted"}, {NULL}, {"state_effective_on"}, NULL},
    {"draft", {"x", "x"}, {"submitted", "approved"}, {NULL}, {NULL}, NULL},
};
static const char *const all[] = {"*", NULL}, *const submits[] = {"submitted", NULL};
static const struct right_rule sheet_rights[] = {
    {ROLES(union_chair), ACCESS_FULL, RIGHT_ADD | RIGHT_SET | RIGHT_REMOVE, all},
    {ROLES(committee_member), ACCESS_FULL, RIGHT_ADD | RIGHT_SET, submits},
    {ROLES(group_leader), ACCESS_OPEN, RIGHT_ADD | RIGHT_SET, NULL},
    {ROLES(accountant), ACCESS_FULL, RIGHT_ADD, NULL},
    {ROLES(audit_member), ACCESS_SUM, 0, NULL},
    {ROLES(delegate), ACCESS_FULL, 0, submits},
};
static void sheet_measure(const struct kind *k, const ProtobufCMessage *row, int64_t sign, measure_emit *emit, void *to)
{
    char name[64];
    snprintf(name, sizeof name, "state.%.40s", kind_state_of(k, row));
    emit(to, "total", sign);
    emit(to, name, sign);
}
/* A rule on the result: a bad note blocks, a strange one warns. */
static void sheet_check(const struct check_context *c, struct findings *out)
{
    const Record__Member *m = (const Record__Member *)c->after;
    if (m->note && m->note[0] == 'X')
        findings_add(out, SEVERITY_BLOCK, "sheet.note", "note", m->note, NULL);
    if (m->note && m->note[0] == 'W')
        findings_add(out, SEVERITY_WARN, "sheet.strange", "note", NULL, NULL);
}
static const char *const none[] = {NULL};

static const struct kind sheet = {
    .number = SHEET,
    .name = "sheet",
    .label = {"x", "x"},
    .descriptor = &record__member__descriptor,
    .owner = OWNER_BRANCH,
    .fields = sheet_fields,
    .field_count = sizeof sheet_fields / sizeof sheet_fields[0],
    .states = sheet_states,
    .state_count = 3,
    .actions = sheet_actions,
    .action_count = 3,
    .rights = sheet_rights,
    .right_count = sizeof sheet_rights / sizeof sheet_rights[0],
    .measure = sheet_measure,
    .check = sheet_check,
    .naming = none,
    .columns = none,
    .identity = none,
};

static const struct field_rule slip_fields[] = {
    TEXT("name", FIELD_REQUIRED),
    TEXT("campus", 0),
    {.name = "leader_member_id", .label = {"x", "x"}, .type = FIELD_REFERENCE, .reference = SHEET},
    TEXT("formed_on", 0),
    TEXT("note", 0),
};
static const struct right_rule slip_rights[] = {
    {ROLES(union_chair) | ROLES(committee_member), ACCESS_FULL, RIGHT_ADD | RIGHT_SET | RIGHT_REMOVE, NULL},
};
static const struct kind slip = {
    .number = SLIP,
    .name = "slip",
    .label = {"x", "x"},
    .descriptor = &record__union_group__descriptor,
    .owner = OWNER_BRANCH,
    .append_only = 1,
    .fields = slip_fields,
    .field_count = 5,
    .rights = slip_rights,
    .right_count = 1,
    .naming = none,
    .columns = none,
    .identity = none,
};

void register_test_kinds(void)
{
    kind_register_extra(NULL);
    kind_register_extra(&sheet);
    kind_register_extra(&slip);
}
