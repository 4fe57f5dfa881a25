#pragma once
/* Records on paper, in the forms that people sign: which form a kind has, and what stands in it. Pure: rows come through
 * print_source, HTML goes into a buffer (page.h). What the seat may not read is not printed. */
#include "show/record.h"

struct print_source {
    enum language language;
    const char *branch;  /* the union's name, as it stands over its papers */
    struct date today;
    enum access (*access)(void *to, const struct kind *k, const ProtobufCMessage *row);
    /* Every living record of the branch whose field holds value (field NULL: all of the kind), by id; false stops. */
    void (*each)(void *to, uint32_t kind, const char *field, struct cell value, kind_each *each, void *each_to);
    /* What is computed of a row (kinds/kind.h "derived"); *count 0: nothing. Borrowed until the page is done. */
    const struct derived_value *(*derive)(void *to, const struct kind *k, struct id id, const ProtobufCMessage *row, size_t *count);
    show_name *name;     /* of a record that is pointed to */
    void *to;
};

/* One record in its form; a kind without one of its own gets all its fields in a frame. */
void print_record(const struct print_source *s, const struct show_record *record, struct buf *out);
/* What there is of a period (a month 2026-10, a term 2026-1, a year 2026, a half 2026-H1, a quarter 2026-Q3; also as people write
 * them): a list, or the form of each record of it, a sheet each. PRINT_NONE: the kind has no periods, or the word is none. */
enum print_found { PRINT_NONE, PRINT_EMPTY, PRINT_DONE };
enum print_found print_period(const struct print_source *s, const struct kind *k, const char *word, struct buf *out) MUST_CHECK;
