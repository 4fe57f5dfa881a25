/* The paper of a handover (REQ-12): what goes from hand to hand, and the three who sign. */
#include "client/print/print_inner.h"
#include "base/tr.h"

static void texts(struct printing *p, const struct show_record *r)
{
    static const struct {
        const char *field;
        unsigned lines;
    } of[] = {{"items_text", 5}, {"balances_text", 3}, {"open_text", 3}, {"note", 1}};
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        page_frame_row(&p->page);
        print_tall(p, r, of[i].field, 3, of[i].lines);
    }
}

void print_handover(struct printing *p, const struct show_record *r, struct buf *out)
{
    static const char *const pairs[][2] = {{"role", "handed_on"}, {"from_name", "to_name"}, {"supervised_by", "unsent_count"}};
    const char *title = _("Handover of an office");
    struct buf state = BUF_INIT;
    printing_begin(p, p->s, out, PAGE_PORTRAIT, title);
    page_title(&p->page, title);
    print_value(p, r, "state", &state);
    page_line(&p->page, p->s->branch, buf_c_string(&state));
    page_frame_begin(&p->page);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        if (i > 0)
            page_frame_row(&p->page);
        print_pair(p, r, pairs[i][0], 1);
        print_pair(p, r, pairs[i][1], 1);
    }
    texts(p, r);
    page_frame_end(&p->page);
    page_text(&p->page, slice_text(_("What stands above was handed over and checked piece by piece. Of three copies each party and the union's file keep one.")));
    struct buf day = BUF_INIT, line = BUF_INIT;
    print_value(p, r, "signed_on", &day);
    buf_format(&line, "%s%s", _("Date: "), buf_c_string(&day));
    page_signatures(&p->page, (const char *const[]){_("Handed over by: "), _("Taken over by: "), _("Supervised by: "), buf_c_string(&line), NULL});
    buf_finish(&day);
    buf_finish(&line);
    buf_finish(&state);
}
