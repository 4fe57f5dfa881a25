/* member: who belongs to the branch (MEM-01). Only the name is required: what a roster lacks is filled in later.
 * Sensitive fields are those of rights.md; states and moves are SM-MEMBERSHIP. Sex and birth date are told by the ID number
 * too: where they differ a person is asked (warning), never overruled. */
#include "dues.pb-c.h"
#include "kinds/dues.h"
#include "kinds/id_number.h"
#include "kinds/member.h"
#include "kinds/rules.h"
#include "membership.pb-c.h"
#include <stdio.h>
#include <string.h>

#define IDENTITY_CARD "111" /* the ID type that GB 11643 is about; the one meant where none is given */

/* ---- checks ---- */

static bool digits_mostly(struct slice text)
{
    size_t digits = 0;
    for (size_t i = 0; i < text.size; i++)
        digits += text.data[i] >= '0' && text.data[i] <= '9';
    return digits >= 14;
}

/* Without the record at hand only what looks like an identity card's number is judged as one. */
static bool is_identity_card(const struct check_context *c, struct slice number)
{
    if (!c->after)
        return digits_mostly(number);
    const char *type = ((const Record__Member *)c->after)->id_type;
    return !type || strcmp(type, IDENTITY_CARD) == 0;
}

static const char *const id_defects[] = {
    [ID_NUMBER_LENGTH] = "member.id_length",         [ID_NUMBER_OLD] = "member.id_old",   [ID_NUMBER_CHARACTERS] = "member.id_characters",
    [ID_NUMBER_DATE] = "member.id_date",             [ID_NUMBER_FUTURE] = "member.id_future", [ID_NUMBER_CHECK] = "member.id_check",
};

static void check_id_number(const struct check_context *c, const char *field, struct cell value, struct findings *out)
{
    struct id_number_facts facts;
    if (!is_identity_card(c, value.bytes))
        return;
    enum id_number_defect defect = id_number_read(value.bytes, c->today, &facts);
    if (defect != ID_NUMBER_VALID) {
        findings_add(out, SEVERITY_BLOCK, id_defects[defect], field, NULL, NULL);
        return;
    }
    if (!facts.area_known)
        findings_add(out, SEVERITY_WARN, "member.id_area", field, NULL, NULL);
    if (id_number_age(facts.birth, c->today) > 120)
        findings_add(out, SEVERITY_WARN, "member.id_age", field, NULL, NULL);
}

static void check_mobile(const struct check_context *c, const char *field, struct cell value, struct findings *out)
{
    (void)c;
    size_t at = value.bytes.size && value.bytes.data[0] == '+';
    size_t digits = 0;
    for (; at + digits < value.bytes.size; digits++)
        if (value.bytes.data[at + digits] < '0' || value.bytes.data[at + digits] > '9')
            break;
    if (at + digits != value.bytes.size || digits < 7 || digits > 15) {
        bool counted = at + digits == value.bytes.size;
        findings_add(out, SEVERITY_BLOCK, !counted ? "member.mobile_form" : digits < 7 ? "member.mobile_short" : "member.mobile_long", field, NULL, NULL);
        return;
    }
    bool known = digits == 11 && at == 0 && value.bytes.data[0] == '1' && value.bytes.data[1] >= '3';
    if (!known)
        findings_add(out, SEVERITY_WARN, "member.mobile_prefix", field, NULL, NULL);
}

static void check_birth_date(const struct check_context *c, const char *field, struct cell value, struct findings *out)
{
    struct date birth;
    if (!check_date_cell(value, &birth) || !date_is_valid(c->today))
        return;
    if (date_compare(birth, c->today) > 0)
        findings_add(out, SEVERITY_BLOCK, "member.birth_future", field, NULL, NULL);
    else if (id_number_age(birth, c->today) > 120)
        findings_add(out, SEVERITY_WARN, "member.birth_age", field, NULL, NULL);
}

