/* Code lists of posts, employment and membership: the product's own (rules.md 9.1). Codes are never reused; aliases are what
 * rosters write. Old titles go by the reform of 2015: a "senior primary" teacher of before is of first grade now. */
#include "kinds/rules.h"

static const struct code posts[] = {
    {"principal", L("园长", "principal"), "正园长|书记园长|园长书记|园长兼书记|书记兼园长"},
    {"vice_principal", L("副园长", "vice principal"), "副园|业务园长|分园园长|园长助理"},
    {"teacher", L("教师", "teacher"), "幼儿教师|专任教师|专职教师|任课教师|带班教师|教养员|班主任|班长|主班|配班|主班教师|配班教师|老师|教研组长|年级组长|教研员"},
    {"caretaker", L("保育员", "caretaker"), "保育|保育老师|保育教师|生活老师|阿姨"},
    {"health", L("保健教师", "health teacher"), "保健|保健员|保健老师|保健医|保健医生|卫生保健|卫生保健人员|园医|护士"},
    {"admin", L("行政财务", "administration and finance"), "行政|财务|会计|出纳|行政/财务|行政人员|办公室|办公室主任|人事|资产管理|总务|总务主任|后勤主任"},
    {"support", L("教辅", "teaching support"), "教辅人员|资料员|图书管理员|信息员|电教"},
    {"cook", L("炊事员", "cook"), "厨师|厨工|炊事|食堂|食堂人员|营养员"},
    {"guard", L("保安", "guard"), "门卫|安保|保安员"},
    {"worker", L("工勤", "general worker"), "工勤人员|勤杂|勤杂工|保洁|保洁员|清洁工|水电工|绿化工|驾驶员|司机"},
    {"other", L("其他", "other"), "其它"},
};
const struct code_list codes_post = CODES("post", "product", posts);

static const struct code titles[] = {
    {"none", L("未定级", "no grade"), "无|未评|未评定|未评职称|无职称|未定职级|见习期|见习"},
    {"third", L("三级教师", "third-grade teacher"), "三级|幼儿园三级教师"},
    {"second", L("二级教师", "second-grade teacher"), "二级|幼儿园二级教师|小教一级|小学一级教师|幼教一级|初级|助理级"},
    {"first", L("一级教师", "first-grade teacher"), "一级|幼儿园一级教师|小教高级|小学高级教师|幼教高级|幼儿园高级|中级"},
    {"senior", L("高级教师", "senior teacher"), "高级|副高|副高级|高级讲师|幼儿园高级教师"},
    {"chief", L("正高级教师", "chief senior teacher"), "正高|正高级"},
    {"other", L("其他", "other"), "其它"},
};
const struct code_list codes_title = CODES("title", "product", titles);

static const struct code employment_types[] = {
    {"established", L("在编", "established post"), "编制内|事业编制|事业编|有编|在编在岗|正式|正式在编|编内|公办在编"},
    {"contract", L("聘用(合同)", "contract"), "聘用|合同|合同制|聘用制|合同工|编外|编外聘用|非编|非在编|自聘|外聘|园聘|合同聘用|聘用合同|编制外"},
    {"dispatched", L("劳务派遣", "dispatched"), "派遣|派遣制|劳务外包|外包"},
    {"rehired", L("返聘", "rehired"), "退休返聘|返聘人员"},
    {"part_time", L("兼职", "part time"), "兼任|非全日制|临时|临时工"},
    {"other", L("其他", "other"), "其它"},
};
const struct code_list codes_employment_type = CODES("employment_type", "product", employment_types);

static const struct code retained_reasons[] = {
    {"retired", L("退休", "retired"), "离退休|已退休|退休人员"},
    {"study", L("脱产学习", "full-time study"), "学习|脱产进修|读书"},
    {"military", L("入伍", "military service"), "参军|服役|服兵役"},
    {"abroad", L("出国(境)", "abroad"), "出国|出境|出国境|出国出境"},
    {"unit_closed", L("单位撤销", "unit closed"), "撤销|单位关闭"},
    {"left_no_union", L("离职待转", "left, no union yet"), "离职|待转"},
    {"other", L("其他", "other"), "其它"},
};
const struct code_list codes_retained_reason = CODES("retained_reason", "product", retained_reasons);

static const struct code membership_states[] = {
    {"applied", L("申请中", "applied"), "申请|待批|申请入会"},
    {"active", L("在籍", "active"), "在会|正常|在职|有效|会员|在册"},
    {"retained", L("保留会籍", "membership retained"), "保留|保留会员|退休保留"},
    {"transferred_out", L("已转出", "transferred out"), "转出|转会|已转会|调出"},
    {"withdrawn", L("已退会", "withdrawn"), "退会|自愿退会"},
    {"lapsed", L("视为自动退会", "lapsed"), "自动退会|视为退会"},
    {"expelled", L("已除名", "expelled"), "除名|开除|开除会籍|已除名(开除会籍)"},
    {"deceased", L("已故", "deceased"), "去世|已去世|死亡|亡故|病故"},
};
const struct code_list codes_membership = CODES("membership", "product", membership_states);
