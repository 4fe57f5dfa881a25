/* A proposal on paper (DEM-07 to DEM-13), as people sign it: the text with who proposes it and who signs too, the
 * review, the replies, what came of it and the verdict. What is not known yet leaves room for a hand. */
#include "client/print/print_inner.h"
#include "base/tr.h"

/* The names of those whose signatures stand; void ones are not what the paper says. */
static void supporters(struct printing *p, const struct show_record *r, struct buf *out)
{
    struct print_rows rows;
    struct buf name = BUF_INIT;
    print_rows_collect(&rows, p, "proposal_support", "proposal_id", cell_bytes(id_slice(&r->id)));
    for (size_t i = 0; i < rows.count; i++) {
        struct show_record one = print_row(p, rows.kind, rows.list[i].id, rows.list[i].row);
        if (record_get_name(one.message, "voided_on").type == CELL_ABSENT)
            print_add(out, _(", "), print_value(p, &one, "member_id", &name));
    }
    buf_finish(&name);
    print_rows_finish(&rows);
}

/* "title (proposer)" of each that goes on under this one. */
static void merged(struct printing *p, const struct show_record *r, struct buf *out)
{
    struct print_rows rows;
    struct buf title = BUF_INIT, proposer = BUF_INIT, both = BUF_INIT;
    print_rows_collect(&rows, p, "proposal", "merged_into", cell_bytes(id_slice(&r->id)));
    for (size_t i = 0; i < rows.count; i++) {
        struct show_record one = print_row(p, rows.kind, rows.list[i].id, rows.list[i].row);
        print_value(p, &one, "title", &title);
        print_value(p, &one, "proposer_id", &proposer);
        both.size = 0;
        buf_format(&both, _("%s (%s)"), buf_c_string(&title), buf_c_string(&proposer));
        print_add(out, "\n", buf_slice(&both));
    }
    buf_finish(&title);
    buf_finish(&proposer);
    buf_finish(&both);
    print_rows_finish(&rows);
}

static void reply_words(struct printing *p, const struct show_record *reply, struct buf *out)
{
    static const char *const head[] = {"mode", "replied_on", "replied_by"};
    struct buf text = BUF_INIT, line = BUF_INIT;
    for (size_t i = 0; i < sizeof head / sizeof *head; i++)
        print_add(&line, " ", print_value(p, reply, head[i], &text));
    if (print_value(p, reply, "text", &text).size)
        buf_format(&line, _(": %s"), buf_c_string(&text));
    print_add(out, "\n", buf_slice(&line));
    buf_finish(&text);
    buf_finish(&line);
}

static void replies(struct printing *p, const struct show_record *r, struct buf *out)
{
    struct print_rows rows;
    print_rows_collect(&rows, p, "proposal_reply", "proposal_id", cell_bytes(id_slice(&r->id)));
    for (size_t i = 0; i < rows.count; i++) {
        struct show_record one = print_row(p, rows.kind, rows.list[i].id, rows.list[i].row);
        reply_words(p, &one, out);
    }
    print_rows_finish(&rows);
}

/* What was written so far; else the boxes to be ticked by hand: "[ ] satisfied  [ ] ...". */
static void chosen(struct printing *p, const struct show_record *r, const char *field, const char *const *more,
                   struct buf *out)
{
    const struct code_list *codes = kind_field(r->kind, field)->codes;
    struct buf text = BUF_INIT;
    print_add(out, "  ", print_value(p, r, field, &text));
    for (size_t i = 0, filled = out->size; !filled && i < codes->count; i++)
        buf_format(out, "%s\u25a1 %s", i ? "   " : "", label_in(codes->codes[i].label, p->s->language));
    for (; *more; more++)
        print_add(out, "  ", print_value(p, r, *more, &text));
    buf_finish(&text);
}

struct opinion {
    const char *label, *field; /* label NULL: the field's own */
    const char *more[3];
    const char *signature;
};

static void opinion(struct printing *p, const struct show_record *r, const struct opinion *o)
{
    struct buf text = BUF_INIT;
    chosen(p, r, o->field, o->more, &text);
    page_frame_row(&p->page);
    page_frame_opinion(&p->page, o->label ? _(o->label) : print_label(p, r->kind, o->field), buf_slice(&text), 3,
                       _(o->signature));
    buf_finish(&text);
}

static void pair_row(struct printing *p, const struct show_record *r, const char *left, const char *right)
{
    page_frame_row(&p->page);
    print_pair(p, r, left, 1);
    print_pair(p, r, right, 1);
}

/* Who proposes what: what the proposer and those who sign too put their names to. */
static void proposed(struct printing *p, const struct show_record *r)
{
    struct buf text = BUF_INIT;
    print_pair(p, r, "title", 3);
    pair_row(p, r, "proposer_id", "category");
    pair_row(p, r, "submitted_on", "is_temporary");
    supporters(p, r, &text);
    page_frame_row(&p->page);
    page_frame_tall(&p->page, _("Signed by"), buf_slice(&text), 3, text.size ? 0 : 1);
    text.size = 0;
    merged(p, r, &text);
    if (text.size) {
        page_frame_row(&p->page);
        page_frame_tall(&p->page, _("Merged into it"), buf_slice(&text), 3, 0);
    }
    page_frame_row(&p->page);
    print_tall(p, r, "reason", 3, 3);
    page_frame_row(&p->page);
    print_tall(p, r, "suggestion", 3, 3);
    buf_finish(&text);
}

static void handled(struct printing *p, const struct show_record *r)
{
    struct buf text = BUF_INIT;
    pair_row(p, r, "filing_no", "filed_on");
    pair_row(p, r, "department", "handler_id");
    pair_row(p, r, "due_on", "supervisor_id");
    replies(p, r, &text);
    page_frame_row(&p->page);
    page_frame_opinion(&p->page, _("Reply of the handling department"), buf_slice(&text), 3,
                       _("Signature:                Date:      "));
    buf_finish(&text);
}

void print_proposal(struct printing *p, const struct show_record *r, struct buf *out)
{
    static const struct opinion review = {N_("Opinion of the review"),
                                          "decision",
                                          {"decision_reason", "decided_on"},
                                          N_("Proposal group:                Date:      ")};
    static const struct opinion result = {NULL, "result", {"result_reason"}, N_("Handler:                Date:      ")};
    static const struct opinion verdict = {NULL, "rating", {"rated_on"}, N_("Proposer:                Date:      ")};
    const char *title = _("Proposal form");
    struct buf branch = BUF_INIT, number = BUF_INIT, text = BUF_INIT;
    printing_begin(p, p->s, out, PAGE_PORTRAIT, title);
    page_title(&p->page, title);
    buf_format(&branch, "%s%s", _("Union: "), p->s->branch);
    print_value(p, r, "no", &text);
    buf_format(&number, "%s%s", _("No.: "), buf_c_string(&text));
    page_line(&p->page, buf_c_string(&branch), buf_c_string(&number));
    page_frame_begin(&p->page);
    proposed(p, r);
    opinion(p, r, &review);
    handled(p, r);
    opinion(p, r, &result);
    opinion(p, r, &verdict);
    page_frame_end(&p->page);
    page_note(&p->page, _("One matter, one proposal. Who signs too signs the text above; every proposal is answered in "
                          "writing and face to face, whether it is filed or not."));
    buf_finish(&branch);
    buf_finish(&number);
    buf_finish(&text);
}
