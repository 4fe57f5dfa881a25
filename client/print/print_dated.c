/* Tables of what happened in a period, by its day: meetings of the committee (PLN-03), moves of members (MEM-01). */
#include "client/print/print_inner.h"
#include "base/tr.h"
#include "kinds/figure_period.h"

#include <string.h>

#define COLUMNS_MAX 10

struct table {
    const char *kind, *day; /* the field of the day */
    const char *title;      /* msgid with the period */
    struct {
        const char *field;
        unsigned percent;
    } columns[COLUMNS_MAX];
};

static void keep_within(struct print_rows *rows, const char *field, const char *period)
{
    char months[FIGURE_MONTHS_MAX][FIGURE_PERIOD_SIZE];
    size_t count = figure_months(period, months), kept = 0;
    for (size_t i = 0; i < rows->count; i++) {
        struct cell on = record_get_name(rows->list[i].row, field);
        bool within = false;
        for (size_t m = 0; on.type == CELL_TEXT && m < count; m++)
            within = within || (on.bytes.size > strlen(months[m]) && memcmp(on.bytes.data, months[m], strlen(months[m])) == 0);
        if (within)
            rows->list[kept++] = rows->list[i];
    }
    rows->count = kept;
}

static size_t columns_of(const struct table *t, struct printing *p, const struct kind *k, struct page_column *out)
{
    size_t count = 0;
    while (count < COLUMNS_MAX && t->columns[count].field) {
        out[count] = (struct page_column){print_label(p, k, t->columns[count].field), t->columns[count].percent, PAGE_LEFT};
        count++;
    }
    return count;
}

static void put_rows(const struct table *t, struct printing *p, const struct print_rows *rows)
{
    struct page_column columns[COLUMNS_MAX];
    struct buf text = BUF_INIT;
    size_t count = columns_of(t, p, rows->kind, columns);
    page_list_begin(&p->page, columns, count);
    for (size_t i = 0; i < rows->count; i++) {
        struct show_record r = print_row(p, rows->kind, rows->list[i].id, rows->list[i].row);
        page_list_row(&p->page);
        for (size_t c = 0; c < count; c++)
            page_list_cell(&p->page, PAGE_LEFT, print_value(p, &r, t->columns[c].field, &text));
    }
    text.size = 0;
    buf_format(&text, _("Total: %zu rows"), rows->count);
    page_list_total(&p->page, buf_c_string(&text), (unsigned)count);
    page_list_end(&p->page);
    buf_finish(&text);
}

static bool dated(const struct table *t, int (*order)(const void *, const void *), struct printing *p, const char *period, struct buf *out)
{
    struct print_rows rows;
    struct buf words = BUF_INIT, title = BUF_INIT;
    print_rows_collect(&rows, p, t->kind, NULL, (struct cell){.type = CELL_ABSENT});
    keep_within(&rows, t->day, period);
    print_rows_sort(&rows, order);
    size_t count = rows.count;
    if (count) {
        print_period_words(p, period, &words);
        buf_format(&title, "%s: %s", _(t->title), buf_c_string(&words));
        printing_begin(p, p->s, out, PAGE_LANDSCAPE, buf_c_string(&title));
        page_title(&p->page, buf_c_string(&title));
        page_line(&p->page, p->s->branch, NULL);
        put_rows(t, p, &rows);
        page_signatures(&p->page, (const char *const[]){_("Prepared by: "), _("Chair: "), _("Date: "), NULL});
    }
    buf_finish(&words);
    buf_finish(&title);
    print_rows_finish(&rows);
    return count > 0;
}

static int by_field(const void *a, const void *b, const char *field)
{
    const struct print_kept *x = a, *y = b;
    int order = slice_compare(record_get_name(x->row, field).bytes, record_get_name(y->row, field).bytes);
    return order ? order : id_compare(x->id, y->id);
}

static int by_meeting(const void *a, const void *b)
{
    return by_field(a, b, "held_on");
}

static int by_change(const void *a, const void *b)
{
    return by_field(a, b, "effective_on");
}

bool print_meetings(struct printing *p, const char *period, struct buf *out)
{
    static const struct table t = {
        "committee_meeting", "held_on", N_("Meetings of the committee"),
        {{"held_on", 10}, {"place", 10}, {"chair", 8}, {"attendees", 18}, {"agenda", 24}, {"decisions", 30}}};
    return dated(&t, by_meeting, p, period, out);
}

bool print_membership_changes(struct printing *p, const char *period, struct buf *out)
{
    static const struct table t = {
        "membership_change", "effective_on", N_("Changes of membership"),
        {{"effective_on", 12}, {"member_id", 12}, {"from_state", 10}, {"to_state", 10}, {"from_branch", 10}, {"to_branch", 10},
         {"decided_by", 14}, {"reason", 22}}};
    return dated(&t, by_change, p, period, out);
}
