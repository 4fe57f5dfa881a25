#include "client/reader/plan_site.h"

#define NAVIGATION_SIGNS 45 /* a longer line is a sentence that happens to use such words */

static bool is_page_number(struct slice text)
{
    int digits = 0, signs = 0;
    for (struct glyphs g = glyphs_of(text); glyph_peek(&g) != 0;) {
        uint32_t c = glyph_next(&g);
        digits += glyph_is_digit(c);
        signs += !glyph_is_digit(c);
        if (!glyph_is_digit(c) && !glyph_in(c, " -—–/第页共"))
            return false;
    }
    return digits > 0 && digits <= (signs > 0 ? 6 : 3); /* 3, - 3 -, 第3页 共12页; 2026 is none */
}

static bool is_navigation(struct slice text)
{
    size_t first = glyph_find(text, " > ");
    if (first != SIZE_MAX && glyph_has(slice_of(text.data + first + 3, text.size - first - 3), " > "))
        return true;
    static const char *const words[] = {"当前位置", "您现在的位置", "上一篇",   "下一篇",
                                        "返回首页", "相关推荐",     "相关文章", NULL};
    return glyph_has_any(text, words) && text_codepoints(text) <= NAVIGATION_SIGNS;
}

static bool is_advertisement(struct slice text)
{
    static const char *const words[] = {"小编",       "范文",       "点击下载", "欢迎下载",     "本文来源",
                                        "文章来源",   "来源于网络", "网络整理", "版权归原作者", "转载请注明",
                                        "扫一扫关注", "免责声明",   NULL};
    return glyph_has_any(text, words);
}

void plan_site_mark(struct plan_pieces *pieces)
{
    for (size_t i = 0; i < pieces->count; i++) {
        struct plan_piece *p = &pieces->list[i];
        if (p->place == PLAN_PLACE_LEFTOVER || p->chapter != 0 || p->dated)
            continue;
        if (is_page_number(p->text))
            p->reason = PLAN_REASON_PAGE_NUMBER;
        else if (p->number.style == PLAN_STYLE_NONE && is_navigation(p->text))
            p->reason = PLAN_REASON_NAVIGATION;
        else if (p->number.style == PLAN_STYLE_NONE && is_advertisement(p->text))
            p->reason = PLAN_REASON_ADVERTISEMENT;
        if (p->reason != PLAN_REASON_NONE) {
            p->place = PLAN_PLACE_LEFTOVER;
            p->number = (struct plan_number){0}; /* - 3 - numbers nothing */
        }
    }
}
