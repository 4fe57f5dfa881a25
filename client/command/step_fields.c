/* See step_fields.h. */
#include "client/command/step_fields.h"
#include "client/command/command.h"

#include <string.h>

static bool is_given(const struct kind *k, const struct field_words *words, const char *field)
{
    uint32_t tag = record_field(k->descriptor, field)->id;
    for (size_t i = 0; i < words->cleared_count; i++)
        if (words->cleared[i] == tag)
            return true;
    return record_get_name(words->patch, field).type != CELL_ABSENT;
}

static void write_name(struct label label, const char *name, bool first, struct buf *out)
{
    bool zh = command_language() == LANGUAGE_ZH;
    buf_format(out, "%s%s%s%s%s", first ? "" : zh ? "、" : ", ", label_in(label, command_language()), zh ? "（" : " (", name, zh ? "）" : ")");
}

static void write_where(const struct kind *k, const struct field_rule *f, struct buf *out)
{
    size_t count = 0;
    struct buf steps = BUF_INIT;
    for (size_t i = 0; i < k->action_count; i++)
        if (kind_step_brings(&k->actions[i], f->name))
            write_name(k->actions[i].label, k->actions[i].name, count++ == 0, &steps);
    if (count)
        buf_format(out, _("; it is given with: %s"), buf_c_string(&steps));
    else if (!(f->flags & (FIELD_SERVER | FIELD_AUTHOR)) && strcmp(f->name, "state") != 0)
        buf_format(out, _("; it is set by itself: banyan set %s"), k->name);
    buf_finish(&steps);
}

static void write_own(const struct kind *k, const struct action_rule *step, struct buf *out)
{
    size_t count = 0;
    struct buf fields = BUF_INIT;
    for (size_t i = 0; i < k->field_count; i++)
        if (kind_step_brings(step, k->fields[i].name))
            write_name(k->fields[i].label, k->fields[i].name, count++ == 0, &fields);
    if (count)
        buf_format(out, _("this step takes: %s"), buf_c_string(&fields));
    else
        buf_text(out, _("this step takes no fields"));
    buf_finish(&fields);
}

bool step_fields_fit(const struct kind *k, const struct action_rule *step, const struct field_words *words, int *status)
{
    for (size_t i = 0; i < k->field_count; i++) {
        const struct field_rule *f = &k->fields[i];
        struct buf said = BUF_INIT, next = BUF_INIT;
        if (kind_step_brings(step, f->name) || !is_given(k, words, f->name))
            continue;
        buf_format(&said, _("%s (%s) is not given with the step %s (%s)"), label_in(f->label, command_language()), f->name,
                   label_in(step->label, command_language()), step->name);
        write_where(k, f, &said);
        write_own(k, step, &next);
        *status = command_say(buf_c_string(&said), buf_c_string(&next));
        buf_finish(&said);
        buf_finish(&next);
        return false;
    }
    return true;
}
