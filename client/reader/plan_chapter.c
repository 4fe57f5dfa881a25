#include "client/reader/plan_chapter.h"

enum plan_chapter plan_chapter_of(struct slice heading)
{
    static const struct {
        const char *word;
        enum plan_chapter chapter;
    } table[] = {
        /* in this order: 工作目标及措施 is about measures, 工作任务安排 is a schedule */
        {"指导思想", PLAN_CHAPTER_GUIDING}, {"总体思路", PLAN_CHAPTER_GUIDING}, {"总体要求", PLAN_CHAPTER_GUIDING},
        {"基本思路", PLAN_CHAPTER_GUIDING}, {"工作思路", PLAN_CHAPTER_GUIDING}, {"措施", PLAN_CHAPTER_MEASURES},
        {"安排", PLAN_CHAPTER_SCHEDULE},    {"行事历", PLAN_CHAPTER_SCHEDULE},  {"日程", PLAN_CHAPTER_SCHEDULE},
        {"月历", PLAN_CHAPTER_SCHEDULE},    {"时间表", PLAN_CHAPTER_SCHEDULE},  {"配档", PLAN_CHAPTER_SCHEDULE},
        {"目标", PLAN_CHAPTER_GOALS},       {"引言", PLAN_CHAPTER_OTHER},       {"前言", PLAN_CHAPTER_OTHER},
        {"背景", PLAN_CHAPTER_OTHER},       {"分析", PLAN_CHAPTER_OTHER},       {"回顾", PLAN_CHAPTER_OTHER},
        {"结语", PLAN_CHAPTER_OTHER},       {"结束语", PLAN_CHAPTER_OTHER},
    };
    if (text_codepoints(heading) <= 30)
        for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
            if (glyph_has(heading, table[i].word))
                return table[i].chapter;
    return PLAN_CHAPTER_MEASURES;
}

bool plan_chapter_named(struct slice text)
{
    static const char *const names[] = {"指导思想", "总体目标", "工作目标", "保障措施", "工作措施", "具体措施",
                                        "主要措施", "实施步骤", "工作安排", "结语",     "结束语",   "引言",
                                        "前言",     "工作要求", "几点要求", "工作重点", "重点工作", "主要工作",
                                        "主要任务", "工作任务", "工作思路", "工作要点", "组织保障", "附则",
                                        "备注",     "活动安排", "具体安排", "月安排",   "行事历",   NULL};
    for (const char *const *n = names; *n != NULL; n++)
        if (glyph_ends(text, *n))
            return true;
    return false;
}
