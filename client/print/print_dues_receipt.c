/* The receipt of one payment of dues (FIN-02), and the table of a period's payments. A payment that takes another back prints
 * in red with the number of the receipt that it ends, and the receipt that was ended says so. */
#include "client/print/amount.h"
#include "client/print/print_inner.h"
#include "base/tr.h"

static int64_t amount_of(const ProtobufCMessage *payment)
{
    struct cell value = record_get_name(payment, "amount_fen");
    return value.type == CELL_INTEGER ? value.integer : 0;
}

/* The receipt's number; one that the server has not given yet is told so. */
static void number_words(struct printing *p, const struct show_record *r, struct buf *out)
{
    struct buf text = BUF_INIT;
    if (print_value(p, r, "receipt_no", &text).size)
        buf_append_slice(out, buf_slice(&text));
    else
        buf_text(out, _("(pending: given by the server)"));
    buf_finish(&text);
}

static void number_of(struct printing *p, const struct print_rows *rows, struct buf *out)
{
    struct show_record one = print_row(p, rows->kind, rows->list[0].id, rows->list[0].row);
    number_words(p, &one, out);
}

static void head(struct printing *p, const struct show_record *r, const char *title)
{
    struct buf branch = BUF_INIT, day = BUF_INIT, number = BUF_INIT;
    page_title(&p->page, title);
    buf_format(&branch, "%s%s", _("Received by: "), p->s->branch);
    print_day(p, r, "paid_on", &day);
    buf_text(&number, _("No.: "));
    number_words(p, r, &number);
    page_line(&p->page, buf_c_string(&branch), NULL);
    page_line(&p->page, buf_c_string(&day), buf_c_string(&number));
    buf_finish(&branch);
    buf_finish(&day);
    buf_finish(&number);
}

static void payer(struct printing *p, const struct show_record *r)
{
    struct buf text = BUF_INIT;
    page_frame_pair(&p->page, _("Payer"), print_value(p, r, "member_id", &text), 3);
    buf_finish(&text);
}

static void sums(struct printing *p, const struct show_record *r)
{
    struct buf text = BUF_INIT;
    amount_capitals(amount_of(r->message), &text);
    page_frame_row(&p->page);
    page_frame_pair(&p->page, _("In capital numerals"), buf_slice(&text), 1);
    text.size = 0;
    buf_text(&text, "\u00a5");
    amount_figures(amount_of(r->message), &text);
    page_frame_pair(&p->page, _("In figures"), buf_slice(&text), 1);
    buf_finish(&text);
}

/* What it is for: "membership dues, October 2026". */
static void item(struct printing *p, const struct show_record *r)
{
    struct buf period = BUF_INIT, words = BUF_INIT, text = BUF_INIT;
    print_value(p, r, "period", &period);
    print_period_words(p, buf_c_string(&period), &words);
    buf_format(&text, _("membership dues, %s"), buf_c_string(&words));
    page_frame_row(&p->page);
    page_frame_pair(&p->page, _("For"), buf_slice(&text), 1);
    print_pair(p, r, "method", 1);
    buf_finish(&period);
    buf_finish(&words);
    buf_finish(&text);
}

static void taken_back(struct printing *p, const struct show_record *r)
{
    struct cell of = record_get_name(r->message, "reverses_id");
    struct print_rows rows = {.count = 0};
    struct buf text = BUF_INIT;
    page_frame_row(&p->page);
    if (of.type == CELL_BYTES) {
        print_rows_collect(&rows, p, "dues_payment", NULL, (struct cell){.type = CELL_ABSENT});
        print_rows_only(&rows, id_from(of.bytes));
        if (rows.count)
            number_of(p, &rows, &text);
        page_frame_pair(&p->page, _("Takes back receipt No."), buf_slice(&text), 1);
    } else {
        print_pair(p, r, "collector_id", 1);
    }
    print_pair(p, r, "reason", 1);
    buf_finish(&text);
    print_rows_finish(&rows);
}

/* "Void: taken back by receipt No. 12." */
static void void_note(struct printing *p, const struct show_record *r)
{
    struct print_rows rows;
    struct buf number = BUF_INIT, text = BUF_INIT;
    print_rows_collect(&rows, p, "dues_payment", "reverses_id", cell_bytes(id_slice(&r->id)));
    if (rows.count) {
        number_of(p, &rows, &number);
        buf_format(&text, _("Void: taken back by receipt No. %s."), buf_c_string(&number));
        page_red_begin(&p->page);
        page_heading(&p->page, buf_c_string(&text));
        page_red_end(&p->page);
    }
    buf_finish(&number);
    buf_finish(&text);
    print_rows_finish(&rows);
}