static void check_not_future(const struct check_context *c, const char *field, struct cell value, struct findings *out)
{
    struct date date;
    if (check_date_cell(value, &date) && date_is_valid(c->today) && date_compare(date, c->today) > 0)
        findings_add(out, SEVERITY_WARN, "member.date_future", field, NULL, NULL);
}

/* ---- letting lapse: only who neither paid nor took part for months, in spite of persuasion (rules.md 3) ---- */

struct last_paid {
    struct date on;
};

static bool note_paid(void *to, struct id id, const ProtobufCMessage *row)
{
    (void)id;
    struct last_paid *last = to;
    struct date on = check_date(row, "paid_on");
    bool counts = date_is_valid(on) && !((const Record__DuesPayment *)row)->has_reverses_id;
    if (counts && (!date_is_valid(last->on) || date_compare(on, last->on) > 0))
        last->on = on;
    return true;
}

static void check_lapsed(const struct check_context *c, struct findings *out)
{
    struct last_paid last = {{0}};
    int64_t months = setting_integer(c, "membership.lapse_months", c->today, 6);
    check_children(c, KIND_DUES_PAYMENT, "member_id", cell_bytes(id_slice(&c->id)), note_paid, &last);
    if (!date_is_valid(last.on) || !date_is_valid(c->today))
        return;
    int64_t passed = (c->today.year - last.on.year) * 12 + c->today.month - last.on.month - (c->today.day < last.on.day);
    if (passed < months)
        findings_add(out, SEVERITY_WARN, "member.lapse_early", NULL,
                     c->arena ? arena_format(c->arena, "%lld", (long long)months) : NULL, NULL);
}

/* What the ID number says of sex and birth date against what stands beside it (GB 11643; derived, so a mismatch only warns). */
static void check_facts(const struct check_context *c, struct findings *out)
{
    const Record__Member *m = (const Record__Member *)c->after;
    struct id_number_facts facts;
    if (!m->id_number || !is_identity_card(c, slice_text(m->id_number)) ||
        id_number_read(slice_text(m->id_number), c->today, &facts) != ID_NUMBER_VALID)
        return;
    bool number_new = check_changed(c, "id_number") || check_changed(c, "id_type");
    struct date birth = check_date(c->after, "birth_date");
    if ((number_new || check_changed(c, "birth_date")) && date_is_valid(birth) && date_compare(birth, facts.birth) != 0)
        findings_add(out, SEVERITY_WARN, "member.birth_mismatch", "birth_date", NULL, NULL);
    bool told = m->sex && (strcmp(m->sex, "1") == 0 || strcmp(m->sex, "2") == 0);
    if ((number_new || check_changed(c, "sex")) && told && strcmp(m->sex, facts.sex) != 0)
        findings_add(out, SEVERITY_WARN, "member.sex_mismatch", "sex", NULL, NULL);
}

static void check_member(const struct check_context *c, struct findings *out)
{
    check_facts(c, out);
    transfer_check(c, out);
    if (c->action && strcmp(c->action, "lapsed") == 0)
        check_lapsed(c, out);
    if (c->action && strcmp(c->action, "retained") == 0 && !((const Record__Member *)c->after)->retained_reason)
        findings_add(out, SEVERITY_WARN, "member.retained_why", "retained_reason", NULL, NULL);
}

/* ---- fields ---- */

