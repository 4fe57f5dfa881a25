#pragma once
/* What spreadsheets and people do to cells before a program sees them. */
#include "client/glyph.h"
#include "kinds/kind.h"

/* Trimmed, and without the ="..." that keeps a number as text. */
struct slice roster_cell_text(const char *cell);
/* / - 无 and other signs that fill a cell which has nothing to say. */
bool roster_cell_is_nothing(struct slice text);
/* 1.10105E+17: what was there can no longer be known. */
bool roster_cell_is_shortened(const struct field_rule *f, struct slice text);
