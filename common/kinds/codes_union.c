/* Code lists of the union itself: the product's own (rules.md 9.1, functions.md SM-BRANCH). */
#include "kinds/rules.h"

static const struct code ownerships[] = {
    {"edu_dept", L("教育部门办", "education department"), "公办|教办园"},
    {"other_gov", L("其他部门办", "another department"), "其他部门"},
    {"local_enterprise", L("地方企业办", "local enterprise"), "企业办|地方企业"},
    {"institution", L("事业单位办", "public institution"), "事业单位"},
    {"army", L("部队办", "army"), "部队"},
    {"collective", L("集体办", "collective"), "集体"},
    {"private_inclusive", L("普惠性民办", "private, inclusive"), "普惠民办|民办普惠"},
    {"private", L("民办", "private"), "民办(非普惠)|非普惠民办"},
    {"joint", L("中外合作办学", "Sino-foreign"), "中外合作"},
};
const struct code_list codes_ownership = CODES("ownership", "product", ownerships);

static const struct code union_types[] = {
    {"single", L("单独工会", "of one employer"), "单独"},
    {"joint", L("联合工会", "of several employers"), "联合"},
    {"organiser", L("组织员", "an organiser"), "工会组织员"},
};
const struct code_list codes_union_type = CODES("union_type", "product", union_types);

static const struct code branch_states[] = {
    {"preparing", L("筹建", "preparing"), "筹备"},
    {"approved", L("批准成立", "approved"), "已批准"},
    {"active", L("在册", "active"), "正常"},
    {"merged", L("已合并", "merged"), "合并"},
    {"dissolved", L("已撤销", "dissolved"), "撤销"},
};
const struct code_list codes_branch_state = CODES("branch_state", "product", branch_states);

static const struct code roles[] = {
#define X(name, zh, en) {#name, L(zh, en), NULL},
    ROLE_LIST(X)
#undef X
};
const struct code_list codes_role = CODES("role", "product", roles);

static const struct code handover_states[] = {
    {"drafted", L("列清单", "list drawn up"), "清单"},
    {"checked", L("已核对", "checked"), "核对"},
    {"signed", L("已签字", "signed"), "签字"},
    {"transferred", L("已移交", "handed over"), "移交|完成移交"},
};
const struct code_list codes_handover_state = CODES("handover_state", "product", handover_states);