static const struct field_rule fields[] = {
    {.name = "member_no", .label = L("会员编号", "member number"), .type = FIELD_TEXT, .flags = FIELD_SERVER,
     .columns = "会员编号|会员号|会员编码", .rule = L("由服务器编号", "given by the server")},
    {.name = "name", .label = L("姓名", "name"), .type = FIELD_TEXT, .flags = FIELD_PERSONAL | FIELD_REQUIRED,
     .columns = "姓名|名字|会员姓名|教职工姓名|教工姓名|职工姓名"},
    {.name = "sex", .label = L("性别", "sex"), .type = FIELD_CODE, .flags = FIELD_PERSONAL, .codes = &codes_sex, .columns = "性别"},
    {.name = "birth_date", .label = L("出生日期", "birth date"), .type = FIELD_DATE, .flags = FIELD_PERSONAL | FIELD_SENSITIVE,
     .check = check_birth_date, .columns = "出生日期|出生年月|出生年月日|生日"},
    {.name = "ethnicity", .label = L("民族", "ethnicity"), .type = FIELD_CODE, .flags = FIELD_PERSONAL, .codes = &codes_ethnicity, .columns = "民族|族别"},
    {.name = "education", .label = L("学历", "education"), .type = FIELD_CODE, .flags = FIELD_PERSONAL, .codes = &codes_education,
     .columns = "学历|文化程度|最高学历|学历层次"},
    {.name = "political_status", .label = L("政治面貌", "political status"), .type = FIELD_CODE, .flags = FIELD_PERSONAL,
     .codes = &codes_political_status, .columns = "政治面貌|政治面目|党派"},
    {.name = "id_type", .label = L("证件类型", "ID type"), .type = FIELD_CODE, .flags = FIELD_PERSONAL | FIELD_SENSITIVE, .codes = &codes_id_type,
     .together = "id", .columns = "证件类型|证件类别|证件种类", .rule = L("不填按居民身份证", "empty: resident identity card")},
    {.name = "id_number", .label = L("证件号码", "ID number"), .type = FIELD_TEXT, .flags = FIELD_PERSONAL | FIELD_SENSITIVE,
     .check = check_id_number, .together = "id", .normalise = id_number_normalise,
     .columns = "身份证号|身份证号码|公民身份号码|证件号码|证件号|身份证",
     .rule = L("身份证号为 18 位，末位可以是 X", "18 characters for an identity card, the last may be X")},
    {.name = "mobile", .label = L("手机号", "mobile"), .type = FIELD_TEXT, .flags = FIELD_PERSONAL | FIELD_SENSITIVE, .check = check_mobile,
     .normalise = id_number_normalise_phone, .columns = "手机|手机号|手机号码|联系电话|电话|联系方式|移动电话|电话号码",
     .rule = L("11 位手机号", "11 digits")},
    {.name = "post", .label = L("岗位", "post"), .type = FIELD_CODE, .flags = FIELD_PERSONAL, .codes = &codes_post, .columns = "岗位|职务|工作岗位|岗位名称"},
    {.name = "title", .label = L("职称", "professional title"), .type = FIELD_CODE, .flags = FIELD_PERSONAL, .codes = &codes_title,
     .columns = "职称|专业技术职务|专技职称|职称等级"},
    {.name = "employment_type", .label = L("用工形式", "employment"), .type = FIELD_CODE, .flags = FIELD_PERSONAL, .codes = &codes_employment_type,
     .columns = "用工形式|编制|人员性质|用工性质|人员类别|编制情况|编制类型"},
    {.name = "work_start_on", .label = L("参加工作时间", "at work since"), .type = FIELD_DATE, .flags = FIELD_PERSONAL, .check = check_not_future,
     .columns = "参加工作时间|参加工作日期|参加工作年月|工作时间"},
    {.name = "campus", .label = L("校区", "campus"), .type = FIELD_TEXT, .flags = FIELD_PERSONAL, .columns = "校区|园区|分园|所在园区"},
    {.name = "group_id", .label = L("工会小组", "union group"), .type = FIELD_REFERENCE, .reference = KIND_UNION_GROUP,
     .columns = "工会小组|小组|所在小组|所属小组|小组名称"},
    {.name = "joined_on", .label = L("入会时间", "joined on"), .type = FIELD_DATE, .check = check_not_future,
     .columns = "入会时间|入会日期|入会年月|加入工会时间"},
    {.name = "state", .label = L("会籍状态", "membership"), .type = FIELD_CODE, .codes = &codes_membership,
     .columns = "会籍状态|状态|会籍|会员状态"},
    {.name = "state_effective_on", .label = L("会籍变动日期", "membership since"), .type = FIELD_DATE,
     .columns = "会籍变动日期|会籍变动时间|状态日期|会籍状态日期"},
    /* Left standing, it would say later that the member had come from there: dues read it so of who has left (kinds/dues.h). */
    {.name = "retained_reason", .label = L("保留会籍原因", "reason of retaining"), .type = FIELD_CODE, .flags = FIELD_PERSONAL,
     .ended_by = "active", .codes = &codes_retained_reason, .columns = "保留会籍原因|保留原因"},
    {.name = "note", .label = L("备注", "note"), .type = FIELD_LONG_TEXT, .flags = FIELD_PERSONAL, .columns = "备注|说明"},
    {.name = "group_opinion", .label = L("小组意见", "opinion of the group"), .type = FIELD_LONG_TEXT, .flags = FIELD_PERSONAL | FIELD_SIDE,
     .columns = "小组意见"},
    {.name = "decided_by", .label = L("决定会议", "decided by"), .type = FIELD_TEXT, .flags = FIELD_SIDE, .columns = "决定会议"},
    {.name = "approval_no", .label = L("上级工会批复", "approval of the upper union"), .type = FIELD_TEXT, .flags = FIELD_SIDE,
     .columns = "上级工会批复"},
    {.name = "to_branch", .label = L("转入单位", "to branch"), .type = FIELD_TEXT, .flags = FIELD_SIDE, .columns = "转入单位",
     .rule = L("对方单位的代码，如 QH002；不知道可以不填", "the other branch's code, such as QH002; empty if not known")},
    {.name = "from_branch", .label = L("转出单位", "from branch"), .type = FIELD_TEXT, .columns = "转出单位|原工会",
     .rule = L("转来以前所在单位的代码或名称", "code or name of the branch before")},
    {.name = "transferred_in_on", .label = L("转入日期", "transferred in on"), .type = FIELD_DATE, .check = check_not_future,
     .columns = "转入日期|转入时间"},
    {.name = "from_member", .label = L("原单位的记录", "record at the branch before"), .type = FIELD_BYTES, .flags = FIELD_PERSON | FIELD_IMMUTABLE,
     .rule = L("接收转来的会员时自动填写", "filled in when a member is taken over")},
    {.name = "reason", .label = L("变动原因", "reason"), .type = FIELD_LONG_TEXT, .flags = FIELD_PERSONAL | FIELD_SIDE, .columns = "变动原因|退会原因"},
};

