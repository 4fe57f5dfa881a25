/* union_group: the groups of a branch (ORG-05), a plain record without states. A member names the group, so that nobody is in
 * two; the group names its leader: the member, and the seat at which that person works, for nothing else ties a seat to a group
 * ("own group" of rights.md, dues_payment.c). */
#include "kinds/rules.h"
#include "membership.pb-c.h"

static const struct field_rule fields[] = {
    {.name = "name", .label = L("小组名称", "group name"), .type = FIELD_TEXT, .flags = FIELD_REQUIRED,
     .columns = "小组名称|工会小组|小组|名称|工会小组名称"},
    {.name = "campus", .label = L("校区", "campus"), .type = FIELD_TEXT, .columns = "校区|园区|分园|所在园区"},
    {.name = "leader_member_id", .label = L("小组长", "leader"), .type = FIELD_REFERENCE, .reference = KIND_MEMBER,
     .columns = "小组长|组长|工会小组长"},
    {.name = "leader_seat", .label = L("小组长席位", "leader's seat"), .type = FIELD_INTEGER, .flags = FIELD_SEAT, .min = 1, .max = 4294967295,
     .columns = "小组长席位", .rule = L("席位编号，见 banyan seat list", "the number of a seat: banyan seat list")},
    {.name = "formed_on", .label = L("成立日期", "formed on"), .type = FIELD_DATE, .flags = FIELD_PAST, .columns = "成立日期|成立时间"},
    {.name = "note", .label = L("备注", "note"), .type = FIELD_LONG_TEXT, .columns = "备注|说明"},
};

static const struct right_rule rights[] = {
    {ROLES(union_chair) | ROLES(committee_member), ACCESS_FULL, RIGHT_ADD | RIGHT_SET | RIGHT_REMOVE, NULL},
    {ROLES(group_leader) | ROLES(accountant) | ROLES(audit_member) | ROLES(proposal_group) | ROLES(handler) | ROLES(delegate) |
         ROLES(information_officer) | ROLES(district_officer),
     ACCESS_FULL, 0, NULL},
    {ROLES(district_finance) | ROLES(district_auditor), ACCESS_SUM, 0, NULL},
};

static const struct measure_rule measures[] = {
    {"total", L("工会小组数", "union groups"), NULL},
};

static void measure(const struct kind *k, const ProtobufCMessage *row, int64_t sign, measure_emit *emit, void *to)
{
    (void)k;
    (void)row;
    emit(to, "total", sign);
}

static const char *const naming[] = {"name", NULL};
static const char *const columns[] = {"name", "campus", "leader_member_id", "leader_seat", "formed_on", NULL};
static const char *const identity[] = {"name", NULL};

const struct kind kind_union_group = {
    .number = KIND_UNION_GROUP, .name = "union_group", .label = L("工会小组", "union group"),
    .descriptor = &record__union_group__descriptor, .owner = OWNER_BRANCH, .fields = fields, .field_count = COUNT(fields),
    .rights = rights, .right_count = COUNT(rights), .measures = measures, .measure_count = COUNT(measures), .measure = measure,
    .naming = naming, .columns = columns, .identity = identity,
};
