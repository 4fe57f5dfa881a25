#pragma once
/* What a chapter of a plan is about, by the words of its heading. */
#include "client/reader/glyph.h"

enum plan_chapter {
    PLAN_CHAPTER_OPENING, /* above the first heading */
    PLAN_CHAPTER_GUIDING,
    PLAN_CHAPTER_GOALS,
    PLAN_CHAPTER_MEASURES, /* also what is not known by name: a plan's chapters are mostly what is to be done */
    PLAN_CHAPTER_OTHER,
    PLAN_CHAPTER_SCHEDULE
};

enum plan_chapter plan_chapter_of(struct slice heading);
/* A line that is the name of a chapter even without a number. */
bool plan_chapter_named(struct slice text);
