/* A work summary as it is handed in (PLN-07): its chapters, who signs, and room for the district's word. */
#include "client/print/print_inner.h"
#include "base/tr.h"

/* The plan that it answers for, and when it was handed in. */
static void head(struct printing *p, const struct show_record *r, const char *title)
{
    struct buf plan = BUF_INIT, text = BUF_INIT, day = BUF_INIT;
    page_title(&p->page, title);
    if (print_value(p, r, "submitted_on", &text).size)
        buf_format(&day, _("Handed in: %s"), buf_c_string(&text));
    page_line(&p->page, p->s->branch, buf_c_string(&day));
    if (print_value(p, r, "plan_id", &text).size) {
        buf_format(&plan, _("On the plan: %s"), buf_c_string(&text));
        page_line(&p->page, buf_c_string(&plan), NULL);
    }
    buf_finish(&plan);
    buf_finish(&text);
    buf_finish(&day);
}

void print_work_summary(struct printing *p, const struct show_record *r, struct buf *out)
{
    static const char *const chapters[] = {"done_text", "results_text", "honours_text", "shortcomings_text", "next_text"};
    struct buf period = BUF_INIT, words = BUF_INIT, title = BUF_INIT, said = BUF_INIT;
    print_value(p, r, "period", &period);
    print_period_words(p, buf_c_string(&period), &words);
    buf_format(&title, _("Work summary: %s"), buf_c_string(&words));
    printing_begin(p, p->s, out, PAGE_PORTRAIT, buf_c_string(&title));
    head(p, r, buf_c_string(&title));
    for (size_t i = 0; i < sizeof chapters / sizeof *chapters; i++)
        print_chapter(p, r, chapters[i]);
    page_signatures(&p->page, (const char *const[]){_("Seal of the union: "), _("Chair: "), _("Date: "), NULL});
    page_note(&p->page, "");
    page_frame_begin(&p->page);
    page_frame_opinion(&p->page, _("Opinion of the upper union"), print_value(p, r, "return_reason", &said), 3,
                       _("(seal)                Date:      "));
    page_frame_end(&p->page);
    buf_finish(&period);
    buf_finish(&words);
    buf_finish(&title);
    buf_finish(&said);
}
