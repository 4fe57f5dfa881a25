/* Which form a kind has; and what the forms share: values in words, pairs with their labels, rows to be sorted. */
#include "client/print/print_inner.h"
#include "base/tr.h"
#include "kinds/period.h"
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
};

/* Lists of a period; ends with NULLs. */
static const struct {
    const char *kind;
    print_list *list;
} lists[] = {
    {"proposal", print_proposals},
    {NULL, NULL},
};

void print_record(const struct print_source *s, const struct show_record *record, struct buf *out)
{
    struct printing p = {.s = s};
    print_form *form = print_any;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (strcmp(forms[i].kind, record->kind->name) == 0)
            form = forms[i].form;
    form(&p, record, out);
    page_end(&p.page);
}

void printing_begin(struct printing *p, const struct print_source *s, struct buf *out, enum page_form form, const char *title)
{
    p->s = s;
    page_begin(&p->page, out, s->language == LANGUAGE_EN ? "en" : "zh-CN", form, title);
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

struct show_record print_row(const struct printing *p, const struct kind *k, struct id id, const ProtobufCMessage *row)
{
    return (struct show_record){.kind = k, .id = id, .message = row, .sync = "confirmed", .access = p->s->access(p->s->to, k, row)};
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
    if (rows->cut)
        page_note(&p->page, _("Not all records stand on this page: there are more than fit into memory."));
}

void print_rows_sort(struct print_rows *rows, int (*order)(const void *, const void *))
{
    if (rows->count > 1)
        qsort(rows->list, rows->count, sizeof *rows->list, order);
}

void print_rows_finish(struct print_rows *rows)
{
    arena_finish(&rows->arena);
}

/* ---- lists of a period ---- */

enum err print_period(const struct print_source *s, const struct kind *k, const char *period, struct buf *out)
{
    struct period range;
    for (size_t i = 0; lists[i].kind; i++) {
        if (strcmp(lists[i].kind, k->name) != 0)
            continue;
        if (!period_read(slice_text(period), &range))
            return ERR_VALUE;
        struct printing p = {.s = s};
        lists[i].list(&p, period, out);
        page_end(&p.page);
        return ERR_OK;
    }
    return ERR_NOT_FOUND;
}
