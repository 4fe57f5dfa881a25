#pragma once
/* How people number lines: 第一部分 | 一、 | （一）, (一)、 | 1. 1、 1． 1） 1<tab> | (1) （1） 1.1 | ① | • - ● and,
 * glued, /7、 Styles are ordered from the outermost to the innermost. */
#include "client/reader/glyph.h"

enum plan_style {
    PLAN_STYLE_NONE,
    PLAN_STYLE_DIVISION,
    PLAN_STYLE_TOP,
    PLAN_STYLE_SECOND,
    PLAN_STYLE_DOT,
    PLAN_STYLE_PAREN,
    PLAN_STYLE_CIRCLE,
    PLAN_STYLE_BULLET
};

struct plan_number {
    enum plan_style style;
    int value; /* 0 for bullets */
};

/* White space and the signs that Markdown puts before and around headings: ## 九月, **九月** */
void plan_skip_marks(struct glyphs *g);

/* rest: what follows the number, trimmed. */
bool plan_number_read(struct slice line, struct plan_number *out, struct slice *rest);

/* 篇1：… | … 篇2 | 【篇三】 | 第一篇 : the number, 0 if the line is no such heading; title: the words beside it, may be
 * empty. */
int plan_chapter_read(struct slice line, struct slice *title);

/* A line whose numbering goes on within it (1.…；2.…, 4、…。5、…, …队伍。/7、…, 九月：1.…): the offset at which the
 * next number after `at` begins, or SIZE_MAX. chain holds the numbering found so far; begin with style NONE. */
size_t plan_number_next_within(struct slice line, size_t at, struct plan_number *chain);
