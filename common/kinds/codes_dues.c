/* Code lists of dues: the product's own (rights.md, rules.md 4.3, functions.md SM-DUES). */
#include "kinds/rules.h"

static const struct code modes[] = {
    {"rate", L("按工资比例", "by rate"), "比例|千分之五|按比例"},
    {"flat", L("定额", "flat sum"), "固定|定额缴纳|固定金额"},
    {"delivered", L("由工资单给出", "delivered by payroll"), "代扣金额|工资单|财务提供"},
};
const struct code_list codes_dues_mode = CODES("dues_mode", "product", modes);

/* Those that a record is in, and those that follow from its payments. */
static const struct code assessment_states[] = {
    {"due", L("待缴", "due"), "应缴"},
    {"exempt", L("免缴", "exempt"), "免交"},
    {"reminded", L("已催缴", "reminded"), "催缴"},
};
const struct code_list codes_dues_assessment_state = CODES("dues_assessment_state", "product", assessment_states);

static const struct code standings[] = {
    {"due", L("待缴", "due"), NULL},         {"part_paid", L("部分缴", "part paid"), NULL}, {"paid", L("已缴", "paid"), NULL},
    {"arrears",
     L("欠缴", "in arrears"), NULL}, {"exempt", L("免缴", "exempt"), NULL},         {"settled", L("已补清", "settled"), NULL},
    {"dropped", L("不再收缴（会员已移除，或个人信息已依法删除）", "no longer owed (member removed, or erased by law)"), NULL},
};
const struct code_list codes_dues_standing = CODES("dues_standing", "product", standings);

static const struct code methods[] = {
    {"payroll", L("代扣", "payroll"), "工资代扣|扣款"},
    {"cash", L("现金", "cash"), NULL},
    {"transfer", L("转账", "transfer"), "微信|支付宝|银行转账"},
};
const struct code_list codes_dues_method = CODES("dues_method", "product", methods);

static const struct code year_states[] = {
    {"open", L("未结账", "open"), NULL},
    {"closed", L("已结账", "closed"), "结账"},
};
const struct code_list codes_dues_year_state = CODES("dues_year_state", "product", year_states);

static const struct code report_states[] = {
    {"drafted", L("编制", "drafted"), "草稿|编制中"},
    {"audited", L("已经审", "audited"), "经审|经审通过"},
    {"published", L("已公布", "published"), "公布"},
};
const struct code_list codes_dues_report_state = CODES("dues_report_state", "product", report_states);

static const struct code expenses[] = {
    {"expense.activity.education", L("职工教育", "education"), "50101"},
    {"expense.activity.culture_sport", L("文体活动", "culture and sport"), "50102"},
    {"expense.activity.publicity", L("宣传活动", "publicity"), "50103"},
    {"expense.activity.member_welfare", L("职工集体福利和会员活动", "members' welfare and activities"), "职工集体福利|会员活动|集体福利"},
    {"expense.activity.other", L("其他活动", "other activities"), "50104"},
    {"expense.service", L("职工服务支出", "services to staff"), "职工服务"},
    {"expense.rights.relations", L("劳动关系协调", "labour relations"), "50201|劳动关系协调费"},
    {"expense.rights.protection", L("劳动保护", "labour protection"), "50202|劳动保护费"},
    {"expense.rights.legal_aid", L("法律援助", "legal aid"), "50203|法律援助费"},
    {"expense.rights.hardship", L("困难职工帮扶", "relief of hardship"), "50204|困难职工帮扶费|帮扶"},
    {"expense.rights.warmth", L("送温暖", "visits with gifts"), "50205|送温暖费"},
    {"expense.rights.other", L("其他维权", "other rights work"), "50206|其他维权支出"},
    {"expense.business.training", L("培训费", "training of officers"), "50301|培训"},
    {"expense.business.meeting", L("会议费", "meetings"), "50302|会议"},
    {"expense.business.special", L("专项业务费", "special business"), "50304|专项业务"},
    {"expense.business.other", L("其他业务支出", "other business"), "50305|其他业务"},
    {"expense.capital", L("资本性支出", "assets"), "505"},
    {"expense.to_lower", L("补助下级支出", "to lower unions"), "506"},
    {"expense.undertaking", L("事业支出", "undertakings"), "507"},
    {"expense.other", L("其他支出", "other"), "508"},
    {"transfer.upper", L("上解经费", "passed to the upper union"), "上解|应付上级经费"},
};
const struct code_list codes_expense_category = CODES("expense_category", "rules.md 4.3", expenses);
