/* Any record: all its fields with their labels, and a line to sign. */
#include "client/print/print_inner.h"
#include "base/tr.h"

void print_any(struct printing *p, const struct show_record *r, struct buf *out)
{
    struct buf text = BUF_INIT;
    bool first = true;
    const char *title = label_in(r->kind->label, p->s->language);
    printing_begin(p, p->s, out, PAGE_PORTRAIT, title);
    page_title(&p->page, title);
    page_line(&p->page, p->s->branch, NULL);
    page_frame_begin(&p->page);
    for (size_t i = 0; i < r->kind->field_count; i++) {
        const struct field_rule *f = &r->kind->fields[i];
        if (!print_value(p, r, f->name, &text).size)
            continue;
        if (!first)
            page_frame_row(&p->page);
        first = false;
        if (f->type == FIELD_LONG_TEXT)
            print_tall(p, r, f->name, 3, 2);
        else
            print_pair(p, r, f->name, 3);
    }
    page_frame_end(&p->page);
    page_signatures(&p->page, (const char *const[]){_("Signature: "), _("Date: "), NULL});
    buf_finish(&text);
}
