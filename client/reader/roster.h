#pragma once
/* Reads a table of records of any kind, as kindergartens keep them, into cells. Pure: rows of csv_reader in, structures
 * in the caller's arena out.
 *
 * The header is the line whose headings fit the kind best; what stands above it (the roster's title, blank lines) is
 * told as such. A heading means a field by the field's name, its label in either language, or one of the words that its
 * rule lists (kinds/kind.h, columns); width, spaces, line breaks, stars and remarks in brackets do not count.
 * FIELD=COLUMN overrides all that. What is judged here is what a row says by itself: the form of each value (as `banyan
 * add` would judge it) and what stands twice in the file. Whether it may be added, is known already or needs more is up
 * to who writes it; warnings about values come from there too. */
#include "csv/csv_reader.h"
#include "kinds/kind.h"

enum roster_use {
    ROSTER_FIELD,    /* its values are read */
    ROSTER_NUMBERED, /* the field's values are given by the server: read, to find records by, never to be set */
    ROSTER_ID,       /* "id": the record's own, as `export` writes it */
    ROSTER_SERIAL,   /* 序号 and the like */
    ROSTER_COMPUTED, /* computed where it is read (资料完整度), as `export` writes it: not read */
    ROSTER_UNKNOWN,  /* not read */
    ROSTER_SECOND,   /* another column fits the same field better: not read */
    ROSTER_NAMELESS  /* no heading; not read */
};

struct roster_column {
    const char *heading; /* as written */
    enum roster_use use;
    const struct field_rule *field; /* of ROSTER_FIELD, ROSTER_NUMBERED, ROSTER_SECOND; else NULL */
};

/* Why a row or column is not (wholly) taken, besides the codes of refusal.h and of the kind. */
#define ROSTER_PROBLEM_LIST(X)                                                                                         \
    X(NONE, "")                                                                                                        \
    X(UNKNOWN_COLUMN, "nothing is known by this heading; the column is left out (--map FIELD=COLUMN assigns it)")      \
    X(SECOND_COLUMN, "another column is taken for this field; this one is left out")                                   \
    X(NAMELESS_COLUMN, "this column has no heading; it is left out")                                                   \
    X(ABOVE_HEADER, "stands above the table and is left out")                                                          \
    X(TOTAL_ROW, "a sum, not a record; left out")                                                                      \
    X(NOTE_ROW, "a remark below the table, not a record; left out")                                                    \
    X(HEADER_AGAIN, "the headings once more; left out")                                                                \
    X(TOO_MANY_CELLS, "more cells than headings: is there a separator within a value that is not in quotes?")          \
    X(TOO_FEW_CELLS, "fewer cells than headings; the rest is taken as empty")                                          \
    X(OPEN_QUOTE, "a quote begins here and never ends")                                                                \
    X(TWICE, "the same as in line %u of this file")                                                                    \
    X(PERHAPS_TWICE, "the same as in line %u of this file, with nothing that tells them apart")                        \
    X(SHORTENED, "a spreadsheet has shortened this number; give the column the format “text” and enter it again")      \
    X(MONTH_ONLY, "only year and month are written; taken as the first of the month")                                  \
    X(MONTH_BIRTH, "only year and month are written; left empty, the whole date stands in the ID number")              \
    X(COUNTED_DATE, "a spreadsheet has turned this date into a number; it is taken as that date")                        \
    X(NOT_AN_ID, "not an id")
enum roster_problem {
#define X(name, text) ROSTER_##name,
    ROSTER_PROBLEM_LIST(X)
#undef X
};

struct roster_finding {
    uint32_t line;
    enum severity severity;
    const char *column;             /* its heading; NULL: the row as a whole */
    uint32_t column_number;         /* from 1; 0: the row as a whole */
    const struct field_rule *field; /* NULL: none */
    enum roster_problem problem;    /* NONE: code says it */
    uint32_t other_line;            /* of TWICE, PERHAPS_TWICE */
    const char *code;               /* NULL if problem says it */
    const char *argument[3];        /* never of a sensitive field */
};

struct roster_cell {
    const struct field_rule *field;
    uint32_t column;
    const char *written; /* as it stands in the file, but for spaces within a name and for dates in full; never "" */
    struct cell value;   /* parsed; absent for references, which the caller looks up */
    bool wrong;          /* a finding that blocks says why; value is absent */
};

struct roster_row {
    uint32_t line;
    bool wrong; /* it or one of its cells has a finding that blocks */
    bool has_id;
    struct id id;
    const struct roster_cell *cells; /* in the order of columns; empty ones are left out */
    size_t cell_count;
    size_t first_finding, finding_count; /* in findings: its own, one after the other */
};

struct roster {
    uint32_t header_line;
    const struct roster_column *columns;
    size_t column_count;
    const struct roster_row *rows;
    size_t row_count;
    /* On the columns and on what stands above them first, then by line. */
    const struct roster_finding *findings;
    size_t finding_count;
    bool wrong; /* some row is */
};

struct roster_map {
    const char *field;  /* name or label */
    const char *column; /* its heading, or its number from 1 */
};

/* What an error is about; strings borrow from map. */
struct roster_fault {
    const char *field;
    const char *column;
};

/* ERR_NOT_FOUND: no line of the table has headings of this kind (fault is empty), map names an unknown field
 * (fault.field) or column (fault.column). ERR_AMBIGUOUS: map names a field or column twice. ERR_MEMORY: over the
 * arena's cap, for which ROSTER_ARENA is always enough. kind and table must outlive the result. */
#define ROSTER_ARENA (256u << 20)
enum err roster_read(const struct kind *kind, const struct csv_table *table, const struct roster_map *map,
                     size_t map_count, struct arena *arena, struct roster *out, struct roster_fault *fault) MUST_CHECK;

/* The reason alone, one sentence, without line and column. */
void roster_finding_text(const struct kind *kind, const struct roster_finding *f, enum language language,
                         struct buf *out);
