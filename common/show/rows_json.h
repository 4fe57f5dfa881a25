#pragma once
/* Many records of one kind as one JSON list, written as they come: no tree of the whole is built. To the byte what show_record_json of
 * each, in an array, is as show_json prints it. */
#include "base/slice.h"
#include "show/fields.h"
#include "show/record.h"

struct show_rows_json {
    const struct show_fields *fields; /* the kind's, the caller's */
    struct buf *out;
    struct buf keys;                  /* of all fields, one behind the other */
    size_t ends[SHOW_FIELDS_MAX];     /* where each key ends there */
    size_t count;
};

/* What is written stands in out; fields and out must outlive it. */
void show_rows_json_begin(struct show_rows_json *w, const struct show_fields *fields, struct buf *out);
void show_rows_json_add(struct show_rows_json *w, const struct show_record *r);
/* Closes the list, with a final newline. */
void show_rows_json_end(struct show_rows_json *w);
