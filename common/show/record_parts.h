#pragma once
/* Inside of records, shared by the files that show them. */
#include "show/record.h"

/* record.c: the person of a seat, or its number. */
void show_seat(int64_t seat, show_name *name, void *to, struct buf *out);
/* record_conflict.c: a field of a conflict record that says something only together with others. False: shown like any
 * other. */
bool show_conflict_field(const struct show_record *r, const struct field_rule *f, struct cell value,
                         enum language language, show_name *name, void *to, struct buf *out);
