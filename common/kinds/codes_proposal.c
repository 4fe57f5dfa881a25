/* Code lists of proposals: the product's own (rules.md 9.1, functions.md SM-PROPOSAL). */
#include "kinds/rules.h"

static const struct code categories[] = {
    {"care_hours", L("工时与假期", "hours and leave"), "工时|假期|工作时间|作息"},
    {"pay", L("待遇", "pay"), "工资|薪酬|福利待遇|工资待遇"},
    {"equipment", L("设备玩教具", "equipment"), "设备|玩教具|设施设备|教玩具"},
    {"logistics", L("后勤与膳食", "logistics and meals"), "后勤|膳食|食堂|伙食"},
    {"safety", L("安全", "safety"), "安全保卫|安全管理|安保"},
    {"environment", L("环境", "environment"), "园所环境|校园环境|环境建设"},
    {"teaching", L("保教", "teaching and care"), "保育教育|教学|教育教学|保教工作"},
    {"training", L("培训成长", "training"), "培训|教师成长|专业发展|进修"},
    {"health", L("健康保健", "health"), "健康|保健|卫生保健"},
    {"culture", L("文体", "culture and sport"), "文体活动|文化|活动"},
    {"management", L("管理制度", "management"), "管理|制度|制度建设"},
    {"other", L("其他", "other"), "其它"},
};
const struct code_list codes_proposal_category = CODES("proposal_category", "product", categories);

static const struct code decisions[] = {
    {"filed", L("立案", "filed"), "单独立案|予以立案"},
    {"merged", L("并案", "merged"), "合并立案|合并"},
    {"converted", L("转意见建议", "taken as a suggestion"), "转为意见建议|转建议"},
    {"declined", L("不予立案", "declined"), "不立案"},
};
const struct code_list codes_proposal_decision = CODES("proposal_decision", "product", decisions);

static const struct code results[] = {
    {"done", L("已落实", "done"), "落实|已解决"},
    {"partly", L("部分落实", "partly done"), "正在落实"},
    {"planned", L("列入计划", "planned"), "已列入计划"},
    {"not_feasible", L("未能落实", "not feasible"), "无法落实|未落实"},
};
const struct code_list codes_proposal_result = CODES("proposal_result", "product", results);

static const struct code ratings[] = {
    {"satisfied", L("满意", "satisfied"), "很满意"},
    {"basically", L("基本满意", "basically satisfied"), "比较满意"},
    {"unsatisfied", L("不满意", "not satisfied"), NULL},
};
const struct code_list codes_proposal_rating = CODES("proposal_feedback", "product", ratings);

static const struct code awards[] = {
    {"none", L("未参评", "none"), "无"},
    {"nominated", L("已推荐", "nominated"), "推荐|提名"},
    {"awarded", L("优秀提案", "awarded"), "已评为优秀|优秀"},
    {"sent", L("已报区里", "sent to the district"), "报送|已报送|已报送区教育工会"},
};
const struct code_list codes_proposal_award = CODES("proposal_award", "product", awards);

static const struct code proposal_states[] = {
    {"draft", L("草稿", "draft"), "拟稿"},
    {"submitted", L("已提交", "submitted"), "提交"},
    {"returned", L("退回补正", "returned"), "退回|已退回"},
    {"withdrawn", L("已撤回", "withdrawn"), "撤回"},
    {"collated", L("已归纳", "collated"), "归纳"},
    {"merged", L("已并案", "merged"), "并案"},
    {"under_review", L("审议中", "under review"), "审议"},
    {"filed", L("已立案", "filed"), "立案"},
    {"converted", L("转意见建议", "taken as a suggestion"), "转为意见建议"},
    {"declined", L("不予立案", "declined"), "不立案"},
    {"assigned", L("已交办", "assigned"), "交办"},
    {"in_progress", L("落实中", "in progress"), "正在落实|办理中"},
    {"replied", L("已答复", "replied"), "答复"},
    {"rated", L("已反馈", "rated"), "反馈"},
    {"reopened", L("二次办理", "reopened"), "重新办理"},
    {"resulted", L("已有结果", "result known"), "落实结果"},
    {"closed", L("已办结", "closed"), "办结"},
    {"archived", L("已归档", "archived"), "归档"},
    {"consulting", L("征求意见", "consulting"), "征求意见中|多轮征求意见"},
    {"to_congress", L("已提交教代会", "before the congress"), "提交教代会"},
    {"adopted", L("教代会通过", "adopted by the congress"), "通过"},
    {"not_adopted", L("教代会未通过", "not adopted"), "未通过"},
    {"in_force", L("已实行", "in force"), "实行"},
};
const struct code_list codes_proposal_state = CODES("proposal_state", "product", proposal_states);

static const struct code reply_modes[] = {
    {"written", L("书面", "written"), "书面答复|书面回复"},
    {"face_to_face", L("面对面", "face to face"), "face|当面|面对面答复|当面答复"},
};
const struct code_list codes_reply_mode = CODES("reply_mode", "product", reply_modes);

static const struct code eligibles[] = {
    {"delegates", L("教代会代表", "delegates"), "代表"},
    {"all_staff", L("全体教职工", "all staff"), "全体|教职工|全体职工"},
};
const struct code_list codes_call_eligible = CODES("call_eligible", "product", eligibles);

static const struct code call_states[] = {
    {"draft", L("草稿", "draft"), "拟稿"},
    {"open", L("征集中", "open"), "开始征集|征集"},
    {"closed", L("已截止", "closed"), "截止"},
};
const struct code_list codes_call_state = CODES("call_state", "product", call_states);
