#pragma once
/* A document cut into pieces: a line, or, where numbering goes on within a line, its numbered stretches. What a piece
 * is by itself (numbered, opening with a month, heading) is decided here; what it means in its place, in plan_parts and
 * plan_schedule. */
#include "client/reader/plan_number.h"
#include "client/reader/plan_reader.h"

struct plan_piece {
    struct slice text; /* trimmed, never empty */
    uint32_t line;
    bool in_cell; /* the line began with a tab or |: a table's row without its first cell */
    int chapter;  /* N of 篇N, 0: none */
    struct plan_number number;
    bool dated; /* opens with a month or quarter, behind its number */
    bool month_heading;
    struct plan_when when;
    struct slice rest; /* behind number and month */
    /* decided later */
    enum plan_place place;
    enum plan_reason reason; /* of PLAN_PLACE_LEFTOVER */
    bool past;               /* opened with a month, but reports */
    bool month_lost;
};

struct plan_pieces {
    struct plan_piece *list;
    size_t count;
};

enum err plan_pieces_read(struct slice text, struct arena *arena, struct plan_pieces *out) MUST_CHECK;
/* Few signs, no sentence: could be a heading. */
bool plan_piece_is_short(const struct plan_piece *p, size_t signs_max);
/* What stands in the first cell of a row; the whole text if it is no row. */
struct slice plan_first_cell(struct slice text);
