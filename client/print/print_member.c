/* The member's registration form: who it is, then the opinions that a membership needs (rules.md 3: own application, the group,
 * the committee). */
#include "client/print/print_inner.h"
#include "base/tr.h"

void print_member(struct printing *p, const struct show_record *r, struct buf *out)
{
    const char *title = _("Union member registration form");
    struct buf branch = BUF_INIT, number = BUF_INIT, text = BUF_INIT;
    printing_begin(p, p->s, out, PAGE_PORTRAIT, title);
    page_title(&p->page, title);
    buf_format(&branch, "%s%s", _("Union: "), p->s->branch);
    print_value(p, r, "member_no", &text);
    buf_format(&number, "%s%s", _("Member number: "), buf_c_string(&text));
    page_line(&p->page, buf_c_string(&branch), buf_c_string(&number));
    page_frame_begin(&p->page);
    static const struct {
        const char *left;
        unsigned left_columns;
        const char *right;
    } rows[] = {
        {"name", 1, "sex"},           {"birth_date", 1, "ethnicity"},     {"id_type", 1, "id_number"}, {"mobile", 1, "political_status"},
        {"education", 1, "title"},    {"post", 1, "employment_type"},     {"work_start_on", 1, "campus"}, {"group_id", 1, "joined_on"},
        {"state", 1, "state_effective_on"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (i > 0)
            page_frame_row(&p->page);
        print_pair(p, r, rows[i].left, rows[i].left_columns);
        print_pair(p, r, rows[i].right, 1);
    }
    page_frame_row(&p->page);
    print_tall(p, r, "note", 3, 1);
    static const char *const opinions[] = {N_("Own wish"), N_("Opinion of the union group"), N_("Decision of the committee")};
    static const char *const signatures[] = {N_("Signature:                Date:      "), N_("Group leader:                Date:      "),
                                             N_("(seal)                Date:      ")};
    for (size_t i = 0; i < sizeof opinions / sizeof *opinions; i++) {
        page_frame_row(&p->page);
        page_frame_opinion(&p->page, _(opinions[i]), slice_text(""), 3, _(signatures[i]));
    }
    page_frame_end(&p->page);
    page_note(&p->page, _("Personal data: collected for membership alone, seen by the union's officers by their duties; the member may read and correct it."));
    buf_finish(&branch);
    buf_finish(&number);
    buf_finish(&text);
}