/* ---- states and actions: SM-MEMBERSHIP. Who left may come back (join once, transfer as one moves; rules.md 3). ---- */

static const struct state_rule states[] = {
    {"applied", L("申请中", "applied"), STATE_EDITABLE | STATE_ENTRY},
    {"active", L("在籍", "active"), STATE_EDITABLE | STATE_ENTRY},
    {"retained", L("保留会籍", "membership retained"), STATE_EDITABLE | STATE_ENTRY},
    {"transferred_out", L("已转出", "transferred out"), STATE_END},
    {"withdrawn", L("已退会", "withdrawn"), STATE_END},
    {"lapsed", L("视为自动退会", "lapsed"), STATE_END},
    {"expelled", L("已除名", "expelled"), STATE_END},
    {"deceased", L("已故", "deceased"), STATE_END},
};

static const struct action_rule actions[] = {
    {"active", L("批准在籍", "admit"), {"applied", "retained", "transferred_out", "withdrawn", "lapsed"}, {NULL},
     {"state_effective_on", "joined_on", "retained_reason", "note"}, NULL},
    {"retained", L("保留会籍", "retain membership"), {"active"}, {NULL},
     {"state_effective_on", "retained_reason", "note"}, NULL},
    {"transferred_out", L("转出", "transfer out"), {"active", "retained"}, {NULL}, {"state_effective_on", "to_branch", "reason", "note"}, NULL},
    {"withdrawn", L("退会", "withdraw"), {"applied", "active", "retained"}, {NULL}, {"state_effective_on", "reason", "note"}, NULL},
    {"lapsed", L("视为自动退会", "let lapse"), {"active"}, {"reason", "decided_by"}, {"state_effective_on", "reason", "decided_by", "note"}, NULL},
    {"expelled", L("除名", "expel"), {"active", "retained"}, {"group_opinion", "decided_by", "approval_no"},
     {"state_effective_on", "group_opinion", "decided_by", "approval_no", "reason", "note"}, NULL},
    {"deceased", L("登记去世", "record death"), {"applied", "active", "retained"}, {NULL}, {"state_effective_on", "note"}, NULL},
};

