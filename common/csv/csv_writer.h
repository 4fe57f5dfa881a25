#pragma once
/* Writes CSV by RFC 4180: commas, CR LF, quotes where they are needed; UTF-8, with a BOM if the file is for a
 * spreadsheet.
 *
 * Text that a spreadsheet would take for a formula (it begins with = + - @, or tab or CR before anything) gets a ' in
 * front, and so does text that begins with such a guard already: csv_reader takes exactly one off again, so nothing is
 * changed by writing and reading. Numbers, dates and codes (csv_write_plain) are never guarded: -5 stays a number. */
#include "base/slice.h"

enum csv_mark { CSV_NO_MARK, CSV_BOM };
struct csv_writer {
    struct buf *out;
    bool in_row;
};

struct csv_writer csv_begin(struct buf *out, enum csv_mark mark);
void csv_write_text(struct csv_writer *w, struct slice text);
void csv_write_plain(struct csv_writer *w, struct slice value);
void csv_end_row(struct csv_writer *w);

/* text without its guard, if it has one. */
struct slice csv_unguarded(struct slice text);
