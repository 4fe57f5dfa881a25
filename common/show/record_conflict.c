/* Conflict records for people: of what kind, which record, which field, whose; not the numbers by which they are kept.
 */
#include "conflict.pb-c.h"
#include "base/tr.h"
#include "show/record_parts.h"

#include <string.h>

static bool show_kind_of(const struct kind *about, enum language language, struct buf *out)
{
    if (about)
        buf_text(out, label_in(about->label, language));
    return about != NULL;
}

static bool show_name_of(const struct kind *about, struct cell value, show_name *name, void *to, struct buf *out)
{
    size_t before = out->size;
    char text[ID_TEXT_SIZE];
    if (value.bytes.size != ID_SIZE)
        return false;
    struct id id = id_from(value.bytes);
    id_text(id, text);
    if (about && name)
        name(to, about->number, id, out);
    if (out->size == before)
        buf_text(out, text);
    return true;
}

/* "*": the record as a whole, which was removed. */
static bool show_label_of(const struct kind *about, const char *field, enum language language, struct buf *out)
{
    const struct field_rule *f = about && field ? kind_field(about, field) : NULL;
    if (field && strcmp(field, "*") == 0)
        buf_text(out, _("(removed)"));
    else if (f)
        buf_text(out, label_in(f->label, language));
    else
        return false;
    return true;
}

bool show_conflict_field(const struct show_record *r, const struct field_rule *f, struct cell value,
                         enum language language, show_name *name, void *to, struct buf *out)
{
    if (r->kind->number != KIND_CONFLICT)
        return false;
    const Record__Conflict *c = (const Record__Conflict *)r->message;
    const struct kind *about = kind_by_number((uint32_t)c->record_kind);
    if (strcmp(f->name, "record_kind") == 0)
        return show_kind_of(about, language, out);
    if (strcmp(f->name, "record_id") == 0)
        return show_name_of(about, value, name, to, out);
    if (strcmp(f->name, "field") == 0)
        return show_label_of(about, c->field, language, out);
    if (strcmp(f->name, "mine_seat") == 0 || strcmp(f->name, "theirs_seat") == 0) {
        show_seat(value.integer, name, to, out);
        return true;
    }
    return false;
}