static const struct right_rule rights[] = {
    {ROLES(union_chair), ACCESS_FULL, RIGHT_ADD | RIGHT_SET | RIGHT_REMOVE, rights_all_actions},
    {ROLES(committee_member), ACCESS_FULL, RIGHT_ADD | RIGHT_SET | RIGHT_REMOVE, NULL},
    {ROLES(group_leader) | ROLES(accountant) | ROLES(audit_member) | ROLES(proposal_group) | ROLES(handler) | ROLES(delegate) |
         ROLES(information_officer) | ROLES(district_officer),
     ACCESS_OPEN, 0, NULL},
    {ROLES(district_finance) | ROLES(district_auditor), ACCESS_SUM, 0, NULL},
};

/* ---- how much of the real-name set (实名制, rules.md 3) is filled in ---- */

static int64_t completeness(const ProtobufCMessage *row)
{
    static const char *const set[] = {"name",      "id_type",          "id_number", "sex",  "birth_date",      "ethnicity",
                                      "education", "political_status", "mobile",    "post", "employment_type", "joined_on"};
    const Record__Member *m = (const Record__Member *)row;
    size_t filled = m->id_number && !m->id_type; /* an identity card's number needs no type */
    for (size_t i = 0; i < COUNT(set); i++)
        filled += record_get_name(row, set[i]).type != CELL_ABSENT;
    return (int64_t)(filled * 100 / COUNT(set));
}

/* Of who sees the sensitive fields alone: without them it would be wrong. */
static const struct derived_rule derived[] = {
    {"completeness", L("资料完整度（%）", "completeness (%)"), FIELD_INTEGER, NULL, FIELD_SENSITIVE},
};

static void derive(const struct check_context *c, derived_emit *emit, void *to)
{
    emit(to, "completeness", cell_integer(completeness(c->after)));
}

/* A member has a name (FIELD_REQUIRED), until it is erased. */
static bool is_gone(const ProtobufCMessage *row)
{
    return ((const Record__Member *)row)->name == NULL;
}

static const struct measure_rule measures[] = {
    {"total", L("会员总数", "members"), NULL},
    {"erased", L("已依法删除个人信息的会员", "members erased by law"), NULL},
    {"state.", L("会员", "members"), NULL},
    {"completeness_sum", L("资料完整度合计（%）", "completeness added up (%)"), NULL},
    {"completeness_count", L("计算完整度的会员", "members whose completeness counts"), NULL},
    {"possible_duplicates", L("可能重复登记的会员", "possible duplicates"), NULL}, /* counted by the server, which has all branches */
    {"joined.", L("新入会", "joined"), NULL},
    {"in.", L("转入", "transferred in"), NULL},
    {"out.", L("转出", "transferred out"), NULL},
    {"left.", L("退会", "left"), NULL},
    {"expelled.", L("除名", "expelled"), NULL},
    {"deceased.", L("去世", "deceased"), NULL},
};

/* ---- coming and going, by month, from the member's own row: what a later step wrote over counts no more (who left and came back
 * never left). Rosters bring decades of joining dates: months before a district works with this are no figure's, and each would
 * be a sum of its own. ---- */

#define COUNTED_FROM 2025

static void count_month(const char *family, struct date on, int64_t sign, measure_emit *emit, void *to)
{
    char name[32];
    if (!date_is_valid(on) || on.year < COUNTED_FROM)
        return;
    snprintf(name, sizeof name, "%s.%04d-%02d", family, on.year, on.month);
    emit(to, name, sign);
}