void print_dues_receipt(struct printing *p, const struct show_record *r, struct buf *out)
{
    bool red = record_get_name(r->message, "reverses_id").type == CELL_BYTES;
    const char *title = red ? _("Receipt of membership dues (red: taken back)") : _("Receipt of membership dues");
    printing_begin(p, p->s, out, PAGE_SLIP, title);
    if (red)
        page_red_begin(&p->page);
    head(p, r, title);
    void_note(p, r);
    page_frame_begin(&p->page);
    payer(p, r);
    item(p, r);
    sums(p, r);
    taken_back(p, r);
    page_frame_end(&p->page);
    page_signatures(&p->page, (const char *const[]){_("Union (seal): "), _("Accountant: "), _("Collected by: "), _("Paid by: "), NULL});
    if (red)
        page_red_end(&p->page);
}

/* ---- the payments of a period ---- */

static void put_payment(struct printing *p, const struct show_record *r)
{
    static const char *const before[] = {"paid_on", "member_id", "period"}, *const after[] = {"method", "collector_id", "reason"};
    struct buf text = BUF_INIT;
    page_list_row(&p->page);
    number_words(p, r, &text);
    page_list_cell(&p->page, PAGE_CENTRE, buf_slice(&text));
    for (size_t i = 0; i < sizeof before / sizeof *before; i++)
        page_list_cell(&p->page, PAGE_CENTRE, print_value(p, r, before[i], &text));
    print_figures(p, amount_of(r->message));
    for (size_t i = 0; i < sizeof after / sizeof *after; i++)
        page_list_cell(&p->page, PAGE_LEFT, print_value(p, r, after[i], &text));
    buf_finish(&text);
}

static int by_day(const void *a, const void *b)
{
    const struct print_kept *x = a, *y = b;
    int order = slice_compare(record_get_name(x->row, "paid_on").bytes, record_get_name(y->row, "paid_on").bytes);
    return order ? order : id_compare(x->id, y->id);
}

static void put_total(struct printing *p, const struct print_rows *rows)
{
    struct buf text = BUF_INIT;
    int64_t sum = 0;
    for (size_t i = 0; i < rows->count; i++)
        sum += amount_of(rows->list[i].row);
    buf_format(&text, _("Total: %zu payments"), rows->count);
    page_list_total(&p->page, buf_c_string(&text), 4);
    print_figures(p, sum);
    text.size = 0;
    amount_capitals(sum, &text);
    page_list_words(&p->page, 3, buf_slice(&text));
    buf_finish(&text);
}

bool print_payments(struct printing *p, const char *period, struct buf *out)
{
    struct print_rows rows;
    struct buf words = BUF_INIT, title = BUF_INIT;
    print_rows_collect(&rows, p, "dues_payment", NULL, (struct cell){.type = CELL_ABSENT});
    print_rows_within(&rows, period);
    print_rows_sort(&rows, by_day);
    size_t count = rows.count;
    if (count) {
        const struct page_column columns[] = {
            {_("Receipt"), 10, PAGE_CENTRE}, {_("Paid on"), 11, PAGE_CENTRE},  {_("Member"), 12, PAGE_CENTRE}, {_("Period"), 10, PAGE_CENTRE},
            {_("Paid (yuan)"), 13, PAGE_RIGHT}, {_("Method"), 10, PAGE_LEFT}, {_("Collected by"), 12, PAGE_LEFT}, {_("Reason"), 22, PAGE_LEFT},
        };
        print_period_words(p, period, &words);
        buf_format(&title, _("Payments of dues: %s"), buf_c_string(&words));
        printing_begin(p, p->s, out, PAGE_LANDSCAPE, buf_c_string(&title));
        page_title(&p->page, buf_c_string(&title));
        page_line(&p->page, p->s->branch, NULL);
        page_list_begin(&p->page, columns, sizeof columns / sizeof *columns);
        for (size_t i = 0; i < count; i++) {
            struct show_record r = print_row(p, rows.kind, rows.list[i].id, rows.list[i].row);
            put_payment(p, &r);
        }
        put_total(p, &rows);
        page_list_end(&p->page);
        page_note(&p->page, _("By the period that the money is for; payments that were taken back stand here with those that took them back."));
        page_signatures(&p->page, (const char *const[]){_("Prepared by: "), _("Checked by: "), _("Chair: "), _("Date: "), NULL});
    }
    buf_finish(&words);
    buf_finish(&title);
    print_rows_finish(&rows);
    return count > 0;
}
