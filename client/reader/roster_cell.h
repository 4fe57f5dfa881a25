#pragma once
/* What spreadsheets and people do to cells before a program sees them. */
#include "base/date.h"
#include "client/reader/glyph.h"
#include "kinds/kind.h"

/* Trimmed, of all kinds of spaces. */
struct slice roster_cell_text(const char *cell);
/* / - 无 and other signs that fill a cell which has nothing to say. */
bool roster_cell_is_nothing(struct slice text);
/* 王　芳 is 王芳: spaces between two to four Chinese signs, by which rosters make names equally wide, are left out. */
void roster_cell_name(struct slice text, struct buf *out);
/* Dates that only spreadsheets and rosters write, of which no command would take the first: 2002年9月 is the first of that month,
 * 31210 the day of that number by a spreadsheet's count. ERR_VALUE: neither. */
enum roster_date { ROSTER_DATE_MONTH, ROSTER_DATE_COUNT };
enum err roster_cell_date(struct slice text, struct date *out, enum roster_date *how) MUST_CHECK;
/* 1.10105E+17: what was there can no longer be known. */
bool roster_cell_is_shortened(const struct field_rule *f, struct slice text);
