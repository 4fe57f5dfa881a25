#pragma once
/* Writes CSV by RFC 4180: commas, CR LF, quotes where they are needed; UTF-8. What is written is read again by csv_reader
 * as it was.
 *
 * Text that a spreadsheet would take for a formula (it begins with = + - @, or tab or CR before anything) gets a ' in
 * front, and so does text that begins with such a guard already: csv_reader takes exactly one off again.
 *
 * In a file for spreadsheets, which begins with a BOM, text that would be taken for a number, date or time is written as
 * ="...": Excel keeps 15 digits of 18 and makes a month of 2026-1. Excel, WPS and LibreOffice show such a cell as the text
 * within, and save it as that; a tab in front would stay in the cell, a ' would be seen.
 *
 * Numbers, dates and codes (csv_write_plain) are written as they are: -5 stays a number. */
#include "base/slice.h"

enum csv_use { CSV_FOR_PROGRAMS, CSV_FOR_SPREADSHEETS };
struct csv_writer {
    struct buf *out;
    enum csv_use use;
    bool in_row;
};

struct csv_writer csv_begin(struct buf *out, enum csv_use use);
void csv_write_text(struct csv_writer *w, struct slice text);
void csv_write_plain(struct csv_writer *w, struct slice value);
void csv_end_row(struct csv_writer *w);

/* A cell without its guard or its ="...", if it has one. */
struct slice csv_unguarded(struct slice cell);
