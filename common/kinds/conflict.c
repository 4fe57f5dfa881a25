/* conflict: two people changed the same field apart; both values wait for somebody to decide (sync rules 9, 13, 16). The server
 * makes these records, nobody adds or sets them by hand. Who may read and resolve one is borrowed from the record's kind
 * (rights.c), so that there are no rights rows here. */
#include "conflict.pb-c.h"
#include "kinds/rules.h"

#define BYTES(field_name, zh_text, en_text, field_flags)                                                               \
    {.name = field_name, .label = L(zh_text, en_text), .type = FIELD_BYTES, .flags = field_flags}
#define NUMBER(field_name, zh_text, en_text, field_type)                                                               \
    {.name = field_name, .label = L(zh_text, en_text), .type = field_type}

static const struct field_rule fields[] = {
    {.name = "record_kind", .label = L("记录种类", "kind of record"), .type = FIELD_INTEGER, .flags = FIELD_REQUIRED | FIELD_IMMUTABLE,
     .min = 1, .max = UINT32_MAX},
    BYTES("record_id", "记录", "record", FIELD_REQUIRED | FIELD_IMMUTABLE),
    {.name = "field", .label = L("字段", "field"), .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_IMMUTABLE},
    BYTES("mine", "后到的值", "later value", 0),
    BYTES("theirs", "现有的值", "value that stands", 0),
    BYTES("mine_sensitive", "后到的值（敏感）", "later value (sensitive)", FIELD_SENSITIVE),
    BYTES("theirs_sensitive", "现有的值（敏感）", "value that stands (sensitive)", FIELD_SENSITIVE),
    NUMBER("mine_seat", "后到者", "seat of the later value", FIELD_INTEGER),
    NUMBER("theirs_seat", "现有值的作者", "seat of the value that stands", FIELD_INTEGER),
    NUMBER("mine_at_ms", "后到的时间", "time of the later value", FIELD_TIME_MS),
    NUMBER("theirs_at_ms", "现有值的时间", "time of the value that stands", FIELD_TIME_MS),
    BYTES("incarnation", "设备", "device", 0),
    NUMBER("n", "改动序号", "number of the change", FIELD_INTEGER),
    NUMBER("base_seq", "改动的依据", "what the change was based on", FIELD_INTEGER),
    NUMBER("theirs_seq", "现有值的序号", "seq of the value that stands", FIELD_INTEGER),
    BYTES("row", "删除前的内容", "record before it was removed", 0),
    BYTES("row_sensitive", "删除前的内容（敏感）", "record before it was removed (sensitive)", FIELD_SENSITIVE),
    {.name = "state", .label = L("状态", "state"), .type = FIELD_CODE, .codes = &codes_conflict_state},
    {.name = "mine_cleared", .label = L("后到时清空的字段", "fields that the later change empties"), .type = FIELD_LONG_TEXT},
};

static const struct state_rule states[] = {
    {"open", L("待处理", "open"), STATE_ENTRY},
    {"resolved", L("已处理", "resolved"), STATE_END},
};

static const struct action_rule actions[] = {
    {"resolved", L("处理", "resolve"), {"open"}, {NULL}, {NULL}, NULL},
};

static const struct measure_rule measures[] = {
    {"state.", L("冲突", "conflicts"), NULL},
};

static void measure(const struct kind *k, const ProtobufCMessage *row, int64_t sign, measure_emit *emit, void *to)
{
    measure_state(k, row, "state.", sign, emit, to);
}

static const char *const naming[] = {"field", NULL};
static const char *const columns[] = {"record_kind", "record_id", "field", "mine_seat", "mine_at_ms", "theirs_seat", "state", NULL};
static const char *const identity[] = {NULL};

const struct kind kind_conflict = {
    .number = KIND_CONFLICT, .name = "conflict", .label = L("冲突", "conflict"), .descriptor = &record__conflict__descriptor,
    .owner = OWNER_ANY, .fields = fields, .field_count = COUNT(fields), .states = states, .state_count = COUNT(states),
    .actions = actions, .action_count = COUNT(actions), .measures = measures, .measure_count = COUNT(measures),
    .measure = measure, .naming = naming, .columns = columns, .identity = identity,
};
