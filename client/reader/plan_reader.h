#pragma once
/* Reads a plan document as people write it. Pure: clean UTF-8 text in, structures in the caller's arena out.
 *
 * A document holds parts. A part begins at 篇N, at a title (…工作计划) after the body of another, or where top-level
 * numbering starts again at 一、. Lines that open with a month or quarter make a schedule; the rest is text, kept by
 * chapter. Invariant: every line is in exactly one place (heading, a text, an item, leftover), and `places` says which;
 * the one exception is a line that a title cannot hold (too long, or a table's row of several cells): it is kept whole
 * in other_text besides. Nothing is dropped in silence. */
#include "client/reader/plan_period.h"
#include "base/arena.h"

enum plan_part_kind { PLAN_PART_PLAN, PLAN_PART_OTHER };

#define PLAN_REASON_LIST(X)                                                                                            \
    X(NONE, "")                                                                                                        \
    X(SUMMARY, "a summary of past work without a schedule, not a plan")                                                \
    X(NO_UNION_MATTER, "speaks of no union matter")                                                                    \
    X(NO_PLAN_FOUND, "has neither the title nor the chapters nor the schedule of a plan")                              \
    X(TITLE_LINE, "a title above the first part")                                                                      \
    X(PREAMBLE, "stands above the first part")                                                                         \
    X(NAVIGATION, "navigation of a web site")                                                                          \
    X(ADVERTISEMENT, "an advertisement of a web site")                                                                 \
    X(DATE_LINE, "a date above the first part")                                                                        \
    X(PAGE_NUMBER, "a page number")
enum plan_reason {
#define X(name, text) PLAN_REASON_##name,
    PLAN_REASON_LIST(X)
#undef X
};

#define PLAN_NOTE_LIST(X)                                                                                              \
    X(PERIOD_REGIONAL, "the term is read differently by region; give period=")                                         \
    X(PERIOD_BLANKED, "the year is blanked out; give period=")                                                         \
    X(PERIOD_ACADEMIC_YEAR, "an academic year without a term; give period=")                                           \
    X(PERIOD_TERM_IN_YEAR, "the title names a year, the text speaks of a term; give period=")                          \
    X(PERIOD_CONTRADICTS, "title and text name different periods; give period=")                                       \
    X(PERIOD_MISSING, "no period is named; give period=")                                                              \
    X(HEADING_SAYS_SUMMARY, "the heading says summary, the schedule makes it a plan")                                  \
    X(MONTH_LOST, "the month's heading is missing: kept without a month")                                              \
    X(MONTH_EMPTY, "a month with nothing under it: kept as text")                                                      \
    X(MONTH_PAST, "a report of what is over: kept as text")                                                            \
    X(HALF_YEAR, "half-years and weeks are not months: kept as text")                                                  \
    X(TITLE_TOO_LONG, "too long for an item's title: cut there, the whole line is in the plan's other text")           \
    X(TEXT_TOO_LONG, "a chapter is too long for its field: its end is in the plan's other text")                       \
    X(TEXT_OVERFLOW, "the plan's texts are too long to be saved together")
enum plan_note_code {
#define X(name, text) PLAN_NOTE_##name,
    PLAN_NOTE_LIST(X)
#undef X
};

struct plan_item {
    uint32_t position;     /* from 1 within the part */
    struct plan_when when; /* month, span, quarter or neither */
    bool month_lost;       /* it stands in a schedule, but the heading with its month is missing */
    const char *title;     /* without number, month and closing stop */
    uint32_t source_line;
};

struct plan_part {
    uint32_t number; /* from 1, for --part */
    enum plan_part_kind kind;
    enum plan_reason reason; /* why it is no plan */
    const char *heading;     /* its heading lines as found, "" if it has none */
    const char *title;       /* of them without 篇N; "" if there is none: the caller asks for title= */
    uint32_t first_line, last_line;
    /* "" if empty; lines are separated by a newline, blank ones left out. Headings of chapters stay in them. Each of
     * the first three is at most LIMIT_TEXT_LONG bytes. */
    const char *guiding_text, *goals_text, *measures_text, *other_text;
    bool has_period; /* false: it is not plain, the notes say why */
    struct period period;
    const struct plan_item *items;
    size_t item_count;
    size_t lost_count; /* items with month_lost */
};

struct plan_leftover {
    uint32_t first_line, last_line; /* equal but for whole parts that are no plan */
    uint32_t part;                  /* number of such a part, 0 for lines outside of the parts */
    enum plan_reason reason;
    const char *text; /* the line, or the heading of the part */
};

struct plan_note {
    uint32_t part; /* its number */
    uint32_t line;
    enum plan_note_code code;
    const char *words; /* the words it is about, "" if it is about the part */
};

enum plan_place {
    PLAN_PLACE_HEADING,
    PLAN_PLACE_GUIDING,
    PLAN_PLACE_GOALS,
    PLAN_PLACE_MEASURES,
    PLAN_PLACE_OTHER,
    PLAN_PLACE_MONTH, /* the month or quarter of the items under it */
    PLAN_PLACE_ITEM,
    PLAN_PLACE_ITEM_MORE,      /* goes on in the title of the item before */
    PLAN_PLACE_ITEM_AND_OTHER, /* more than the title holds */
    PLAN_PLACE_LEFTOVER
};

/* A line, or a piece of one where numbering went on within the line. */
struct plan_place_of {
    uint32_t line;
    uint32_t part; /* 0: outside of the parts */
    enum plan_place place;
    struct slice text; /* borrowed from the input */
};

struct plan_document {
    const struct plan_part *parts;
    size_t part_count;
    const struct plan_leftover *leftovers;
    size_t leftover_count;
    const struct plan_note *notes;
    size_t note_count;
    const struct plan_place_of *places;
    size_t place_count;
};

/* text: clean UTF-8, at most LIMIT_IMPORT_FILE bytes and LIMIT_IMPORT_ROWS lines that are not blank (ERR_TOO_LONG);
 * ERR_TEXT if it is not clean; ERR_MEMORY over the arena's cap, for which PLAN_READ_ARENA is always enough. No parts:
 * no plan. */
#define PLAN_READ_ARENA (64u << 20)
enum err plan_read(struct slice text, struct arena *arena, struct plan_document *out) MUST_CHECK;

/* Sentences in the person's language. */
const char *plan_reason_text(enum plan_reason reason);
const char *plan_note_text(enum plan_note_code code);
