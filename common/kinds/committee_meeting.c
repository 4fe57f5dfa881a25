/* committee_meeting: a meeting of the committee with what was talked over and decided (PLN-03), a plain record without states. */
#include "kinds/rules.h"
#include "plans.pb-c.h"
#include <stdio.h>

static const struct field_rule fields[] = {
    {.name = "held_on", .label = L("会议日期", "held on"), .type = FIELD_DATE, .flags = FIELD_REQUIRED | FIELD_PAST,
     .columns = "会议日期|日期|时间"},
    {.name = "place", .label = L("地点", "place"), .type = FIELD_TEXT, .columns = "地点|会议地点"},
    {.name = "chair", .label = L("主持人", "chaired by"), .type = FIELD_TEXT, .flags = FIELD_NAMES, .columns = "主持人|主持"},
    {.name = "attendees", .label = L("出席人员", "attendees"), .type = FIELD_LONG_TEXT, .columns = "出席人员|出席|参加人员"},
    {.name = "agenda", .label = L("议题", "agenda"), .type = FIELD_LONG_TEXT, .columns = "议题|议程|会议内容"},
    {.name = "minutes", .label = L("会议纪要", "minutes"), .type = FIELD_LONG_TEXT, .columns = "会议纪要|纪要|会议记录"},
    {.name = "decisions", .label = L("决议事项", "decisions"), .type = FIELD_LONG_TEXT, .columns = "决议事项|决议|决定事项"},
};

static const struct right_rule rights[] = {
    {ROLES(union_chair) | ROLES(committee_member), ACCESS_FULL, RIGHT_ADD | RIGHT_SET | RIGHT_REMOVE, NULL},
    {ROLES(group_leader) | ROLES(accountant) | ROLES(audit_member) | ROLES(proposal_group) | ROLES(handler) | ROLES(delegate) |
         ROLES(information_officer),
     ACCESS_FULL, 0, NULL},
    {ROLES_DISTRICT, ACCESS_SUM, 0, NULL},
};

static const struct measure_rule measures[] = {
    {"total", L("委员会会议次数", "committee meetings"), NULL},
    {"held.", L("委员会会议", "committee meetings"), NULL},
};

/* "held.2026-10" */
static void measure(const struct kind *k, const ProtobufCMessage *row, int64_t sign, measure_emit *emit, void *to)
{
    struct date on = check_date(row, "held_on");
    char name[32];
    (void)k;
    emit(to, "total", sign);
    if (!date_is_valid(on))
        return;
    snprintf(name, sizeof name, "held.%04d-%02d", on.year, on.month);
    emit(to, name, sign);
}

static const char *const naming[] = {"held_on", NULL};
static const char *const columns[] = {"held_on", "place", "chair", "agenda", "decisions", NULL};
static const char *const identity[] = {NULL};

const struct kind kind_committee_meeting = {
    .number = KIND_COMMITTEE_MEETING, .name = "committee_meeting", .label = L("委员会会议", "committee meeting"),
    .descriptor = &record__committee_meeting__descriptor, .owner = OWNER_BRANCH, .fields = fields, .field_count = COUNT(fields),
    .rights = rights, .right_count = COUNT(rights), .measures = measures, .measure_count = COUNT(measures), .measure = measure,
    .naming = naming, .columns = columns, .identity = identity,
};
