#pragma once
/* What the forms share. */
#include "client/print/page.h"
#include "client/print/print.h"

struct printing {
    const struct print_source *s;
    struct page page;
};

void printing_begin(struct printing *p, const struct print_source *s, struct buf *out, enum page_form form, const char *title);

/* A field's value in words, into text (emptied before); the slice is borrowed from it. Empty: nothing stands there, or the seat
 * may not read it. */
struct slice print_value(struct printing *p, const struct show_record *r, const char *field, struct buf *text);
/* What people call a field of the kind. */
const char *print_label(const struct printing *p, const struct kind *k, const char *field);
/* Appends a word, with the separator in between where others stand before it; nothing if it is empty. */
void print_add(struct buf *out, const char *separator, struct slice word);
/* A pair in a frame with the field's own label. */
void print_pair(struct printing *p, const struct show_record *r, const char *field, unsigned columns);
void print_tall(struct printing *p, const struct show_record *r, const char *field, unsigned columns, unsigned lines);
/* Heading and paragraphs of a long text; nothing if it is empty. */
void print_chapter(struct printing *p, const struct show_record *r, const char *field);
struct show_record print_row(const struct printing *p, const struct kind *k, struct id id, const ProtobufCMessage *row);

/* Rows that print_source gives, copied so that they can be sorted. */
struct print_rows {
    const struct kind *kind;
    struct arena arena;
    struct print_kept {
        struct id id;
        const ProtobufCMessage *row;
    } *list;
    size_t count, capacity;
    bool cut; /* no memory for all of them: told on the page */
};
void print_rows_collect(struct print_rows *rows, struct printing *p, const char *kind, const char *field, struct cell value);
void print_rows_sort(struct print_rows *rows, int (*order)(const void *, const void *)); /* of struct print_kept */
void print_rows_finish(struct print_rows *rows);

/* ---- the forms ---- */
typedef void print_form(struct printing *p, const struct show_record *r, struct buf *out);
print_form print_member, print_work_plan, print_proposal, print_any;
/* The rows of a period, which is canonical. */
typedef void print_list(struct printing *p, const char *period, struct buf *out);
print_list print_proposals;