/* Who only wished to join comes and goes uncounted: told from members by the day of joining. */
static bool was_member(const char *state, const Record__Member *m)
{
    bool by_state = strcmp(state, "withdrawn") != 0 && strcmp(state, "deceased") != 0;
    return by_state || m->joined_on || m->transferred_in_on;
}

static void count_moves(const ProtobufCMessage *row, const char *state, int64_t sign, measure_emit *emit, void *to)
{
    static const struct {
        const char *state, *family;
    } ends[] = {{"transferred_out", "out"}, {"withdrawn", "left"}, {"lapsed", "left"}, {"expelled", "expelled"}, {"deceased", "deceased"}};
    const Record__Member *m = (const Record__Member *)row;
    if (strcmp(state, "applied") == 0)
        return;
    if (m->transferred_in_on)
        count_month("in", check_date(row, "transferred_in_on"), sign, emit, to);
    else
        count_month("joined", check_date(row, "joined_on"), sign, emit, to);
    for (size_t i = 0; i < COUNT(ends); i++)
        if (strcmp(state, ends[i].state) == 0 && was_member(state, m))
            count_month(ends[i].family, check_date(row, "state_effective_on"), sign, emit, to);
}

static void measure(const struct kind *k, const ProtobufCMessage *row, int64_t sign, measure_emit *emit, void *to)
{
    const char *state = kind_state_of(k, row);
    count_moves(row, state, sign, emit, to);
    if (is_gone(row)) { /* that somebody came and went stays in the months' figures; nobody is there any more */
        emit(to, "erased", sign);
        return;
    }
    emit(to, "total", sign);
    measure_state(k, row, "state.", sign, emit, to);
    if (strcmp(state, "active") != 0 && strcmp(state, "retained") != 0)
        return;
    emit(to, "completeness_sum", sign * completeness(row));
    emit(to, "completeness_count", sign);
}

