#pragma once
/* A page to be printed and signed: HTML that stands alone (no network, no script), A4, as offices in China lay out their forms:
 * a title in the middle, a frame with labels and values, lines for signatures. Everything that people entered is escaped.
 * Order of calls: begin, any parts, end. The buffer is the caller's. */
#include "base/slice.h"

#include <stdbool.h>

struct page {
    struct buf *out;
    const char *language; /* of the html element: zh-CN, en */
};

enum page_form { PAGE_PORTRAIT, PAGE_LANDSCAPE, PAGE_SLIP /* A5, two to a sheet of A4 */ };

void page_begin(struct page *p, struct buf *out, const char *language, enum page_form form, const char *title);
void page_end(struct page *p);

void page_next(struct page *p); /* what follows begins a sheet of its own */
/* In red, as papers that take money back are. */
void page_red_begin(struct page *p);
void page_red_end(struct page *p);

/* The large title; then a line below it with something at its left and its right end (either may be NULL). */
void page_title(struct page *p, const char *title);
void page_line(struct page *p, const char *left, const char *right);
void page_heading(struct page *p, const char *text);
/* A paragraph a line of text, first line indented as Chinese texts are. */
void page_text(struct page *p, struct slice text);
/* What stands small at the foot: definitions, sources, how to fill the form in. */
void page_note(struct page *p, const char *text);

/* ---- a frame of labels and values: rows of pairs ---- */
void page_frame_begin(struct page *p);
void page_frame_row(struct page *p);                                    /* begins the next row */
void page_frame_pair(struct page *p, const char *label, struct slice value, unsigned columns); /* the value spans that many columns */
/* A row of its own, as high as somebody's hand needs to write in it; lines: of free room below value. */
void page_frame_tall(struct page *p, const char *label, struct slice value, unsigned columns, unsigned lines);
/* As tall, for an opinion with a place for signature and date at its foot. */
void page_frame_opinion(struct page *p, const char *label, struct slice value, unsigned columns, const char *signature);
void page_frame_end(struct page *p);

/* ---- a list ---- */
enum page_align { PAGE_LEFT, PAGE_CENTRE, PAGE_RIGHT };
struct page_column {
    const char *heading;
    unsigned percent;      /* of the width */
    enum page_align align;
};
void page_list_begin(struct page *p, const struct page_column *columns, size_t count);
void page_list_row(struct page *p);
void page_list_cell(struct page *p, enum page_align align, struct slice value);
void page_list_total(struct page *p, const char *label, unsigned columns); /* begins the last row with a label over the first columns */
void page_list_words(struct page *p, unsigned columns, struct slice words); /* a cell over several columns in the last rows */
void page_list_end(struct page *p);

/* "Chair: ________  Accountant: ________  Date: ____" */
void page_signatures(struct page *p, const char *const *labels);
