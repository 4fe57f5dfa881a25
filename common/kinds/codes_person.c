/* Code lists of persons, after the national standards (rules.md 9.2). Codes are never reused; aliases are what rosters write. */
#include "kinds/rules.h"

static const struct code sexes[] = {
    {"0", L("未知的性别", "unknown"), "未知"},
    {"1", L("男性", "male"), "男"},
    {"2", L("女性", "female"), "女"},
    {"9", L("未说明的性别", "not stated"), "未说明"},
};
const struct code_list codes_sex = CODES("sex", "GB/T 2261.1", sexes);

static const struct code political_statuses[] = {
    {"01", L("中共党员", "CPC member"), "党员|共产党员|中国共产党党员|中共正式党员|正式党员"},
    {"02", L("中共预备党员", "CPC probationary member"), "预备党员|中国共产党预备党员"},
    {"03", L("共青团员", "Youth League member"), "团员|共青团|中国共产主义青年团团员"},
    {"04", L("民革党员", "RCCK member"), "民革|民革会员"},
    {"05", L("民盟盟员", "CDL member"), "民盟|民盟会员"},
    {"06", L("民建会员", "CNDCA member"), "民建"},
    {"07", L("民进会员", "CAPD member"), "民进"},
    {"08", L("农工党党员", "CPWDP member"), "农工党|农工民主党|农工党员"},
    {"09", L("致公党党员", "Zhi Gong Party member"), "致公党"},
    {"10", L("九三学社社员", "Jiu San Society member"), "九三|九三学社|九三社员"},
    {"11", L("台盟盟员", "TDSGL member"), "台盟"},
    {"12", L("无党派人士", "no party affiliation"), "无党派|无党派民主人士"},
    {"13", L("群众", "general public"), "普通群众|普通公民|无"},
};
const struct code_list codes_political_status = CODES("political_status", "GB/T 4762", political_statuses);

static const struct code educations[] = {
    {"10", L("研究生教育", "postgraduate education"), NULL},
    {"11", L("博士研究生毕业", "doctorate"), "博士|博士研究生|博士毕业|博士学历"},
    {"12", L("博士研究生结业", "doctoral studies completed"), NULL},
    {"13", L("博士研究生肄业", "doctoral studies left"), NULL},
    {"14", L("硕士研究生毕业", "master's degree"), "硕士|研究生|硕士研究生|硕士毕业|研究生毕业|研究生学历|硕士学历"},
    {"15", L("硕士研究生结业", "master's studies completed"), NULL},
    {"16", L("硕士研究生肄业", "master's studies left"), NULL},
    {"17", L("研究生班毕业", "postgraduate class"), "研究生班"},
    {"18", L("研究生班结业", "postgraduate class completed"), NULL},
    {"19", L("研究生班肄业", "postgraduate class left"), NULL},
    {"20", L("大学本科教育", "undergraduate education"), NULL},
    {"21", L("大学本科毕业", "bachelor's degree"), "本科|大学本科|大学|本科毕业|大学毕业|本科学历|全日制本科|学士"},
    {"22", L("大学本科结业", "undergraduate studies completed"), NULL},
    {"23", L("大学本科肄业", "undergraduate studies left"), NULL},
    {"28", L("大学普通班毕业", "general university class"), NULL},
    {"30", L("大学专科教育", "college education"), NULL},
    {"31", L("大学专科毕业", "college diploma"), "专科|大专|大学专科|专科毕业|大专毕业|大专学历|专科学历|高职"},
    {"32", L("大学专科结业", "college studies completed"), NULL},
    {"33", L("大学专科肄业", "college studies left"), NULL},
    {"40", L("中等职业教育", "secondary vocational education"), NULL},
    {"41", L("中等专科毕业", "secondary specialised school"), "中专|中等专科|中师|幼师|中等师范|中专毕业|中专学历|中等专业学校"},
    {"42", L("中等专科结业", "secondary specialised school completed"), NULL},
    {"43", L("中等专科肄业", "secondary specialised school left"), NULL},
    {"44", L("职业高中毕业", "vocational high school"), "职高|职业高中"},
    {"45", L("职业高中结业", "vocational high school completed"), NULL},
    {"46", L("职业高中肄业", "vocational high school left"), NULL},
    {"47", L("技工学校毕业", "technical school"), "技校|技工学校"},
    {"48", L("技工学校结业", "technical school completed"), NULL},
    {"49", L("技工学校肄业", "technical school left"), NULL},
    {"60", L("普通高级中学教育", "senior high school education"), NULL},
    {"61", L("普通高中毕业", "senior high school"), "高中|普通高中|高中毕业|高中学历"},
    {"62", L("普通高中结业", "senior high school completed"), NULL},
    {"63", L("普通高中肄业", "senior high school left"), NULL},
    {"70", L("初级中学教育", "junior high school education"), NULL},
    {"71", L("初中毕业", "junior high school"), "初中|初级中学|初中学历"},
    {"73", L("初中肄业", "junior high school left"), NULL},
    {"80", L("小学教育", "primary education"), NULL},
    {"81", L("小学毕业", "primary school"), "小学|小学学历"},
    {"83", L("小学肄业", "primary school left"), NULL},
    {"90", L("其他", "other"), NULL},
};
const struct code_list codes_education = CODES("education", "GB/T 4658-2006", educations);

static const struct code id_types[] = {
    {"111", L("居民身份证", "resident identity card"), "身份证|二代身份证|中华人民共和国居民身份证"},
    {"114", L("军官证", "officer's card"), NULL},
    {"414", L("普通护照", "passport"), "护照|因私护照"},
    {"511", L("台湾居民来往大陆通行证", "mainland travel permit (Taiwan)"), "台胞证|台湾通行证"},
    {"516", L("港澳居民来往内地通行证", "mainland travel permit (Hong Kong, Macao)"), "回乡证|港澳通行证"},
    {"553", L("外国人永久居留身份证", "permanent residence card"), "外国人永久居留证|永居证"},
    {"990", L("其他证件", "other"), "其他"},
};
const struct code_list codes_id_type = CODES("id_type", "rules.md 9.2", id_types);
