#pragma once
/* Lines that web sites and printers put into a text: navigation, advertisements, page numbers. */
#include "client/reader/plan_piece.h"

/* Marks them as leftover, each with its reason. */
void plan_site_mark(struct plan_pieces *pieces);
