#pragma once
/* What the forms share. */
#include "client/print/page.h"
#include "client/print/print.h"

struct printing {
    const struct print_source *s;
    struct page page;
    bool cut;   /* records are missing on the page: told at its end */
    bool begun; /* a form is on the page: the next goes below it, on a sheet of its own */
};

void printing_begin(struct printing *p, const struct print_source *s, struct buf *out, enum page_form form, const char *title);

void printing_end(struct printing *p);

/* A field's value in words, into text (emptied before); the slice is borrowed from it. Empty: nothing stands there, or the seat
 * may not read it. */
struct slice print_value(struct printing *p, const struct show_record *r, const char *field, struct buf *text);
/* What people call a field of the kind. */
const char *print_label(const struct printing *p, const struct kind *k, const char *field);
/* Appends a word, with the separator in between where others stand before it; nothing if it is empty. */
void print_add(struct buf *out, const char *separator, struct slice word);
/* "October 2026", "first term of the academic year 2026"; another word as it is. */
void print_period_words(const struct printing *p, const char *period, struct buf *out);
/* A day of a record as it stands over a paper: "2026 年 10 月 20 日", with room for a hand where it is not known. */
void print_day(struct printing *p, const struct show_record *r, const char *field, struct buf *out);
void print_figures(struct printing *p, int64_t fen); /* a sum in a cell of a list */
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
    bool cut; /* no memory for all of them */
};
void print_rows_collect(struct print_rows *rows, struct printing *p, const char *kind, const char *field, struct cell value);
void print_rows_sort(struct print_rows *rows, int (*order)(const void *, const void *)); /* of struct print_kept */
void print_rows_finish(struct print_rows *rows);

void print_rows_only(struct print_rows *rows, struct id id); /* keeps that one, if it is among them */
/* The rows whose period lies within the one that is asked for. */
void print_rows_within(struct print_rows *rows, const char *period);

/* ---- the forms ---- */
typedef void print_form(struct printing *p, const struct show_record *r, struct buf *out);
print_form *print_form_of(const struct kind *k);
print_form print_member, print_work_plan, print_proposal, print_dues_receipt, print_dues_usage, print_work_summary, print_handover, print_any;
/* The rows of a period, which is canonical. False: there are none, and nothing was printed. */
typedef bool print_list(struct printing *p, const char *period, struct buf *out);
print_list print_proposals, print_dues_list, print_payments, print_meetings, print_membership_changes;
