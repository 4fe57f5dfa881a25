#pragma once
/* Which heading means which field. */
#include "client/reader/roster.h"

/* How well a heading fits a field: 0 not at all, else the smaller the better (the field's name, its labels, then the
 * words of its rule in their order). */
#define ROSTER_FITS_NOT 0u
unsigned roster_fit(const struct field_rule *f, const char *heading);
bool roster_is_serial(const char *heading);
/* As headings are compared: folded, without spaces, line breaks, stars, colons and remarks in brackets; ASCII in lower
 * case. */
void roster_heading_fold(struct slice heading, struct buf *out);

#define ROSTER_HEADER_ROWS 20 /* how far down it may stand: a title and perhaps a line of dates are above it */
/* The header among the table's rows, and what its columns are. column_count is the row's. Errors as roster_read. */
enum err roster_header_find(const struct kind *kind, const struct csv_table *table, const struct roster_map *map,
                            size_t map_count, struct arena *arena, size_t *row, struct roster_column **columns,
                            struct roster_fault *fault) MUST_CHECK;