static const struct rule_text texts[] = {
    {"member.retained_why", L("还没有写明保留会籍的原因。", "The reason of retaining the membership is not given."),
     L("不影响保存；请补上，例如 retained_reason=退休。", "It may be saved so; please add it: retained_reason=retired."), "rules.md 3 [V older practice]"},
    {"member.id_length", L("身份证号应当是 18 位。", "An identity card number has 18 characters."),
     L("请对照证件补全；如果不是居民身份证，请先选证件类型。", "Compare it with the card; if it is another document, choose the ID type."),
     "GB 11643 [V]"},
    {"member.id_old", L("这是 15 位的旧身份证号，已经停用。", "This is an old number of 15 digits, which is void."),
     L("请填现在身份证上的 18 位号码。", "Enter the 18 characters of the present card."), "GB 11643 [V]"},
    {"member.id_characters", L("身份证号只能是数字，最后一位可以是 X。", "An identity card number holds digits only; the last may be X."),
     L("请看看是不是把数字 0 写成了字母 O。", "Look for a letter O in place of a zero."), "GB 11643 [V]"},
    {"member.id_date", L("身份证号里的出生日期不存在。", "The birth date in the ID number does not exist."),
     L("请对照证件重新填写第 7 到 14 位。", "Compare characters 7 to 14 with the card."), "GB 11643 [V]"},
    {"member.id_future", L("身份证号里的出生日期还没有到。", "The birth date in the ID number lies in the future."),
     L("请对照证件重新填写第 7 到 14 位。", "Compare characters 7 to 14 with the card."), "GB 11643 [V]"},
    {"member.id_check", L("身份证号的最后一位对不上，可能有一位抄错了。", "The last character of the ID number does not fit: one may be miscopied."),
     L("请对照证件逐位核对。", "Compare it with the card, character by character."), "GB 11643 [V]"},
    {"member.id_area", L("身份证号开头的地区代码没有见过。", "The area code of the ID number is not known."),
     L("不影响保存；请有空时再核对一下。", "It may be saved so; please compare it with the card."), "GB/T 2260 [V]"},
    {"member.id_age", L("按身份证号算，年龄超过 120 岁。", "By the ID number this person is over 120."),
     L("不影响保存；请核对出生年份。", "It may be saved so; please check the year of birth."), "rules.md 9.3"},
    {"member.mobile_form", L("手机号只能是数字，一般是 11 位。", "A phone number holds digits only, usually 11."),
     L("请去掉多余的字，只留号码；有两个号码时先填常用的一个。", "Keep the number alone; of two keep the one in use."), "rules.md 9.3"},
    {"member.mobile_short", L("手机号的位数太少，一般是 11 位。", "The phone number has too few digits; usually there are 11."),
     L("请补全号码再保存。", "Complete it and save again."), "rules.md 9.3"},
    {"member.mobile_long", L("手机号的位数太多，一般是 11 位。", "The phone number has too many digits; usually there are 11."),
     L("请核对号码；有两个号码时先填常用的一个。", "Compare it; of two numbers keep the one in use."), "rules.md 9.3"},
    {"member.mobile_prefix", L("这个手机号的号段没有见过。", "The prefix of this phone number is not known."),
     L("不影响保存；请核对一下号码。", "It may be saved so; please check the number."), "rules.md 9.3"},
    {"member.birth_future", L("出生日期还没有到。", "The birth date lies in the future."),
     L("请核对年份后再保存。", "Check the year and save again."), "GB 11643 [V]"},
    {"member.birth_age", L("按出生日期算，年龄超过 120 岁。", "By the birth date this person is over 120."),
     L("不影响保存；请核对出生年份。", "It may be saved so; please check the year of birth."), "rules.md 9.3"},
    {"member.birth_mismatch", L("出生日期和身份证号里的不一样。", "The birth date differs from the one in the ID number."),
     L("不影响保存；请对照证件，看哪一个要改。", "It may be saved so; compare both with the card."), "GB 11643 [V]"},
    {"member.sex_mismatch", L("性别和身份证号里的不一样。", "The sex differs from what the ID number says."),
     L("不影响保存；请对照证件，看哪一个要改。", "It may be saved so; compare both with the card."), "GB 11643 [V]"},
    {"member.lapse_early",
     L("这位会员近[ %1 个|几个]月内交过会费，还不到视为自动退会的时候。",
       "This member paid dues within the last [%1 |]months; it is too early to let membership lapse."),
     L("请先劝说并提交委员会决定；确实要办，可以继续。", "Persuade first and let the committee decide; it may be done all the same."), "rules.md 3 [V]"},
    {"member.taken_back", L("原单位[（%1）]已经把这位会员恢复在籍。", "The branch before[ (%1)] has made this person a member again."),
     L("请与原单位联系；一个人只能在一个单位有会籍，由原单位再次办理转出后再接收。",
       "Talk to that branch: a person is a member in one branch alone. Once it has transferred the member out again, take the member over."),
     "SM-MEMBERSHIP"},
    {"member.not_sent", L("没有单位把这位会员转到本单位，或者已经改转到别的单位。", "No branch has transferred this member here, or it has transferred the member elsewhere since."),
     L("请与原单位联系，由原单位办理转出到本单位，再用 banyan list member --incoming 查看并接收；本来就没有转会的，请直接新增。",
       "Talk to the branch before: once it has transferred the member here, see banyan list member --incoming. Who comes from no branch is simply added."),
     "SM-MEMBERSHIP"},
    {"member.from_branch", L("“%f”应当是原单位的代码[ %1]。", "“%f” should be the code of the branch that the record came from[, %1]."),
     L("接收时会自动填写，不用改。", "It is filled in when a member is taken over; leave it as it is."), "SM-MEMBERSHIP"},
    {"member.to_branch", L("没有代码为[“%1”|这样]的单位。", "There is no union with the code[ “%1”|]."),
     L("代码写法如 QH002（没有横线）；请向区教育工会或对方单位问清，再用 banyan retry 改好重发，或者不填 to_branch。",
       "A code looks like QH002, without a dash. Ask the district or the other branch; then send it again (banyan retry), or leave to_branch empty."),
     "SM-MEMBERSHIP"},
    {"member.to_branch_odd", L("“%1”不像是本区单位的代码（本单位是 %2）。", "“%1” does not look like a code of this district (this union's is %2)."),
     L("已保存，上传时由服务器核对：没有这个代码会被退回。请核对；不知道代码可以不填 to_branch。",
       "It is saved, and the server will say whether there is such a union. Compare the code, or leave to_branch empty if it is not known."),
     "SM-MEMBERSHIP"},
    {"member.to_own_branch", L("“%1”就是本单位的代码，不能转到本单位。", "“%1” is this union's own code: nobody is transferred to where they are."),
     L("请填对方单位的代码；只是离职、退会的，请用 withdrawn 等步骤。", "Give the other branch's code; who only leaves is withdrawn or lapsed instead."), "SM-MEMBERSHIP"},
    {"member.came_early", L("转入日期早于原单位的转出日期[ %1]，中间的月份会在两个单位都要缴会费。",
                            "The day of coming is before the day on which the branch before lets the member go[, %1]: the months between would be owed to both."),
     L("请填转出当天或以后的日期（transferred_in_on=日期）；转出日期有误的，请原单位更正。",
       "Give that day or a later one (transferred_in_on=DATE); if that day is wrong, the branch before puts it right."), "SM-MEMBERSHIP"},
    {"member.step_future", L("会籍变动日期还没有到。", "The day of this step lies in the future."),
     L("已保存，会费按这个日期算；请核对日期。", "It is saved, and dues go by that day; please check it."), "MEM-01"},
    {"member.step_order", L("会籍变动日期早于上一次变动[（%1）]。", "The day of this step is before the last one[ (%1)]."),
     L("已保存，会费按这个日期算；请核对，有误请用 banyan set 更正 state_effective_on，或登记会籍变动（membership_change）。",
       "It is saved, and dues go by that day; please check it. What several moves came to is told by membership_change records."), "SM-MEMBERSHIP"},
    {"member.step_before_joining", L("会籍变动日期早于入会或转入日期[（%1）]。", "The day of this step is before the day of joining or coming[ (%1)]."),
     L("已保存；请核对这两个日期。", "It is saved; please compare the two days."), "MEM-01"},
    {"member.taken_over", L("转入单位[（%1）]已经接收这位会员。", "The branch that the member went to[ (%1)] has taken the member over."),
     L("一个人只能在一个单位有会籍；要转回来，请对方办理转出，再用 banyan list member --incoming 查看并接收。",
       "A person is a member in one branch alone. To have the member back, that branch transfers out; then see banyan list member --incoming."),
     "SM-MEMBERSHIP"},
    {"member.date_future", L("“%f”填的日期还没有到。", "The date of “%f” lies in the future."),
     L("不影响保存；请核对年份。", "It may be saved so; please check the year."), "MEM-01"},
};

static const char *const naming[] = {"name", "member_no", NULL};
static const char *const columns[] = {"member_no", "name", "sex", "post", "employment_type", "group_id", "joined_on", "state", NULL};
static const char *const identity[] = {"id_number", "member_no", "name", NULL};

const struct kind kind_member = {
    .number = KIND_MEMBER, .name = "member", .label = L("会员", "member"), .descriptor = &record__member__descriptor,
    .owner = OWNER_BRANCH, .fields = fields, .field_count = COUNT(fields), .states = states, .state_count = COUNT(states),
    .actions = actions, .action_count = COUNT(actions), .rights = rights, .right_count = COUNT(rights), .measures = measures,
    .measure_count = COUNT(measures), .measure = measure, .gone = is_gone, .concerns = &dues_account, .check = check_member, .identity_key = transfer_identity,
    .identity_some = true, .derived = derived,
    .derived_count = COUNT(derived), .derive = derive, .texts = texts, .text_count = COUNT(texts), .naming = naming,
    .columns = columns, .identity = identity,
};
