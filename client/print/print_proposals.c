/* The proposals of a year or term as a table: every one that came in has its line, those merged and not filed too, and
 * the last line adds up what became of them. */
#include "client/print/print_inner.h"
#include "base/tr.h"
#include "kinds/figure_period.h"
#include "kinds/proposal.h"

#include <string.h>

#define WORDS_MAX 8 /* a code list of the table has fewer words */

struct tally {
    const char *field;
    const struct code_list *codes;
    size_t count[WORDS_MAX];
};

static void tally_add(struct tally *t, const ProtobufCMessage *row)
{
    struct cell value = record_get_name(row, t->field);
    for (size_t i = 0; value.type == CELL_TEXT && i < t->codes->count && i < WORDS_MAX; i++)
        t->count[i] += slice_equal(value.bytes, slice_text(t->codes->codes[i].name));
}

/* "filed 4, merged 2" */
static void tally_cell(struct printing *p, const struct tally *t)
{
    struct buf text = BUF_INIT, word = BUF_INIT;
    for (size_t i = 0; i < t->codes->count && i < WORDS_MAX; i++) {
        word.size = 0;
        buf_format(&word, "%s %zu", label_in(t->codes->codes[i].label, p->s->language), t->count[i]);
        if (t->count[i])
            print_add(&text, _(", "), buf_slice(&word));
    }
    page_list_cell(&p->page, PAGE_LEFT, buf_slice(&text));
    buf_finish(&text);
    buf_finish(&word);
}

static bool lies_in(const ProtobufCMessage *row, char months[][FIGURE_PERIOD_SIZE], size_t count)
{
    struct cell on = record_get_name(row, "submitted_on");
    for (size_t i = 0; on.type == CELL_TEXT && i < count; i++)
        if (on.bytes.size > strlen(months[i]) && memcmp(on.bytes.data, months[i], strlen(months[i])) == 0)
            return true;
    return false;
}

/* Those that came in within the period. */
static void keep_received(struct print_rows *rows, const char *period)
{
    char months[FIGURE_MONTHS_MAX][FIGURE_PERIOD_SIZE];
    size_t count = figure_months(period, months), kept = 0;
    for (size_t i = 0; i < rows->count; i++)
        if (proposal_is_received(rows->list[i].row) && lies_in(rows->list[i].row, months, count))
            rows->list[kept++] = rows->list[i];
    rows->count = kept;
}

/* "merged (into NAME)" */
static void decision_cell(struct printing *p, const struct show_record *r)
{
    struct buf text = BUF_INIT, into = BUF_INIT;
    print_value(p, r, "decision", &text);
    if (print_value(p, r, "merged_into", &into).size)
        buf_format(&text, _(" (into %s)"), buf_c_string(&into));
    page_list_cell(&p->page, PAGE_LEFT, buf_slice(&text));
    buf_finish(&text);
    buf_finish(&into);
}

static void cells(struct printing *p, const struct show_record *r, const char *const *fields)
{
    struct buf text = BUF_INIT;
    for (; *fields; fields++)
        page_list_cell(&p->page, PAGE_LEFT, print_value(p, r, *fields, &text));
    buf_finish(&text);
}

static void line(struct printing *p, const struct show_record *r)
{
    page_list_row(&p->page);
    cells(p, r, (const char *const[]){"no", "title", "category", "proposer_id", NULL});
    decision_cell(p, r);
    cells(p, r, (const char *const[]){"department", "result", "rating", NULL});
}

static void totals(struct printing *p, const struct print_rows *rows)
{
    struct tally tallies[] = {{"decision", kind_field(rows->kind, "decision")->codes, {0}},
                              {"result", kind_field(rows->kind, "result")->codes, {0}},
                              {"rating", kind_field(rows->kind, "rating")->codes, {0}}};
    struct buf text = BUF_INIT;
    size_t replied = 0;
    for (size_t i = 0; i < rows->count; i++) {
        replied += record_get_name(rows->list[i].row, "replied_on").type != CELL_ABSENT;
        for (size_t t = 0; t < sizeof tallies / sizeof *tallies; t++)
            tally_add(&tallies[t], rows->list[i].row);
    }
    buf_format(&text, _("Total: %zu"), rows->count);
    page_list_total(&p->page, buf_c_string(&text), 4);
    text.size = 0;
    tally_cell(p, &tallies[0]);
    buf_format(&text, _("replied to: %zu"), replied);
    page_list_cell(&p->page, PAGE_LEFT, buf_slice(&text));
    tally_cell(p, &tallies[1]);
    tally_cell(p, &tallies[2]);
    buf_finish(&text);
}

bool print_proposals(struct printing *p, const char *period, struct buf *out)
{
    static const struct {
        const char *field;
        unsigned percent;
    } of[] = {{"no", 10},       {"title", 21},      {"category", 9}, {"proposer_id", 9},
              {"decision", 18}, {"department", 11}, {"result", 11},  {"rating", 11}};
    struct page_column columns[sizeof of / sizeof *of];
    const char *title = _("Proposals: summary table");
    struct print_rows rows;
    print_rows_collect(&rows, p, "proposal", NULL, (struct cell){.type = CELL_ABSENT});
    keep_received(&rows, period);
    for (size_t i = 0; i < sizeof of / sizeof *of; i++)
        columns[i] = (struct page_column){print_label(p, rows.kind, of[i].field), of[i].percent, PAGE_LEFT};
    printing_begin(p, p->s, out, PAGE_LANDSCAPE, title);
    page_title(&p->page, title);
    struct buf words = BUF_INIT;
    print_period_words(p, period, &words);
    page_line(&p->page, p->s->branch, buf_c_string(&words));
    buf_finish(&words);
    page_list_begin(&p->page, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < rows.count; i++) {
        struct show_record r = print_row(p, rows.kind, rows.list[i].id, rows.list[i].row);
        line(p, &r);
    }
    totals(p, &rows);
    page_list_end(&p->page);
    page_note(
        &p->page,
        _("By the day of submission; drafts, proposals that were sent back and those withdrawn are not counted."));
    page_signatures(&p->page, (const char *const[]){_("Proposal group: "), _("Chair: "), _("Date: "), NULL});
    print_rows_finish(&rows);
    return true; /* that none came in is an answer, too */
}
