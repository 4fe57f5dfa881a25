#pragma once
/* Reads a CSV file as spreadsheets write them. Pure: bytes in, rows in the caller's arena out. UTF-8 with or without
 * BOM, or GB18030, found out by content; lines end with CR LF, LF or CR; the separator (comma, semicolon or tab) is
 * found out from the first lines; quotes as in RFC 4180, lines within quotes too. Cells are trimmed only if they are
 * not quoted. Lines without a separator whose commas are full-width are read as if they were not, if the first one is such.
 *
 * A quote ' that guards a cell against being taken for a formula ('=1+1, '@home; see csv_writer.h) is taken off again, and
 * so is what makes a text of a number: ="00123".
 */
#include "base/arena.h"
#include "base/text.h"

struct csv_row {
    uint32_t line; /* on which it begins */
    const char *const *cells;
    size_t count;
};

struct csv_table {
    char separator;
    const struct csv_row *rows; /* without lines that are blank */
    size_t count;
    uint32_t open_quote; /* line of a quote that is never closed (its cell holds the rest of the file); 0: none */
};

/* ERR_TEXT: neither UTF-8 nor GB18030, or zero bytes. ERR_TOO_LONG: over LIMIT_IMPORT_FILE bytes, LIMIT_IMPORT_ROWS
 * rows or CSV_COLUMNS_MAX cells in a row. ERR_MEMORY: over the arena's cap, for which CSV_READ_ARENA is always enough.
 */
#define CSV_COLUMNS_MAX 512u
#define CSV_READ_ARENA (256u << 20)
enum err csv_read(struct slice file, struct arena *arena, struct csv_table *out) MUST_CHECK;
