#pragma once
/* A dues run (FIN-01): who owes a period, by which standard, what is new. Reads this device's rows, writes standards and
 * assessments into the batch that the caller has begun, says nothing. */
#include "client/command/member_rows.h"
#include "client/reader/wages.h"
#include "kinds/dues.h"

enum assess_verdict {
    ASSESS_ADDED,
    ASSESS_KNOWN,       /* an earlier run made it: left as it is */
    ASSESS_NO_STANDARD, /* owes, but nobody said how much: no standard, or only ones that begin later */
    ASSESS_NOT_OWING    /* not active on the first day of any month */
};
struct assess_line {
    struct id member;
    const char *name;
    enum assess_verdict verdict;
    size_t months;
    int64_t amount_fen;  /* of ADDED and KNOWN */
    const char *mode;    /* of ADDED: its standard's; NULL */
    bool begins_later;   /* of NO_STANDARD: there is one, from a later day on */
    const ProtobufCMessage *row;       /* the member */
    struct id assessment;              /* of KNOWN */
    const struct assess_named *named;  /* what the sheet of wages says of the member; NULL: nothing */
};
/* A row of the sheet of wages: whose it is, in which line, and what it makes due of a month. */
struct assess_named {
    struct id member;
    uint32_t line;
    int64_t month_fen;
    bool changed;      /* another standard was in effect: was_fen, in that mode */
    int64_t was_fen;
    const char *was_mode;
};
/* A period beside the run's own that lies in it, or it in that one: how many of those added were assessed for it already, and what. */
struct assess_overlap {
    struct dues_period period;
    size_t members;
    int64_t fen;
};
#define ASSESS_OVERLAPS 32 /* of a year: itself never, twelve months, three terms that touch it */

struct assess_run {
    struct seat *seat;
    struct dues_period period;
    const char *period_text;
    int64_t rate_permille, rounding_fen; /* settings in effect on the first day (rules.md 4.1) */
    struct arena *arena;
    struct member_rows members, changes, standards, assessments;
    struct assess_line *lines; /* of all members, by name; in the arena */
    size_t line_count;
    struct assess_named *named; /* with room for the sheet's rows; by member, once assess_all has run */
    size_t named_count;
    size_t count[4];           /* by verdict */
    int64_t added_fen, all_fen;
    size_t standards_written;
    struct assess_overlap overlaps[ASSESS_OVERLAPS]; /* in the order of their first days */
    size_t overlap_count;
    size_t twice; /* members of those added who are in any of them */
    struct replica_outcome refused; /* of a record that was refused: why */
    const struct kind *refused_kind;
};
enum err assess_begin(struct assess_run *r, struct seat *s, struct dues_period period, const char *text, struct arena *arena) MUST_CHECK;
/* The member that a row of the wages means: by number, then ID number, then a name that nobody else has. ERR_NOT_FOUND, ERR_AMBIGUOUS. */
enum err assess_find(const struct assess_run *r, const struct wages_row *row, struct id *out) MUST_CHECK;
/* What that wage, in that line of the sheet, makes due from the period's first day on: writes a standard, if it differs from the one in
 * effect. Not for a member who was assessed for the period already: what was charged by a standard and the standard stay together. */
enum err assess_wage(struct assess_run *r, struct id member, uint32_t line, int64_t wage_fen) MUST_CHECK;
/* The assessments, by the standards as they stand then. ERR_REFUSED: refused says why. */
enum err assess_all(struct assess_run *r) MUST_CHECK;
