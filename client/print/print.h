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
    show_name *name;     /* of a record that is pointed to */
    void *to;
};

/* One record in its form; a kind without one of its own gets all its fields in a frame. */
void print_record(const struct print_source *s, const struct show_record *record, struct buf *out);
/* A list of a period ("2026-10", "2026", "2026-1"). ERR_NOT_FOUND: the kind has no such list; ERR_VALUE: no period of it. */
enum err print_period(const struct print_source *s, const struct kind *k, const char *period, struct buf *out) MUST_CHECK;
