/* A work plan as it hangs on the wall: its texts, the schedule by month and quarter, who adopted it. */
#include "client/print/print_inner.h"
#include "base/tr.h"

#include <stdio.h>

static int64_t position(const ProtobufCMessage *item)
{
    struct cell at = record_get_name(item, "position");
    return at.type == CELL_INTEGER ? at.integer : INT64_MAX;
}

/* As the plan has them; its own order is the reader's. */
static int by_position(const void *a, const void *b)
{
    const struct print_kept *x = a, *y = b;
    int64_t p = position(x->row), q = position(y->row);
    return p != q ? (p < q ? -1 : 1) : id_compare(x->id, y->id);
}

static void when_words(struct printing *p, const struct show_record *item, struct buf *out)
{
    struct buf to = BUF_INIT, text = BUF_INIT;
    out->size = 0;
    if (record_get_name(item->message, "quarter").type == CELL_INTEGER) {
        print_value(p, item, "quarter", &text);
        buf_format(out, _("quarter %s"), buf_c_string(&text));
    } else if (record_get_name(item->message, "month").type == CELL_INTEGER) {
        print_value(p, item, "month", &text);
        print_value(p, item, "month_to", &to);
        if (to.size)
            buf_format(out, _("months %s to %s"), buf_c_string(&text), buf_c_string(&to));
        else
            buf_format(out, _("month %s"), buf_c_string(&text));
    }
    buf_finish(&to);
    buf_finish(&text);
}

static void schedule(struct printing *p, const struct show_record *plan)
{
    const struct page_column columns[] = {{_("No."), 7, PAGE_CENTRE},   {_("When"), 13, PAGE_CENTRE},       {_("Work"), 44, PAGE_LEFT},
                                          {_("Who"), 12, PAGE_CENTRE}, {_("State"), 10, PAGE_CENTRE}, {_("How it went"), 14, PAGE_LEFT}};
    struct print_rows rows;
    struct buf text = BUF_INIT;
    print_rows_collect(&rows, p, "plan_item", "plan_id", cell_bytes(id_slice(&plan->id)));
    print_rows_sort(&rows, by_position);
    if (rows.count) {
        page_heading(&p->page, _("Schedule"));
        page_list_begin(&p->page, columns, sizeof columns / sizeof *columns);
    }
    for (size_t i = 0; i < rows.count; i++) {
        struct show_record item = print_row(p, rows.kind, rows.list[i].id, rows.list[i].row);
        char number[24];
        snprintf(number, sizeof number, "%zu", i + 1);
        page_list_row(&p->page);
        page_list_cell(&p->page, PAGE_CENTRE, slice_text(number));
        when_words(p, &item, &text);
        page_list_cell(&p->page, PAGE_CENTRE, buf_slice(&text));
        page_list_cell(&p->page, PAGE_LEFT, print_value(p, &item, "title", &text));
        page_list_cell(&p->page, PAGE_CENTRE, print_value(p, &item, "owner_id", &text));
        page_list_cell(&p->page, PAGE_CENTRE, print_value(p, &item, "state", &text));
        page_list_cell(&p->page, PAGE_LEFT, print_value(p, &item, "evidence", &text));
    }
    if (rows.count)
        page_list_end(&p->page);
    print_rows_finish(&rows);
    buf_finish(&text);
}

static void adoption(struct printing *p, const struct show_record *r)
{
    struct buf on = BUF_INIT, by = BUF_INIT, said = BUF_INIT;
    print_value(p, r, "adopted_on", &on);
    print_value(p, r, "adopted_by", &by);
    if (on.size) {
        buf_format(&said, _("Adopted on %s by: %s"), buf_c_string(&on), buf_c_string(&by));
        page_text(&p->page, buf_slice(&said));
    }
    buf_finish(&on);
    buf_finish(&by);
    buf_finish(&said);
}

void print_work_plan(struct printing *p, const struct show_record *r, struct buf *out)
{
    struct buf title = BUF_INIT, period = BUF_INIT;
    print_value(p, r, "title", &title);
    printing_begin(p, p->s, out, PAGE_PORTRAIT, buf_c_string(&title));
    page_title(&p->page, buf_c_string(&title));
    struct buf words = BUF_INIT;
    print_value(p, r, "period", &period);
    print_period_words(p, buf_c_string(&period), &words);
    page_line(&p->page, p->s->branch, buf_c_string(&words));
    buf_finish(&words);
    static const char *const chapters[] = {"guiding_text", "goals_text", "measures_text"};
    for (size_t i = 0; i < sizeof chapters / sizeof *chapters; i++)
        print_chapter(p, r, chapters[i]);
    schedule(p, r);
    print_chapter(p, r, "other_text");
    adoption(p, r);
    page_signatures(&p->page, (const char *const[]){_("Chair: "), _("Committee: "), _("Date: "), NULL});
    buf_finish(&title);
    buf_finish(&period);
}
