/* Which form a kind has; and what the forms share: values in words, pairs with their labels, rows to be sorted. What there is of a
 * period: print_period.c. */
#include "client/print/amount.h"
#include "client/print/print_inner.h"
#include "base/tr.h"
#include "wire/wire.h"

#include <stdlib.h>
#include <string.h>

#define ROWS_CAP ((size_t)64 << 20)

static const struct {
    const char *kind;
    print_form *form;
} forms[] = {
    {"member", print_member},
    {"work_plan", print_work_plan},
    {"proposal", print_proposal},
    {"dues_payment", print_dues_receipt},
    {"dues_usage_report", print_dues_usage},
    {"work_summary", print_work_summary},
    {"handover", print_handover},
};

print_form *print_form_of(const struct kind *k)
{
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (strcmp(forms[i].kind, k->name) == 0)
            return forms[i].form;
    return print_any;
}

void print_record(const struct print_source *s, const struct show_record *record, struct buf *out)
{
    struct printing p = {.s = s};
    print_form_of(record->kind)(&p, record, out);
    printing_end(&p);
}

void printing_begin(struct printing *p, const struct print_source *s, struct buf *out, enum page_form form, const char *title)
{
    p->s = s;
    if (p->begun)
        page_next(&p->page);
    else
        page_begin(&p->page, out, s->language == LANGUAGE_EN ? "en" : "zh-CN", form, title);
    p->begun = true;
}

void printing_end(struct printing *p)
{
    if (p->cut)
        page_note(&p->page, _("Not all records stand on this page: there are more than fit into memory."));
    page_end(&p->page);
}

/* ---- values ---- */

struct slice print_value(struct printing *p, const struct show_record *r, const char *field, struct buf *text)
{
    const struct field_rule *f = kind_field(r->kind, field);
    text->size = 0;
    if (f && show_may(r, f))
        show_field(r, f, p->s->language, VALUE_WHOLE, p->s->name, p->s->to, text);
    return buf_slice(text);
}

void print_add(struct buf *out, const char *separator, struct slice word)
{
    if (out->size && word.size)
        buf_text(out, separator);
    buf_append(out, word.data, word.size);
}

const char *print_label(const struct printing *p, const struct kind *k, const char *field)
{
    const struct field_rule *f = kind_field(k, field);
    return f ? label_in(f->label, p->s->language) : field;
}

void print_pair(struct printing *p, const struct show_record *r, const char *field, unsigned columns)
{
    struct buf text = BUF_INIT;
    page_frame_pair(&p->page, print_label(p, r->kind, field), print_value(p, r, field, &text), columns);
    buf_finish(&text);
}

void print_tall(struct printing *p, const struct show_record *r, const char *field, unsigned columns, unsigned lines)
{
    struct buf text = BUF_INIT;
    page_frame_tall(&p->page, print_label(p, r->kind, field), print_value(p, r, field, &text), columns, lines);
    buf_finish(&text);
}

void print_chapter(struct printing *p, const struct show_record *r, const char *field)
{
    struct buf text = BUF_INIT;
    struct slice value = print_value(p, r, field, &text);
    if (value.size) {
        page_heading(&p->page, print_label(p, r->kind, field));
        page_text(&p->page, value);
    }
    buf_finish(&text);
}

void print_figures(struct printing *p, int64_t fen)
{
    struct buf text = BUF_INIT;
    amount_figures(fen, &text);
    page_list_cell(&p->page, PAGE_RIGHT, buf_slice(&text));
    buf_finish(&text);
}

struct show_record print_row(const struct printing *p, const struct kind *k, struct id id, const ProtobufCMessage *row)
{
    struct show_record r = {.kind = k, .id = id, .message = row, .sync = "confirmed", .access = p->s->access(p->s->to, k, row)};
    r.derived = p->s->derive(p->s->to, k, id, row, &r.derived_count);
    return r;
}

void print_day(struct printing *p, const struct show_record *r, const char *field, struct buf *out)
{
    struct buf text = BUF_INIT;
    struct date day;
    print_value(p, r, field, &text);
    if (date_parse(buf_c_string(&text), &day) == ERR_OK)
        buf_format(out, _("%d / %d / %d"), day.year, day.month, day.day);
    else
        buf_text(out, _("      /     /     "));
    buf_finish(&text);
}

/* ---- rows ---- */

static bool keep(void *to, struct id id, const ProtobufCMessage *row)
{
    struct print_rows *rows = to;
    ProtobufCMessage *copy;
    struct print_kept *list = arena_grow(&rows->arena, rows->list, rows->count, &rows->capacity, sizeof *list);
    if (!list || wire_copy(row, &rows->arena, &copy) != ERR_OK) {
        rows->cut = true;
        return false;
    }
    rows->list = list;
    rows->list[rows->count++] = (struct print_kept){id, copy};
    return true;
}

void print_rows_collect(struct print_rows *rows, struct printing *p, const char *kind, const char *field, struct cell value)
{
    *rows = (struct print_rows){.kind = kind_by_name(kind)};
    CHECK(rows->kind);
    arena_init(&rows->arena, ROWS_CAP);
    p->s->each(p->s->to, rows->kind->number, field, value, keep, rows);
    p->cut = p->cut || rows->cut;
}

void print_rows_sort(struct print_rows *rows, int (*order)(const void *, const void *))
{
    if (rows->count > 1)
        qsort(rows->list, rows->count, sizeof *rows->list, order);
}

void print_rows_only(struct print_rows *rows, struct id id)
{
    size_t kept = 0;
    for (size_t i = 0; i < rows->count; i++)
        if (id_equal(rows->list[i].id, id))
            rows->list[kept++] = rows->list[i];
    rows->count = kept;
}

void print_rows_finish(struct print_rows *rows)
{
    arena_finish(&rows->arena);
}
