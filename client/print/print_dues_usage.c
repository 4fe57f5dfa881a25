/* The yearly statement on the use of dues as it is posted (FIN-03): opening, received, what was spent by category, closing; and
 * whether it adds up. */
#include "client/print/amount.h"
#include "client/print/print_inner.h"
#include "base/tr.h"

static int64_t money(const ProtobufCMessage *row, const char *field)
{
    struct cell value = record_get_name(row, field);
    return value.type == CELL_INTEGER ? value.integer : 0;
}

static void put(struct printing *p, const char *label, int64_t fen, bool known, struct slice note)
{
    struct buf text = BUF_INIT;
    page_list_row(&p->page);
    page_list_cell(&p->page, PAGE_LEFT, slice_text(label));
    if (known)
        amount_figures(fen, &text);
    page_list_cell(&p->page, PAGE_RIGHT, buf_slice(&text));
    page_list_cell(&p->page, PAGE_LEFT, note);
    buf_finish(&text);
}

static void put_field(struct printing *p, const struct show_record *r, const char *field)
{
    bool known = record_get_name(r->message, field).type == CELL_INTEGER;
    put(p, print_label(p, r->kind, field), money(r->message, field), known, slice_of(NULL, 0));
}

/* The lines in the order of the categories' list; answers what they add up to. A line that was set to nothing is left out. */
static int64_t put_spent(struct printing *p, const struct show_record *r)
{
    struct print_rows rows;
    struct buf label = BUF_INIT, category = BUF_INIT, note = BUF_INIT;
    int64_t sum = 0;
    print_rows_collect(&rows, p, "dues_usage_line", "report_id", cell_bytes(id_slice(&r->id)));
    const struct code_list *codes = kind_field(rows.kind, "category")->codes;
    for (size_t c = 0; c <= codes->count; c++)
        for (size_t i = 0; i < rows.count; i++) {
            struct show_record line = print_row(p, rows.kind, rows.list[i].id, rows.list[i].row);
            struct slice name = record_get_name(line.message, "category").bytes;
            size_t at = 0;
            while (at < codes->count && !slice_equal(name, slice_text(codes->codes[at].name)))
                at++;
            if (at != c || money(line.message, "amount_fen") == 0)
                continue;
            print_value(p, &line, "category", &category);
            label.size = 0;
            buf_format(&label, _("spent: %s"), buf_c_string(&category));
            put(p, buf_c_string(&label), money(line.message, "amount_fen"), true, print_value(p, &line, "note", &note));
            sum += money(line.message, "amount_fen");
        }
    buf_finish(&label);
    buf_finish(&category);
    buf_finish(&note);
    print_rows_finish(&rows);
    return sum;
}

static void remark(struct printing *p, const char *text, bool red)
{
    if (red)
        page_red_begin(&p->page);
    page_note(&p->page, text);
    if (red)
        page_red_end(&p->page);
}

static void balance(struct printing *p, const struct show_record *r, int64_t spent)
{
    int64_t off = money(r->message, "opening_fen") + money(r->message, "received_fen") - spent - money(r->message, "closing_fen");
    struct buf text = BUF_INIT, sum = BUF_INIT;
    amount_capitals(money(r->message, "closing_fen"), &sum);
    page_list_total(&p->page, _("Closing balance, in capital numerals"), 1);
    page_list_words(&p->page, 2, buf_slice(&sum));
    page_list_end(&p->page);
    sum.size = 0;
    amount_figures(off, &sum);
    if (off)
        buf_format(&text, _("It does not balance: opening + received - spent is off the closing balance by %s yuan."), buf_c_string(&sum));
    else
        buf_text(&text, _("Opening + received - spent = closing."));
    remark(p, buf_c_string(&text), off != 0);
    if (money(r->message, "closing_fen") < 0)
        remark(p, _("The closing balance is below zero: more was spent than there was."), true);
    buf_finish(&text);
    buf_finish(&sum);
}

/* The state and where it was made public: "published  2026-11-20  5th congress". */
static void public_line(struct printing *p, const struct show_record *r)
{
    static const char *const fields[] = {"state", "published_on", "session"};
    struct buf text = BUF_INIT, all = BUF_INIT;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        print_add(&all, "  ", print_value(p, r, fields[i], &text));
    page_line(&p->page, p->s->branch, buf_c_string(&all));
    buf_finish(&text);
    buf_finish(&all);
}

void print_dues_usage(struct printing *p, const struct show_record *r, struct buf *out)
{
    const struct page_column columns[] = {{_("Item"), 46, PAGE_LEFT}, {_("Sum (yuan)"), 20, PAGE_RIGHT}, {_("Explanation"), 34, PAGE_LEFT}};
    struct buf period = BUF_INIT, words = BUF_INIT, title = BUF_INIT;
    print_value(p, r, "period", &period);
    print_period_words(p, buf_c_string(&period), &words);
    buf_format(&title, _("Statement on the use of dues: %s"), buf_c_string(&words));
    printing_begin(p, p->s, out, PAGE_PORTRAIT, buf_c_string(&title));
    page_title(&p->page, buf_c_string(&title));
    public_line(p, r);
    page_list_begin(&p->page, columns, sizeof columns / sizeof *columns);
    put_field(p, r, "opening_fen");
    put_field(p, r, "received_fen");
    int64_t spent = put_spent(p, r);
    put(p, _("Spent in all"), spent, true, slice_of(NULL, 0));
    put_field(p, r, "closing_fen");
    balance(p, r, spent);
    page_signatures(&p->page, (const char *const[]){_("Accountant: "), _("Audit member: "), _("Chair: "), _("Date: "), NULL});
    buf_finish(&period);
    buf_finish(&words);
    buf_finish(&title);
}
